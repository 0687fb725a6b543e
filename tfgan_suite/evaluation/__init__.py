"""How good samples are, in numbers that carry their conventions, each beside what real data would score."""

from tfgan_suite.evaluation.comparison import compare
from tfgan_suite.evaluation.evaluator import Evaluator, default_extractor
from tfgan_suite.evaluation.measurement import Evaluation, Measurement
from tfgan_suite.evaluation.reference import DatasetReference, FilesReference, Reference

__all__ = [
    "DatasetReference",
    "Evaluation",
    "Evaluator",
    "FilesReference",
    "Measurement",
    "Reference",
    "compare",
    "default_extractor",
]

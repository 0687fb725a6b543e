"""How far generated samples are from real ones: pure functions of features, real before fake."""

from tfgan_suite.metrics.frechet import frechet_distance
from tfgan_suite.metrics.inception import inception_score
from tfgan_suite.metrics.kernel import kernel_distance
from tfgan_suite.metrics.modes import mode_coverage
from tfgan_suite.metrics.nearest_neighbor import nearest_neighbor_accuracy
from tfgan_suite.metrics.precision_and_recall import precision_recall

__all__ = [
    "frechet_distance",
    "inception_score",
    "kernel_distance",
    "mode_coverage",
    "nearest_neighbor_accuracy",
    "precision_recall",
]

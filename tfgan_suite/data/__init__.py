"""Datasets: images and toys whose minibatches are pure functions of (seed, step).

Importing this package costs no TensorFlow import; data is loaded at first use. The base classes, for datasets
of one's own, are in `tfgan_suite.data.dataset`, `array_dataset`, `drawn_dataset` and `toy`.
"""

from tfgan_suite.data.digits import Digits
from tfgan_suite.data.few_labels import FewLabels
from tfgan_suite.data.gaussian_mixture import GaussianMixture
from tfgan_suite.data.grid import Grid
from tfgan_suite.data.high_dimensional_mixture import HighDimensionalMixture
from tfgan_suite.data.image_folder import ImageFolder
from tfgan_suite.data.ring import Ring
from tfgan_suite.data.stacked_digits import StackedDigits
from tfgan_suite.data.swiss_roll import SwissRoll
from tfgan_suite.data.tfds_images import TfdsImages

__all__ = [
    "Digits",
    "FewLabels",
    "GaussianMixture",
    "Grid",
    "HighDimensionalMixture",
    "ImageFolder",
    "Ring",
    "StackedDigits",
    "SwissRoll",
    "TfdsImages",
]

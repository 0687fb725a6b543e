"""How far generated samples are from real ones: pure functions of features, real before fake."""

from tfgan_suite.metrics.class_coverage import class_coverage
from tfgan_suite.metrics.density_and_coverage import density_coverage
from tfgan_suite.metrics.frechet import frechet_distance
from tfgan_suite.metrics.inception import inception_score
from tfgan_suite.metrics.kernel import kernel_distance
from tfgan_suite.metrics.mode_score import mode_score
from tfgan_suite.metrics.modes import mode_coverage
from tfgan_suite.metrics.nearest_neighbor import nearest_neighbor_accuracy
from tfgan_suite.metrics.precision_and_recall import precision_recall
from tfgan_suite.metrics.support_size import support_size
from tfgan_suite.metrics.wasserstein import sliced_wasserstein_distance, wasserstein_distance

__all__ = [
    "class_coverage",
    "density_coverage",
    "frechet_distance",
    "inception_score",
    "kernel_distance",
    "mode_coverage",
    "mode_score",
    "nearest_neighbor_accuracy",
    "precision_recall",
    "sliced_wasserstein_distance",
    "support_size",
    "wasserstein_distance",
]

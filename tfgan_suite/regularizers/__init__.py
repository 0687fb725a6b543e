"""What holds the discriminator back. Spectral normalisation is a layer: see `networks`."""

from tfgan_suite.regularizers.gradient_penalty import DRAGAN, R1, GradientPenalty
from tfgan_suite.regularizers.regularizer import Constraint, Penalty, Regularizer
from tfgan_suite.regularizers.weight_clipping import WeightClipping

__all__ = ["DRAGAN", "R1", "Constraint", "GradientPenalty", "Penalty", "Regularizer", "WeightClipping"]

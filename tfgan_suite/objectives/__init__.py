"""Adversarial objectives: what the discriminator and the generator each minimise."""

from tfgan_suite.objectives import divergences as divergences  # a namespace of its own; not listed
from tfgan_suite.objectives.density_ratio import DensityRatio
from tfgan_suite.objectives.direct_density_ratio import DirectDensityRatio
from tfgan_suite.objectives.fgan import FGAN
from tfgan_suite.objectives.hinge import Hinge
from tfgan_suite.objectives.least_squares import LeastSquares
from tfgan_suite.objectives.metric_learning import MetricLearning
from tfgan_suite.objectives.minimax import Minimax
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective as Objective  # the base; not listed
from tfgan_suite.objectives.relativistic import Relativistic
from tfgan_suite.objectives.wasserstein import Wasserstein
from tfgan_suite.objectives.weighted_jensen_shannon import WeightedJensenShannon

__all__ = [
    "FGAN",
    "DensityRatio",
    "DirectDensityRatio",
    "Hinge",
    "LeastSquares",
    "MetricLearning",
    "Minimax",
    "NonSaturating",
    "Relativistic",
    "Wasserstein",
    "WeightedJensenShannon",
]

"""Adversarial objectives: what the discriminator and the generator each minimise."""

from tfgan_suite.objectives.hinge import Hinge
from tfgan_suite.objectives.least_squares import LeastSquares
from tfgan_suite.objectives.minimax import Minimax
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective as Objective  # the base; not listed
from tfgan_suite.objectives.wasserstein import Wasserstein

__all__ = ["Hinge", "LeastSquares", "Minimax", "NonSaturating", "Wasserstein"]

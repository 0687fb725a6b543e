"""What holds the discriminator back. Spectral normalisation is a layer: see `networks`."""

from tfgan_suite.regularizers.center_penalty import CenterPenalty
from tfgan_suite.regularizers.gradient_penalty import DRAGAN, R1, GradientPenalty
from tfgan_suite.regularizers.regularizer import (  # the bases; not listed
    Constraint as Constraint,
)
from tfgan_suite.regularizers.regularizer import (
    Penalty as Penalty,
)
from tfgan_suite.regularizers.regularizer import (
    Regularizer as Regularizer,
)
from tfgan_suite.regularizers.weight_clipping import WeightClipping

__all__ = ["DRAGAN", "R1", "CenterPenalty", "GradientPenalty", "WeightClipping"]

"""The first Lipschitz constraint."""

import dataclasses

import keras

from tfgan_suite.regularizers.regularizer import Constraint, require


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class WeightClipping(Constraint):
    """Clip every discriminator weight to [-limit, limit] (Arjovsky et al. 2017, WGAN, Algorithm 1: 0.01)."""

    limit: float = 0.01

    def __post_init__(self):
        require("WeightClipping", "limit", self.limit, self.limit > 0, "> 0")

    def project(self, variables):
        for variable in variables:
            variable.assign(keras.ops.clip(variable, -self.limit, self.limit))

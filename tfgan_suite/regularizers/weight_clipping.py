"""The first Lipschitz constraint."""

import dataclasses

import keras

from tfgan_suite.regularizers.regularizer import Constraint


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class WeightClipping(Constraint):
    """Clip every discriminator weight to [-limit, limit] (Arjovsky et al. 2017, WGAN, Algorithm 1: 0.01)."""

    limit: float = 0.01

    def __post_init__(self):
        if self.limit <= 0:
            raise ValueError(f"WeightClipping: expected limit > 0, came {self.limit}")

    def project(self, variables):
        for variable in variables:
            variable.assign(keras.ops.clip(variable, -self.limit, self.limit))

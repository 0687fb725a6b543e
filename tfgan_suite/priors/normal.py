"""The usual prior."""

import dataclasses

import keras

from tfgan_suite import draws
from tfgan_suite.priors.prior import Prior


@keras.saving.register_keras_serializable("tfgan_suite.priors")
@dataclasses.dataclass(frozen=True)
class Normal(Prior):
    """N(0, std^2) in every latent dimension."""

    std: float = 1.0

    def __post_init__(self):
        self._check_positive("std")

    def draw(self, count, latent_dim, seed):
        return self.std * draws.normal((count, latent_dim), seed)

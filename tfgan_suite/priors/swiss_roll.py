"""A prior on a curve."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.data.swiss_roll import T_END, T_START
from tfgan_suite.priors.prior import Prior


@keras.saving.register_keras_serializable("tfgan_suite.priors")
@dataclasses.dataclass(frozen=True)
class SwissRoll(Prior):
    """The noisy spiral of `data.SwissRoll`, of another size (Makhzani et al. 2016, section 2.2 and figure 4).

    Args:
        radius: where it ends.
        noise: standard deviation of the noise, in each direction.
    """

    radius: float = 2.0
    noise: float = 0.05

    dimension = 2

    def __post_init__(self):
        self._check_positive("radius", "noise")

    def draw(self, count, latent_dim, seed):
        t = T_START + (T_END - T_START) * draws.uniform((count,), draws.branch(seed, "place"))
        curve = tf.stack([t * tf.cos(t), t * tf.sin(t)], axis=1) * (self.radius / T_END)
        return curve + self.noise * draws.normal((count, 2), draws.branch(seed, "noise"))

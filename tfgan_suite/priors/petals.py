"""A prior with a place for each class."""

import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.priors.prior import Prior


@keras.saving.register_keras_serializable("tfgan_suite.priors")
@dataclasses.dataclass(frozen=True)
class Petals(Prior):
    """A mixture of 2-D Gaussians about a circle, each longer along its radius.

    Makhzani et al. 2016 (arXiv:1511.05644), figure 2. Component k lies at angle 2 pi k / components. The
    paper prints no numbers: these give petals that are apart, as in its figure.

    Args:
        components: how many, equally likely.
        radius: of the circle of their means.
        radial_std, tangential_std: standard deviations along the radius and across it.
    """

    components: int = 10
    radius: float = 2.0
    radial_std: float = 0.5
    tangential_std: float = 0.15

    dimension = 2

    def __post_init__(self):
        if isinstance(self.components, bool) or self.components < 1:
            raise ValueError(f"Petals: expected components a positive integer, came {self.components!r}")
        self._check_positive("radius", "radial_std", "tangential_std")

    def draw(self, count, latent_dim, seed):
        component = draws.category(
            np.full(self.components, 1 / self.components), count, draws.branch(seed, "place")
        )
        angle = tf.cast(component, tf.float32) * (2.0 * math.pi / self.components)
        along, across = tf.unstack(draws.normal((count, 2), draws.branch(seed, "noise")), axis=1)
        along, across = self.radius + self.radial_std * along, self.tangential_std * across
        # (along, across), turned by the angle
        return tf.stack(
            [
                along * tf.cos(angle) - across * tf.sin(angle),
                along * tf.sin(angle) + across * tf.cos(angle),
            ],
            axis=1,
        )

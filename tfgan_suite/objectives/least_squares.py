"""Regression to labels in place of classification."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class LeastSquares(Objective):
    """Squared distance of raw outputs to labels (Mao et al. 2017, LSGAN, eq. 2).

    Args:
        a: label of fake data. b: label of real data. c: what the generator wants D to say of its fakes.

    Published settings: (a, b, c) = (0, 1, 1), the paper's eq. 9 and the default here; and (-1, 1, 0), eq. 8,
    for which the generator minimises the Pearson chi-squared divergence between p + q and 2 q.
    """

    a: float = 0.0
    b: float = 1.0
    c: float = 1.0

    def __post_init__(self):
        if self.a == self.b:
            raise ValueError(
                f"LeastSquares: expected different labels a (fake) and b (real), came a = b = {self.a}"
            )

    def discriminator_loss(self, real_logits, fake_logits):
        # 1/2 E_P (v - b)^2 + 1/2 E_Q (v - a)^2
        real = tf.reduce_mean(tf.square(real_logits - self.b))
        fake = tf.reduce_mean(tf.square(fake_logits - self.a))
        return 0.5 * (real + fake)

    def generator_loss(self, fake_logits, real_logits=None):
        # 1/2 E_Q (v - c)^2
        return 0.5 * tf.reduce_mean(tf.square(fake_logits - self.c))

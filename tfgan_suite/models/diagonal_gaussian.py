"""Gaussians with independent dimensions: what a stochastic encoder gives."""

import math
from typing import NamedTuple

import tensorflow as tf

from tfgan_suite import draws


class DiagonalGaussian(NamedTuple):
    """N(mean, diag exp(2 log_std)), one for each example; both (batch, size)."""

    mean: tf.Tensor
    log_std: tf.Tensor

    @classmethod
    def of(cls, outputs: tf.Tensor) -> "DiagonalGaussian":
        """From an encoder's outputs (batch, 2 * size): the means, then the log standard deviations."""
        return cls(*tf.split(outputs, 2, axis=-1))

    def draw(self, seed: draws.Seed) -> tf.Tensor:
        """(batch, size), one draw from each, differentiable (Kingma and Welling 2014, section 2.4)."""
        return self.mean + tf.exp(self.log_std) * draws.normal(tf.shape(self.mean), seed)

    def negative_log(self, points: tf.Tensor) -> tf.Tensor:
        """-log density at points (batch, size), (batch,), in nats."""
        # (z - mean)^2 / (2 std^2) + log std + log(2 pi) / 2
        squares = tf.square((points - self.mean) * tf.exp(-self.log_std))
        return tf.reduce_sum(0.5 * squares + self.log_std + 0.5 * math.log(2.0 * math.pi), axis=-1)

    def kl_from_normal(self) -> tf.Tensor:
        """KL(this || N(0, I)), (batch,), in nats (Kingma and Welling 2014, appendix B)."""
        terms = tf.exp(2.0 * self.log_std) + tf.square(self.mean) - 1.0 - 2.0 * self.log_std
        return 0.5 * tf.reduce_sum(terms, axis=-1)

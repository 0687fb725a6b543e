"""The two chi-squared divergences."""

import dataclasses
import math

import keras
import tensorflow as tf

from tfgan_suite.objectives.divergences.divergence import Divergence


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class PearsonChi2(Divergence):
    """E_Q (p/q - 1)^2, f(u) = (u - 1)^2 (Nowozin et al. 2016, Tables 1 and 2).

    f is taken on the whole line, as in the paper: f*(t) = t^2/4 + t for every t, where on u >= 0 alone it
    would be -1 for t < -2. The discriminator's loss is finite for |v| to 1e18 in float32.

    Args:
        smallest_ratio: v <= -2 implies no density ratio. `log_ratio` is log(1 + v/2) down to this ratio, and
            its tangent below, so that it is finite and its gradient points back.
    """

    smallest_ratio: float = 1e-3

    def __post_init__(self):
        if not 0 < self.smallest_ratio < 1:
            raise ValueError(
                f"PearsonChi2: expected smallest_ratio between 0 and 1, came {self.smallest_ratio}"
            )

    def f_of_log(self, log_u):
        return tf.square(tf.math.expm1(log_u))

    def slope_of_log(self, log_u):
        return 2.0 * tf.math.expm1(log_u)

    def conjugate_of_log(self, log_u):
        return tf.math.expm1(2.0 * log_u)

    def log_ratio(self, v):
        u, low = 1.0 + 0.5 * v, self.smallest_ratio
        tangent = math.log(low) + (u - low) / low
        # log1p for digits near v = 0; the maximum keeps what is not chosen finite, and its gradient too.
        return tf.where(u > low, tf.math.log1p(tf.maximum(0.5 * v, low - 1.0)), tangent)

    def conjugate(self, t):
        return 0.25 * tf.square(t) + t

    def activation(self, v):
        return tf.identity(v)

    def conjugate_of_activation(self, v):
        return self.conjugate(v)


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class Neyman(Divergence):
    """E_P (q/p - 1)^2, f(u) = (1 - u)^2 / u (Nowozin et al. 2016, Tables 5 and 6).

    g_f(v) = 1 - exp(-v), increasing like all the others. g_f overflows in float32 for v < -88,
    f*(g_f(v)) = 2 - 2 exp(-v/2) for v < -177.
    """

    def f_of_log(self, log_u):
        # u - 2 + 1/u
        return -tf.math.expm1(log_u) * tf.math.expm1(-log_u)

    def slope_of_log(self, log_u):
        return -tf.math.expm1(-2.0 * log_u)

    def conjugate_of_log(self, log_u):
        return -2.0 * tf.math.expm1(-log_u)

    def log_ratio(self, v):
        return 0.5 * v

    def conjugate(self, t):
        return 2.0 - 2.0 * tf.sqrt(1.0 - t)

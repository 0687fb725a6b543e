"""The family from mode seeking to mode covering."""

import dataclasses
import math

import keras
import tensorflow as tf

from tfgan_suite.objectives.divergences.divergence import Divergence


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class Alpha(Divergence):
    """f(u) = (u^alpha - 1 - alpha (u - 1)) / (alpha (alpha - 1)) (Poole et al. 2016, Appendix A).

    alpha = 0 and 1 are its limits, reverse KL and KL with the linear term that makes f'(1) = 0; alpha = 1/2
    is twice the squared Hellinger distance, 2 half of Pearson's chi-squared, -1 half of Neyman's. The paper
    shows -3, -1, 0, 1/2 and 1. The raw output is the log density ratio.

    g_f(v) overflows in float32 for (alpha - 1) v > 88, f*(g_f(v)) for alpha v > 88, f where either of
    max(1, alpha) log u and alpha log u is above 88.
    """

    alpha: float = 0.5

    def __post_init__(self):
        if not math.isfinite(self.alpha):
            raise ValueError(f"Alpha: expected a finite alpha, came {self.alpha}")

    def f_of_log(self, log_u):
        alpha, u_minus_1 = self.alpha, tf.math.expm1(log_u)
        if alpha <= 0.5:
            # ((u - 1) - (u^alpha - 1)/alpha) / (1 - alpha)
            return (u_minus_1 - scaled_expm1(alpha, log_u)) / (1.0 - alpha)
        # (u (u^(alpha-1) - 1)/(alpha-1) - (u - 1)) / alpha: the same, with no digits lost at alpha = 1.
        # Below e^-80 the product is nothing, but its second factor overflows.
        power = scaled_expm1(alpha - 1.0, tf.maximum(log_u, tf.cast(-80.0, log_u.dtype)))
        return (tf.exp(log_u) * power - u_minus_1) / alpha

    def slope_of_log(self, log_u):
        return scaled_expm1(self.alpha - 1.0, log_u)

    def conjugate_of_log(self, log_u):
        return scaled_expm1(self.alpha, log_u)

    def log_ratio(self, v):
        return tf.identity(v)

    def conjugate(self, t):
        # ((1 + (alpha - 1) t)^(alpha / (alpha - 1)) - 1) / alpha, with 0 for the base where it is negative
        rate = self.alpha - 1.0
        if not _is_zero(rate):
            t = tf.math.log1p(tf.maximum(rate * t, tf.cast(-1.0, t.dtype))) / rate
        return scaled_expm1(self.alpha, t)


def scaled_expm1(rate: float, x: tf.Tensor) -> tf.Tensor:
    """(exp(rate x) - 1) / rate, which is x where the rate is 0."""
    return tf.identity(x) if _is_zero(rate) else tf.math.expm1(rate * x) / rate


def _is_zero(rate: float) -> bool:
    return abs(rate) < 1e-20  # a smaller one makes numbers that float32 does not have, and no difference

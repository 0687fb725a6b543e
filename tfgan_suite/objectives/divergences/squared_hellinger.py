"""The squared Hellinger distance."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.divergences.divergence import Divergence


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class SquaredHellinger(Divergence):
    """The integral of (sqrt p - sqrt q)^2, f(u) = (sqrt u - 1)^2 (Nowozin et al. 2016, Tables 1 and 2).

    In float32 g_f(v) = 1 - exp(-v) overflows for v < -88, f*(g_f(v)) = exp(v) - 1 for v > 88.
    """

    def f_of_log(self, log_u):
        return tf.square(tf.math.expm1(0.5 * log_u))

    def slope_of_log(self, log_u):
        return -tf.math.expm1(-0.5 * log_u)

    def conjugate_of_log(self, log_u):
        return tf.math.expm1(0.5 * log_u)

    def log_ratio(self, v):
        return 2.0 * v

    def conjugate(self, t):
        return t / (1.0 - t)

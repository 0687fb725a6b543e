"""The total variation distance."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.divergences.divergence import Divergence


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class TotalVariation(Divergence):
    """Half the integral of |p - q|, f(u) = |u - 1| / 2 (Nowozin et al. 2016, Tables 5 and 6).

    g_f(v) = tanh(v)/2 and f*(t) = t for |t| <= 1/2. The best T is sign(p - q)/2: it says which density is the
    larger, not by how much, so there is no log ratio. Finite for all |v|.
    """

    gives_log_ratio = False

    def f_of_log(self, log_u):
        return 0.5 * tf.abs(tf.math.expm1(log_u))

    def slope_of_log(self, log_u):
        return 0.5 * tf.sign(log_u)

    def conjugate_of_log(self, log_u):
        return 0.5 * tf.sign(log_u)

    def log_ratio(self, v):
        raise ValueError("TotalVariation: its discriminator tells which density is larger, not their ratio")

    def conjugate(self, t):
        return tf.identity(t)

    def activation(self, v):
        return 0.5 * tf.tanh(v)

    def conjugate_of_activation(self, v):
        return 0.5 * tf.tanh(v)

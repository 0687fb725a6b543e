"""The Kullback-Leibler divergence, its reverse, and their sum."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.divergences.divergence import Divergence


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class KL(Divergence):
    """KL(P||Q), f(u) = u log u (Nowozin et al. 2016, Tables 1 and 2): covers every mode of the data.

    f*(g_f(v)) = exp(v - 1) overflows in float32 for v > 89, f for log u > 84.
    """

    threshold = 1.0

    def f_of_log(self, log_u):
        return log_u * tf.exp(log_u)

    def slope_of_log(self, log_u):
        return log_u + 1.0

    def conjugate_of_log(self, log_u):
        return tf.exp(log_u)

    def log_ratio(self, v):
        return v - 1.0

    def conjugate(self, t):
        return tf.exp(t - 1.0)

    def activation(self, v):
        return tf.identity(v)


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class ReverseKL(Divergence):
    """KL(Q||P), f(u) = -log u (Nowozin et al. 2016, Tables 1 and 2): seeks modes of the data.

    g_f(v) = -exp(-v) overflows in float32 for v < -88; f*(g_f(v)) = v - 1 never does, nor does f.
    """

    threshold = -1.0

    def f_of_log(self, log_u):
        return -log_u

    def slope_of_log(self, log_u):
        return -tf.exp(-log_u)

    def conjugate_of_log(self, log_u):
        return log_u - 1.0

    def log_ratio(self, v):
        return tf.identity(v)

    def conjugate(self, t):
        return -1.0 - tf.math.log(-t)


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class Jeffrey(Divergence):
    """KL(P||Q) + KL(Q||P), f(u) = (u - 1) log u (Nowozin et al. 2016, Tables 5 and 6).

    g_f(v) = v, and u = 1/W(exp(1 - v)) with Lambert's W, which is never formed: `log_ratio` solves
    log u + 1 - 1/u = v. f*(g_f(v)) and f overflow in float32 for v > 89, f also for log u > 84.
    """

    def f_of_log(self, log_u):
        return log_u * tf.math.expm1(log_u)

    def slope_of_log(self, log_u):
        return log_u - tf.math.expm1(-log_u)

    def conjugate_of_log(self, log_u):
        # W + 1/W + t - 2 at W = 1/u and t = log u + 1 - 1/u
        return log_u + tf.math.expm1(log_u)

    def log_ratio(self, v):
        return -log_lambert_w_of_exp(1.0 - v)

    def conjugate(self, t):
        return self.conjugate_of_log(self.log_ratio(t))

    def activation(self, v):
        return tf.identity(v)


def log_lambert_w_of_exp(s: tf.Tensor) -> tf.Tensor:
    """x = log W(exp(s)): the root of x + exp(x) = s, to the dtype's precision for every finite s.

    The left side is convex and increasing, and Newton's method starts right of the root, so it comes down to
    it without overshooting. The last two steps carry the gradient: a Newton step from the root has the root's
    first derivative, a second one its second and third as well.
    """

    def newton(x):
        exp = tf.exp(x)
        return x - (x + exp - s) / (1.0 + exp)

    x = tf.minimum(s, tf.math.log(tf.maximum(s, tf.ones_like(s))))
    for _ in range(4):
        x = newton(x)
    x = tf.stop_gradient(x)
    return newton(newton(x))

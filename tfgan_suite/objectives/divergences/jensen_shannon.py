"""The family of the original GAN: everything is a softplus, and nothing overflows."""

import dataclasses
import math

import keras
import tensorflow as tf

from tfgan_suite.objectives.divergences.divergence import Divergence


def u_softplus_minus_log(log_u: tf.Tensor) -> tf.Tensor:
    """u log(1 + 1/u), from 0 at u = 0 to 1 at infinity."""
    # Above e^40 it is 1 in every dtype.
    log_u = tf.minimum(log_u, tf.cast(40.0, log_u.dtype))
    return tf.exp(log_u) * tf.nn.softplus(-log_u)


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class GANDivergence(Divergence):
    """2 JS(P||Q) - log 4, f(u) = u log u - (u + 1) log(u + 1): Goodfellow's value in f-GAN's terms.

    Nowozin et al. 2016, Tables 1 and 2: the divergence of the original game, with f(1) = -log 4. T = log D.
    Finite for all |v|.
    """

    threshold = -math.log(2.0)

    def f_of_log(self, log_u):
        return -u_softplus_minus_log(log_u) - tf.nn.softplus(log_u)

    def slope_of_log(self, log_u):
        return -tf.nn.softplus(-log_u)

    def conjugate_of_log(self, log_u):
        return tf.nn.softplus(log_u)

    def log_ratio(self, v):
        return tf.identity(v)

    def conjugate(self, t):
        return -tf.math.log(-tf.math.expm1(t))


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class JensenShannon(GANDivergence):
    """2 JS(P||Q), f(u) = -(u + 1) log((1 + u)/2) + u log u (Nowozin et al. 2016, Tables 1 and 2).

    Table 1 names the integral without the factor 1/2 that JS has; f here agrees with that f. The
    discriminator's loss is finite for all |v|; f grows like u log 2.
    """

    threshold = 0.0

    def f_of_log(self, log_u):
        gan = super().f_of_log(log_u)
        return gan + math.log(2.0) * (1.0 + tf.exp(log_u))

    def slope_of_log(self, log_u):
        return math.log(2.0) + super().slope_of_log(log_u)

    def conjugate_of_log(self, log_u):
        return super().conjugate_of_log(log_u) - math.log(2.0)

    def conjugate(self, t):
        return -tf.math.log(2.0 - tf.exp(t))


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class GANStandard(Divergence):
    """E_Q log(1 + q/p), f(u) = log(1 + 1/u): what the GAN generator of practice minimises.

    Poole et al. 2016, arXiv:1612.02780, eq. 10 and Appendix A ("GAN-standard"). Convex, with f(1) = log 2.
    As f_G with the GAN divergence as f_D it is the non-saturating loss. f is finite for all |v|;
    g_f overflows in float32 for v < -44.
    """

    threshold = -0.5

    def f_of_log(self, log_u):
        return tf.nn.softplus(-log_u)

    def slope_of_log(self, log_u):
        # -1 / (u (u + 1))
        return -tf.exp(-log_u - tf.nn.softplus(log_u))

    def conjugate_of_log(self, log_u):
        return -tf.sigmoid(-log_u) - tf.nn.softplus(-log_u)

    def log_ratio(self, v):
        return tf.identity(v)

    def conjugate(self, t):
        # u^2 + u + 1/t = 0
        return self.conjugate_of_log(tf.math.log(0.5 * (tf.sqrt(1.0 - 4.0 / t) - 1.0)))

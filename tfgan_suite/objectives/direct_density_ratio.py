"""The discriminator is the density ratio."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.bound import bounded
from tfgan_suite.objectives.density_ratio import DensityRatio


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class DirectDensityRatio(DensityRatio):
    """Fits r = p/q itself: D_f >= E_P f'(r) - E_Q f*(f'(r)) (Uehara et al. 2016, arXiv:1610.02920).

    Poole et al. 2016, eq. 9, misprint the second term as f'(f*(T)). The generator minimises E_Q f_G(r), as in
    `DensityRatio`, whose arguments these are.

    The output must be positive: r = softplus(v), which is v where v is large. The papers clip r against very
    large and very small values; here `bound` limits |log r|, in both players. With PearsonChi2
    (least-squares fitting) for both, all is finite without it for |v| up to 1e3.
    """

    def discriminator_loss(self, real_logits, fake_logits):
        real, fake = (bounded(self.log_ratio(v), self.bound) for v in (real_logits, fake_logits))
        conjugate = tf.reduce_mean(self.discriminator.conjugate_of_log(fake))
        return conjugate - tf.reduce_mean(self.discriminator.slope_of_log(real))

    def log_ratio(self, logits):
        # log softplus(v) is v to every digit where softplus underflows; the maximum keeps the other branch,
        # and its gradient, finite.
        low = tf.cast(-40.0, logits.dtype)
        return tf.where(logits < low, logits, tf.math.log(tf.nn.softplus(tf.maximum(logits, low))))

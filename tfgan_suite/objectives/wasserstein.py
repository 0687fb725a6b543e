"""The earth mover's distance through its dual."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class Wasserstein(Objective):
    """Difference of mean critic scores (Arjovsky et al. 2017, arXiv:1701.07875, eq. 2 and 3).

    It bounds W_1(P, Q) only while the critic is 1-Lipschitz: use it with `WeightClipping`,
    `GradientPenalty` or spectral normalisation.
    """

    def discriminator_loss(self, real_logits, fake_logits):
        # The critic maximises E_P v - E_Q v.
        return tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)

    def generator_loss(self, fake_logits, real_logits=None):
        return -tf.reduce_mean(fake_logits)

"""The original game."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class Minimax(Objective):
    """The zero-sum game V(D, G): both players share one value (Goodfellow et al. 2014, eq. 1)."""

    def discriminator_loss(self, real_logits, fake_logits):
        # -E_P log sigma(v) - E_Q log(1 - sigma(v)), with -log sigma(v) = softplus(-v)
        return tf.reduce_mean(tf.nn.softplus(-real_logits)) + tf.reduce_mean(tf.nn.softplus(fake_logits))

    def generator_loss(self, fake_logits, real_logits=None):
        # E_Q log(1 - sigma(v))
        return -tf.reduce_mean(tf.nn.softplus(fake_logits))

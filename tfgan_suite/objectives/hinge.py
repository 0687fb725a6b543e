"""The geometric GAN's margin."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class Hinge(Objective):
    """Soft-margin classification (Lim and Ye 2017, arXiv:1705.02894).

    The form is that of Miyato et al. 2018 (arXiv:1802.05957, eq. 16 and 17).
    """

    margin: float = 1.0

    def __post_init__(self):
        if not self.margin > 0:
            raise ValueError(f"Hinge: expected margin > 0, came {self.margin}")

    def discriminator_loss(self, real_logits, fake_logits):
        # E_P max(0, margin - v) + E_Q max(0, margin + v)
        real = tf.reduce_mean(tf.nn.relu(self.margin - real_logits))
        return real + tf.reduce_mean(tf.nn.relu(self.margin + fake_logits))

    def generator_loss(self, fake_logits, real_logits=None):
        return -tf.reduce_mean(fake_logits)

"""Real data should look more real than fakes, not just real."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class Relativistic(Objective):
    """Cross entropy of the difference between real and fake logits (Jolicoeur-Martineau 2018).

    arXiv:1807.00734, eq. 2 and 3 (RSGAN) and section 4.1 (RaSGAN).

    Args:
        average: compare with the mean logit of the other kind (RaSGAN); or, when false, each real example
            with one fake (RSGAN).
    """

    average: bool = True

    needs_real_logits = True

    @property
    def couples_examples(self):
        return self.average  # otherwise each real example meets one fake

    def discriminator_loss(self, real_logits, fake_logits):
        if not self.average:
            # -E log sigma(v_real - v_fake)
            return tf.reduce_mean(tf.nn.softplus(fake_logits - real_logits))
        # -E_P log sigma(v - E_Q v) - E_Q log(1 - sigma(v - E_P v))
        real = real_logits - tf.reduce_mean(fake_logits)
        fake = fake_logits - tf.reduce_mean(real_logits)
        return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))

    def generator_loss(self, fake_logits, real_logits=None):
        # The same game with the roles exchanged.
        return self.discriminator_loss(fake_logits, real_logits)

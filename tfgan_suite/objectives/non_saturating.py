"""The game people train: the generator's gradient does not vanish when it loses."""

import dataclasses

import keras
import tensorflow as tf

from tfgan_suite.objectives.minimax import Minimax


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class NonSaturating(Minimax):
    """Minimax, but the generator maximises log D(G(z)) (Goodfellow et al. 2014, section 3)."""

    def generator_loss(self, fake_logits, real_logits=None):
        # -E_Q log sigma(v)
        return tf.reduce_mean(tf.nn.softplus(-fake_logits))

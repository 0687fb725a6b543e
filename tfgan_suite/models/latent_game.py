"""Autoencoders whose latents play a game: told apart from those of the prior, until they are like them."""

import keras
import tensorflow as tf

from tfgan_suite.models.encoding import EncodingModel
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide


class LatentGame(EncodingModel):
    """An encoder and a decoder, which is the generator, and discriminators of latents.

    Attributes:
        decoder: latents to examples.
        objective: of every game.
    """

    latent_distribution = "prior"
    decoder: keras.Model
    objective: Objective

    @property
    def generator(self) -> keras.Model:
        return self.decoder

    def couples_examples(self):
        return repr(self.objective) if self.objective.couples_examples else super().couples_examples()

    def told_apart(self, judge: keras.Model, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        """What a discriminator minimises on latents (batch, size) of the prior and of examples."""
        return self._game(self.objective.discriminator_loss, _judged(judge, real), _judged(judge, fake))

    def taken_for_real(self, judge: keras.Model, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        """What the encoder minimises on them."""
        logits = [_judged(judge, fake)]
        if self.objective.needs_real_logits:
            logits.append(_judged(judge, real))
        return self._game(self.objective.generator_loss, *logits)

    def _game(self, loss, *logits: tf.Tensor) -> tf.Tensor:
        return self.of_whole_batch(loss, *logits) if self.objective.couples_examples else loss(*logits)


def _judged(judge: keras.Model, latents: tf.Tensor) -> tf.Tensor:
    """Logits, in training mode."""
    return wide(judge(latents, training=True))

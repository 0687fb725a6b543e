"""A GAN with an encoder that regresses the latents of samples."""

import math

import keras
import tensorflow as tf

from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.diagonal_gaussian import DiagonalGaussian
from tfgan_suite.models.encoding import EncodingModel
from tfgan_suite.models.gan import GAN
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide


@keras.saving.register_keras_serializable("tfgan_suite")
class LatentReconstruction(EncodingModel, GAN):
    """The encoder learns z from G(z), and G to make it learnable (Chen et al. 2016, InfoGAN).

    arXiv:1606.03657, eq. 5 and 6, with every latent in the code; generator and encoder together minimise

        adversarial loss + weight E_z[-log q(z | G(z))]

    of a stochastic encoder, or || z - E(G(z)) ||^2 in the logarithm's place. The encoder never sees data: it
    is right about them only where samples are like them. An alternative that ALI's paper compares with.

    Args:
        generator: latents (batch, latent_dim) to examples.
        encoder: examples to latents; a stochastic one to means and log standard deviations.
        discriminator: examples to logits.
        objective: of the game over examples.
        reconstruction_weight: of the second term.
        **kwargs: as for `GAN`, but for `num_classes`.
    """

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model,
        discriminator: keras.Model,
        objective: Objective = NonSaturating(),  # noqa: B008 - frozen
        reconstruction_weight: float = 1.0,
        **kwargs,
    ):
        super().__init__(generator, discriminator, objective, **kwargs)
        self.encoder, self.reconstruction_weight = encoder, reconstruction_weight
        self.check_encoder()
        if not 0 < reconstruction_weight < math.inf:
            raise ValueError(
                f"reconstruction_weight: expected a positive number, came {reconstruction_weight!r}"
            )
        self.start_averages("encoder")

    def players(self):
        return super().players() | {"generator": Player((self.generator, self.encoder))}

    def generator_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        latents = self.draw_latents(tf.shape(examples)[0], self.next_seed())
        fake = wide(self.generator(latents, training=True))
        errors = tf.reduce_mean(self._errors(latents, wide(self.encoder(fake, training=True))))
        terms = self.generator_terms(examples, fake, labels=None)
        return terms | {"reconstruction": self.reconstruction_weight * errors}

    def _errors(self, latents: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        """(batch,): how far the encoder's outputs are from the latents."""
        latents = tf.cast(latents, outputs.dtype)
        if self.is_stochastic:
            return DiagonalGaussian.of(outputs).negative_log(latents)
        return tf.reduce_sum(tf.square(latents - outputs), axis=1)

    def _check_networks(self):
        if self.num_classes is not None:
            raise ValueError(
                f"num_classes: expected None, LatentReconstruction knows no labels; came {self.num_classes}"
            )
        super()._check_networks()

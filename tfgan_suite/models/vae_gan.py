"""A variational autoencoder whose errors are measured in the features of a discriminator."""

import math
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.encoding import EncodingModel
from tfgan_suite.models.gan import features_of
from tfgan_suite.precision import wide


@keras.saving.register_keras_serializable("tfgan_suite")
class VAEGAN(EncodingModel):
    """Encoder, decoder and discriminator (Larsen et al. 2016, arXiv:1512.09300, Algorithm 1).

    With z ~ q(z | x), x~ = Dec(z), and x_p = Dec(z_p) of z_p ~ N(0, I):

        L_prior = KL(q(z | x) || N(0, I))
        L_Dis_l = E_q || Dis_l(x) - Dis_l(x~) ||^2 / 2    (-log N(Dis_l(x); Dis_l(x~), I) + constant)
        L_GAN   = log Dis(x) + log(1 - Dis(x~)) + log(1 - Dis(x_p))

    The encoder minimises L_prior + L_Dis_l, the decoder gamma L_Dis_l + L_GAN, the discriminator -L_GAN. (The
    algorithm prints the decoder's L_GAN with a minus, for an L_GAN that the discriminator minimises.) The
    discriminator follows L_GAN alone, not L_Dis_l.

    Args:
        encoder: examples to means and log standard deviations of q(z | x), (batch, 2 * latent_dim).
        decoder: latents (batch, latent_dim) to examples.
        discriminator: examples to one logit each.
        feature_layer: the layer l by name; None is what enters the discriminator's last layer with weights.
        gamma: weight of the reconstruction for the decoder.
        decoder_loss: L_GAN's part with fakes as printed ("minimax"), or -log Dis of both kinds of fakes.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        feature_layer: str | None = None,
        gamma: float = 1.0,
        decoder_loss: Literal["minimax", "non_saturating"] = "minimax",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoder, self.decoder, self.discriminator = encoder, decoder, discriminator
        self.feature_layer, self.gamma, self.decoder_loss = feature_layer, gamma, decoder_loss
        self._check()
        self._features = features_of(discriminator, feature_layer)
        self.start_averages("generator", "encoder")

    @property
    def generator(self) -> keras.Model:
        return self.decoder

    def players(self):
        return {
            "encoder": Player((self.encoder,)),
            "decoder": Player((self.decoder,)),
            "discriminator": Player((self.discriminator,)),
        }

    def encoder_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        posterior = self.posterior(examples)
        decoded = self._decode_training(posterior.draw(self.next_seed()))
        return {
            "kl": tf.reduce_mean(posterior.kl_from_normal()),
            "feature_reconstruction": self._feature_reconstruction(examples, decoded),
        }

    def decoder_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        fakes = reconstructed, _ = self._fakes(examples)
        # log(1 - Dis) = -softplus(logit), -log Dis = softplus(-logit)
        loss = {
            "minimax": lambda logits: -tf.nn.softplus(logits),
            "non_saturating": lambda logits: tf.nn.softplus(-logits),
        }[self.decoder_loss]
        adversarial = tf.add_n([tf.reduce_mean(loss(self._logits(fake))) for fake in fakes])
        return {
            "feature_reconstruction": self.gamma * self._feature_reconstruction(examples, reconstructed),
            "adversarial": adversarial,
        }

    def discriminator_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        reconstructed, sampled = self._fakes(examples)
        return {
            "real": tf.reduce_mean(tf.nn.softplus(-self._logits(examples))),
            "reconstructed": tf.reduce_mean(tf.nn.softplus(self._logits(reconstructed))),
            "sampled": tf.reduce_mean(tf.nn.softplus(self._logits(sampled))),
        }

    def _fakes(self, examples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """x~ and x_p."""
        reconstructed = self._decode_training(self.posterior(examples).draw(self.next_seed()))
        return reconstructed, self._decode_training(
            self.draw_latents(tf.shape(examples)[0], self.next_seed())
        )

    def _decode_training(self, latents: tf.Tensor) -> tf.Tensor:
        return wide(self.decoder(latents, training=True))

    def _logits(self, examples: tf.Tensor) -> tf.Tensor:
        return wide(self.discriminator(examples, training=True))

    def _feature_reconstruction(self, examples: tf.Tensor, decoded: tf.Tensor) -> tf.Tensor:
        errors = wide(self._features(examples, training=True)) - wide(self._features(decoded, training=True))
        squares = tf.reduce_sum(tf.reshape(tf.square(errors), (tf.shape(errors)[0], -1)), axis=1)
        return 0.5 * tf.reduce_mean(squares)

    def _check(self) -> None:
        self.check_encoder(stochastic=True)
        made = tuple(self.decoder.outputs[0].shape[1:])
        ends = *self.discriminator.inputs, *self.discriminator.outputs
        came = [tuple(end.shape[1:]) for end in ends]
        if came != [made, (1,)]:
            raise ValueError(f"discriminator: expected examples {made} to logits (1,), came {came}")
        if not 0 <= self.gamma < math.inf:
            raise ValueError(f"gamma: expected a number >= 0, came {self.gamma!r}")
        if self.decoder_loss not in ("minimax", "non_saturating"):
            raise ValueError(
                f'decoder_loss: expected "minimax" or "non_saturating", came {self.decoder_loss!r}'
            )

"""Autoencoders whose latents a critic makes follow any prior."""

from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.latent_game import LatentGame
from tfgan_suite.models.likelihood import Likelihood
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide
from tfgan_suite.priors.normal import Normal
from tfgan_suite.priors.prior import Prior


@keras.saving.register_keras_serializable("tfgan_suite")
class AdversarialAutoencoder(LatentGame):
    """Encoder and decoder, and a discriminator of latents (Makhzani et al. 2016).

    arXiv:1511.05644, section 2. Each step has the paper's two phases.

    Reconstruction: encoder and decoder minimise E[-log p(x | z)].
    Regularisation: the discriminator tells draws of the prior (real) from latents of examples (fake), then
    the encoder makes it take one for the other. At the game's optimum the aggregated posterior
    q(z) = E_x q(z | x) is the prior, of which nothing but draws is needed.

    Args:
        encoder: examples to latents; a stochastic one draws from its Gaussian, in place of the paper's
            universal approximator or nothing.
        decoder: latents (batch, latent_dim) to examples.
        discriminator: latents to logits.
        prior: what latents are to follow, and samples are made of.
        objective: of the game over latents.
        likelihood, likelihood_std: p(x | z), as in `VAE`.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        prior: Prior = Normal(),  # noqa: B008 - frozen
        objective: Objective = NonSaturating(),  # noqa: B008 - frozen
        likelihood: Literal["gaussian", "bernoulli"] = "gaussian",
        likelihood_std: float = 1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoder, self.decoder, self.discriminator = encoder, decoder, discriminator
        self.prior, self.objective = prior, objective
        self.likelihood, self.likelihood_std = likelihood, likelihood_std
        self._check()
        self._likelihood = Likelihood(decoder, likelihood, likelihood_std)
        self.start_averages("generator", "encoder")

    def players(self):
        return {
            "autoencoder": Player((self.encoder, self.decoder)),
            "discriminator": Player((self.discriminator,)),
            "encoder": Player((self.encoder,)),
        }

    def autoencoder_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        errors = self._likelihood.negative_log(examples, self._latents(examples))
        return {"reconstruction": tf.reduce_mean(errors)}

    def discriminator_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        real, fake = self._of_prior(examples), self._latents(examples)
        return {"adversarial": self.told_apart(self.discriminator, real, fake)}

    def encoder_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        fake, real = self._latents(examples), self._of_prior(examples)
        return {"adversarial": self.taken_for_real(self.discriminator, real, fake)}

    def draw_latents(self, count, seed):
        """Latents of shape (count, latent_dim) from the prior, a pure function of the seed."""
        return self.prior.draw(count, self.latent_dim, seed)

    @staticmethod
    def context_of(argument: str, arguments: dict, context: dict) -> dict:
        """In a config: what holds inside an argument. The discriminator's examples are latents."""
        if argument != "discriminator":
            return context
        context = {k: v for k, v in context.items() if k not in ("example_shape", "image_shape")}
        decoder = getattr(arguments.get("decoder"), "arguments", {})
        return context | ({"example_shape": (decoder["latent_dim"],)} if "latent_dim" in decoder else {})

    def _latents(self, examples: tf.Tensor) -> tf.Tensor:
        """z ~ q(z | x), in training mode."""
        if self.is_stochastic:
            return self.posterior(examples).draw(self.next_seed())
        return wide(self.encoder(examples, training=True))

    def _of_prior(self, examples: tf.Tensor) -> tf.Tensor:
        """As many latents of the prior."""
        return self.draw_latents(tf.shape(examples)[0], self.next_seed())

    def _check(self) -> None:
        self.prior.check_latents(self.latent_dim)
        self.check_encoder()
        came = [tuple(i.shape[1:]) for i in self.discriminator.inputs]
        if came != [(self.latent_dim,)]:
            raise ValueError(f"discriminator: expected latents ({self.latent_dim},), came {came}")
        self.objective.check_outputs(self.discriminator.outputs[0].shape)

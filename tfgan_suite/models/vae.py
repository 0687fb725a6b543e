"""The variational autoencoder."""

import math
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.encoding import EncodingModel
from tfgan_suite.models.likelihood import Likelihood


@keras.saving.register_keras_serializable("tfgan_suite")
class VAE(EncodingModel):
    """Encoder and decoder that maximise a bound of the data's likelihood (Kingma and Welling 2014).

    arXiv:1312.6114, eq. 3, negated, with one draw z ~ q(z | x) for each example:

        E_q[-log p(x | z)] + beta KL(q(z | x) || N(0, I))

    in nats, with the paper's beta = 1 at least -log p(x). One player, no adversary.

    Args:
        encoder: examples to means and log standard deviations of q(z | x), (batch, 2 * latent_dim).
        decoder: latents (batch, latent_dim) to examples; the mean of p(x | z).
        likelihood: "gaussian" or "bernoulli"; the latter takes examples in [-1, 1] as probabilities of a one,
            and a decoder that ends in a tanh.
        likelihood_std: standard deviation of the Gaussian.
        beta: weight of the divergence (Higgins et al. 2017).
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        likelihood: Literal["gaussian", "bernoulli"] = "gaussian",
        likelihood_std: float = 1.0,
        beta: float = 1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.likelihood, self.likelihood_std, self.beta = likelihood, likelihood_std, beta
        self.check_encoder(stochastic=True)
        if not 0 <= beta < math.inf:
            raise ValueError(f"beta: expected a number >= 0, came {beta!r}")
        self._likelihood = Likelihood(decoder, likelihood, likelihood_std)
        self.start_averages("generator", "encoder")

    @property
    def generator(self) -> keras.Model:
        return self.decoder

    def players(self):
        return {"autoencoder": Player((self.encoder, self.decoder))}

    def autoencoder_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        posterior = self.posterior(examples)
        latents = posterior.draw(self.next_seed())
        return {
            "reconstruction": tf.reduce_mean(self._likelihood.negative_log(examples, latents)),
            "kl": self.beta * tf.reduce_mean(posterior.kl_from_normal()),
        }

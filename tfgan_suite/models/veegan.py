"""A generator whose latents must be recoverable from its examples, and from the real ones."""

import math

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.joint import JointGAN, pairs
from tfgan_suite.objectives.density_ratio import DensityRatio
from tfgan_suite.objectives.divergences import GANDivergence, ReverseKL
from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
class VEEGAN(JointGAN):
    """A reconstructor F maps all data back to latents (Srivastava et al. 2017, arXiv:1705.07761).

    The discriminator tells pairs (F(x) + noise, x) from pairs (z, G(z)); generator and reconstructor together
    minimise the paper's objective

        E_z[-D(z, G(z))] + E_z ||z - F(G(z))||^2

    where D, as everywhere here, is high on real pairs: log p/q, the paper's -D. The first term estimates
    KL(q(z, x) || p(z, x)). Real examples of a mode without samples are mapped anywhere by F, not to the
    latents' distribution: that D sees. As in Algorithm 1, F follows the second term alone, since the pair
    (z, G(z)) does not contain it; a Julia port beside the authors' code lets it also follow D on (F(x), x).

    Args:
        generator: latents (batch, latent_dim) to examples.
        reconstructor: examples to latents; F.
        discriminator: [latents, examples] to logits; with `packing`, of that many times larger sizes.
        objective: of the discriminator, and of the generator's adversarial term; the default is the paper's.
        reconstruction_weight: of the second term.
        noise: standard deviation of the latents p(z | x) about F(x) in the real pairs. Without any, F maps a
            narrow mode to a point, which D knows from the z of fakes at once. A squared error is the
            log-likelihood of a Gaussian, so this is one; reimplementations of the authors' code have 1.
        **kwargs: as for `GAN`, but for `num_classes`.
    """

    def __init__(
        self,
        generator: keras.Model,
        reconstructor: keras.Model,
        discriminator: keras.Model,
        objective: Objective = DensityRatio(GANDivergence(), ReverseKL()),  # noqa: B008 - frozen
        reconstruction_weight: float = 1.0,
        noise: float = 1.0,
        **kwargs,
    ):
        super().__init__(generator, discriminator, objective, **kwargs)
        self.reconstructor = reconstructor
        self.reconstruction_weight, self.noise = reconstruction_weight, noise
        self._check_reconstructor()
        self.start_averages("encoder")

    def players(self):
        return super().players() | {"generator": Player((self.generator, self.reconstructor))}

    def discriminator_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        latents = self.draw_latents(tf.shape(examples)[0], self.next_seed())
        fake = pairs(latents, self.generator(latents, training=True))
        real = self._real_pairs(examples)
        return self.discriminator_terms(real, tf.stop_gradient(fake), labels=None)

    def generator_losses(self, batch):
        examples, _ = self.examples_and_labels(batch)
        latents = self.draw_latents(tf.shape(examples)[0], self.next_seed())
        fake = self.generator(latents, training=True)
        real = self._real_pairs(examples) if self.generator_needs_real else None
        terms = self.generator_terms(real, pairs(latents, fake), labels=None)
        errors = tf.cast(latents, fake.dtype) - self.reconstructor(fake, training=True)
        squares = tf.reduce_sum(tf.square(errors), axis=1)
        return terms | {"reconstruction": self.reconstruction_weight * tf.reduce_mean(squares)}

    @property
    def encoder(self) -> keras.Model:
        """What `encode` runs."""
        return self.reconstructor

    def _real_pairs(self, examples):
        latents = self.reconstructor(examples, training=True)
        noise = draws.normal(tf.shape(latents), self.next_seed())
        latents += self.noise * tf.cast(noise, latents.dtype)
        return tf.stop_gradient(pairs(latents, examples))

    def _check_reconstructor(self):
        self.check_encoder("reconstructor", stochastic=False)
        for name in ("reconstruction_weight", "noise"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name}: expected a number >= 0, came {getattr(self, name)!r}")

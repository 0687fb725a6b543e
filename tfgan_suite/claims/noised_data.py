"""A critic whose opponent stands still: the data plus noise in place of a generator."""

from __future__ import annotations  # configs read annotations as they are written

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.gan import GAN
from tfgan_suite.networks.gaussian_noise import GaussianNoise
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.regularizers.regularizer import Regularizer


@keras.saving.register_keras_serializable("tfgan_suite")
class NoisedDataCritic(GAN):
    """Only the discriminator plays, against the minibatch plus noise (Gulrajani et al. 2017, figure 1).

    x_fake = x + noise * e with e ~ N(0, I), of the same minibatch: the critic approaches the optimal one
    between the data and the data blurred.

    Args:
        discriminator: examples (batch, ...) to logits.
        objective: what it minimises.
        regularizers: penalties and constraints on it.
        noise: standard deviation.
        seed: of every draw.
    """

    def __init__(
        self,
        discriminator: keras.Model,
        objective: Objective,
        regularizers: Sequence[Regularizer] = (),
        noise: float = 1.0,
        seed: int = 0,
    ):
        examples = keras.Input(tuple(discriminator.inputs[0].shape[1:]), name="examples")
        blur = keras.Model(examples, GaussianNoise(noise, name="noise")(examples), name="generator")
        super().__init__(blur, discriminator, objective, regularizers, seed=seed)
        self.noise = noise

    def players(self):
        return {"discriminator": Player((self.discriminator,))}

    def discriminator_losses(self, batch):
        real, _ = self.examples_and_labels(batch)
        return self.discriminator_terms(real, tf.stop_gradient(self.generator(real, training=True)), None)

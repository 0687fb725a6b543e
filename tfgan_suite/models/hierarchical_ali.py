"""Adversarially learned inference with two levels of latents."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite import draws, latents
from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.ali import ALI
from tfgan_suite.models.diagonal_gaussian import DiagonalGaussian
from tfgan_suite.models.encoding import in_batches
from tfgan_suite.models.joint import pairs
from tfgan_suite.precision import wide


@keras.saving.register_keras_serializable("tfgan_suite")
class HierarchicalALI(ALI):
    """`ALI` of an example x and latents z1, z2 on two levels (Belghazi et al. 2018, arXiv:1802.01071).

    The discriminator tells triples of the two directions apart:

        data:    q(x) q(z1 | x) q(z2 | z1)
        samples: p(z2) p(z1 | z2) p(x | z1)

    where p(x | z1) is the generator's one example, and all others are diagonal Gaussians with standard
    deviations below 1 (`_gaussian`). An example is rebuilt from z1, which says nearly all of it, or from z2
    alone, which is to say what it is about.

    What is called "latents" elsewhere are z1: `draw_latents` goes through z2, `encode`, `reconstruct` and
    `interpolate` are of z1. `encode_top` and `reconstruct_from_top` are of z2.

    Args:
        generator: z1 (batch, latent_dim) to examples.
        encoder: examples to means and log standard deviations of z1, (batch, 2 * latent_dim).
        discriminator: [z1 and z2 side by side, examples] to logits.
        top_generator: z2 (batch, top_latent_dim) to means and log standard deviations of z1. All
            log standard deviations are the log sigmoid of what a network gives.
        top_encoder: z1 to means and log standard deviations of z2, (batch, 2 * top_latent_dim).
        **kwargs: as for `ALI`, but for `num_classes`. `latent_distribution` is that of z2.
    """

    knows_labels = False

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model,
        discriminator: keras.Model,
        top_generator: keras.Model,
        top_encoder: keras.Model,
        **kwargs,
    ):
        super().__init__(generator, encoder, discriminator, **kwargs)
        self.top_generator, self.top_encoder = top_generator, top_encoder
        self._check_levels()
        self.start_averages("top_generator", "top_encoder")

    def players(self):
        networks = self.generator, self.encoder, self.top_generator, self.top_encoder
        return super().players() | {"generator": Player(networks)}

    def draw_latents(self, count, seed):
        """z1 (count, latent_dim) through z2, in inference mode: a pure function of the seed."""
        top = self.draw_top_latents(count, draws.fold(seed, 0))
        return self.draw_latents_below(top, draws.fold(seed, 1))

    def draw_top_latents(self, count: int | tf.Tensor, seed: draws.Seed) -> tf.Tensor:
        """z2 (count, top_latent_dim) of the prior."""
        return latents.draw(self.latent_distribution, (count, self.top_latent_dim), seed)

    def draw_latents_below(self, top: tf.Tensor, seed: draws.Seed) -> tf.Tensor:
        """z1 (batch, latent_dim) of p(z1 | z2), in inference mode."""
        return _gaussian(self._top_sampler(top, training=False)).draw(seed)

    def top_latents_of(self, examples: tf.Tensor) -> tf.Tensor:
        """z2 (batch, top_latent_dim), the mean at the mean of z1, in inference mode."""
        outputs = self.averaged("top_encoder")(self.latents_of(examples), training=False)
        return _gaussian(outputs).mean

    def latents_below(self, top: tf.Tensor) -> tf.Tensor:
        """z1 (batch, latent_dim), the mean of p(z1 | z2), in inference mode."""
        return _gaussian(self._top_sampler(top, training=False)).mean

    def encode_top(self, examples: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """z2 (count, top_latent_dim) of examples, in inference mode."""
        return in_batches(self.top_latents_of, examples, batch_size)

    def reconstruct_from_top(self, examples: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Each example through z1 and z2 and back, in inference mode: what z2 knows of it."""
        latents = in_batches(self.latents_below, self.encode_top(examples, batch_size), batch_size)
        return in_batches(self, latents, batch_size)

    @property
    def top_latent_dim(self) -> int:
        return self.top_generator.inputs[0].shape[-1]

    @property
    def joint_latent_dim(self) -> int:
        return self.latent_dim + self.top_latent_dim

    @property
    def sampling_networks(self):
        return self.sampler, self._top_sampler

    @property
    def serving_networks(self):
        return (*super().serving_networks, self.averaged("top_encoder"))

    @property
    def latent_source(self):
        return "prior"

    @staticmethod
    def context_of(argument: str, arguments: dict, context: dict) -> dict:
        """In a config: what holds inside an argument. The examples of the upper networks are latents."""
        below = {"top_encoder": "encoder", "top_generator": "top_encoder"}.get(argument)
        if below is None:
            return ALI.context_of(argument, arguments, context)
        context = {k: v for k, v in context.items() if k not in ("example_shape", "image_shape")}
        options = getattr(arguments.get(below), "arguments", {})
        return context | ({"example_shape": (options["latent_dim"],)} if "latent_dim" in options else {})

    def real_fake_and_labels(self, batch):
        """Triples (z1, z2, x) of data, and of samples; and no labels."""
        examples, _ = self.examples_and_labels(batch)
        top = self.draw_top_latents(tf.shape(examples)[0], self.next_seed())
        latents = self._drawn(self.top_generator, top)
        made = self._made(latents)
        seen = self._drawn(self.encoder, examples)
        meant = self._drawn(self.top_encoder, seen)
        real = pairs(tf.concat([seen, meant], axis=1), tf.cast(examples, made.dtype))
        return real, pairs(tf.concat([latents, top], axis=1), made), None

    def _drawn(self, network: keras.Model, inputs: tf.Tensor) -> tf.Tensor:
        """A draw from the Gaussian that a network gives, in training mode."""
        return _gaussian(network(inputs, training=True)).draw(self.next_seed())

    @property
    def _top_sampler(self) -> keras.Model:
        return self.averaged("top_generator")

    def _check_networks(self):
        """Not before all are here: `_check_levels`."""

    def _check_levels(self) -> None:
        lower, upper = self.latent_dim, self.top_latent_dim
        for name, inputs, outputs in (("top_generator", upper, lower), ("top_encoder", lower, upper)):
            network = getattr(self, name)
            expected = [(inputs,), (2 * outputs,)]
            came = [tuple(end.shape[1:]) for end in (*network.inputs, *network.outputs)]
            if came != expected:
                raise ValueError(
                    f"{name}: expected latents {expected[0]} to means and log standard deviations "
                    f"{expected[1]} (stochastic=True), came {came}"
                )
        super()._check_networks()


def _gaussian(outputs: tf.Tensor) -> DiagonalGaussian:
    """What a network's outputs mean: standard deviations are softly bounded by 1, log sigmoid for log.

    A draw on one level is an input of the next one's exponent: without a bound a deviation of e^4 below is
    one of e^100 above, a few steps into a training.
    """
    mean, log_std = DiagonalGaussian.of(wide(outputs))
    return DiagonalGaussian(mean, tf.math.log_sigmoid(log_std))

"""What every model with an encoder can do: examples to latents, and back."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.models.diagonal_gaussian import DiagonalGaussian
from tfgan_suite.models.generative import GenerativeModel
from tfgan_suite.precision import wide
from tfgan_suite.untuned import untuned


class EncodingModel(GenerativeModel):
    """A generative model with the way back.

    Attributes:
        encoder: examples to latents (batch, latent_dim); or, a stochastic one, to the means and log standard
            deviations (batch, 2 * latent_dim) of a diagonal Gaussian.
    """

    encoder: keras.Model

    @property
    def serving_networks(self):
        return (*super().serving_networks, self.averaged("encoder"))

    @property
    def is_stochastic(self) -> bool:
        """Whether the encoder gives a distribution of latents."""
        return self.encoder.outputs[0].shape[-1] == 2 * self.latent_dim

    def posterior(self, examples: tf.Tensor) -> DiagonalGaussian:
        """q(z | x) of a stochastic encoder, in training mode."""
        return DiagonalGaussian.of(wide(self.encoder(examples, training=True)))

    def latents_of(self, examples: tf.Tensor) -> tf.Tensor:
        """Latents (batch, latent_dim), the mean of a stochastic encoder's, in inference mode."""
        outputs = wide(self.averaged("encoder")(examples, training=False))
        return DiagonalGaussian.of(outputs).mean if self.is_stochastic else outputs

    def latents_between(self, first: tf.Tensor, second: tf.Tensor, steps: int | tf.Tensor) -> tf.Tensor:
        """(batch * steps, latent_dim): `steps` latents on the line from each first example to its second."""
        z, w = self.latents_of(first)[:, None], self.latents_of(second)[:, None]
        t = tf.linspace(0.0, 1.0, steps)[None, :, None]
        return tf.reshape((1.0 - t) * z + t * w, (-1, self.latent_dim))

    def encode(self, examples: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Latents (count, latent_dim) of examples, in inference mode."""
        return in_batches(self.latents_of, examples, batch_size)

    def reconstruct(self, examples: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Each example through its latents and back, in inference mode."""
        return in_batches(self, self.encode(examples, batch_size), batch_size)

    def interpolate(
        self, first: np.ndarray, second: np.ndarray, steps: int = 9, batch_size: int = 256
    ) -> np.ndarray:
        """(count, steps, ...): examples on the line in latent space from each first to its second.

        The ends are the two's reconstructions.
        """
        expected, came = np.shape(first), np.shape(second)
        if came != expected:
            raise ValueError(f"second: expected shape {expected}, that of first, came {came}")
        if steps < 2:
            raise ValueError(f"steps: expected at least 2, the ends, came {steps}")
        pairs = _batches((first, second), batch_size)
        latents = np.concatenate([self.latents_between(a, b, steps).numpy() for a, b in pairs])
        made = in_batches(self, latents, batch_size)
        return made.reshape(len(first), steps, *made.shape[1:])

    def check_encoder(self, name: str = "encoder", stochastic: bool | None = None) -> None:
        """Raises ValueError unless the encoder takes what the generator makes and gives its latents.

        Args:
            name: of the constructor's argument.
            stochastic: whether it must be; None takes either.
        """
        examples, latents = tuple(self.generator.outputs[0].shape[1:]), self.latent_dim
        sizes = {None: (latents, 2 * latents), False: (latents,), True: (2 * latents,)}[stochastic]
        ends = self.encoder.inputs, self.encoder.outputs
        came = [tuple(end.shape[1:]) for both in ends for end in both]
        if came not in [[examples, (size,)] for size in sizes]:
            expected = " or ".join(f"({size},)" for size in sizes)
            hint = ", means and log standard deviations (stochastic=True)" if stochastic else ""
            raise ValueError(f"{name}: expected examples {examples} to latents {expected}{hint}, came {came}")


def in_batches(function: Callable[..., tf.Tensor], inputs, size: int) -> np.ndarray:
    """`function` of the inputs, an array or a tuple of arrays, at most `size` rows at a time."""
    return np.concatenate([function(batch).numpy() for batch in _batches(inputs, size)])


def _batches(arrays, size: int) -> tf.data.Dataset:
    return untuned(tf.data.Dataset.from_tensor_slices(arrays).batch(size))

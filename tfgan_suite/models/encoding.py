"""What every model with an encoder can do: examples to latents, and back."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.models.diagonal_gaussian import DiagonalGaussian
from tfgan_suite.models.generative import GenerativeModel, inputs_of, with_labels
from tfgan_suite.precision import wide
from tfgan_suite.untuned import untuned


class EncodingModel(GenerativeModel):
    """A generative model with the way back.

    Attributes:
        encoder: examples, with labels [examples, labels], to latents (batch, latent_dim); or, a stochastic
            one, to the means and log standard deviations (batch, 2 * latent_dim) of a diagonal Gaussian.
    """

    encoder: keras.Model

    @property
    def serving_networks(self):
        return (*super().serving_networks, self.averaged("encoder"))

    @property
    def is_stochastic(self) -> bool:
        """Whether the encoder gives a distribution of latents."""
        return self.encoder.outputs[0].shape[-1] == 2 * self.latent_dim

    def posterior(self, examples: tf.Tensor, labels: tf.Tensor | None = None) -> DiagonalGaussian:
        """q(z | x), or q(z | x, y), of a stochastic encoder, in training mode."""
        return DiagonalGaussian.of(wide(self.encoder(with_labels(examples, labels), training=True)))

    def latents_of(self, examples: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Latents (batch, latent_dim), the mean of a stochastic encoder's, in inference mode."""
        outputs = wide(self.averaged("encoder")(with_labels(examples, labels), training=False))
        return DiagonalGaussian.of(outputs).mean if self.is_stochastic else outputs

    def rebuilt(self, examples: tf.Tensor, labels: tf.Tensor | None = None, new_labels=None) -> tf.Tensor:
        """Examples through their latents and back, in inference mode; back to `new_labels` where given."""
        latents = self.latents_of(examples, labels)
        return self(with_labels(latents, labels if new_labels is None else new_labels))

    def between(
        self, first: tf.Tensor, second: tf.Tensor, steps: int | tf.Tensor, labels: tf.Tensor | None = None
    ) -> tf.Tensor:
        """(batch * steps, ...): `steps` examples from each first one to its second, in inference mode."""
        z, w = self.latents_of(first, labels)[:, None], self.latents_of(second, labels)[:, None]
        t = tf.linspace(0.0, 1.0, steps)[None, :, None]
        latents = tf.reshape((1.0 - t) * z + t * w, (-1, self.latent_dim))
        return self(with_labels(latents, None if labels is None else tf.repeat(labels, steps)))

    def encode(
        self, examples: np.ndarray, labels: Sequence[int] | None = None, batch_size: int = 256
    ) -> np.ndarray:
        """Latents (count, latent_dim) of examples, in inference mode.

        Args:
            labels: of the examples, for a conditional model; here and below.
        """
        parts = inputs_of(examples, self.checked_labels(labels, len(examples)))
        return in_batches(self.latents_of, parts, batch_size)

    def reconstruct(
        self,
        examples: np.ndarray,
        labels: Sequence[int] | None = None,
        new_labels: Sequence[int] | None = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Each example through its latents and back, in inference mode.

        Args:
            new_labels: what the generator is told in place of the labels: each example as one of another
                class, with the latents it has.
        """
        parts = inputs_of(examples, self.checked_labels(labels, len(examples)))
        if new_labels is not None:
            parts += (self.checked_labels(new_labels, len(examples)),)
        return in_batches(self.rebuilt, parts, batch_size)

    def interpolate(
        self,
        first: np.ndarray,
        second: np.ndarray,
        steps: int = 9,
        labels: Sequence[int] | None = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """(count, steps, ...): examples on the line in latent space from each first to its second.

        The ends are the two's reconstructions.

        Args:
            labels: of each pair's one class, for a conditional model.
        """
        expected, came = np.shape(first), np.shape(second)
        if came != expected:
            raise ValueError(f"second: expected shape {expected}, that of first, came {came}")
        if steps < 2:
            raise ValueError(f"steps: expected at least 2, the ends, came {steps}")
        labels = self.checked_labels(labels, len(first))
        parts = (first, *inputs_of(second, labels))
        made = in_batches(lambda a, b, *y: self.between(a, b, steps, *y), parts, -(-batch_size // steps))
        return made.reshape(len(first), steps, *made.shape[1:])

    def check_encoder(self, name: str = "encoder", stochastic: bool | None = None) -> None:
        """Raises ValueError unless the encoder takes what the generator makes and gives its latents.

        Args:
            name: of the constructor's argument.
            stochastic: whether it must be; None takes either.
        """
        examples, latents = tuple(self.generator.outputs[0].shape[1:]), self.latent_dim
        labels = [] if self.num_classes is None else [()]
        sizes = {None: (latents, 2 * latents), False: (latents,), True: (2 * latents,)}[stochastic]
        ends = self.encoder.inputs, self.encoder.outputs
        came = [tuple(end.shape[1:]) for both in ends for end in both]
        if came not in [[examples, *labels, (size,)] for size in sizes]:
            expected = " or ".join(f"({size},)" for size in sizes)
            hint = ", means and log standard deviations (stochastic=True)" if stochastic else ""
            given = f"examples {examples}{' and labels ()' if labels else ''}"
            raise ValueError(f"{name}: expected {given} to latents {expected}{hint}, came {came}")


def in_batches(function: Callable[..., tf.Tensor], inputs, size: int) -> np.ndarray:
    """`function` of the inputs, an array or a tuple of arrays, at most `size` rows at a time."""
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    batches = untuned(tf.data.Dataset.from_tensor_slices(inputs).batch(size))
    return np.concatenate([function(*batch).numpy() for batch in batches])

"""What every model that makes examples from latents can do, whatever it is trained by."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite import draws, latents
from tfgan_suite.models.adversarial import AdversarialModel
from tfgan_suite.precision import wide
from tfgan_suite.untuned import untuned


class GenerativeModel(AdversarialModel):
    """A model with a generator: samples and latents.

    Attributes:
        generator: latents (batch, latent_dim) to examples; with labels, [latents, labels].
        latent_distribution: of `LatentDistribution`, or "prior" where `draw_latents` draws from another one.
        num_classes: given, the generator takes labels, and `fit` takes (examples, labels).
    """

    generator: keras.Model
    latent_distribution = "normal"
    num_classes: int | None = None

    def draw_latents(self, count: int | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Latents of shape (count, latent_dim), a pure function of the seed."""
        return latents.draw(self.latent_distribution, (count, self.latent_dim), seed)

    @property
    def label_classes(self) -> int | None:
        """How many classes the labels that `fit` takes have; None: it takes none."""
        return self.num_classes

    @property
    def latent_dim(self) -> int:
        return self.generator.inputs[0].shape[-1]

    @property
    def sampler(self) -> keras.Model:
        """The generator that samples and exports come from: the moving average where there is one."""
        return self.averaged("generator")

    @property
    def sampling_networks(self) -> tuple[keras.Model, ...]:
        """All networks that samples depend on."""
        return (self.sampler,)

    @property
    def serving_networks(self) -> tuple[keras.Model, ...]:
        """All networks that an export depends on."""
        return self.sampling_networks

    @property
    def latent_source(self) -> str:
        """Where `draw_latents` draws from: a `LatentDistribution`, or "prior", which only the model knows."""
        return self.latent_distribution

    def call(self, inputs, training=False):
        return wide((self.generator if training else self.sampler)(inputs, training=training))

    def sample(
        self, count: int, seed: int = 0, labels: Sequence[int] | None = None, batch_size: int = 256
    ) -> np.ndarray:
        """Generated examples, shape (count, ...), in inference mode.

        The same seed gives the same examples, here and from the exported SavedModel. A conditional model
        without `labels` goes through its classes in turn.
        """
        return np.concatenate(list(self.sample_batches(count, seed, labels, batch_size)))

    def sample_batches(
        self, count: int, seed: int = 0, labels: Sequence[int] | None = None, batch_size: int = 256
    ) -> Iterator[np.ndarray]:
        """The examples of `sample`, a batch at a time."""
        if labels is None and self.num_classes is not None:
            labels = np.arange(count) % self.num_classes
        labels = self.checked_labels(labels, count)
        parts = inputs_of(self.draw_latents(count, draws.root(seed)), labels)
        for batch in untuned(tf.data.Dataset.from_tensor_slices(parts).batch(batch_size)):
            yield self(with_labels(*batch)).numpy()

    def checked_labels(self, labels: Sequence[int] | None, count: int) -> np.ndarray | None:
        """Labels of `count` examples, int32; None for a model that is not conditional.

        Raises:
            ValueError: some are missing, there are others than classes, or the model takes none.
        """
        if self.num_classes is None:
            if labels is not None:
                raise ValueError("labels: expected none, since the model is not conditional (no num_classes)")
            return None
        checked = np.asarray(() if labels is None else labels)
        if checked.shape != (count,) or not ((checked >= 0) & (checked < self.num_classes)).all():
            raise ValueError(f"labels: expected {count} from 0 to {self.num_classes - 1}, came {labels}")
        return checked.astype(np.int32)

    def examples_and_labels(self, batch) -> tuple[tf.Tensor, tf.Tensor | None]:
        """A batch's parts; labels are None for a model that is not conditional."""
        examples, labels = batch if isinstance(batch, tuple) else (batch, None)
        if not examples.dtype.is_floating:
            raise ValueError(
                f"fit: expected examples as floats, images in [-1, 1]; came {examples.dtype.name} "
                "(tfgan_suite.images.from_uint8 converts)"
            )
        expected = tf.TensorShape(self.generator.outputs[0].shape[1:])
        if not expected.is_compatible_with(examples.shape[1:]):
            raise ValueError(f"fit: expected examples of shape {expected}, came {examples.shape[1:]}")
        if self.num_classes is None:
            return examples, None
        if labels is None:
            raise ValueError(
                "fit: a conditional model (num_classes given) expected (examples, labels), came examples"
            )
        return examples, labels


def with_labels(inputs, labels=None):
    """What a network takes: the inputs, and labels beside them where there are any."""
    return inputs if labels is None else [inputs, labels]


def inputs_of(inputs, labels) -> tuple:
    """The same as a tuple of what has rows, for a pipeline."""
    return (inputs,) if labels is None else (inputs, labels)

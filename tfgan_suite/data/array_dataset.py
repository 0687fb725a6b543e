"""Images held in memory as uint8, visited once per epoch in a random order."""

from functools import cached_property
from typing import NamedTuple

from tfgan_suite.data.dataset import BLOCK, Dataset, Split, digest, subset
from tfgan_suite.errors import UserError


class LabelledImages(NamedTuple):
    """uint8 images (n, height, width, channels) and int32 labels (n,), or None."""

    images: "numpy.ndarray"  # noqa: F821  NumPy is imported where it is used
    labels: "numpy.ndarray | None"  # noqa: F821


class ArrayDataset(Dataset):
    """uint8 images in memory; a subclass gives `_load(split)`."""

    @cached_property
    def train(self) -> LabelledImages:
        """The training images; loaded at first use."""
        return self._load_some("train")

    @cached_property
    def test(self) -> LabelledImages:
        """The held-out images; loaded at first use."""
        return self._load_some("test")

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the training images and labels."""
        return digest(self.name, self.train.images, self.train.labels)

    def size(self, split: Split) -> int:
        return len(self._split(split).images)

    def split_fingerprint(self, split: Split) -> str:
        # `fingerprint` does not know the held-out images.
        return self.fingerprint if split == "train" else digest(self.name, *self.test)

    def _split(self, split: Split) -> LabelledImages:
        return self.train if split == "train" else self.test

    def _load(self, split: Split) -> LabelledImages:
        raise NotImplementedError

    def _load_some(self, split: Split) -> LabelledImages:
        loaded = self._load(split)
        if len(loaded.images) == 0:
            raise UserError(f"dataset {self.name!r} has no {split} images")
        return loaded

    def _minibatches(self, batch_size: int, seed: int, start: int, labels: bool):
        import tensorflow as tf

        images, classes = self.train

        @tf.autograph.experimental.do_not_convert
        def minibatch(chosen):
            # NumPy gathers: a tensor captured by the pipeline costs four copies of the images (measured).
            gathered = tf.numpy_function(images.__getitem__, [chosen], tf.uint8, stateful=False)
            examples = to_signed_unit(tf.ensure_shape(gathered, (batch_size, *images.shape[1:])))
            return (examples, tf.gather(classes, chosen)) if labels else examples

        indices = minibatch_indices(len(images), batch_size, seed, start)
        return indices.map(minibatch, num_parallel_calls=tf.data.AUTOTUNE)

    def _examples(self, split: Split, count: int | None, seed: int):
        images, labels = self._split(split)
        chosen = subset(len(images), count, seed, f"the {split} split of {self.name!r}")
        return _as_signed_unit(images[chosen]), None if labels is None else labels[chosen]

    def _stream(self, split: Split, count: int | None, seed: int):
        images = self._split(split).images
        chosen = subset(len(images), count, seed, f"the {split} split of {self.name!r}")
        for start in range(0, len(chosen), BLOCK):
            yield _as_signed_unit(images[chosen[start : start + BLOCK]])


def _as_signed_unit(images):
    import numpy as np

    return images.astype(np.float32) / np.float32(127.5) - np.float32(1.0)


def minibatch_indices(total: int, batch_size: int, seed: int, start: int):
    """A `tf.data.Dataset` of int64 (batch_size,): the epochs' permutations end to end, cut into minibatches.

    Minibatch t holds positions t*B .. t*B + B - 1; position p is element p mod N of the permutation of
    epoch p div N.
    """
    import tensorflow as tf

    first_epoch, position = divmod(start * batch_size, total)

    def order(epoch):
        from tfgan_suite import draws

        whole = draws.permutation(total, draws.named(seed, epoch, "epoch order"))
        return whole[tf.where(epoch == first_epoch, position, 0) :]

    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    return epochs.map(order).rebatch(batch_size, drop_remainder=True)


def to_signed_unit(images):
    """A uint8 tensor (0 .. 255) as float32 in [-1, 1]."""
    import tensorflow as tf

    return tf.cast(images, tf.float32) / 127.5 - 1.0

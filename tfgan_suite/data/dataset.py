"""What every dataset offers: minibatches by step, held-out examples, a fingerprint."""

import hashlib
from typing import Literal

from tfgan_suite.data import arguments
from tfgan_suite.errors import UserError
from tfgan_suite.untuned import untuned

Split = Literal["train", "test"]
MAX_SEED = 2**31 - 1
BLOCK = 1000  # examples that `stream` gives at once


class Dataset:
    """Examples that can be drawn by step: minibatch t is a pure function of (seed, t, batch_size).

    A subclass gives `name`, `example_shape`, `num_classes`, `fingerprint`, `size`, `_minibatches`,
    `_examples`, and `_stream` where examples need not all be in memory.

    Attributes:
        name: for example "digits", "mnist", "ring".
        example_shape: (height, width, channels) of an image, (dimension,) of a point.
        num_classes: labels are 0 .. num_classes - 1; None where there are no labels.
        fingerprint: hexadecimal digest of the content, or of the parameters of data that is drawn.
    """

    name: str
    example_shape: tuple[int, ...]
    num_classes: int | None
    fingerprint: str

    def batches(self, batch_size: int, *, seed: int = 0, start: int = 0, labels: bool = False):
        """An endless `tf.data.Dataset` of minibatches start, start + 1, ...

        Minibatch t is the same whether one came to it from 0 or began there, so a run resumes exactly.

        Args:
            batch_size: examples in a minibatch; always full.
            seed: another seed, another order.
            start: the first step.
            labels: whether elements are (examples, labels) instead of examples.

        Returns:
            float32 (batch_size, *example_shape), images in [-1, 1]; labels are int32 (batch_size,).

        Raises:
            UserError: for a wrong argument, or labels of data that has none.
        """
        import tensorflow as tf

        arguments.integer("batch_size", batch_size, 1)
        arguments.integer("seed", seed, 0, MAX_SEED)
        arguments.integer("start", start, 0)
        self._check_labels(labels)
        # A tf.data pipeline lives on the host; without this, tensors it captures would be put on a GPU.
        with tf.device("CPU:0"):
            minibatches = self._minibatches(batch_size, seed, start, labels)
        options = tf.data.Options()
        options.deterministic = True
        # Workers on several machines take their rows of each minibatch: none sees what another sees.
        options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
        return untuned(minibatches.with_options(options).prefetch(tf.data.AUTOTUNE))

    def examples(self, split: Split = "train", count: int | None = None, seed: int = 0, labels: bool = False):
        """Examples of a split as an array, or as (examples, labels) with `labels=True`.

        Args:
            split: "train", or "test" for held-out data.
            count: take a random subset of this size; None takes all (10,000 of data that is drawn).
            seed: chooses the subset; the same one whether labels are asked for or not.
            labels: whether to return (examples, labels).

        Returns:
            float32 (count, *example_shape), images in [-1, 1]; labels are int32 (count,).

        Raises:
            UserError: for a wrong argument, more examples than there are, no such split, or no labels.
        """
        import tensorflow as tf

        _check_choice(split, count, seed)
        self._check_labels(labels)
        with tf.device("CPU:0"):
            examples, its_labels = self._examples(split, count, seed)
        return (examples, its_labels) if labels else examples

    def stream(self, split: Split = "train", count: int | None = None, seed: int = 0):
        """The examples that `examples` gives, in blocks and any order, so that they need not fit in memory.

        Returns:
            An iterator of float32 (some, *example_shape); no labels.
        """
        _check_choice(split, count, seed)
        return self._stream(split, count, seed)

    def size(self, split: Split) -> int | None:
        """Number of examples in a split; None where there is no end of them."""
        raise NotImplementedError

    def split_fingerprint(self, split: Split) -> str:
        """Digest of the content of one split."""
        return digest(self.fingerprint, split)

    def _minibatches(self, batch_size: int, seed: int, start: int, labels: bool):
        """The endless tf.data.Dataset behind `batches`; the arguments are checked."""
        raise NotImplementedError

    def _examples(self, split: Split, count: int | None, seed: int):
        """(float32 examples, int32 labels or None); the arguments are checked."""
        raise NotImplementedError

    def _stream(self, split: Split, count: int | None, seed: int):
        """The iterator behind `stream`; the arguments are checked."""
        yield self.examples(split, count, seed)

    def _check_labels(self, labels: bool) -> None:
        if arguments.flag("labels", labels) and self.num_classes is None:
            raise UserError(f"labels=True was asked for, but dataset {self.name!r} has no labels")


def _check_choice(split: str, count: int | None, seed: int) -> None:
    arguments.one_of("split", split, ("train", "test"))
    if count is not None:
        arguments.integer("count", count, 1)
    arguments.integer("seed", seed, 0, MAX_SEED)


def subset(total: int, count: int | None, seed: int, name: str):
    """Indices of a random subset in random order, or of everything in order when `count` is None."""
    import numpy as np

    if count is None:
        return np.arange(total)
    if count > total:
        raise UserError(f"count must be at most {total}, the number of examples in {name}, got {count}")
    return np.random.default_rng(seed).permutation(total)[:count]


def digest(*parts) -> str:
    """32 hexadecimal digits that change when a part does; arrays count by type, shape and bytes."""
    import numpy as np

    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            sha.update(f"{part.dtype.str}{part.shape}".encode())
            sha.update(np.ascontiguousarray(part).data)
        else:
            sha.update(f"{part!r};".encode())
    return sha.hexdigest()[:32]

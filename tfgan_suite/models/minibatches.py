"""What one element of the data holds: as many minibatches as a training step consumes, and parts of them."""

import itertools
from typing import Any

import keras
import tensorflow as tf

from tfgan_suite.models.batch_share import BatchShare

MINIBATCHES = "minibatches"  # the key of elements that hold several


def regrouped(x: Any, y: Any, batch_size: int, count: int, shuffle_seed: int | None) -> tf.data.Dataset:
    """Data whose every element is `count` minibatches, of arrays or of a dataset of minibatches.

    Args:
        batch_size: of each minibatch, where x is an array.
        shuffle_seed: of the order of an array's examples; None keeps it.
    """
    if isinstance(x, tf.data.Dataset):
        joined = x.rebatch(count * batch_size_of(x), drop_remainder=True)
    elif hasattr(x, "shape"):
        size, total = count * batch_size, len(x)
        joined = tf.data.Dataset.from_tensor_slices(x if y is None else (x, y))
        joined = joined if shuffle_seed is None else joined.shuffle(total, seed=shuffle_seed)
        # What is left at the end is a smaller step, unless not every minibatch gets an example.
        joined = joined.batch(size).take(total // size + (total % size >= count))
    else:
        raise ValueError(
            f"fit: with a player of {count} steps expected a tf.data.Dataset or an array, "
            f"came {type(x).__name__}"
        )
    return joined.map(lambda *batch: _divided(batch[0] if len(batch) == 1 else batch, count))


def batch_size_of(dataset: tf.data.Dataset) -> int:
    size = tf.nest.flatten(dataset.element_spec)[0].shape[0]
    return int(tf.shape(tf.nest.flatten(next(iter(dataset)))[0])[0]) if size is None else size


def _divided(batch, count: int) -> dict:
    """A batch as `count` minibatches of equal sizes."""
    size = (
        tf.shape(tf.nest.flatten(batch)[0])[0] // count
        if None in _static(batch)
        else _static(batch)[0] // count
    )
    parts = [tf.nest.map_structure(lambda t, i=i: t[i * size : (i + 1) * size], batch) for i in range(count)]
    return {MINIBATCHES: tuple(parts)}


def _static(batch) -> list[int | None]:
    return [t.shape[0] for t in tf.nest.flatten(batch)]


def minibatches_of(data) -> list:
    """The minibatches of one element of the data."""
    if isinstance(data, dict) and set(data) == {MINIBATCHES}:
        return list(data[MINIBATCHES])
    x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
    return [x if y is None else (x, y)]


def size_of(batch) -> int | tf.Tensor:
    first = tf.nest.flatten(batch)[0]
    return tf.shape(first)[0] if first.shape[0] is None else first.shape[0]


def in_parts(batch, share: BatchShare, count: int) -> list:
    """(part of the batch, its share), the parts as equal as can be."""
    if count == 1:
        return [(batch, share)]
    edges = [share.size * i // count for i in range(count + 1)]
    return [
        (tf.nest.map_structure(lambda t, a=a, b=b: t[a:b], batch), share.part(a, b - a))
        for a, b in itertools.pairwise(edges)
    ]

"""What one element of the data holds: as many minibatches as a training step consumes, and parts of them."""

import itertools
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.models.batch_share import BatchShare
from tfgan_suite.untuned import untuned

# Arguments that go with arrays, and the one by which validation in `fit` says that it has its data already.
_OF_KERAS = "sample_weight", "class_weight", "validation_split", "_use_cached_eval_dataset"
MINIBATCHES = "minibatches"  # the key of elements that hold several


def regrouped(x: Any, y: Any, batch_size: int, count: int, shuffle_seed: int | None) -> tf.data.Dataset:
    """Data whose every element is `count` minibatches, of arrays or of a dataset of minibatches.

    Args:
        batch_size: of each minibatch, where x is an array.
        shuffle_seed: of the order of an array's examples; None keeps it.
    """
    if isinstance(x, tf.data.Dataset):
        joined = x.rebatch(count * batch_size_of(x), drop_remainder=True)
    elif _are_arrays(x, y):
        size, total = count * batch_size, len(tf.nest.flatten(x)[0])
        # What is left at the end is a smaller step, unless not every minibatch gets an example.
        joined = _of_arrays(x, y, size, shuffle_seed).take(total // size + (total % size >= count))
    else:
        raise ValueError(
            f"fit: with a player of {count} steps expected a tf.data.Dataset, or arrays of as many rows, "
            f"came {_described(x, y)}"
        )
    return joined.map(lambda *batch: _divided(batch[0] if len(batch) == 1 else batch, count))


def _described(x, y) -> str:
    each = (f"{type(a).__name__} {getattr(a, 'shape', '')}".strip() for a in (x, y) if a is not None)
    return " and ".join(each) or "None"


def as_pipeline(x: Any, y: Any, batch_size: int | None, shuffle_seed: int | None, more: dict) -> tuple:
    """(x, y, batch size) for Keras' `fit` or `evaluate`, whose further arguments are `more`.

    Arrays come as a dataset, and datasets without autotuning. Keras would shuffle arrays by another seed than
    the model's, and tune. What it does with arrays alone is left to it, and so is all that is not an array.
    """
    if _are_arrays(x, y) and all(more.get(name) is None for name in _OF_KERAS):
        x, y, batch_size = _of_arrays(x, y, batch_size or 32, shuffle_seed), None, None
    return (untuned(x) if isinstance(x, tf.data.Dataset) else x), y, batch_size


def _are_arrays(x: Any, y: Any) -> bool:
    """Whether these are arrays, nested perhaps, with equally many rows."""
    arrays = tf.nest.flatten(x if y is None else (x, y))
    return all(len(getattr(array, "shape", ())) for array in arrays) and len({len(a) for a in arrays}) == 1


def _of_arrays(x: Any, y: Any, batch_size: int, shuffle_seed: int | None) -> tf.data.Dataset:
    """One epoch of minibatches of rows, the last one perhaps smaller; each epoch in an order of its own.

    Args:
        shuffle_seed: of the orders; None keeps that of the arrays.
    """
    arrays = tf.nest.map_structure(_as_keras_has_it, x if y is None else (x, y))
    total = len(tf.nest.flatten(arrays)[0])
    order = tf.data.Dataset.range(total)
    if shuffle_seed is not None:
        order = order.shuffle(max(total, 1), seed=shuffle_seed)
    chosen = order.batch(batch_size, drop_remainder=total % batch_size == 0)

    def rows(indices, arrays):
        return tf.nest.map_structure(lambda array: tf.gather(array, indices), arrays)

    # Not captured by the function, which would copy them.
    return tf.data.Dataset.zip(chosen, tf.data.Dataset.from_tensors(arrays).repeat()).map(rows).prefetch(2)


def _as_keras_has_it(array) -> np.ndarray:
    array = keras.ops.convert_to_numpy(array)
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array


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

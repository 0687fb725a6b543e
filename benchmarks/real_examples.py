"""The real examples of a benchmark: random numbers in memory, the same for every contestant."""

from collections.abc import Sequence

import numpy as np

COUNT = 1024


def real_examples(shape: Sequence[int]) -> np.ndarray:
    """float32 (COUNT, *shape), uniform in [-1, 1)."""
    return np.random.default_rng(0).uniform(-1, 1, (COUNT, *shape)).astype(np.float32)


def random_batches(examples: np.ndarray, batch_size: int):
    """An endless `tf.data.Dataset` of random minibatches.

    Rows are gathered a minibatch at a time: an element of its own for each example (`from_tensor_slices`,
    `shuffle`, `batch`) takes longer than a training step of a small network.
    """
    import tensorflow as tf

    from tfgan_suite.untuned import untuned

    # Held as a variable, the examples are not copied into the graph of the pipeline.
    held = tf.Variable(examples, trainable=False)

    def minibatch(_):
        return tf.gather(held, tf.random.uniform((batch_size,), maxval=len(examples), dtype=tf.int32))

    # Tuned, every second round would end in a wait for the tuner, of Keras' `fit` as of any other.
    return untuned(tf.data.Dataset.counter().map(minibatch).prefetch(2))

"""Random draws that are pure functions of a seed, with and without XLA.

TensorFlow's float draws differ between XLA and other kernels for one seed; its philox bits do not. So bits
are drawn and mapped to floats here. A seed is an int32 tensor of shape (2,).
"""

import contextlib
import threading
from collections.abc import Iterator, Sequence

import tensorflow as tf


def uniform(shape: Sequence[int] | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Draws from U[0, 1), float32, on a lattice of 2^24 values."""
    return (
        tf.cast(tf.bitwise.right_shift(_bits(shape, seed), tf.constant(8, tf.uint32)), tf.float32) * 2.0**-24
    )


def normal(shape: Sequence[int] | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Draws from N(0, 1), float32, through the inverse error function; |z| stays below 5.3."""
    lattice = tf.cast(tf.bitwise.right_shift(_bits(shape, seed), tf.constant(9, tf.uint32)), tf.float32)
    # (2 k + 1) / 2^23 - 1 is exact in float32, symmetric about 0, and never +-1, where erfinv is infinite.
    return 2.0**0.5 * tf.math.erfinv((2.0 * lattice + 1.0) * 2.0**-23 - 1.0)


def fold(seed: tf.Tensor, *positions: int | tf.Tensor) -> tf.Tensor:
    """A new seed for each tuple of integer positions; unrelated positions give unrelated seeds."""
    for position in positions:
        shifted = tf.cast(seed, tf.int32) + tf.stack([0, tf.cast(position, tf.int32)])
        seed = tf.random.stateless_uniform(
            (2,), shifted, minval=None, maxval=None, dtype=tf.int32, alg="philox"
        )
    return seed


def root(seed: int | tf.Tensor) -> tf.Tensor:
    """The seed that a user's integer below 2^62, or an int64 scalar, stands for."""
    seed = tf.cast(seed, tf.int64)
    words = tf.stack([seed, tf.bitwise.right_shift(seed, tf.constant(31, tf.int64))])
    return tf.cast(tf.bitwise.bitwise_and(words, tf.constant(0x7FFFFFFF, tf.int64)), tf.int32)


def _bits(shape, seed):
    return tf.random.stateless_uniform(shape, seed, minval=None, maxval=None, dtype=tf.uint32, alg="philox")


class SeedStream(threading.local):
    """Hands out one fresh seed after another below a root, inside `with stream.starting_at(seed)`.

    Thread-local, because `MirroredStrategy` traces its replicas in turns, one thread each.
    """

    seed: tf.Tensor | None = None
    position = 0

    @contextlib.contextmanager
    def starting_at(self, seed: tf.Tensor) -> Iterator[None]:
        outer = self.seed, self.position
        self.seed, self.position = seed, 0
        try:
            yield
        finally:
            self.seed, self.position = outer

    def next(self) -> tf.Tensor:
        if self.seed is None:
            raise RuntimeError(
                "no seed here: random draws of a model are made inside its training step; "
                "outside of it use sample(num, seed=...)"
            )
        self.position += 1
        return fold(self.seed, self.position)

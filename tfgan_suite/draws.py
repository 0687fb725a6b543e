"""Random draws that are pure functions of a seed, with and without XLA.

TensorFlow's float draws differ between XLA and other kernels for one seed; its philox bits do not. So bits
are drawn and mapped to floats here. A seed is an integer tensor of shape (2,). One with a row (`at_row`) says
where in the first dimension the draw begins: parts of a batch, on several replicas or cores, together get
what the whole batch would get.
"""

import dataclasses
import functools
import hashlib
import statistics
import zlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

_PHILOX = 1  # its number in TensorFlow's kernels


@dataclasses.dataclass(frozen=True)
class SeedAtRow:
    """A seed, int32 (2,), for draws that begin at `row` of what it would draw from row 0 on."""

    words: tf.Tensor
    row: int | tf.Tensor


Seed = tf.Tensor | SeedAtRow


def uniform(shape: Sequence[int] | tf.Tensor, seed: Seed) -> tf.Tensor:
    """Draws from U[0, 1), float32, on a lattice of 2^24 values."""
    return (
        tf.cast(tf.bitwise.right_shift(bits(shape, seed), tf.constant(8, tf.uint32)), tf.float32) * 2.0**-24
    )


def normal(shape: Sequence[int] | tf.Tensor, seed: Seed) -> tf.Tensor:
    """Draws from N(0, 1), float32, through the inverse error function; |z| stays below 5.3."""
    lattice = tf.cast(tf.bitwise.right_shift(bits(shape, seed), tf.constant(9, tf.uint32)), tf.float32)
    # (2 k + 1) / 2^23 - 1 is exact in float32, symmetric about 0, and never +-1, where erfinv is infinite.
    return 2.0**0.5 * tf.math.erfinv((2.0 * lattice + 1.0) * 2.0**-23 - 1.0)


def noise(shape: Sequence[int] | tf.Tensor, seed: Seed) -> tf.Tensor:
    """Draws from N(0, 1), float32, in a fraction of the time of `normal`; |z| < 4.33.

    For much noise of which no single draw matters: numbers come in fours, each four one of 65,536 rows in
    which every number has all the quantiles. The same with XLA, to the last bit.

    Args:
        shape: of at least one dimension.
    """
    shape = tf.convert_to_tensor(shape, tf.int32)
    numbers = tf.reduce_prod(shape[1:])
    words = bits(tf.stack([shape[0], (numbers + 7) // 8]), seed)  # two fours in each; a row has its own
    places = tf.cast(tf.bitcast(words, tf.uint16), tf.int32)
    fours = tf.gather(_quantiles_in_fours(), places)
    return tf.reshape(tf.reshape(fours, [shape[0], -1])[:, :numbers], shape)


@functools.cache
def _quantiles_in_fours() -> np.ndarray:
    """The middles of 2^16 equally likely parts of N(0, 1), scaled to variance 1, in four random orders."""
    inverse = statistics.NormalDist().inv_cdf
    middles = np.array([inverse((place + 0.5) / 2**16) for place in range(2**16)])
    quantiles = (middles / middles.std()).astype(np.float32)
    random = np.random.RandomState(0)  # its stream is frozen by NumPy: the same table everywhere
    return np.stack([random.permutation(quantiles) for _ in range(4)], axis=1)


def fold(seed: Seed, *positions: int | tf.Tensor) -> Seed:
    """A new seed for each tuple of integer positions; unrelated positions give unrelated seeds."""
    if isinstance(seed, SeedAtRow):
        return dataclasses.replace(seed, words=fold(seed.words, *positions))
    for position in positions:
        shifted = tf.cast(seed, tf.int32) + tf.stack([0, tf.cast(position, tf.int32)])
        seed = tf.random.stateless_uniform(
            (2,), shifted, minval=None, maxval=None, dtype=tf.int32, alg="philox"
        )
    return seed


def branch(seed: Seed, *path: int | str) -> Seed:
    """A new int32 seed for each path that is known when the graph is built; cheaper than `fold`.

    `seed` must be one that `fold` made, or a branch of one: different ones are then unrelated, and one number
    for each path, added to them, keeps them so.
    """
    if isinstance(seed, SeedAtRow):
        return dataclasses.replace(seed, words=branch(seed.words, *path))
    text = "/".join(map(str, path)).encode()
    return seed + tf.constant(np.frombuffer(hashlib.blake2b(text, digest_size=8).digest(), np.int32))


def at_row(seed: tf.Tensor, row: int | tf.Tensor) -> SeedAtRow:
    """`seed`, int32, for draws that begin at `row` of what it would draw from row 0 on."""
    return SeedAtRow(seed, row)


def named(seed: int, step: int | tf.Tensor, stream: str) -> tf.Tensor:
    """The seed, int64 (2,), of one draw at `step`; `stream` keeps draws of unlike purpose apart."""
    # seed < 2^31 and a checksum < 2^32 fill one int64 without overlap.
    return tf.stack(
        [tf.constant((seed << 32) | zlib.crc32(stream.encode()), tf.int64), tf.cast(step, tf.int64)]
    )


def root(seed: int | tf.Tensor) -> tf.Tensor:
    """The seed that a user's integer below 2^62, or an int64 scalar, stands for."""
    seed = tf.cast(seed, tf.int64)
    low, high = seed & 0x7FFFFFFF, tf.bitwise.right_shift(seed, tf.constant(31, tf.int64)) & 0x7FFFFFFF
    # `fold` counts on the second word, where neighbours would share a stream; an odd factor spreads them.
    return tf.cast(tf.stack([low, (high * 0x1E3779B1) & 0x7FFFFFFF]), tf.int32)


def bits(shape: Sequence[int] | tf.Tensor, seed: Seed) -> tf.Tensor:
    """Uniform uint32, of `shape`; with a row, the rows from there on of a table without end."""
    if not isinstance(seed, SeedAtRow):
        return tf.random.stateless_uniform(
            shape, seed, minval=None, maxval=None, dtype=tf.uint32, alg="philox"
        )
    # Of a negative seed, XLA makes another key than TensorFlow's own kernel.
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed.words & 0x7FFFFFFF)
    if isinstance(seed.row, int) and seed.row == 0:
        return _philox(shape, key, counter)
    shape = tf.convert_to_tensor(shape, tf.int32)
    count = tf.reduce_prod(shape)
    start = tf.cast(seed.row, tf.int64) * tf.cast(tf.reduce_prod(shape[1:]), tf.int64)
    # Philox counts in blocks of four numbers.
    counter += tf.cast(tf.stack([start // 4, 0]), tf.uint64)
    skip = tf.cast(start % 4, tf.int32)
    numbers = _philox([count + 3], key, counter)
    # Not a slice: XLA wants to know where one begins, and would compile again for every seed.
    return tf.reshape(tf.gather(numbers, skip + tf.range(count)), shape)


def _philox(shape, key: tf.Tensor, counter: tf.Tensor) -> tf.Tensor:
    return tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=shape, key=key, counter=counter, alg=_PHILOX, dtype=tf.uint32
    )


def category(probabilities: Sequence[float], count: int, seed: tf.Tensor) -> tf.Tensor:
    """`count` int32 category numbers, by inversion of the cumulative sum of `probabilities` (n,)."""
    inner_edges = np.cumsum(probabilities)[:-1].astype(np.float32)
    return tf.searchsorted(tf.constant(inner_edges), uniform((count,), seed), side="right", out_type=tf.int32)


def permutation(count: int | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """A permutation of 0 .. count-1 as int64, all equally likely.

    Not `index_shuffle`: below 65,536 elements its cipher keeps only the low 8 bits of each seed word, so its
    permutations come again every 256 epochs (and seed + 256 repeats seed).
    """
    return tf.random.experimental.stateless_shuffle(tf.range(count, dtype=tf.int64), seed, alg="philox")

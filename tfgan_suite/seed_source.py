"""Where layers that draw get their seeds: of the model whose losses run just now.

A layer cannot be told a seed by what calls it, since a network lies between. So a model says here what the
next seed is, and the layer asks. Its draws are then draws of the model like all others: a function of (seed,
step, player, position), each example its own rows, whatever the replicas and parts.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

import tensorflow as tf

from tfgan_suite import draws


class _Source(threading.local):  # `MirroredStrategy` traces its replicas in turns, one thread each
    next_seed: Callable[[], draws.Seed] | None = None
    minibatches: int = 1


_source = _Source()


@contextlib.contextmanager
def seeds_from(next_seed: Callable[[], draws.Seed]) -> Iterator[None]:
    """Layers that are called inside draw with what `next_seed()` returns."""
    outer, _source.next_seed = _source.next_seed, next_seed
    try:
        yield
    finally:
        _source.next_seed = outer


@contextlib.contextmanager
def side_by_side(minibatches: int) -> Iterator[None]:
    """Layers that are called inside see so many minibatches, one after the other, as one."""
    outer, _source.minibatches = _source.minibatches, minibatches
    try:
        yield
    finally:
        _source.minibatches = outer


def layer_draws(
    shape: tf.Tensor, draw: Callable[..., tf.Tensor], outside: Callable[..., tf.Tensor]
) -> tf.Tensor:
    """What a layer draws for inputs of `shape`, (batch, ...).

    Args:
        shape: of the inputs.
        draw: of a shape and a seed. Each of the minibatches side by side gets a seed of its own.
        outside: of a shape, where no model's losses run.
    """
    if _source.next_seed is None:
        return outside(shape)
    each = tf.concat([shape[:1] // _source.minibatches, shape[1:]], axis=0)
    drawn = [draw(each, _source.next_seed()) for _ in range(_source.minibatches)]
    return drawn[0] if len(drawn) == 1 else tf.concat(drawn, axis=0)

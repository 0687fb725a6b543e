"""Where layers that draw get their seeds: of the model whose losses run just now.

A layer cannot be told a seed by what calls it, since a network lies between. So a model says here what the
next seed is, and the layer asks. Its draws are then draws of the model like all others: a function of (seed,
step, player, position), each example its own rows, whatever the replicas and parts.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

from tfgan_suite import draws


class _Source(threading.local):  # `MirroredStrategy` traces its replicas in turns, one thread each
    next_seed: Callable[[], "draws.Seed"] | None = None


_source = _Source()


@contextlib.contextmanager
def seeds_from(next_seed: Callable[[], "draws.Seed"]) -> Iterator[None]:
    """Layers that are called inside draw with what `next_seed()` returns."""
    outer, _source.next_seed = _source.next_seed, next_seed
    try:
        yield
    finally:
        _source.next_seed = outer


def next_layer_seed() -> "draws.Seed | None":
    """A fresh seed whose rows are those of the batch, or None outside of the losses of a model."""
    return None if _source.next_seed is None else _source.next_seed()

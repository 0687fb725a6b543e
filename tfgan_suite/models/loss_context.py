"""What the losses of one player's step can ask for: fresh seeds, and which rows of the batch are here."""

import contextlib
import threading
from collections.abc import Iterator

from tfgan_suite import draws
from tfgan_suite.models.batch_share import BatchShare
from tfgan_suite.seed_source import seeds_from


class LossContext(threading.local):
    """Hands out one fresh seed after another, inside `with context.of(seed, share)`.

    Thread-local, because `MirroredStrategy` traces its replicas in turns, one thread each.
    """

    seed: draws.Seed | None = None
    share: BatchShare = BatchShare(0, 1, 1)
    position = 0

    @contextlib.contextmanager
    def of(self, seed: draws.Seed, share: BatchShare) -> Iterator[None]:
        outer = self.seed, self.share, self.position
        self.seed, self.share, self.position = seed, share, 0
        try:
            with seeds_from(self.next_seed):
                yield
        finally:
            self.seed, self.share, self.position = outer

    def next_seed(self) -> draws.Seed:
        if self.seed is None:
            raise RuntimeError(
                "no seed here: random draws of a model are made inside its training step; "
                "outside of it use sample(num, seed=...)"
            )
        self.position += 1
        return draws.branch(self.seed, self.position)

"""Examples that can be read again and again, a block at a time, and what they are chosen from."""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from tfgan_suite.errors import UserError


@dataclasses.dataclass(frozen=True)
class Examples:
    """A fixed number of examples.

    Attributes:
        name: for people: "mnist:test", "runs/a at step 5000".
        count: how many `read` gives.
        example_shape: (height, width, channels) of an image, (dimension,) of a point.
        fingerprint: hexadecimal digest of everything that `read` depends on.
        read: gives an iterator of blocks: uint8 images (some, height, width, channels), or float32 points.
    """

    name: str
    count: int
    example_shape: tuple[int, ...]
    fingerprint: str
    read: Callable[[], Iterator[np.ndarray]]

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """All of them, exactly `size` at a time but for the last batch.

        Raises:
            UserError: there are more or fewer than `count`.
        """
        rest, seen = [], 0
        for block in self.read():
            seen += len(block)
            rest.append(block)
            if sum(map(len, rest)) < size:
                continue
            joined = np.concatenate(rest) if len(rest) > 1 else block
            whole = len(joined) - len(joined) % size
            yield from np.split(joined[:whole], whole // size)
            rest = [joined[whole:]] if whole < len(joined) else []
        if rest:
            yield np.concatenate(rest)
        if seen != self.count:
            raise UserError(f"{self.name}: expected {self.count} examples, came {seen}")

    def at(self, indices) -> np.ndarray:
        """The examples at these positions, in their order; the others are read and dropped."""
        found, start, wanted = {}, 0, set(map(int, indices))
        for block in self.read():
            found |= {i: block[i - start] for i in wanted if start <= i < start + len(block)}
            start += len(block)
            if len(found) == len(wanted):
                break
        return np.stack([found[int(i)] for i in indices])


class Collection:
    """What examples are chosen from.

    Attributes:
        name: for people.
        size: how many there are; None where there is no end of them.
        example_shape: of each.
    """

    name: str
    size: int | None
    example_shape: tuple[int, ...]

    def choose(self, count: int | None, seed: int, skip: int = 0) -> Examples:
        """A random subset that follows from the seed; all of them with a count of None.

        Args:
            skip: leave out the first so many of the random order: a choice that shares none with an earlier
                one of that count. For files and arrays.

        Raises:
            UserError: fewer than asked for.
        """
        raise NotImplementedError


def chosen_positions(size: int, count: int | None, seed: int, skip: int, name: str) -> np.ndarray:
    """Positions, in ascending order, of `count` of `size` examples in a random order, after `skip`."""
    if count is None:
        count = size - skip
    if count < 1 or skip + count > size:
        wanted = f"{skip} + {count}" if skip else f"{count}"
        raise UserError(f"samples: expected at most the {size} examples of {name}, came {wanted}")
    return np.sort(np.random.default_rng(seed).permutation(size)[skip : skip + count])

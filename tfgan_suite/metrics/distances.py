"""Euclidean distances between many points: fast as a matrix product, accurate for near neighbours."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

# Two squared distances closer than this, relatively, are the same up to rounding.
TIE = 1e-9

# Below this share of |x|^2 + |y|^2 the product form has lost more than four of its sixteen digits.
_CANCELLED = 1e-4

_PAIRS_PER_BLOCK = 2**23  # 64 MiB of float64


def squared_distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """|x_i - y_j|^2 for x (n, d) and y (m, d), as (n, m); float64, each right to about 1e-11 relatively.

    Equal points are at exactly 0, whatever their offset, so duplicates can be told from near neighbours.
    """
    center = y.mean(axis=0)
    x_centered, y_centered = x - center, y - center
    norms = (x_centered**2).sum(axis=1)[:, None] + (y_centered**2).sum(axis=1)[None, :]
    # |x - y|^2 = |x|^2 + |y|^2 - 2 x.y is one matrix product, ten times faster than differences,
    squared = norms - 2.0 * (x_centered @ y_centered.T)
    # but it cancels for near neighbours: those few are computed again from their differences.
    cancelled = squared <= _CANCELLED * norms
    for i in np.flatnonzero(cancelled.any(axis=1)):
        near = cancelled[i]
        squared[i, near] = cdist(x[i : i + 1], y[near], "sqeuclidean")[0]
    return squared


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of `range(rows)` that keep a (block, columns) float64 matrix near 64 MiB."""
    step = max(1, _PAIRS_PER_BLOCK // columns)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def own_entries(rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """Where a block `points[rows]` x `points` pairs a point with itself: an index into the block."""
    columns = np.arange(rows.start, rows.stop)
    return columns - rows.start, columns

"""Euclidean distances between many points: fast as matrix products, accurate for near neighbours, in tiles.

Whatever is computed from tiles needs less than 256 MiB beside the features, however many points there are.
"""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist

# Two squared distances closer than this, relatively, are the same up to rounding.
TIE = 1e-9

# Below this share of |x|^2 + |y|^2 the product form has lost more than four of its sixteen digits.
_CANCELLED = 1e-4

_TILE = 2048  # points on each side of a tile: 32 MiB of float64


def squared_distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """|x_i - y_j|^2 for x (n, d) and y (m, d), as (n, m); float64, each right to about 1e-11 relatively.

    Equal points are at exactly 0, whatever their offset, so duplicates can be told from near neighbours.
    """
    center = y.mean(axis=0, dtype=np.float64)
    x_centered = x - center
    y_centered = x_centered if y is x else y - center  # a product with itself takes half the time
    norms = (x_centered**2).sum(axis=1)[:, None] + (y_centered**2).sum(axis=1)[None, :]
    # |x - y|^2 = |x|^2 + |y|^2 - 2 x.y is one matrix product, ten times faster than differences,
    squared = x_centered @ y_centered.T
    squared *= -2.0
    squared += norms
    # but it cancels for near neighbours: those few are computed again from their differences.
    norms *= _CANCELLED
    cancelled = squared <= norms
    for i in np.flatnonzero(cancelled.any(axis=1)):
        near = cancelled[i]
        squared[i, near] = cdist(x[i : i + 1], y[near], "sqeuclidean")[0]
    return squared


def between(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Every pair of x (n, d) and y (m, d) once: (rows of x, rows of y, their squared distances)."""
    for rows in slices(len(x)):
        for columns in slices(len(y)):
            yield rows, columns, squared_distances(x[rows], y[columns])


def among(points: np.ndarray) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Every unordered pair of different points (n, d) at least once, in tiles as in `between`.

    A tile off the diagonal stands for its mirror image as well. In one on the diagonal each pair comes in
    both orders, and a point is at infinity from itself.
    """
    for rows in slices(len(points)):
        for columns in slices(len(points)):
            if columns.start < rows.start:
                continue
            own = points[rows]
            if rows == columns:
                squared = squared_distances(own, own)
                np.fill_diagonal(squared, np.inf)
            else:
                squared = squared_distances(own, points[columns])
            yield rows, columns, squared


def each_to_others(points: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """(rows, squared distances of those points to some of the others), until every point has met all others.

    Half the products of `between(points, points)`.
    """
    for rows, columns, squared in among(points):
        yield rows, squared
        if rows != columns:
            yield columns, squared.T


def squared_radii(points: np.ndarray, neighbors: int) -> np.ndarray:
    """Squared distance of each point (n, d) to its k-th nearest other point, (n,)."""
    nearest = np.full((len(points), neighbors), np.inf)
    for rows, squared in each_to_others(points):
        known = nearest[rows]
        # After the first tiles few points find a nearer neighbour.
        improved = np.flatnonzero((squared < known.max(axis=1, keepdims=True)).any(axis=1))
        candidates = np.concatenate([known[improved], squared[improved]], axis=1)
        known[improved] = np.partition(candidates, neighbors - 1, axis=1)[:, :neighbors]
    return nearest.max(axis=1)


def nearest(points: np.ndarray, others: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Position and squared distance, (n,) each, of the nearest of `others` (m, d) to each point (n, d).

    Without `others`, of the nearest other point.
    """
    position, distance = np.zeros(len(points), np.int64), np.full(len(points), np.inf)

    def see(rows, columns, squared):
        best = squared.argmin(axis=1)
        found = squared[np.arange(len(best)), best]
        nearer = found < distance[rows]
        position[rows] = np.where(nearer, columns.start + best, position[rows])
        distance[rows] = np.where(nearer, found, distance[rows])

    for rows, columns, squared in among(points) if others is None else between(points, others):
        see(rows, columns, squared)
        if others is None and rows != columns:
            see(columns, rows, squared.T)
    return position, distance


def slices(count: int) -> Iterator[slice]:
    """`range(count)` in tile sides."""
    for start in range(0, count, _TILE):
        yield slice(start, min(start + _TILE, count))

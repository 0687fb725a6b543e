"""Improved precision and recall."""

from typing import NamedTuple

import numpy as np

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.distances import TIE, own_entries, row_blocks, squared_distances
from tfgan_suite.metrics.inputs import feature_pair, require_whole


class PrecisionRecall(NamedTuple):
    """Shares in [0, 1]: of the fakes that look real, and of the reals that the fakes reach."""

    precision: float
    recall: float


def precision_recall(real_features, fake_features, *, neighbors: int = 3) -> PrecisionRecall:
    """Improved precision (quality) and recall (coverage) on k-nearest-neighbour manifolds; higher is better.

    Kynkäänniemi et al. 2019 (arXiv:1904.06991), equations 1 and 2. The manifold of a set is the union of the
    balls around its points that reach their k-th nearest neighbour in the set (not counting themselves).
    Precision is the share of fakes inside the manifold of the reals, recall the share of reals inside the
    manifold of the fakes. Both depend on the counts; the paper uses 50,000 of each and k = 3.

    Args:
        real_features: (n_real, ...), more examples than `neighbors`, flattened per example.
        fake_features: (n_fake, ...), more examples than `neighbors`, of the same size.
        neighbors: k, at least 1.
    Raises:
        UserError: bad features, or no more examples than neighbours.
    """
    real, fake = feature_pair(real_features, fake_features)
    require_whole(neighbors, "neighbors")
    if neighbors >= min(len(real), len(fake)):
        raise UserError(
            f"neighbors: expected fewer than the number of examples ({len(real)} real, {len(fake)} fake), "
            f"came {neighbors}"
        )
    return PrecisionRecall(
        precision=_share_inside(fake, real, _squared_radii(real, neighbors)),
        recall=_share_inside(real, fake, _squared_radii(fake, neighbors)),
    )


def _squared_radii(points: np.ndarray, neighbors: int) -> np.ndarray:
    """Squared distance of each point (n, d) to its k-th nearest other point, (n,)."""
    radii = np.empty(len(points))
    for rows in row_blocks(len(points), len(points)):
        squared = squared_distances(points[rows], points)
        squared[own_entries(rows)] = np.inf
        radii[rows] = np.partition(squared, neighbors - 1, axis=1)[:, neighbors - 1]
    return radii


def _share_inside(points: np.ndarray, manifold: np.ndarray, squared_radii: np.ndarray) -> float:
    """Share of points (n, d) in the ball of at least one manifold point (m, d); the border is inside."""
    inside = 0
    for rows in row_blocks(len(points), len(manifold)):
        squared = squared_distances(points[rows], manifold)
        inside += np.count_nonzero((squared <= (1.0 + TIE) * squared_radii).any(axis=1))
    return float(inside / len(points))

"""Leave-one-out nearest-neighbour two-sample accuracy."""

from typing import NamedTuple

import numpy as np

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.distances import TIE, own_entries, row_blocks, squared_distances
from tfgan_suite.metrics.inputs import feature_pair


class NearestNeighborAccuracy(NamedTuple):
    """Shares in [0, 1]: of all points, of the real ones and of the fake ones; 0.5 is ideal."""

    total: float
    real: float
    fake: float


def nearest_neighbor_accuracy(real_features, fake_features) -> NearestNeighborAccuracy:
    """Share of points whose nearest other point comes from their own set; 0.5 is ideal, not 0 or 1.

    Lopez-Paz and Oquab 2017 (arXiv:1610.06545); read as in Xu et al. 2018 (arXiv:1806.07755), section 3:
    near 1 the sets are far apart; near 0 the fakes copy the training points; a low real and a high fake part
    are the mark of mode collapse.

    A point with several equally near neighbours (up to rounding) counts by the share of them that belong to
    its own set: the expected accuracy when ties are broken at random, so the order of the rows does not
    matter. Duplicates are such neighbours, at distance 0; they stay in, since repeating itself is what a
    collapsed generator does.

    Args:
        real_features: (n, ...), flattened per example.
        fake_features: (n, ...), as many: with unequal sizes the ideal value is not 0.5.
    Returns:
        `(total, real, fake)`, total being the mean of the other two.
    Raises:
        UserError: bad features, or unequal numbers of examples.
    """
    real, fake = feature_pair(real_features, fake_features)
    if len(real) != len(fake):
        raise UserError(
            f"fake_features: expected as many examples as real_features ({len(real)}), came {len(fake)}"
        )
    points = np.concatenate([real, fake])
    is_real = np.arange(len(points)) < len(real)
    own_share = np.concatenate(
        [_own_share(points, is_real, rows) for rows in row_blocks(len(points), len(points))]
    )
    real_part, fake_part = own_share[is_real].mean(), own_share[~is_real].mean()
    return NearestNeighborAccuracy(float((real_part + fake_part) / 2), float(real_part), float(fake_part))


def _own_share(points: np.ndarray, is_real: np.ndarray, rows: slice) -> np.ndarray:
    """For each of `points[rows]`, the share of its nearest other points that come from its own set."""
    squared = squared_distances(points[rows], points)
    squared[own_entries(rows)] = np.inf  # leave one out
    nearest = squared <= (1.0 + TIE) * squared.min(axis=1, keepdims=True)
    own = is_real[rows, None] == is_real[None, :]
    return (nearest & own).sum(axis=1) / nearest.sum(axis=1)

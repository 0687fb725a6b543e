"""Leave-one-out nearest-neighbour two-sample accuracy."""

from typing import NamedTuple

import numpy as np

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.distances import TIE, between, each_to_others
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
    real_to_fake, fake_to_real = _Nearest(len(real)), _Nearest(len(fake))
    for rows, columns, squared in between(real, fake):
        real_to_fake.see(rows, squared)
        fake_to_real.see(columns, squared.T)
    real_part = float(np.mean(_among_others(real).share(real_to_fake)))
    fake_part = float(np.mean(_among_others(fake).share(fake_to_real)))
    return NearestNeighborAccuracy((real_part + fake_part) / 2, real_part, fake_part)


class _Nearest:
    """For each of n points the smallest squared distance seen so far, and how many are tied there."""

    def __init__(self, count: int):
        self.squared, self.ties = np.full(count, np.inf), np.zeros(count)

    def see(self, rows: slice, squared: np.ndarray) -> None:
        nearest = squared.min(axis=1)
        known = self.squared[rows]
        ties = (squared <= (1.0 + TIE) * nearest[:, None]).sum(axis=1) * (nearest <= (1.0 + TIE) * known)
        self.ties[rows] = self.ties[rows] * (known <= (1.0 + TIE) * nearest) + ties
        self.squared[rows] = np.minimum(known, nearest)

    def share(self, others: "_Nearest") -> np.ndarray:
        """The share of the nearest neighbours of both kinds that are of this kind, (n,)."""
        own = self.ties * (self.squared <= (1.0 + TIE) * others.squared)
        foreign = others.ties * (others.squared <= (1.0 + TIE) * self.squared)
        return own / (own + foreign)


def _among_others(points: np.ndarray) -> _Nearest:
    nearest = _Nearest(len(points))
    for rows, squared in each_to_others(points):
        nearest.see(rows, squared)
    return nearest

"""Improved precision and recall."""

from typing import NamedTuple

import numpy as np

from tfgan_suite.metrics.distances import TIE, between, squared_radii
from tfgan_suite.metrics.inputs import feature_pair, require_neighbors


class PrecisionRecall(NamedTuple):
    """Shares in [0, 1]: of the fakes that look real, and of the reals that the fakes reach."""

    precision: float
    recall: float


def precision_recall(real_features, fake_features, *, neighbors: int = 3) -> PrecisionRecall:
    """Improved precision (quality) and recall (coverage) on k-nearest-neighbour manifolds; higher is better.

    Kynkäänniemi et al. 2019 (arXiv:1904.06991), equations 1 and 2. The manifold of a set is the union of the
    balls around its points that reach their k-th nearest neighbour in the set (not counting themselves), the
    border included. Precision is the share of fakes inside the manifold of the reals, recall the share of
    reals inside the manifold of the fakes. Both depend on the counts; the paper uses 50,000 of each and
    k = 3.

    Args:
        real_features: (n_real, ...), more examples than `neighbors`, flattened per example.
        fake_features: (n_fake, ...), more examples than `neighbors`, of the same size.
        neighbors: k, at least 1.
    Raises:
        UserError: bad features, or no more examples than neighbours.
    """
    real, fake = feature_pair(real_features, fake_features)
    require_neighbors(neighbors, real, fake)
    real_reach = (1.0 + TIE) * squared_radii(real, neighbors)
    fake_reach = (1.0 + TIE) * squared_radii(fake, neighbors)
    is_precise, is_recalled = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for rows, columns, squared in between(real, fake):
        is_precise[columns] |= (squared <= real_reach[rows, None]).any(axis=0)
        is_recalled[rows] |= (squared <= fake_reach[None, columns]).any(axis=1)
    return PrecisionRecall(float(is_precise.mean()), float(is_recalled.mean()))

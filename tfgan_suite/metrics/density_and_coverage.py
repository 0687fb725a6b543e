"""Density and coverage: precision and recall that outliers do not inflate."""

from typing import NamedTuple

import numpy as np

from tfgan_suite.metrics.distances import TIE, between, squared_radii
from tfgan_suite.metrics.inputs import feature_pair, require_neighbors


class DensityCoverage(NamedTuple):
    """How densely fakes lie among reals (1 is ideal, more is possible); share of reals with a fake nearby."""

    density: float
    coverage: float


def density_coverage(real_features, fake_features, *, neighbors: int = 5) -> DensityCoverage:
    """Density (quality) and coverage (diversity) by balls around the real examples; higher is better.

    Naeem et al. 2020 (arXiv:2002.09797), section 3. With B_i the ball around the real x_i that reaches
    its k-th nearest other real,

        density = sum_j sum_i 1[y_j in B_i] / (k m),    coverage = mean_i 1[some y_j in B_i]

    for n reals and m fakes; the border is inside. Where both come from one density, the expected density is
    1, and the expected coverage 1 - (n-1)...(n-k) / ((n+m-1)...(n+m-k)): near 1 - 2^-k for n = m. Fakes on
    a few real modes keep their density and lose coverage.

    Args:
        real_features: (n_real, ...), more examples than `neighbors`, flattened per example.
        fake_features: (n_fake, ...), more examples than `neighbors`, of the same size.
        neighbors: k, at least 1; the paper's is 5.
    Raises:
        UserError: bad features, or no more examples than neighbours.
    """
    real, fake = feature_pair(real_features, fake_features)
    require_neighbors(neighbors, real, fake)
    reach = (1.0 + TIE) * squared_radii(real, neighbors)
    inside, is_covered = 0, np.zeros(len(real), bool)
    for rows, _, squared in between(real, fake):
        in_ball = squared <= reach[rows, None]
        inside += np.count_nonzero(in_ball)
        is_covered[rows] |= in_ball.any(axis=1)
    return DensityCoverage(float(inside / (neighbors * len(fake))), float(is_covered.mean()))

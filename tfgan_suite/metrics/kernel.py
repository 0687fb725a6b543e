"""Kernel distance (squared maximum mean discrepancy) between two feature sets, as in KID."""

import math
from collections.abc import Callable

import numpy as np

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.distances import slices, squared_distances
from tfgan_suite.metrics.inputs import feature_pair, require_subset_size, require_whole, subset

Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]

_POINTS_FOR_MEDIAN = 2000
_SUBSET_SIZE = 1000


def kernel_distance(
    real_features,
    fake_features,
    *,
    kernel: str = "polynomial",
    unbiased: bool = True,
    bandwidth: float | None = None,
    subsets: int | None = None,
    subset_size: int | None = None,
    seed: int = 0,
) -> float:
    """Squared maximum mean discrepancy between the features; lower is better (KID on Inception features).

    Gretton et al. 2012 (JMLR 13), equations 3 (unbiased) and 5 (biased, with the diagonals):

        MMD^2 = mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j)

    Kernels: "polynomial", (x.y / d + 1)^3 (Binkowski et al. 2018, arXiv:1801.01401, section 4), or "rbf",
    exp(-|x - y|^2 / (2 bandwidth^2)). The polynomial kernel knows where the origin is: shifting both sides
    changes it.

    Args:
        real_features: (n_real, ...), at least 2 examples, flattened per example.
        fake_features: (n_fake, ...), at least 2 examples of the same size.
        kernel: "polynomial" or "rbf".
        unbiased: leave the diagonals out. The result may then be slightly negative; the biased one may not.
        bandwidth: of the RBF kernel, in units of the features. By default the median distance between
            different points of both sets together (of 2,000 of them, drawn with `seed`, when there are more).
        subsets: None uses all examples at once. A number averages over that many subsets (KID as published:
            `subsets=100, subset_size=1000`), each drawn without replacement.
        subset_size: examples of each side in a subset; 1,000 by default.
        seed: of the subsets and of the points for the median; the same seed gives the same result.
    Raises:
        UserError: bad features, an unknown kernel, a bandwidth that is not positive or that no RBF kernel
            takes, subsets larger than the data.
    """
    real, fake = feature_pair(real_features, fake_features, at_least=2)
    random = np.random.default_rng(seed)
    k = _kernel(kernel, bandwidth, real, fake, random)
    if subsets is None:
        return _squared_mmd(k, real, fake, unbiased)
    require_whole(subsets, "subsets")
    subset_size = _SUBSET_SIZE if subset_size is None else subset_size
    require_subset_size(subset_size, real, fake, at_least=2)
    draws = [
        _squared_mmd(k, subset(real, subset_size, random), subset(fake, subset_size, random), unbiased)
        for _ in range(subsets)
    ]
    return float(np.mean(draws))


def _squared_mmd(k: Kernel, real: np.ndarray, fake: np.ndarray, unbiased: bool) -> float:
    return float(
        _mean_among(k, real, without_diagonal=unbiased)
        + _mean_among(k, fake, without_diagonal=unbiased)
        - 2.0 * _mean_between(k, real, fake)
    )


def _mean_between(k: Kernel, x: np.ndarray, y: np.ndarray) -> float:
    total = sum(k(x[rows], y[columns]).sum() for rows in slices(len(x)) for columns in slices(len(y)))
    return total / (len(x) * len(y))


def _mean_among(k: Kernel, x: np.ndarray, *, without_diagonal: bool) -> float:
    """Mean of k(x_i, x_j) over all pairs, or over those with i != j."""
    n, total = len(x), 0.0
    for rows in slices(n):
        own = x[rows]
        block = k(own, own)
        if without_diagonal:
            np.fill_diagonal(block, 0.0)
        # Off the diagonal every tile stands for its mirror image as well.
        beyond = [k(own, x[columns]).sum() for columns in slices(n) if columns.start > rows.start]
        total += block.sum() + 2.0 * sum(beyond)
    return total / (n * (n - 1 if without_diagonal else n))


def _kernel(name: str, bandwidth: float | None, real: np.ndarray, fake: np.ndarray, random) -> Kernel:
    if name == "polynomial":
        if bandwidth is not None:
            raise UserError(f"bandwidth: expected None with the polynomial kernel, came {bandwidth!r}")
        return _cubic
    if name != "rbf":
        raise UserError(f"kernel: expected 'polynomial' or 'rbf', came {name!r}")
    if bandwidth is None:
        bandwidth = _median_distance(real, fake, random)
    if not 0.0 < bandwidth < math.inf:
        raise UserError(f"bandwidth: expected a positive finite number, came {bandwidth!r}")
    return lambda x, y: np.exp(-squared_distances(x, y) / (2.0 * bandwidth**2))


def _cubic(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    left = x.astype(np.float64)
    right = left if y is x else y.astype(np.float64)  # a product with itself takes half the time
    product = left @ right.T / x.shape[1] + 1.0
    return product * product * product  # a power is 20 times slower


def _median_distance(real: np.ndarray, fake: np.ndarray, random: np.random.Generator) -> float:
    # The median needs no precision, and its matrix is not computed in tiles.
    total = len(real) + len(fake)
    chosen = random.permutation(total)[:_POINTS_FOR_MEDIAN]
    points = np.concatenate([real[chosen[chosen < len(real)]], fake[chosen[chosen >= len(real)] - len(real)]])
    squared = squared_distances(points, points)[np.triu_indices(len(points), 1)]
    # A collapsed generator repeats points; without their zeros the median cannot become a bandwidth of 0.
    different = squared[squared > 0.0]
    # When all points are equal every bandwidth gives the same, right, distance: 0.
    return float(np.median(np.sqrt(different))) if different.size else 1.0

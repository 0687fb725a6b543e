"""Wasserstein distances between two feature sets: exact, and sliced."""

import numpy as np

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.distances import squared_distances
from tfgan_suite.metrics.inputs import feature_pair, require_subset_size, require_whole, subset

MOST_PAIRS = 5000**2  # the solver holds a few numbers for each: about 1 GiB

_MOST_ITERATIONS = 10**8
_OPTIMAL = 1  # the solver's result code


def wasserstein_distance(
    real_features, fake_features, *, order: int = 1, subset_size: int | None = None, seed: int = 0
) -> float:
    """Exact Wasserstein distance of order 1 or 2, between the points as they are; lower is better.

        W_p = (min over couplings of sum_ij pi_ij |x_i - y_j|^p)^(1/p)

    Solved as a linear program by POT (Bonneel et al. 2011, network simplex). Two samples of one distribution
    are not at 0: in many dimensions the distance falls like n^(-1/d). Compare with real against real.

    Args:
        real_features: (n_real, ...), flattened per example.
        fake_features: (n_fake, ...), of the same size; the counts may differ.
        order: p, 1 or 2.
        subset_size: so many of each, drawn without replacement with `seed`; None takes all. The time grows
            with the cube of the number: 3 s for 2,000, 20 s for 5,000.
    Raises:
        UserError: bad features, another order, more than 25 million pairs, or the solver gave up.
    """
    real, fake = feature_pair(real_features, fake_features)
    _require_order(order)
    require_subset_size(subset_size, real, fake)
    random = np.random.default_rng(seed)
    real, fake = subset(real, subset_size, random), subset(fake, subset_size, random)
    if len(real) * len(fake) > MOST_PAIRS:
        raise UserError(
            f"subset_size: expected a number for {len(real)} x {len(fake)} examples: at most "
            f"{MOST_PAIRS:,} pairs fit the exact solver (sliced_wasserstein_distance takes any number)"
        )
    squared = squared_distances(real, fake)
    cost = np.sqrt(squared) if order == 1 else squared
    return _transport_cost(cost) ** (1.0 / order)


def sliced_wasserstein_distance(
    real_features, fake_features, *, order: int = 1, projections: int = 256, seed: int = 0
) -> float:
    """Wasserstein distance of the features' projections on random directions, averaged; lower is better.

        SW_p = (E_theta W_p(theta.x, theta.y)^p)^(1/p),  theta uniform on the unit sphere

    Rabin et al. 2012; each one-dimensional distance is exact, by sorting. Not scaled by the dimension: a
    shift by a vector of length s gives about s sqrt(2 / (pi d)) at order 1.

    Args:
        real_features: (n_real, ...), flattened per example.
        fake_features: (n_fake, ...), of the same size; the counts may differ.
        order: p, 1 or 2.
        projections: number of directions, drawn with `seed`.
    Raises:
        UserError: bad features, another order, no projection.
    """
    real, fake = feature_pair(real_features, fake_features)
    _require_order(order)
    require_whole(projections, "projections")
    directions = np.random.default_rng(seed).normal(size=(projections, real.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    center = real.mean(axis=0, dtype=np.float64)
    total = sum(_powers_on_a_line(real, fake, center, some, order).sum() for some in _groups(directions))
    return float((total / projections) ** (1.0 / order))


def _transport_cost(cost: np.ndarray) -> float:
    import ot  # here: it imports TensorFlow where there is one

    weights = [np.full(n, 1.0 / n) for n in cost.shape]
    value, log = ot.emd2(*weights, cost, numItermax=_MOST_ITERATIONS, log=True)
    if log["result_code"] != _OPTIMAL:
        raise UserError(f"subset_size: the solver gave up on {cost.shape} pairs ({log['warning']})")
    return max(float(value), 0.0)


def _powers_on_a_line(real, fake, center, directions, order) -> np.ndarray:
    """W_p^p of the projections on each of the directions (k, d), as (k,)."""
    x, y = (np.sort((features - center) @ directions.T, axis=0) for features in (real, fake))
    # The quantile functions are constant between the multiples of 1/n and of 1/m; in units of 1/(n m):
    n, m = len(x), len(y)
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    lengths = np.diff(ends, prepend=0) / (n * m)
    gaps = np.abs(x[(ends - 1) // m] - y[(ends - 1) // n])
    return lengths @ gaps**order


def _groups(directions: np.ndarray) -> list[np.ndarray]:
    """The directions, some at a time: the sorted projections of all would take the memory of the features."""
    return np.array_split(directions, -(-len(directions) // 32))


def _require_order(order: int) -> None:
    if order not in (1, 2):
        raise UserError(f"order: expected 1 or 2, came {order!r}")

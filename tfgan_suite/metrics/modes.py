"""Mode coverage on mixtures whose modes are known."""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import rel_entr

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.distances import TIE, slices, squared_distances
from tfgan_suite.metrics.inputs import as_features, require_same_width


class ModeCoverage(NamedTuple):
    """Modes reached, of how many; share of good samples; KL(generated || true) and KL(true || generated)."""

    modes: int
    total_modes: int
    high_quality: float
    reverse_kl: float
    forward_kl: float


def mode_coverage(samples, centers, std, *, weights=None, radius: float = 3.0) -> ModeCoverage:
    """Modes captured, share of high-quality samples and reverse KL on a mixture with known centres.

    Srivastava et al. 2017 (VEEGAN, arXiv:1705.07761), section 4.1, and Lin et al. 2018 (PacGAN,
    arXiv:1712.04086), section 4.1. A sample belongs to its nearest centre, and is of high quality within
    `radius` standard deviations of it. A mode counts when it has at least one high-quality sample. With q_k
    the share of mode k among the high-quality samples and p_k its true weight,

        reverse KL = KL(q || p) = sum_k q_k log(q_k / p_k),    forward KL = KL(p || q)        (nats)

    A mode without samples adds 0 to the reverse KL (0 log 0 = 0), so that dropping modes stays finite:
    reaching one of K equal modes gives log K. It makes the forward KL infinite. Without any high-quality
    sample q is undefined and both are infinity.

    Args:
        samples: (n, ...), generated, flattened per sample.
        centers: (K, ...), of the same size per centre.
        std: standard deviation of a mode along each axis: one positive number, or (K,) of them.
        weights: (K,) true weights of the modes, positive, scaled here to sum to 1; None means equal weights.
        radius: of high quality, in standard deviations.
    Raises:
        UserError: bad samples or centres, or a std, weight or radius that is not positive or of another size.
    """
    samples, centers = as_features(samples, "samples"), as_features(centers, "centers")
    require_same_width(centers, samples, "samples", "centers")
    std = positive_per_mode(std, "std", len(centers))
    weights = positive_per_mode(1.0 if weights is None else weights, "weights", len(centers))
    if not 0.0 < radius < math.inf:
        raise UserError(f"radius: expected a positive number of standard deviations, came {radius!r}")
    counts = _high_quality_counts(samples, centers, (radius * std) ** 2)
    return coverage_of(counts, weights / weights.sum(), high_quality=float(counts.sum() / len(samples)))


def coverage_of(counts: np.ndarray, p: np.ndarray, high_quality: float) -> ModeCoverage:
    """What samples whose modes were counted, (K,), reach of modes with the true weights p, (K,)."""
    if counts.sum() == 0:
        return ModeCoverage(0, len(counts), high_quality, math.inf, math.inf)
    q = counts / counts.sum()
    return ModeCoverage(int(np.count_nonzero(counts)), len(counts), high_quality, _kl(q, p), _kl(p, q))


def _high_quality_counts(samples: np.ndarray, centers: np.ndarray, squared_reach: np.ndarray) -> np.ndarray:
    """Number of high-quality samples of each mode, (K,)."""
    counts = np.zeros(len(centers), dtype=np.int64)
    for rows in slices(len(samples)):
        squared = squared_distances(samples[rows], centers)
        mode = squared.argmin(axis=1)
        good = squared.min(axis=1) <= (1.0 + TIE) * squared_reach[mode]
        counts += np.bincount(mode[good], minlength=len(centers))
    return counts


def _kl(a: np.ndarray, b: np.ndarray) -> float:
    # rel_entr(a, b) = a log(a / b): 0 where a is 0, infinite where only b is. What falls below 0 is rounding.
    return max(0.0, float(rel_entr(a, b).sum()))


def positive_per_mode(values, name: str, modes: int) -> np.ndarray:
    """`values`, one positive number or one for each mode, as (modes,)."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"{name}: expected positive numbers, came {values!r}") from error
    if array.shape not in ((), (modes,)):
        raise UserError(f"{name}: expected one number or {modes}, one per centre, came shape {array.shape}")
    if not (np.all(array > 0) and np.all(np.isfinite(array))):
        raise UserError(f"{name}: expected positive finite numbers, came {values!r}")
    return np.broadcast_to(array, (modes,))

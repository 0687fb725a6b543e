"""The birthday paradox: how many different samples a generator has, from the duplicates in a few of them."""

import math
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.distances import TIE, among
from tfgan_suite.metrics.inputs import feature_pair


class SupportSize(NamedTuple):
    """Estimated number of different samples, its 95 % interval, the duplicate pairs seen, and how near is
    "duplicate"."""

    estimate: float
    low: float
    high: float
    duplicates: int
    threshold: float


def support_size(real_features, fake_features, *, threshold: float | None = None) -> SupportSize:
    """How many different samples the generator has, from how often two of the fakes are duplicates.

    Arora and Zhang 2017 (arXiv:1706.08224): among s draws from N equally likely images two are
    equal with probability 1/2 when s is about sqrt(N). All pairs say more than whether there is one: each of
    the s(s-1)/2 is a duplicate with probability sum_k p_k^2 = 1/N, so

        N is about (s(s-1)/2) / (number of duplicate pairs)

    For unequal probabilities N is 1 / sum_k p_k^2, the effective number, which is at most the support. The
    estimate is the N for which seeing at most so many pairs has probability 1/2; without any it is
    0.72 s(s-1), as in the paradox, and means "at least about".

    Two fakes are duplicates when they are at most `threshold` apart. By default that is the distance of the
    closest two different real examples: fakes as diverse as the real ones then have one such pair, on
    average, where there are as many of them. Look at the closest pairs before you believe a number.

    Args:
        real_features: (n_real, ...), flattened per example; only for the threshold.
        fake_features: (n_fake, ...), at least 2, of the same size.
        threshold: distance, at least 0 (0: exact copies).
    Returns:
        `low` and `high` bound N with 95 % confidence where all images are equally likely (Poisson; exact
        duplicates are pairwise independent). `high` is infinite without duplicates.
    Raises:
        UserError: bad features, a negative threshold, or fewer than two real examples where one is needed.
    """
    real, fake = feature_pair(real_features, fake_features)
    if len(fake) < 2:
        raise UserError(f"fake_features: expected at least 2 examples, came {len(fake)}")
    if threshold is None:
        threshold = _closest_different(real)
    if not 0.0 <= threshold < math.inf:
        raise UserError(f"threshold: expected a distance of at least 0, came {threshold!r}")
    duplicates = _pairs_within(fake, threshold)
    pairs = len(fake) * (len(fake) - 1) / 2
    # The rate at which a Poisson count of at most `duplicates` has probability 1 - share.
    rate = {share: chi2.ppf(share, 2 * (duplicates + 1)) / 2 for share in (0.5, 0.975)}
    least_rate = chi2.ppf(0.025, 2 * duplicates) / 2 if duplicates else 0.0
    return SupportSize(
        estimate=max(1.0, float(pairs / rate[0.5])),
        low=max(1.0, float(pairs / rate[0.975])),
        high=max(1.0, float(pairs / least_rate)) if duplicates else math.inf,
        duplicates=int(duplicates),
        threshold=float(threshold),
    )


def _closest_different(points: np.ndarray) -> float:
    """The smallest distance above 0 between two of the points; 0 where all are equal."""
    if len(points) < 2:
        raise UserError(f"real_features: expected at least 2 examples for a threshold, came {len(points)}")
    squared = min(np.min(tile, where=tile > 0.0, initial=np.inf) for _, _, tile in among(points))
    return math.sqrt(squared) if squared < math.inf else 0.0


def _pairs_within(points: np.ndarray, threshold: float) -> int:
    count = 0
    for rows, columns, squared in among(points):
        near = np.count_nonzero(squared <= (1.0 + TIE) * threshold**2)
        count += near // 2 if rows == columns else near  # a tile on the diagonal has each pair twice
    return count

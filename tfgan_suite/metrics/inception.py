"""The Inception Score, of any classifier's probabilities."""

from typing import NamedTuple

import numpy as np

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.inputs import as_features, require_whole


class InceptionScore(NamedTuple):
    """Mean over the splits, and their standard deviation."""

    mean: float
    std: float


def inception_score(probabilities, *, splits: int = 10, seed: int = 0) -> InceptionScore:
    """exp(E KL(p(y|x) || p(y))), over splits (Salimans et al. 2016, arXiv:1606.03498, section 4).

    Between 1 (one class, or undecided) and the number of classes. With few samples a split's p(y) follows the
    samples and the score falls: compare only equal counts and splits.

    Args:
        probabilities: (n, classes) of generated samples, rows that sum to 1.
        splits: parts of equal size (up to one), shuffled with `seed`: without that, sorted samples score low.

    Raises:
        UserError: rows that are no distributions, or more splits than samples.
    """
    p = as_features(probabilities, "probabilities")
    if (p < 0).any() or not np.allclose(p.sum(axis=1), 1.0, atol=1e-3):
        raise UserError("probabilities: expected rows that sum to 1, came others (logits?)")
    require_whole(splits, "splits")
    if splits > len(p):
        raise UserError(f"splits: expected at most {len(p)}, one for each sample, came {splits}")
    shuffled = p[np.random.default_rng(seed).permutation(len(p))]
    scores = [np.exp(_mean_divergence(part)) for part in np.array_split(shuffled, splits)]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))


def _mean_divergence(p: np.ndarray) -> float:
    marginal = p.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = p * (np.log(p) - np.log(marginal))
    return float(np.where(p > 0, terms, 0.0).sum(axis=1).mean())  # 0 log 0 = 0

"""The Inception Score, of any classifier's probabilities."""

from typing import NamedTuple

import numpy as np
from scipy.special import entr

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.inputs import as_probabilities, float64_blocks, require_whole


class InceptionScore(NamedTuple):
    """Mean over the splits, and their standard deviation."""

    mean: float
    std: float


def inception_score(fake_probabilities, *, splits: int = 10, seed: int = 0) -> InceptionScore:
    """exp(E KL(p(y|x) || p(y))), over splits (Salimans et al. 2016, arXiv:1606.03498, section 4).

    Between 1 (one class, or undecided) and the number of classes. With few samples a split's p(y) follows the
    samples and the score falls: compare only equal counts and splits.

    Args:
        fake_probabilities: (n, classes) of generated samples, rows that sum to 1.
        splits: parts of equal size (up to one), shuffled with `seed`: without that, sorted samples score low.

    Raises:
        UserError: rows that are no distributions, or more splits than samples.
    """
    p = as_probabilities(fake_probabilities, "fake_probabilities")
    require_whole(splits, "splits")
    if splits > len(p):
        raise UserError(f"splits: expected at most {len(p)}, one for each sample, came {splits}")
    parts = np.array_split(np.random.default_rng(seed).permutation(len(p)), splits)
    scores = [np.exp(class_information(marginal_and_entropy(p[part]))) for part in parts]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))


class Marginal(NamedTuple):
    """p(y), (classes,), and the mean entropy of p(y|x), in nats."""

    p: np.ndarray
    mean_entropy: float


def marginal_and_entropy(p: np.ndarray) -> Marginal:
    """Of probabilities (n, classes), in one pass; rows are scaled to sum to exactly 1."""
    total, entropy = 0.0, 0.0
    for block in float64_blocks(p):
        block /= block.sum(axis=1, keepdims=True)
        total, entropy = total + block.sum(axis=0), entropy + entr(block).sum()  # entr(x) = -x log x, 0 at 0
    return Marginal(total / len(p), float(entropy / len(p)))


def class_information(marginal: Marginal) -> float:
    """E KL(p(y|x) || p(y)) = H(p(y)) - E H(p(y|x)), in nats; what falls below 0 is rounding."""
    return max(0.0, float(entr(marginal.p).sum()) - marginal.mean_entropy)

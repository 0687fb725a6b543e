import math

import numpy as np
import pytest
from scipy import stats

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import class_coverage


def sure(counts, probability=1.0):
    """Samples that belong to their class with this probability, so many of each."""
    k = len(counts)
    rows = np.full((k, k), (1.0 - probability) / (k - 1))
    np.fill_diagonal(rows, probability)
    return np.repeat(rows, counts, axis=0)


def test_every_class_equally_often():
    assert class_coverage(sure([4] * 6)) == (6, 6, 1.0, 0.0, 0.0)


def test_both_divergences_by_hand():
    counts, weights = np.array([1, 2, 3, 6]), np.array([4.0, 3.0, 2.0, 1.0])
    result = class_coverage(sure(counts), weights=weights)
    assert result.reverse_kl == pytest.approx(stats.entropy(counts, weights))
    assert result.forward_kl == pytest.approx(stats.entropy(weights, counts))


def test_a_thousand_modes():
    # 26,000 samples of the uniform distribution over 1,000 modes: KL is about (K - 1) / (2 n) = 0.0192.
    random = np.random.default_rng(0)
    result = class_coverage(np.eye(1000, dtype=np.float32)[random.integers(1000, size=26_000)])
    assert (result.modes, result.total_modes) == (1000, 1000)
    assert result.reverse_kl == pytest.approx(999 / 52_000, rel=0.1)


def test_dropped_modes_and_unsure_samples():
    result = class_coverage(np.concatenate([sure([3, 3, 0, 0]), sure([0, 0, 2, 0], 0.6)]))
    assert result.modes == 3  # one unsure sample reaches its class, as in the papers
    assert result.high_quality == 6 / 8
    assert result.forward_kl == math.inf
    assert class_coverage(sure([5, 0, 0]), confidence=1.0).reverse_kl == pytest.approx(math.log(3))


def test_refuses():
    with pytest.raises(UserError, match="fake_probabilities: .*logits"):
        class_coverage(np.ones((3, 3)))
    with pytest.raises(UserError, match="weights: expected one number or 3"):
        class_coverage(np.eye(3), weights=[0.5, 0.5])
    with pytest.raises(UserError, match="confidence: expected a probability, came 2"):
        class_coverage(np.eye(3), confidence=2)

"""The Inception Score against hand-made distributions."""

import numpy as np
import pytest

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import inception_score


def test_certain_and_balanced_scores_the_number_of_classes():
    p = np.eye(5)[np.arange(100) % 5]
    assert inception_score(p, splits=1) == (pytest.approx(5.0), 0.0)


@pytest.mark.parametrize(
    "p", [np.full((40, 5), 0.2), np.eye(5)[np.zeros(40, int)]], ids=["undecided", "one class"]
)
def test_undecided_and_collapsed_score_one(p):
    assert inception_score(p).mean == pytest.approx(1.0)


def test_a_mixture_by_hand():
    # Half sure of class 0, half undecided between 0 and 1: p(y) = (3/4, 1/4).
    p = np.array([[1.0, 0.0], [0.5, 0.5]] * 10)
    expected = np.exp(0.5 * np.log(4 / 3) + 0.5 * (0.5 * np.log(2 / 3) + 0.5 * np.log(2)))
    assert inception_score(p, splits=1).mean == pytest.approx(expected)


def test_splits_are_shuffled():
    sorted_by_class = np.repeat(np.eye(10), 100, axis=0)
    assert inception_score(sorted_by_class, splits=10).mean > 9.0  # without a shuffle: 1


def test_bad_input_is_named():
    with pytest.raises(UserError, match="sum to 1"):
        inception_score(np.ones((4, 3)))
    with pytest.raises(UserError, match="splits.*4.*5"):
        inception_score(np.eye(4), splits=5)

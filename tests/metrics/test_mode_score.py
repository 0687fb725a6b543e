import math

import numpy as np
import pytest
from scipy import stats

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import inception_score, mode_score


def test_by_hand():
    # Sure samples of classes 0, 0, 0, 1: E KL(p(y|x)||p(y)) = H(3/4, 1/4); real data have both equally often.
    fake, real = np.eye(2)[[0, 0, 0, 1]], np.eye(2)[[0, 1]]
    marginal = np.array([0.75, 0.25])
    expected = math.exp(stats.entropy(marginal) - stats.entropy(marginal, [0.5, 0.5]))
    assert mode_score(real, fake) == pytest.approx(expected, rel=1e-12)


def test_is_the_inception_score_where_the_classes_agree_and_less_elsewhere():
    random = np.random.default_rng(0)
    fake = random.dirichlet(np.full(5, 0.3), size=200)
    same = np.tile(fake.mean(axis=0), (3, 1))
    whole = inception_score(fake, splits=1).mean
    assert mode_score(same, fake) == pytest.approx(whole, rel=1e-12)
    assert mode_score(np.eye(5)[[0, 1, 2, 3, 4]], fake) < whole


def test_a_missing_class_costs_and_an_impossible_one_costs_everything():
    real = np.eye(3)[[0, 1, 2] * 10]
    scores = [mode_score(real, np.eye(3)[classes]) for classes in ([0, 1, 2], [0, 1], [0])]
    assert scores == pytest.approx([3.0, 4 / 3, 1 / 3])
    assert mode_score(np.eye(3)[[0, 1]], np.eye(3)[[0, 1, 2]]) == 0.0


def test_bad_input_is_named():
    with pytest.raises(UserError, match="real_probabilities: .*logits"):
        mode_score(np.ones((4, 3)), np.eye(3))
    with pytest.raises(UserError, match="fake_probabilities: expected 2 features .* came 3"):
        mode_score(np.eye(2), np.eye(3))

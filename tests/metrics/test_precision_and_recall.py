import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import distances, precision_recall


def clusters(centers, each, seed):
    random = np.random.default_rng(seed)
    return np.concatenate([np.asarray(c) + random.normal(scale=0.1, size=(each, 2)) for c in centers])


CENTERS = [(0, 0), (10, 0), (0, 10), (10, 10)]


def test_dropping_modes_costs_recall_and_not_precision():
    real, fake = clusters(CENTERS, 100, 0), clusters(CENTERS[:1], 400, 1)
    result = precision_recall(real, fake)
    assert result.precision > 0.85
    # One mode of four, less the few reals between the denser fakes.
    assert 0.15 < result.recall <= 0.25


def test_inventing_modes_costs_precision_and_not_recall():
    real, fake = clusters(CENTERS[:1], 400, 0), clusters(CENTERS, 100, 1)
    result = precision_recall(real, fake)
    assert 0.15 < result.precision <= 0.25
    assert result.recall > 0.85


def test_by_hand_on_a_line():
    # k = 1. Radii of the reals 0, 1, 3: 1, 1, 2, so they cover [-1, 5]: fakes 4 and 5 in, 9 and 10 out.
    # Radii of the fakes 4, 5, 9, 10: 1 each, covering [3, 6] and [8, 11]: of the reals only 3.
    result = precision_recall([0.0, 1.0, 3.0], [4.0, 5.0, 9.0, 10.0], neighbors=1)
    assert result == pytest.approx((0.5, 1 / 3))
    assert result.precision == 0.5


@pytest.mark.parametrize("k", [1, 3, 5])
def test_agrees_with_scikit_learn_neighbours(k):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(80, 6)), random.normal(0.5, 0.8, size=(60, 6))

    def share(points, manifold):
        # k + 1 neighbours, the first being the point itself
        radii = NearestNeighbors(n_neighbors=k + 1).fit(manifold).kneighbors(manifold)[0][:, -1]
        distances = np.linalg.norm(points[:, None] - manifold[None], axis=-1)
        return (distances <= radii).any(axis=1).mean()

    expected = share(fake, real), share(real, fake)
    assert 0.0 < min(expected) < max(expected) < 1.0
    assert precision_recall(real, fake, neighbors=k) == pytest.approx(expected)


def test_one_on_identical_sets_and_zero_on_distant_ones():
    real = np.random.default_rng(0).normal(size=(50, 3))
    assert precision_recall(real, real) == (1.0, 1.0)
    assert precision_recall(real, real + 100.0) == (0.0, 0.0)
    # Duplicates make a radius of 0, whose border is still inside.
    repeated = np.repeat(real, 5, axis=0) + 1e4 / 3
    assert precision_recall(repeated, repeated) == (1.0, 1.0)


def test_float32_with_a_large_common_offset():
    random = np.random.default_rng(0)
    real, fake = (np.round(random.normal(i, size=(60, 3)) * 64) / 64 for i in (0, 1))
    shifted = [(x + 1e5).astype(np.float32) for x in (real, fake)]
    assert precision_recall(*shifted) == precision_recall(real, fake)


def test_independent_of_row_order_and_blocks(monkeypatch):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(50, 3)), random.normal(0.7, size=(70, 3))
    result = precision_recall(real, fake)
    assert precision_recall(random.permutation(real), random.permutation(fake)) == result
    # The sides are mirrored, not mixed up.
    assert precision_recall(fake, real) == (result.recall, result.precision)
    monkeypatch.setattr(distances, "_TILE", 11)
    assert precision_recall(real, fake) == result


@pytest.mark.parametrize("k", [0, 2.5, True])
def test_refuses_neighbors(k):
    with pytest.raises(UserError, match="neighbors: expected a whole number"):
        precision_recall(np.zeros((9, 2)), np.zeros((9, 2)), neighbors=k)


def test_refuses_too_few_examples():
    with pytest.raises(UserError, match=r"neighbors: expected fewer .* \(9 real, 3 fake\), came 3"):
        precision_recall(np.zeros((9, 2)), np.zeros((3, 2)))

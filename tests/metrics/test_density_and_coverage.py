import math

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import density_coverage, distances, precision_recall


def test_by_hand_on_a_line():
    # k = 1. Radii of the reals 0, 1, 3: 1, 1, 2: balls [-1, 1], [0, 2], [1, 5].
    # Fakes 0.5 (in two balls), 4 (in one), 9 (in none): 3 hits of 3 fakes; the balls of all three have one.
    assert density_coverage([0.0, 1.0, 3.0], [0.5, 4.0, 9.0], neighbors=1) == pytest.approx((1.0, 1.0))
    assert density_coverage([0.0, 1.0, 3.0], [4.0, 9.0], neighbors=1) == pytest.approx((0.5, 1 / 3))


@pytest.mark.parametrize("k", [1, 5])
def test_agrees_with_scikit_learn_neighbours(k):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(80, 6)), random.normal(0.5, 0.8, size=(60, 6))
    radii = NearestNeighbors(n_neighbors=k + 1).fit(real).kneighbors(real)[0][:, -1]
    inside = np.linalg.norm(real[:, None] - fake[None], axis=-1) <= radii[:, None]
    expected = inside.sum() / (k * 60), inside.any(axis=1).mean()
    assert density_coverage(real, fake, neighbors=k) == pytest.approx(expected)


def test_expected_values_for_equal_distributions():
    # Exchangeability alone: a fake is among the k nearest of n points with probability k / n, so the density
    # is 1; the k nearest of n + m - 1 others are all real with the probability of the second formula.
    n, m, k, random = 60, 40, 3, np.random.default_rng(0)
    results = np.array(
        [
            density_coverage(random.normal(size=(n, 2)), random.normal(size=(m, 2)), neighbors=k)
            for _ in range(400)
        ]
    )
    none = math.prod((n - i) / (n + m - i) for i in range(1, k + 1))
    error = results.std(axis=0, ddof=1) / math.sqrt(len(results))
    assert (abs(results.mean(axis=0) - (1.0, 1.0 - none)) < 4 * error).all()


def test_an_outlier_among_the_reals_inflates_precision_and_not_density():
    random = np.random.default_rng(0)
    real = np.concatenate([random.normal(size=(200, 2)), [[40.0, 0.0]]])
    fake = random.normal(size=(200, 2)) * 0.1 + [
        20.0,
        0.0,
    ]  # nowhere near the data, inside the outlier's ball
    assert precision_recall(real, fake).precision == 1.0
    assert density_coverage(real, fake, neighbors=3).density == pytest.approx(1 / 3)
    assert density_coverage(real, fake, neighbors=3).coverage == pytest.approx(1 / 201)


def test_a_collapsed_generator_keeps_its_density_and_loses_coverage():
    random = np.random.default_rng(0)
    real = np.concatenate([random.normal(size=(100, 2)) + c for c in ([0, 0], [20, 0], [0, 20], [20, 20])])
    good, collapsed = real + random.normal(size=real.shape) * 0.1, random.normal(size=(400, 2))
    assert density_coverage(real, good).coverage > 0.95
    result = density_coverage(real, collapsed)
    assert result.density > 0.8
    assert result.coverage <= 0.25


def test_tiles_and_order_do_not_matter(monkeypatch):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(50, 3)), random.normal(0.7, size=(70, 3))
    result = density_coverage(real, fake)
    assert density_coverage(random.permutation(real), random.permutation(fake)) == result
    monkeypatch.setattr(distances, "_TILE", 13)
    assert density_coverage(real, fake) == result


def test_refuses_too_few_examples():
    with pytest.raises(UserError, match=r"neighbors: expected fewer .* \(9 real, 3 fake\), came 5"):
        density_coverage(np.zeros((9, 2)), np.zeros((3, 2)))

import math

import numpy as np
import pytest
import scipy.stats
from scipy.optimize import linear_sum_assignment, linprog
from scipy.spatial.distance import cdist
from scipy.special import gamma

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import sliced_wasserstein_distance, wasserstein, wasserstein_distance


@pytest.fixture
def sets():
    random = np.random.default_rng(0)
    return random.normal(size=(40, 3)), random.normal(0.5, 2.0, size=(40, 3))


@pytest.mark.parametrize("order", [1, 2])
def test_equal_counts_are_an_assignment(sets, order):
    cost = cdist(*sets) ** order
    expected = cost[linear_sum_assignment(cost)].mean() ** (1 / order)
    assert wasserstein_distance(*sets, order=order) == pytest.approx(expected, rel=1e-12)


def test_one_dimension_in_closed_form():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=30), random.gamma(2.0, size=50)
    expected = scipy.stats.wasserstein_distance(real, fake)
    assert wasserstein_distance(real, fake) == pytest.approx(expected, rel=1e-9)
    # On a line every direction is the line.
    assert sliced_wasserstein_distance(real, fake, projections=3) == pytest.approx(expected, rel=1e-9)
    quantiles = (
        np.arange(3000) + 0.5
    ) / 3000  # a common multiple of 30 and 50: both step functions are exact
    steps = [np.sort(x)[np.floor(quantiles * len(x)).astype(int)] for x in (real, fake)]
    second = math.sqrt(np.mean((steps[0] - steps[1]) ** 2))
    assert wasserstein_distance(real, fake, order=2) == pytest.approx(second, rel=1e-9)
    assert sliced_wasserstein_distance(real, fake, order=2, projections=1) == pytest.approx(second, rel=1e-9)


def test_unequal_counts_agree_with_a_general_linear_program():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(5, 2)), random.normal(1.0, size=(7, 2))
    rows = np.kron(np.eye(5), np.ones(7)), np.kron(np.ones(5), np.eye(7))
    marginals = np.concatenate([np.full(5, 1 / 5), np.full(7, 1 / 7)])
    solved = linprog(cdist(real, fake).ravel(), A_eq=np.concatenate(rows), b_eq=marginals)
    assert wasserstein_distance(real, fake) == pytest.approx(solved.fun, rel=1e-9)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("distance", [wasserstein_distance, sliced_wasserstein_distance])
def test_a_shift_moves_every_point_alike(sets, distance, order):
    shift = np.array([3.0, -4.0, 12.0])
    moved = distance(sets[0], sets[0] + shift, order=order)
    if distance is wasserstein_distance:
        assert moved == pytest.approx(13.0, rel=1e-9)
        return
    # E |theta.s|^p for theta uniform on the sphere in 3 dimensions: |s| / 2, and |s|^2 / 3.
    expected = {1: 13.0 / 2, 2: 13.0 / math.sqrt(3)}[order]
    many = distance(sets[0], sets[0] + shift, order=order, projections=20_000)
    assert many == pytest.approx(expected, rel=0.02)
    assert moved == pytest.approx(many, rel=0.15)


def test_sliced_shift_in_many_dimensions_is_what_the_docstring_says():
    d = 200
    real = np.random.default_rng(0).normal(size=(50, d))
    exact = gamma(d / 2) / (math.sqrt(math.pi) * gamma((d + 1) / 2)) if d < 300 else None
    assert exact == pytest.approx(math.sqrt(2 / (math.pi * d)), rel=0.01)
    moved = sliced_wasserstein_distance(real, real + np.eye(d)[0], projections=4000)
    assert moved == pytest.approx(exact, rel=0.05)


def test_equal_counts_of_whole_sets_and_repeated_sets_agree(sets):
    # Repeating every point changes no distribution, only the counts.
    real, fake = sets
    for distance in (wasserstein_distance, sliced_wasserstein_distance):
        assert distance(np.repeat(real, 3, axis=0), fake) == pytest.approx(distance(real, fake), rel=1e-9)


def test_projections_in_groups_are_the_same(sets, monkeypatch):
    whole = sliced_wasserstein_distance(*sets, projections=70)
    monkeypatch.setattr(wasserstein, "_groups", lambda directions: np.array_split(directions, 9))
    assert sliced_wasserstein_distance(*sets, projections=70) == pytest.approx(whole, rel=1e-12)


def test_subsets_are_seeded(sets):
    first = wasserstein_distance(*sets, subset_size=10, seed=1)
    assert first == wasserstein_distance(*sets, subset_size=10, seed=1)
    assert first != wasserstein_distance(*sets, subset_size=10, seed=2)
    assert wasserstein_distance(*sets, subset_size=40) == pytest.approx(wasserstein_distance(*sets), rel=1e-9)


def test_large_coordinates_keep_their_digits():
    random = np.random.default_rng(0)
    real, fake = (np.round(random.normal(size=(40, 2)) * 64) / 64 for _ in range(2))
    shifted = [(x + 1e5).astype(np.float32) for x in (real, fake)]
    for distance in (wasserstein_distance, sliced_wasserstein_distance):
        assert distance(*shifted) == pytest.approx(distance(real, fake), rel=1e-9)


@pytest.mark.parametrize(
    ("distance", "options", "message"),
    [
        (wasserstein_distance, {"order": 3}, "order: expected 1 or 2, came 3"),
        (wasserstein_distance, {"subset_size": 41}, "subset_size: expected at most"),
        (sliced_wasserstein_distance, {"order": 0}, "order: expected 1 or 2, came 0"),
        (sliced_wasserstein_distance, {"projections": 0}, "projections: expected a whole number"),
    ],
)
def test_refuses(sets, distance, options, message):
    with pytest.raises(UserError, match=message):
        distance(*sets, **options)


def test_too_many_pairs_are_refused_before_the_matrix_is_made():
    with pytest.raises(UserError, match="subset_size: .*6000 x 6000.*sliced"):
        wasserstein_distance(np.zeros((6000, 1)), np.zeros((6000, 1)))

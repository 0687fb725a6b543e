import itertools
import math

import numpy as np
import pytest

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import distances, kernel_distance


def by_loops(k, real, fake, unbiased=True):
    def mean(x, y, same):
        pairs = itertools.product(range(len(x)), range(len(y)))
        return math.fsum(k(x[i], y[j]) for i, j in pairs if not (same and i == j)) / (
            len(x) * (len(y) - 1 if same else len(y))
        )

    return mean(real, real, unbiased) + mean(fake, fake, unbiased) - 2 * mean(real, fake, False)


def cubic(x, y):
    return (x @ y / len(x) + 1.0) ** 3


def gaussian(bandwidth):
    return lambda x, y: math.exp(-np.sum((x - y) ** 2) / (2 * bandwidth**2))


@pytest.fixture
def sets():
    random = np.random.default_rng(0)
    return random.normal(size=(17, 3)), random.normal(0.5, 2.0, size=(23, 3))


@pytest.mark.parametrize("unbiased", [True, False])
def test_agrees_with_a_double_loop(sets, unbiased):
    assert kernel_distance(*sets, unbiased=unbiased) == pytest.approx(
        by_loops(cubic, *sets, unbiased), rel=1e-12
    )
    assert kernel_distance(*sets, kernel="rbf", bandwidth=1.3, unbiased=unbiased) == pytest.approx(
        by_loops(gaussian(1.3), *sets, unbiased), rel=1e-12
    )


def test_polynomial_by_hand():
    # One feature: k(x, y) = (xy + 1)^3. Real 0, 1: k = 1; fake 2, 3: 7^3; across: 1, 1, 3^3, 4^3.
    assert kernel_distance([0.0, 1.0], [2.0, 3.0]) == pytest.approx(1 + 343 - 2 * (1 + 1 + 27 + 64) / 4)


def test_bandwidth_is_the_median_distance_between_different_points(sets):
    points = np.concatenate(sets)
    median = np.median([np.linalg.norm(a - b) for a, b in itertools.combinations(points, 2)])
    expected = by_loops(gaussian(median), *sets)
    assert kernel_distance(*sets, kernel="rbf") == pytest.approx(expected, rel=1e-9)
    # Nothing else changes when the points of both sets come in another order.
    shuffled = [np.random.default_rng(3).permutation(x) for x in sets]
    assert kernel_distance(*shuffled, kernel="rbf") == pytest.approx(expected, rel=1e-9)


def test_a_collapsed_generator_does_not_make_the_bandwidth_zero():
    # 1770 of the 3160 pairs of points are at distance 0: so would be the median over all pairs.
    real, fake = np.random.default_rng(0).normal(size=(20, 2)), np.zeros((60, 2))
    pairs = itertools.combinations(np.concatenate([real, fake]), 2)
    median = np.median([np.linalg.norm(a - b) for a, b in pairs if (a != b).any()])
    expected = by_loops(gaussian(median), real, fake)
    assert kernel_distance(real, fake, kernel="rbf") == pytest.approx(expected, rel=1e-9)
    assert kernel_distance(np.ones((5, 2)), np.ones((5, 2)), kernel="rbf") == 0.0


def test_blocks_add_up(sets, monkeypatch):
    whole = kernel_distance(*sets), kernel_distance(*sets, kernel="rbf")
    monkeypatch.setattr(distances, "_TILE", 7)
    assert (kernel_distance(*sets), kernel_distance(*sets, kernel="rbf")) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("kernel", ["polynomial", "rbf"])
def test_unbiased_mean_is_zero_between_samples_of_one_distribution(kernel):
    options = {"kernel": kernel, "bandwidth": 1.0 if kernel == "rbf" else None}
    random = np.random.default_rng(0)
    draws = [random.normal(size=(2, 12, 2)) for _ in range(600)]
    unbiased = np.array([kernel_distance(*pair, **options) for pair in draws])
    error = unbiased.std(ddof=1) / math.sqrt(len(draws))
    assert abs(unbiased.mean()) < 3 * error
    # The same test tells the biased estimator apart.
    biased = np.array([kernel_distance(*pair, unbiased=False, **options) for pair in draws])
    assert biased.mean() > 10 * error


@pytest.mark.parametrize("kernel", ["polynomial", "rbf"])
def test_biased_is_zero_on_identical_sets_and_grows_with_a_shift(sets, kernel):
    real = sets[0]
    scores = [kernel_distance(real, real + shift, kernel=kernel, unbiased=False) for shift in (0, 0.5, 1, 2)]
    assert scores[0] == pytest.approx(0.0, abs=1e-12)
    assert scores == sorted(scores)
    assert scores[1] > 1e-3


def test_symmetric_and_independent_of_row_order(sets):
    real, fake = sets
    distance = kernel_distance(real, fake)
    assert isinstance(distance, float)
    assert kernel_distance(fake, real) == pytest.approx(distance, rel=1e-12)
    assert kernel_distance(real[::-1], fake[::-1]) == pytest.approx(distance, rel=1e-12)


def test_subsets_average_over_seeded_draws(sets):
    options = {"subsets": 20, "subset_size": 8}
    first = kernel_distance(*sets, **options, seed=1)
    assert first == kernel_distance(*sets, **options, seed=1)
    assert first != kernel_distance(*sets, **options, seed=2)
    # Unbiased subsets estimate the same thing as the whole sets.
    many = [kernel_distance(*sets, **options, seed=seed) for seed in range(40)]
    error = np.std(many, ddof=1) / math.sqrt(len(many))
    assert abs(np.mean(many) - kernel_distance(*sets)) < 4 * error


def test_a_subset_of_everything_is_the_whole(sets):
    real, fake = sets[0], sets[1][:17]
    assert kernel_distance(real, fake, subsets=3, subset_size=17) == pytest.approx(
        kernel_distance(real, fake), rel=1e-12
    )


def test_float32_with_a_large_common_offset():
    random = np.random.default_rng(0)
    real, fake = (np.round(random.normal(i, 1 + i, size=(60, 4)) * 64) / 64 for i in (0, 1))
    shifted = [(x + 1e4).astype(np.float32) for x in (real, fake)]
    assert kernel_distance(*shifted, kernel="rbf", bandwidth=2.0) == pytest.approx(
        kernel_distance(real, fake, kernel="rbf", bandwidth=2.0), rel=1e-9
    )
    # The polynomial kernel is not invariant: it must be right for the shifted points.
    expected = by_loops(cubic, *(x.astype(np.longdouble) for x in shifted))
    scale = cubic(np.full(4, 1e4), np.full(4, 1e4))
    assert kernel_distance(*shifted) == pytest.approx(float(expected), abs=1e-13 * scale)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "linear"}, "kernel: expected 'polynomial' or 'rbf', came 'linear'"),
        ({"bandwidth": 1.0}, "bandwidth: expected None"),
        ({"kernel": "rbf", "bandwidth": 0.0}, "bandwidth: expected a positive"),
        ({"kernel": "rbf", "bandwidth": math.nan}, "bandwidth: expected a positive"),
        ({"subsets": 0}, "subsets: expected a whole number of at least 1, came 0"),
        ({"subsets": 2, "subset_size": 18}, "subset_size: expected at most"),
        ({"subsets": 2, "subset_size": 1}, "subset_size: expected a whole number of at least 2"),
    ],
)
def test_refuses(sets, options, message):
    with pytest.raises(UserError, match=message):
        kernel_distance(*sets, **options)


def test_agrees_with_tensorflow_gan(tensorflow_gan_metrics):
    import tensorflow as tf

    random = np.random.default_rng(0)
    real, fake = random.normal(size=(100, 6)), random.normal(0.3, 1.5, size=(100, 6))
    theirs = tensorflow_gan_metrics.kernel_classifier_distance_from_activations(
        tf.constant(real), tf.constant(fake), max_block_size=100
    )
    assert kernel_distance(real, fake) == pytest.approx(float(theirs), rel=1e-9)

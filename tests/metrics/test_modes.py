import math

import numpy as np
import pytest
from scipy import stats

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import mode_coverage

RING = np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)


def planted(counts, centers=RING, std=0.01, seed=0):
    # within 2.9 standard deviations, so that all are of high quality
    random = np.random.default_rng(seed)
    samples = np.repeat(centers, counts, axis=0)
    direction = random.normal(size=samples.shape)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return samples + direction * random.uniform(0, 2.9 * std, size=(len(samples), 1))


def test_every_mode_in_the_right_proportion():
    assert mode_coverage(planted([5] * 8), RING, 0.01) == (8, 8, 1.0, 0.0, 0.0)


def test_dropped_modes_and_bad_samples_by_hand():
    far = np.full((6, 2), 0.3)
    samples = np.concatenate([planted([6, 3, 0, 0, 0, 0, 0, 0]), far])
    result = mode_coverage(samples, RING, 0.01)
    assert (result.modes, result.total_modes) == (2, 8)
    assert result.high_quality == pytest.approx(9 / 15)
    # q = 2/3, 1/3 among the good samples only
    expected = 2 / 3 * math.log(2 / 3 * 8) + 1 / 3 * math.log(1 / 3 * 8)
    assert result.reverse_kl == pytest.approx(expected, rel=1e-12)
    assert result.forward_kl == math.inf  # true modes that the generator never reaches


def test_one_mode_of_k_costs_log_k_and_one_sample_makes_a_mode():
    assert mode_coverage(planted([50] + [0] * 7), RING, 0.01).reverse_kl == pytest.approx(math.log(8))
    assert mode_coverage(planted([50, 1] + [0] * 6), RING, 0.01).modes == 2


def test_no_good_sample_at_all():
    assert mode_coverage(np.zeros((4, 2)), RING, 0.01) == (0, 8, 0.0, math.inf, math.inf)


def test_both_divergences_take_the_true_weights():
    counts, weights = np.array([1, 2, 3, 4, 5, 6, 7, 8]), np.arange(8, 0, -1) ** 2 * 10.0
    result = mode_coverage(planted(counts), RING, 0.01, weights=weights)
    # scipy's entropy(q, p) is KL(q || p): the direction of the arguments matters.
    assert result.reverse_kl == pytest.approx(stats.entropy(counts, weights), rel=1e-12)
    assert result.forward_kl == pytest.approx(stats.entropy(weights, counts), rel=1e-12)
    assert result.reverse_kl != pytest.approx(stats.entropy(weights, counts), rel=1e-3)
    assert mode_coverage(planted(counts), RING, 0.01, weights=counts).reverse_kl == pytest.approx(
        0, abs=1e-12
    )


def test_radius_is_in_standard_deviations_of_the_nearest_centre():
    centers, samples = np.array([0.0, 10.0]), np.array([0.9, 1.1, 10.9, 6.0])
    assert mode_coverage(samples, centers, 0.3).high_quality == 0.5
    assert mode_coverage(samples, centers, 0.3, radius=4.0).high_quality == 0.75
    # 6 is 4 from the centre 10: within three of its standard deviations, yet 1.1 is not of the other's
    assert mode_coverage(samples, centers, [0.3, 1.5]).high_quality == 0.75


def test_gaussian_samples_have_the_expected_quality():
    random = np.random.default_rng(0)
    samples = RING[random.integers(8, size=40_000)] + 0.01 * random.normal(size=(40_000, 2))
    result = mode_coverage(samples, RING, 0.01)
    # In two dimensions P(r <= 3 sigma) = 1 - exp(-9/2).
    assert result.high_quality == pytest.approx(1 - math.exp(-4.5), abs=4e-3 / 2)
    assert result.reverse_kl < 1e-3


def test_float32_offset_and_row_order():
    counts = [1, 2, 3, 4, 5, 6, 7, 0]
    samples = planted(counts, std=0.5 / 64, seed=1)
    result = mode_coverage(samples, RING, 0.5 / 64)
    assert mode_coverage(samples[::-1].astype(np.float32), RING, 0.5 / 64) == result
    big = planted(counts, RING * 100, std=1.0, seed=1) + 1e5
    assert mode_coverage(big.astype(np.float32), RING * 100 + 1e5, 1.0) == result


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"std": 0.0}, "std: expected positive"),
        ({"std": [0.1, 0.2]}, "std: expected one number or 8"),
        ({"std": "wide"}, "std: expected positive numbers"),
        ({"weights": [1.0] * 7 + [0.0]}, "weights: expected positive"),
        ({"weights": [1.0] * 7}, "weights: expected one number or 8"),
        ({"radius": -1.0}, "radius: expected a positive"),
        ({"centers": np.zeros((8, 3))}, "samples: expected 3 features per example, as in centers, came 2"),
        ({"samples": [[math.nan, 0.0]]}, "samples: expected finite"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(UserError, match=message):
        mode_coverage(**{"samples": RING, "centers": RING, "std": 0.1, **options})

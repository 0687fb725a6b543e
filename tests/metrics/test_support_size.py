import math

import numpy as np
import pytest
from scipy.stats import poisson

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import distances, support_size


def known_list(size, d=8):
    """A generator that draws from a list of `size` images, and a real data set without end."""
    images = np.random.default_rng(size).normal(size=(size, d)).astype(np.float32)
    real = np.random.default_rng(7).normal(size=(1000, d)).astype(np.float32)
    return images, real


# Relative standard deviation of the number of duplicate pairs among s draws from N images: about
# sqrt(2 N) / s, so that 1,000 draws tell 10,000 images to 14 %, five standard deviations from a factor of 2.
@pytest.mark.parametrize("size", [100, 1000, 10_000])
def test_finds_the_length_of_a_list_within_a_factor_of_two(size):
    images, real = known_list(size)
    random = np.random.default_rng(0)
    results = [support_size(real, images[random.integers(size, size=1000)]) for _ in range(20)]
    assert all(size / 2 <= r.estimate <= 2 * size for r in results)
    # The 95 % intervals hold the truth: fewer than 16 of 20 has probability 0.0026 at 95 %.
    assert sum(r.low <= size <= r.high for r in results) >= 16
    assert np.median([r.estimate for r in results]) == pytest.approx(size, rel=0.15)


def test_slightly_different_copies_are_duplicates():
    images, real = known_list(500)
    random = np.random.default_rng(0)
    fake = images[random.integers(500, size=800)] + 1e-3 * random.normal(size=(800, 8)).astype(np.float32)
    assert support_size(real, fake).estimate == pytest.approx(500, rel=0.25)
    assert support_size(real, fake, threshold=0.0).duplicates == 0


def test_fakes_as_diverse_as_the_reals_have_one_pair_on_average():
    counts = []
    for seed in range(60):
        real, fake = np.random.default_rng(seed).normal(size=(2, 60, 4))
        counts.append(support_size(real, fake).duplicates)
    # The closest of all pairs is as likely a fake one as a real one: geometric, mean 1 and deviation sqrt(2).
    assert np.mean(counts) == pytest.approx(1.0, abs=4 * math.sqrt(2 / 60))


def test_the_numbers_by_hand():
    # Four points, two equal: one pair of six.
    fake = np.array([0.0, 0.0, 1.0, 2.0])
    result = support_size([0.0, 0.5], fake, threshold=0.25)
    assert (result.duplicates, result.threshold) == (1, 0.25)
    assert poisson.cdf(1, 6 / result.estimate) == pytest.approx(0.5)
    assert poisson.cdf(1, 6 / result.low) == pytest.approx(0.025)
    assert poisson.sf(0, 6 / result.high) == pytest.approx(0.025)
    # The threshold itself is still a duplicate, and by default it is the closest different pair of reals.
    assert support_size([0.0, 0.0, 1.0], fake).duplicates == 1 + 3


def test_without_duplicates_the_paradox_itself():
    fake = np.arange(24.0) * 1e3
    result = support_size([0.0, 1.0], fake)
    assert result.duplicates == 0
    assert result.estimate == pytest.approx(24 * 23 / (2 * math.log(2)))
    assert result.high == math.inf
    assert 0 < result.low < result.estimate


def test_one_image_only_and_constant_data():
    assert support_size([0.0, 1.0], np.zeros(50)).estimate == 1.0
    result = support_size(np.zeros(5), np.zeros(50))
    assert (result.estimate, result.low, result.duplicates, result.threshold) == (1.0, 1.0, 1225, 0.0)
    assert 1.0 <= result.high < 1.1


def test_unequal_probabilities_give_the_effective_number():
    random = np.random.default_rng(0)
    p = np.concatenate([np.full(10, 0.05), np.full(1000, 0.0005)])
    chosen = random.choice(len(p), size=3000, p=p)
    result = support_size([0.0, 1.0], chosen.astype(float), threshold=0.5)
    assert result.estimate == pytest.approx(1 / np.sum(p**2), rel=0.1)


def test_tiles_and_order_do_not_matter(monkeypatch):
    images, real = known_list(50)
    fake = images[np.random.default_rng(0).integers(50, size=70)]
    result = support_size(real, fake)
    assert support_size(real[::-1], fake[::-1]) == result
    monkeypatch.setattr(distances, "_TILE", 9)
    assert support_size(real, fake) == result


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": -1.0}, "threshold: expected a distance"),
        ({"threshold": math.nan}, "threshold: expected a distance"),
        ({"real_features": [1.0]}, "real_features: expected at least 2"),
        ({"fake_features": [1.0]}, "fake_features: expected at least 2"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(UserError, match=message):
        support_size(**{"real_features": [0.0, 1.0], "fake_features": [0.0, 1.0], **arguments})

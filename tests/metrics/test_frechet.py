import numpy as np
import pytest
import scipy.linalg

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import frechet, frechet_distance


def examples_with(mean, covariance, count, seed):
    """Examples whose sample mean and unbiased covariance are exactly these (count > d)."""
    mean = np.asarray(mean, dtype=np.float64)
    noise = np.random.default_rng(seed).normal(size=(count, len(mean)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise, rowvar=False).reshape(len(mean), -1))).T
    return mean + white @ np.linalg.cholesky(np.asarray(covariance, dtype=np.float64)).T


def random_covariance(d, seed):
    a = np.random.default_rng(seed).normal(size=(d, d))
    return a @ a.T / d + 0.1 * np.eye(d)


def by_square_root(mean_r, cov_r, mean_g, cov_g):
    root = scipy.linalg.sqrtm(cov_r @ cov_g).real
    return np.sum((mean_r - mean_g) ** 2) + np.trace(cov_r + cov_g - 2.0 * root)


def isometry(k, d, seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, k)))[0].T


def test_one_dimension_by_hand():
    # (3 - 1)^2 + (5 - 2)^2
    real, fake = examples_with([1.0], [[4.0]], 50, 0), examples_with([3.0], [[25.0]], 70, 1)
    assert frechet_distance(real, fake) == pytest.approx(13.0, rel=1e-12)
    assert frechet_distance(real[:, 0], fake[:, 0]) == pytest.approx(13.0, rel=1e-12)


def test_diagonal_covariances_by_hand():
    real = examples_with([0, 0, 0], np.diag([1.0, 4.0, 9.0]), 40, 0)
    fake = examples_with([1, 2, 0], np.diag([4.0, 4.0, 1.0]), 60, 1)
    # means 1 + 4; standard deviations (1-2)^2 + (2-2)^2 + (3-1)^2
    assert frechet_distance(real, fake) == pytest.approx(10.0, rel=1e-12)


@pytest.mark.parametrize("d", [2, 7, 30])
def test_full_covariances_agree_with_the_matrix_square_root(d):
    cov_r, cov_g = random_covariance(d, 0), random_covariance(d, 1)
    mean_r, mean_g = np.random.default_rng(2).normal(size=(2, d))
    real, fake = examples_with(mean_r, cov_r, 3 * d, 3), examples_with(mean_g, cov_g, 5 * d, 4)
    assert frechet_distance(real, fake) == pytest.approx(
        by_square_root(mean_r, cov_r, mean_g, cov_g), rel=1e-9
    )


@pytest.mark.parametrize("d", [5, 40])
def test_singular_covariances_agree_with_the_same_data_without_the_empty_directions(d):
    # The same isometry on both sides changes no distance; most of the d x d covariance becomes empty.
    k = 4
    real, fake = (
        examples_with(np.zeros(k), random_covariance(k, 0), 20, 1),
        np.random.default_rng(2).normal(size=(30, k)),
    )
    expected = by_square_root(
        real.mean(0), np.cov(real, rowvar=False), fake.mean(0), np.cov(fake, rowvar=False)
    )
    embed = isometry(k, d, 5)
    assert frechet_distance(real @ embed, fake @ embed) == pytest.approx(expected, rel=1e-9)


def test_fewer_examples_than_features_by_hand():
    # Two examples each: C = a a^T / 2, so Tr C = |a|^2 / 2 and Tr (C_r C_g)^(1/2) = |a.b| / 2.
    real, fake = np.random.default_rng(0).normal(size=(2, 2, 300))
    a, b = real[0] - real[1], fake[0] - fake[1]
    expected = np.sum((real.mean(0) - fake.mean(0)) ** 2) + (a @ a + b @ b) / 2 - abs(a @ b)
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-12)


def test_more_features_than_examples_on_one_side_only():
    # The wide path and the triangular factor meet; the oracle adds a jitter-free eigen-decomposition.
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(6, 12)), random.normal(1.0, 2.0, size=(40, 12))
    cov_r, cov_g = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    root = scipy.linalg.cholesky(cov_g)
    spectrum = np.linalg.eigvalsh(root @ cov_r @ root.T)
    nonzero = np.sort(spectrum)[-5:]  # rank of six centred examples
    expected = np.sum((real.mean(0) - fake.mean(0)) ** 2) + np.trace(cov_r + cov_g)
    expected -= 2 * np.sqrt(nonzero).sum()
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-10)


def spread_along(isometry, deviations, count, seed):
    """Centred examples whose unbiased covariance is exactly isometry^T diag(deviations^2) isometry."""
    noise = np.random.default_rng(seed).normal(size=(count, len(deviations)))
    orthonormal = np.linalg.qr(noise - noise.mean(axis=0))[0]
    return orthonormal * np.sqrt(count - 1.0) * deviations @ isometry


@pytest.mark.parametrize("steepness", [0.0, 1.0, 3.0, 6.0])
def test_any_condition_number_agrees_with_the_closed_form(steepness):
    # Covariances with the same axes commute: d^2 = sum (a_i - b_i)^2 of the standard deviations. At the
    # steepest, variances span twelve decades, where a square root of the product keeps no digit of most.
    d = 40
    axes, decay = isometry(d, d, 0), 10.0 ** (-steepness * np.arange(d) / d)
    a, b = 2.0 * decay, np.random.default_rng(1).uniform(0.5, 3.0, size=d) * decay
    real, fake = spread_along(axes, a, 100, 2), spread_along(axes, b, 90, 3)
    assert frechet_distance(real, fake) == pytest.approx(np.sum((a - b) ** 2), rel=1e-6)
    small = np.sum((a - 1.001 * a) ** 2)  # a small distance between large covariances
    assert frechet_distance(real, spread_along(axes, 1.001 * a, 90, 3)) == pytest.approx(small, rel=1e-6)


@pytest.mark.parametrize("well_conditioned", [True, False])
def test_both_ways_agree(monkeypatch, well_conditioned):
    # The quick one bounds its own rounding; refused where it says so, the other one takes over.
    random = np.random.default_rng(0)
    real = random.normal(size=(200, 10)) @ np.diag([1.0] * 7 + [1.0 if well_conditioned else 1e-9] * 3)
    fake = real[:150]
    calls = []
    exact = frechet._from_factors
    monkeypatch.setattr(frechet, "_from_factors", lambda *factors: calls.append(1) or exact(*factors))
    distance = frechet_distance(real, fake)
    assert bool(calls) is not well_conditioned
    monkeypatch.setattr(frechet, "_from_covariances", lambda *covariances: None)
    assert frechet_distance(real, fake) == pytest.approx(distance, rel=1e-9)


def test_blocks_add_up(monkeypatch):
    random = np.random.default_rng(0)
    wide, tall = random.normal(size=(2, 8, 20)), random.normal(size=(2, 200, 20))
    whole = frechet_distance(*wide), frechet_distance(*tall), frechet_distance(wide[0], tall[0])
    monkeypatch.setattr(frechet, "_NUMBERS_PER_BLOCK", 21)
    parts = frechet_distance(*wide), frechet_distance(*tall), frechet_distance(wide[0], tall[0])
    assert parts == pytest.approx(whole, rel=1e-10)


def test_orthogonal_supports_have_no_common_root():
    real, fake = np.zeros((30, 6)), np.zeros((30, 6))
    real[:, :3], fake[:, 3:] = np.random.default_rng(0).normal(size=(2, 30, 3))
    expected = (
        np.sum((real.mean(0) - fake.mean(0)) ** 2) + real.var(0, ddof=1).sum() + fake.var(0, ddof=1).sum()
    )
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(200, 5), (10, 50), (2, 2), (100, 1)])
def test_identical_sets_are_at_zero(shape):
    features = np.random.default_rng(0).normal(size=shape) * 1e3
    distance = frechet_distance(features, features)
    assert 0.0 <= distance <= 1e-8 * features.var(axis=0).sum()


def test_constant_features():
    random = np.random.default_rng(0)
    constant, varying = np.full((20, 4), 3.0), random.normal(size=(25, 4))
    assert frechet_distance(constant, constant) == 0.0
    expected = np.sum((3.0 - varying.mean(0)) ** 2) + varying.var(0, ddof=1).sum()
    assert frechet_distance(constant, varying) == pytest.approx(expected, rel=1e-12)
    assert frechet_distance(varying, constant) == pytest.approx(expected, rel=1e-12)


def test_float32_with_a_large_common_offset():
    random = np.random.default_rng(0)
    # Multiples of 1/64 below 2^17: exact in float32, so the offset changes nothing but the arithmetic.
    real, fake = (np.round(random.normal(i, 1 + i, size=(300, 8)) * 64) / 64 for i in (0, 1))
    shifted = [(x + 1e5).astype(np.float32) for x in (real, fake)]
    assert frechet_distance(*shifted) == pytest.approx(frechet_distance(real, fake), rel=1e-9)


def test_extreme_scales_stay_finite():
    real, fake = np.random.default_rng(0).normal(size=(2, 20, 3))
    unit = frechet_distance(real, fake)
    assert frechet_distance(real * 1e38, fake * 1e38) == pytest.approx(unit * 1e76, rel=1e-9)
    assert frechet_distance(real * 1e-60, fake * 1e-60) == pytest.approx(unit * 1e-120, rel=1e-9)


def test_symmetric_and_independent_of_row_order_and_of_shape():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(40, 2, 3)), random.normal(1.0, size=(50, 2, 3))
    distance = frechet_distance(real, fake)
    assert isinstance(distance, float)
    assert frechet_distance(fake, real) == pytest.approx(distance, rel=1e-12)
    assert frechet_distance(real[::-1], random.permutation(fake)) == pytest.approx(distance, rel=1e-12)
    assert frechet_distance(real.reshape(40, 6), fake.reshape(50, 6)) == distance


def test_one_example_has_no_covariance():
    with pytest.raises(UserError, match="fake_features: expected at least 2 examples, came 1"):
        frechet_distance(np.zeros((3, 2)), np.zeros((1, 2)))


def test_agrees_with_tensorflow_gan(tensorflow_gan_metrics):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(200, 6)), random.normal(0.3, 1.5, size=(200, 6))
    theirs = tensorflow_gan_metrics.frechet_classifier_distance_from_activations(real, fake)
    assert frechet_distance(real, fake) == pytest.approx(float(theirs), rel=1e-6)

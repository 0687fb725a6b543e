"""What each game's value is when the discriminator plays best: the divergence of the theorem.

P and Q live on a grid, each point present as often as its density says. Means over these samples then are
expectations without any quadrature error.
"""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfgan_suite.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein

GRID = np.linspace(-4.0, 4.0, 81)


def counts(*bumps):
    density = sum(scipy.stats.norm.pdf(GRID, mean, std) for mean, std in bumps)
    return 1 + np.round(400 * density).astype(int)


P_COUNTS, Q_COUNTS = counts((-1.0, 0.7), (1.5, 0.4)), counts((0.3, 1.2))
P, Q = P_COUNTS / P_COUNTS.sum(), Q_COUNTS / Q_COUNTS.sum()
TOTAL_VARIATION = 0.5 * np.abs(P - Q).sum()


def samples(v):
    """The logits of all real and of all fake examples, for a discriminator with values `v` on the grid."""
    return (tf.constant(np.repeat(v, n)[:, None]) for n in (P_COUNTS, Q_COUNTS))


def discriminator_loss(objective, v):
    return float(objective.discriminator_loss(*samples(v)))


def kullback_leibler(p, q):
    return np.sum(p * np.log(p / q))


def assert_no_other_is_better(objective, v):
    random, best = np.random.default_rng(0), discriminator_loss(objective, v)
    assert all(
        discriminator_loss(objective, v + size * random.normal(size=v.shape)) > best
        for size in (1e-3, 0.1, 3.0)
        for _ in range(5)
    )
    assert discriminator_loss(objective, 0.5 * v) > best
    assert discriminator_loss(objective, -v) > best


def test_the_example_is_one():
    assert 0.2 < TOTAL_VARIATION < 0.8


@pytest.mark.parametrize("objective", [Minimax(), NonSaturating()], ids=repr)
def test_minimax_is_jensen_shannon(objective):
    # Goodfellow et al. 2014, proposition 1 and theorem 1: D* = p / (p + q), C(G) = -2 log 2 + 2 JS.
    v = np.log(P / Q)
    mixture = (P + Q) / 2
    jensen_shannon = 0.5 * kullback_leibler(P, mixture) + 0.5 * kullback_leibler(Q, mixture)
    assert discriminator_loss(objective, v) == pytest.approx(2 * np.log(2) - 2 * jensen_shannon, rel=1e-12)
    assert_no_other_is_better(objective, v)


@pytest.mark.parametrize("labels", [(0.0, 1.0, 1.0), (-1.0, 1.0, 0.0), (0.5, -2.0, 1.0)])
def test_least_squares_is_a_weighted_mean_of_labels(labels):
    # Mao et al. 2017, eq. 5
    a, b, _ = labels
    objective, v = LeastSquares(*labels), (b * P + a * Q) / (P + Q)
    # b - v = (b - a) q / (p + q) and v - a = (b - a) p / (p + q), put into the loss
    expected = 0.5 * (b - a) ** 2 * np.sum(P * Q / (P + Q))
    assert discriminator_loss(objective, v) == pytest.approx(expected, rel=1e-12)
    assert_no_other_is_better(objective, v)


@pytest.mark.parametrize("labels", [(-1.0, 1.0, 0.0), (-0.5, 1.5, 0.5)])
def test_least_squares_generator_is_pearson(labels):
    # With b - a = 2 and b - c = 1, D* - c = (p - q) / (p + q). The generator's loss plus the same of the
    # reals, which G does not move, is C(G) of eq. 4; then (eq. 7)
    #   2 C(G) = sum (p + q) ((p - q) / (p + q))^2 = sum (2q - (p + q))^2 / (p + q) = chi^2(p + q || 2q),
    # with chi^2(p || q) = sum (q - p)^2 / p, the form of Nowozin et al. 2016.
    a, b, _ = labels
    objective = LeastSquares(*labels)
    real, fake = samples((b * P + a * Q) / (P + Q))
    doubled = 2 * float(objective.generator_loss(fake) + objective.generator_loss(real))
    assert doubled == pytest.approx(np.sum((2 * Q - (P + Q)) ** 2 / (P + Q)), rel=1e-12)
    assert doubled > 0.1


@pytest.mark.parametrize("margin", [1.0, 0.25])
def test_hinge_is_total_variation(margin):
    # On [-m, m] the loss is sum p (m - v) + q (m + v) = 2m - sum v (p - q), least at v = m sign(p - q):
    # 2m - m sum |p - q| = 2m (1 - TV). Beyond the margin one term is 0 and the other grows.
    objective, v = Hinge(margin), margin * np.sign(P - Q)
    assert (P != Q).all()
    expected = 2 * margin * (1 - TOTAL_VARIATION)
    assert discriminator_loss(objective, v) == pytest.approx(expected, rel=1e-12)
    assert_no_other_is_better(objective, v)


def test_wasserstein_is_the_earth_movers_distance():
    # sum v (p - q) = sum v' (F_q - F_p) by parts, so the best slope is sign(F_q - F_p).
    slope = np.sign(np.cumsum(Q - P)[:-1])
    v = np.concatenate([[0.0], np.cumsum(slope * np.diff(GRID))])
    distance = scipy.stats.wasserstein_distance(GRID, GRID, P, Q)
    assert discriminator_loss(Wasserstein(), v) == pytest.approx(-distance, rel=1e-10)
    random = np.random.default_rng(0)
    for _ in range(20):
        other = np.cumsum([0.0, *(random.uniform(-1, 1, slope.shape) * np.diff(GRID))])
        assert discriminator_loss(Wasserstein(), other) > -distance
    _, fake = samples(v)
    assert float(Wasserstein().generator_loss(fake)) == pytest.approx(-np.sum(Q * v))

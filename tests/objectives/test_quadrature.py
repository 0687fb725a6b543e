"""Objectives of known densities by quadrature: values, optima and gradients, without any training."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tests.objectives.densities import (
    CASES,
    PAIRS,
    RATIO_CASES,
    discriminator_loss,
    double,
    log_mixture,
    log_normal,
    pointwise,
)
from tfgan_suite import objectives
from tfgan_suite.objectives import divergences

every_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())


def every(cases):
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


def divergence_of(case, pair):
    """D_f(P||Q) by the textbook formula, where u^alpha stays inside doubles."""
    return pair.fake(case.f(np.exp(pair.log_ratio)))


def perturbed(v):
    """Raw outputs moved up, down and to and fro, by more where they are large."""
    x = np.linspace(0, 1, len(v))
    changes = np.full(len(v), 0.1), np.full(len(v), -0.1), 0.2 * np.sin(9 * x), 0.2 * np.cos(5 * x)
    return [v + change * np.maximum(1, np.abs(v)) for change in changes]


@every_pair
@every(CASES)
def test_fgan_at_the_best_discriminator_is_the_divergence_and_elsewhere_less(case, pair):
    objective = objectives.FGAN(case.divergence)
    expected, best = divergence_of(case, pair), case.best_v(pair.log_ratio)
    value = -discriminator_loss(objective, pair, best)
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    if not case.divergence.gives_log_ratio:
        best = pair.log_ratio  # total variation's best raw output is infinite: any finite one gives less
    for other in perturbed(best):
        assert -discriminator_loss(objective, pair, other) < value


def test_quadrature_agrees_with_closed_forms():
    # Two Gaussians of unit variance at distance d
    for name, d in (("near", 0.5), ("nearly disjoint", 6.0)):
        expected = {
            "KL": d**2 / 2,
            "ReverseKL": d**2 / 2,
            "Jeffrey": d**2,
            "PearsonChi2": np.expm1(d**2),
            "SquaredHellinger": 2 - 2 * np.exp(-(d**2) / 8),
            "TotalVariation": 2 * stats.norm.cdf(d / 2) - 1,
            "Alpha 0.3": np.expm1(-0.21 * d**2 / 2) / -0.21,
            "Alpha 2": np.expm1(d**2) / 2,
        }
        for case, value in expected.items():
            np.testing.assert_allclose(divergence_of(CASES[case], PAIRS[name]), value, rtol=1e-5)


@every_pair
@pytest.mark.parametrize("name", ["PearsonChi2", "KL", "SquaredHellinger", "Alpha -1"])
def test_direct_density_ratio_at_the_true_ratio_is_the_divergence(name, pair):
    case = CASES[name]
    objective = objectives.DirectDensityRatio(case.divergence, case.divergence)
    ratio = np.exp(pair.log_ratio)
    # The inverse of softplus; below e^-30 it is the logarithm.
    best = np.where(ratio < 1e-13, pair.log_ratio, ratio + np.log(-np.expm1(-np.maximum(ratio, 1e-13))))
    np.testing.assert_allclose(objective.log_ratio(double(best)), pair.log_ratio, rtol=1e-6, atol=1e-6)
    value = -discriminator_loss(objective, pair, best)
    np.testing.assert_allclose(value, divergence_of(case, pair), rtol=1e-5)
    for other in perturbed(best):
        assert -discriminator_loss(objective, pair, other) < value


# The pi-weighted Jensen-Shannon divergence


def js(pair, pi):
    log_mix = np.logaddexp(np.log(pi) + pair.log_p, np.log1p(-pi) + pair.log_q)
    return pi * pair.real(pair.log_p - log_mix) + (1 - pi) * pair.fake(pair.log_q - log_mix)


@every_pair
@pytest.mark.parametrize("pi", [1e-6, 0.01, 0.3, 0.5, 0.9, 1 - 1e-6])
def test_weighted_discriminator_is_best_at_the_papers_and_costs_js(pair, pi):
    objective = objectives.WeightedJensenShannon(pi)
    best = np.log(pi) - np.log1p(-pi) + pair.log_ratio  # the logit of pi p / (pi p + (1 - pi) q)
    value = discriminator_loss(objective, pair, best)
    entropy = pi * np.log(pi) + (1 - pi) * np.log1p(-pi)
    np.testing.assert_allclose(-2 * value, entropy + js(pair, pi), rtol=1e-5)
    for other in perturbed(best):
        assert discriminator_loss(objective, pair, other) > value


@pytest.mark.parametrize("name", ["near", "mixture and one Gaussian"])
def test_limits_of_weighted_js(name):
    pair, small = PAIRS[name], 1e-6
    kl, reverse = pair.real(pair.log_ratio), -pair.fake(pair.log_ratio)
    np.testing.assert_allclose(js(pair, small) / small, kl, rtol=1e-4)
    np.testing.assert_allclose(js(pair, 1 - small) / small, reverse, rtol=1e-3)


def test_half_weights_are_the_original_game():
    real, fake = tf.constant([[0.3], [-2.0]]), tf.constant([[1.0], [0.1]])
    half, minimax = objectives.WeightedJensenShannon(0.5), objectives.Minimax()
    np.testing.assert_allclose(
        4 * half.discriminator_loss(real, fake), minimax.discriminator_loss(real, fake), rtol=1e-6
    )
    np.testing.assert_allclose(
        half.generator_loss(fake), objectives.NonSaturating().generator_loss(fake), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("pi", "counts"), [(0.5, (60, 60)), (0.25, (20, 60)), (0.9, (60, 7)), (0.001, (1, 60))]
)
def test_biased_sampling_is_an_unweighted_loss_on_unequal_numbers(pi, counts):
    random = np.random.default_rng(0)
    real, fake = (tf.constant(random.normal(size=(60, 1)), tf.float32) for _ in range(2))
    objective = objectives.WeightedJensenShannon(pi, sampling="biased")
    logits = np.concatenate([-real[: counts[0]], fake[: counts[1]]])
    expected = 0.5 * np.mean(np.logaddexp(0, logits))
    batch = tf.TensorSpec((None, 1))
    for function in (
        objective.discriminator_loss,
        tf.function(objective.discriminator_loss, input_signature=[batch, batch]),
        tf.function(objective.discriminator_loss, jit_compile=True, input_signature=[batch, batch]),
    ):
        np.testing.assert_allclose(function(real, fake), expected, rtol=1e-5)


# What generators follow. The model is x = mu + sigma z; the discriminator is the best one and held fixed.

Z = np.linspace(-12, 12, 4001)
GRID = np.linspace(-14, 14, 4001)
DATA = (0.4, -1.0, 1.05), (0.6, 1.2, 1.1)  # wider than the model: every alpha has a finite divergence
THETA = np.array([0.2, 1.0])


def log_data(x):
    """The data's log density, in TensorFlow."""
    parts = [tf.math.log(double(w)) + log_normal(x, m, s) for w, m, s in DATA]
    return tf.reduce_logsumexp(tf.stack(parts), axis=0)


def gradient_through_samples(objective, best_v):
    """The generator's loss in expectation and its gradient in (mu, sigma)."""
    weights = double(np.exp(log_normal(Z)) * (Z[1] - Z[0]))
    theta = tf.Variable(THETA)
    with tf.GradientTape() as tape:
        x = theta[0] + theta[1] * double(Z)
        log_ratio = log_data(x) - log_normal(x, *THETA)  # a function of x alone
        loss = tf.reduce_sum(weights * pointwise(objective.generator_loss, best_v(log_ratio)))
    return loss.numpy(), tape.gradient(loss, theta).numpy()


def derivative(function, step=1e-4):
    return np.array(
        [(function(THETA + step * e) - function(THETA - step * e)) / (2 * step) for e in np.eye(2)]
    )


def target(case, theta, ratio_at=None):
    """E_Q f(p/q) at theta; with `ratio_at`, the ratio stays that of another theta."""
    log_q = log_normal(GRID, *theta)
    log_ratio_q = log_q if ratio_at is None else log_normal(GRID, *ratio_at)
    u = np.exp(log_mixture(GRID, *DATA) - log_ratio_q)
    return np.sum(np.exp(log_q) * case.f(u)) * (GRID[1] - GRID[0])


def best_v(case):
    """`case.best_v` in TensorFlow."""
    special = {
        "Jeffrey": lambda log_u: log_u + 1.0 - tf.exp(-log_u),
        "PearsonChi2": lambda log_u: 2.0 * tf.math.expm1(log_u),
    }
    return special.get(type(case.divergence).__name__, case.best_v)


F_D = ["GANDivergence", "KL", "ReverseKL", "SquaredHellinger", "JensenShannon", "PearsonChi2", "Jeffrey"]


@pytest.mark.parametrize("f_d", F_D)
@pytest.mark.parametrize("f_g", [*RATIO_CASES])
def test_density_ratio_generator(f_d, f_g):
    f_d, f_g = CASES[f_d], CASES[f_g]
    paper = objectives.DensityRatio(f_d.divergence, f_g.divergence)
    exact = objectives.DensityRatio(f_d.divergence, f_g.divergence, gradient="divergence")
    value, gradient = gradient_through_samples(paper, best_v(f_d))
    np.testing.assert_allclose(value, target(f_g, THETA), rtol=1e-6)
    # The paper's gradient: the ratio is a fixed function of x, only the samples move.
    fixed = derivative(lambda theta: target(f_g, theta, ratio_at=THETA))
    np.testing.assert_allclose(gradient, fixed, rtol=1e-4, atol=1e-6)
    # The divergence's own: it counts that the ratio changes with the model.
    value, gradient = gradient_through_samples(exact, best_v(f_d))
    np.testing.assert_allclose(value, target(f_g, THETA), rtol=1e-6)
    np.testing.assert_allclose(gradient, derivative(lambda theta: target(f_g, theta)), rtol=1e-4, atol=1e-6)


def test_the_papers_gradient_is_the_divergences_for_reverse_kl_and_not_for_kl():
    total = {name: derivative(lambda theta, n=name: target(CASES[n], theta)) for name in ("ReverseKL", "KL")}
    fixed = {
        name: derivative(lambda theta, n=name: target(CASES[n], theta, ratio_at=THETA)) for name in total
    }
    np.testing.assert_allclose(fixed["ReverseKL"], total["ReverseKL"], rtol=1e-6)
    assert fixed["KL"] @ total["KL"] < 0  # downhill in the one is uphill in the other


@every(RATIO_CASES)
def test_fgan_minimax_generator_has_the_divergences_gradient(case):
    _, gradient = gradient_through_samples(objectives.FGAN(case.divergence), best_v(case))
    np.testing.assert_allclose(gradient, derivative(lambda theta: target(case, theta)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("pi", [1e-4, 0.1, 0.5, 0.9, 1 - 1e-4])
def test_weighted_minimax_generator_has_the_gradient_of_js(pi):
    def scaled_js(theta):
        log_p, log_q = log_mixture(GRID, *DATA), log_normal(GRID, *theta)
        log_mix = np.logaddexp(np.log(pi) + log_p, np.log1p(-pi) + log_q)
        integrand = pi * np.exp(log_p) * (log_p - log_mix) + (1 - pi) * np.exp(log_q) * (log_q - log_mix)
        return np.sum(integrand) * (GRID[1] - GRID[0]) / (pi * (1 - pi))

    objective = objectives.WeightedJensenShannon(pi, generator="minimax")
    _, gradient = gradient_through_samples(objective, lambda log_u: log_u + np.log(pi) - np.log1p(-pi))
    np.testing.assert_allclose(gradient, derivative(scaled_js), rtol=1e-3, atol=1e-5)


def test_algorithm_1s_generator_tends_to_reverse_kl_where_pi_is_small():
    pi = 1e-6
    objective = objectives.WeightedJensenShannon(pi)
    _, gradient = gradient_through_samples(objective, lambda log_u: log_u + np.log(pi) - np.log1p(-pi))
    reverse = derivative(lambda theta: target(CASES["ReverseKL"], theta))
    np.testing.assert_allclose(gradient, reverse, rtol=1e-3, atol=1e-5)


def test_default_pair_is_the_non_saturating_game():
    fake = tf.constant([[1.0], [-3.0], [1e3]])
    pair = objectives.DensityRatio(divergences.GANDivergence(), divergences.GANStandard())
    np.testing.assert_allclose(
        pair.generator_loss(fake), objectives.NonSaturating().generator_loss(fake), rtol=1e-6
    )
    np.testing.assert_allclose(
        pair.discriminator_loss(-fake, fake), objectives.Minimax().discriminator_loss(-fake, fake), rtol=1e-6
    )


def test_wasserstein_with_the_best_critic_in_one_dimension_is_the_distance():
    random = np.random.default_rng(1)
    real, fake = random.normal(size=300), random.exponential(size=300) - 0.3
    x = np.sort(np.concatenate([real, fake]))
    shares = [np.searchsorted(np.sort(s), x[:-1], side="right") / len(s) for s in (real, fake)]
    # Slope 1 where mass has to go up, -1 where it has to go down: 1-Lipschitz.
    critic = np.concatenate([[0], np.cumsum(np.sign(shares[1] - shares[0]) * np.diff(x))])
    logits = [double(np.interp(sample, x, critic))[:, None] for sample in (real, fake)]
    value = -objectives.Wasserstein().discriminator_loss(*logits)
    np.testing.assert_allclose(value, stats.wasserstein_distance(real, fake), rtol=1e-10)

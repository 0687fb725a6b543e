"""Losses against the papers' formulas, written naively in NumPy and float64."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import OBJECTIVES, every
from tfgan_suite.objectives import Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein

# Those that judge each example for itself; test_quadrature.py has most of the others.
KINDS = ("Hinge", "LeastSquares", "Minimax", "NonSaturating", "Wasserstein")
PLAIN = {name: make for name, make in OBJECTIVES.items() if name.split()[0] in KINDS}


def mean_log_sigmoid(v):
    return np.mean(np.log(1.0 / (1.0 + np.exp(-v))))


def mean_log_one_minus_sigmoid(v):
    return np.mean(np.log(1.0 - 1.0 / (1.0 + np.exp(-v))))


def cross_entropy(real, fake):
    return -mean_log_sigmoid(real) - mean_log_one_minus_sigmoid(fake)


def squares(a, b, c):
    return (
        lambda real, fake: 0.5 * np.mean((real - b) ** 2) + 0.5 * np.mean((fake - a) ** 2),
        lambda fake: 0.5 * np.mean((fake - c) ** 2),
    )


def hinge(margin):
    return lambda real, fake: (
        np.mean(np.maximum(0.0, margin - real)) + np.mean(np.maximum(0.0, margin + fake))
    )


NAIVE = {
    Minimax(): (cross_entropy, mean_log_one_minus_sigmoid),
    NonSaturating(): (cross_entropy, lambda fake: -mean_log_sigmoid(fake)),
    LeastSquares(): squares(0.0, 1.0, 1.0),
    LeastSquares(-1.0, 1.0, 0.0): squares(-1.0, 1.0, 0.0),
    LeastSquares(0.2, 0.7, 0.9): squares(0.2, 0.7, 0.9),
    Hinge(): (hinge(1.0), lambda fake: -np.mean(fake)),
    Hinge(margin=0.3): (hinge(0.3), lambda fake: -np.mean(fake)),
    Wasserstein(): (lambda real, fake: np.mean(fake) - np.mean(real), lambda fake: -np.mean(fake)),
}


def logits(count, seed, scale=2.0):
    return scale * np.random.default_rng(seed).normal(size=(count, 1))


@pytest.mark.parametrize("objective", NAIVE, ids=repr)
def test_equal_to_the_formula(objective):
    real, fake = logits(7, 0), logits(11, 1)  # as many of each is not required
    discriminator, generator = NAIVE[objective]
    np.testing.assert_allclose(
        objective.discriminator_loss(tf.constant(real), tf.constant(fake)),
        discriminator(real, fake),
        rtol=1e-12,
    )
    np.testing.assert_allclose(objective.generator_loss(tf.constant(fake)), generator(fake), rtol=1e-12)


@every(PLAIN)
def test_patches_are_as_many_judgements(example):
    objective = example()
    real, fake = (tf.constant(logits(2 * 3 * 4, seed)) for seed in (0, 1))
    patches = [tf.reshape(v, (2, 3, 4, 1)) for v in (real, fake)]
    for loss in (objective.discriminator_loss, lambda r, f: objective.generator_loss(f, r)):
        assert loss(*patches).shape == ()
        np.testing.assert_allclose(loss(*patches), loss(real, fake), rtol=1e-14)


@every(PLAIN)
def test_who_wants_what(example):
    # Between the labels or margins, D pushes real logits up and fake ones down, and G its fakes up.
    objective = example()
    real, fake = (
        tf.constant(0.5 * np.tanh(logits(5, 0))),
        tf.constant(-0.5 - 0.4 * np.tanh(logits(5, 1)) ** 2),
    )
    if objective == LeastSquares():  # its fake label is 0
        fake = fake + 1.0
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        discriminator = objective.discriminator_loss(real, fake)
        generator = objective.generator_loss(fake)
    assert (tape.gradient(discriminator, real).numpy() < 0).all()
    assert (tape.gradient(discriminator, fake).numpy() > 0).all()
    assert (tape.gradient(generator, fake).numpy() < 0).all()


@pytest.mark.parametrize("objective", [Minimax(), Wasserstein()], ids=repr)
def test_zero_sum(objective):
    # What G gains in its fakes, D loses.
    fake = tf.constant(logits(6, 0))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(fake)
        discriminator, generator = objective.discriminator_loss(fake, fake), objective.generator_loss(fake)
        only_fake = discriminator - objective.discriminator_loss(fake, tf.stop_gradient(fake))
    np.testing.assert_allclose(
        tape.gradient(only_fake, fake), -tape.gradient(generator, fake).numpy(), atol=1e-15
    )


def test_saturation():
    # A generator that loses clearly, sigma(v) = e: gradients -e and -(1 - e) (Goodfellow et al., section 3).
    fake = tf.constant([[-10.0]], tf.float64)
    for objective, expected in (
        (Minimax(), -1 / (1 + np.exp(10))),
        (NonSaturating(), -1 / (1 + np.exp(-10))),
    ):
        with tf.GradientTape() as tape:
            tape.watch(fake)
            loss = objective.generator_loss(fake)
        np.testing.assert_allclose(tape.gradient(loss, fake), [[expected]], rtol=1e-10)


@every(PLAIN)
@pytest.mark.parametrize("scale", [1.0, 30.0, 1e3])
def test_float32_keeps_its_digits(example, scale):
    objective = example()

    def values_and_gradients(dtype):
        real, fake = (tf.constant(logits(9, seed, scale), dtype) for seed in (0, 1))
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([real, fake])
            losses = objective.discriminator_loss(real, fake), objective.generator_loss(fake)
        gradients = [*tape.gradient(losses[0], [real, fake]), tape.gradient(losses[1], fake)]
        return [np.asarray(t) for t in (*losses, *gradients)]

    for single, double in zip(values_and_gradients("float32"), values_and_gradients("float64"), strict=True):
        assert single.dtype == np.float32
        np.testing.assert_allclose(single, double, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("margin", [0.0, -1.0])
def test_hinge_refuses_a_margin(margin):
    with pytest.raises(ValueError, match=f"margin > 0, came {margin}"):
        Hinge(margin=margin)


def test_least_squares_refuses_equal_labels():
    with pytest.raises(ValueError, match=r"a \(fake\) and b \(real\), came a = b = 0.5"):
        LeastSquares(a=0.5, b=0.5)


def test_frozen():
    with pytest.raises(AttributeError):
        Hinge().margin = 2.0

"""Penalties of critics whose gradients are known by hand."""

import dataclasses

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf

from tfgan_suite import draws, networks
from tfgan_suite.regularizers import DRAGAN, R1, GradientPenalty

SEED = draws.root(3)
W = np.array([0.6, -1.1, 2.0])
NORM = np.linalg.norm(W)
A = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 0.2]])


def points(count, seed, shape=(3,), dtype="float64"):
    return tf.constant(np.random.default_rng(seed).normal(size=(count, *shape)), dtype)


REAL, FAKE = points(8, 0), 3.0 + points(8, 1)


def linear(x):
    return tf.linalg.matvec(x, W)[:, None]


def quadratic(x):
    return 0.5 * tf.reduce_sum(x * (x @ A), axis=-1, keepdims=True)  # gradient A x


@pytest.mark.parametrize("penalty", [GradientPenalty, DRAGAN])
@pytest.mark.parametrize(("weight", "target"), [(10.0, 1.0), (1.0, 750.0), (0.5, NORM)])
def test_linear_critic(penalty, weight, target):
    # The gradient is w everywhere, so points and seed do not matter.
    value = penalty(weight, target)(linear, REAL, FAKE, SEED)
    assert value.shape == ()
    np.testing.assert_allclose(value, weight * (NORM - target) ** 2 / target**2, rtol=1e-12, atol=1e-20)


def test_one_sided():
    below, above = 0.5 * NORM, 2.0 * NORM
    two_sided = GradientPenalty(target=below)(linear, REAL, FAKE, SEED)
    assert float(GradientPenalty(target=below, one_sided=True)(linear, REAL, FAKE, SEED)) == float(two_sided)
    assert float(GradientPenalty(target=above, one_sided=True)(linear, REAL, FAKE, SEED)) == 0.0
    assert float(GradientPenalty(target=above)(linear, REAL, FAKE, SEED)) > 1.0


def test_quadratic_critic_at_its_points():
    x = GradientPenalty().points(REAL, FAKE, SEED).numpy()
    for one_sided in (False, True):
        excess = np.linalg.norm(x @ A, axis=1) - 3.0
        excess = np.maximum(excess, 0.0) if one_sided else excess
        assert (excess < 0).any() or one_sided
        expected = 10.0 * np.mean(excess**2) / 3.0**2
        value = GradientPenalty(target=3.0, one_sided=one_sided)(quadratic, REAL, FAKE, SEED)
        np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_quadratic_critic_against_quadrature_over_epsilon():
    # One pair, many draws: the mean tends to the integral over eps in [0, 1].
    real, fake, count = REAL[0].numpy(), FAKE[0].numpy(), 50_000

    def integrand(eps):
        return (np.linalg.norm(A @ (eps * real + (1 - eps) * fake)) - 1.0) ** 2

    first, second = (scipy.integrate.quad(lambda e, k=k: integrand(e) ** k, 0, 1)[0] for k in (1, 2))
    value = GradientPenalty(weight=1.0)(
        quadratic, tf.tile(REAL[:1], (count, 1)), tf.tile(FAKE[:1], (count, 1)), SEED
    )
    assert abs(float(value) - first) < 4 * np.sqrt((second - first**2) / count)


def test_one_epsilon_for_each_example():
    # Reals 1 and fakes 0 show epsilon itself.
    epsilon = GradientPenalty().points(tf.ones((2000, 2, 3, 2)), tf.zeros((2000, 2, 3, 2)), SEED).numpy()
    assert (epsilon == epsilon[:, :1, :1, :1]).all()  # not one per pixel
    epsilon = epsilon[:, 0, 0, 0]
    assert len(np.unique(epsilon)) > 1990  # not one per batch
    assert epsilon.min() >= 0.0
    assert epsilon.max() < 1.0
    assert scipy.stats.kstest(epsilon, "uniform").pvalue > 0.01


def test_points_lie_between_pairs():
    x = GradientPenalty().points(REAL, FAKE, SEED)
    epsilon = GradientPenalty().points(tf.ones_like(REAL), tf.zeros_like(REAL), SEED)
    np.testing.assert_allclose(x, epsilon * REAL + (1 - epsilon) * FAKE, rtol=1e-14)
    np.testing.assert_array_equal(x, GradientPenalty().points(REAL, FAKE, SEED))
    assert (x != GradientPenalty().points(REAL, FAKE, draws.root(4))).numpy().all()


def test_dragan_points():
    real = 5.0 + 2.0 * points(4000, 0, dtype="float32")
    real = real * tf.constant([1.0, 2.0, 0.1])
    for noise in (0.5, 2.0):
        delta = (DRAGAN(noise=noise).points(real, tf.zeros_like(real), SEED) - real).numpy().astype("float64")
        # The standard deviation over all entries of the batch, not for each coordinate.
        expected = noise * np.std(real.numpy().astype("float64"))
        assert abs(delta.mean()) < 4 * expected / np.sqrt(delta.size)
        np.testing.assert_allclose(delta.std(axis=0), expected, rtol=0.05)
        assert scipy.stats.kstest(delta.ravel() / expected, "norm").pvalue > 0.01
        # One draw for each coordinate.
        assert abs(np.corrcoef(delta.T)[np.triu_indices(3, 1)]).max() < 0.06


def test_dragan_does_not_look_at_fakes():
    values = {float(DRAGAN()(quadratic, REAL, fake, SEED)) for fake in (FAKE, 100.0 * FAKE)}
    assert len(values) == 1


def test_r1():
    # weight / 2 E ||grad||^2, on real data alone
    np.testing.assert_allclose(R1(weight=4.0)(linear, REAL, FAKE, SEED), 2.0 * NORM**2, rtol=1e-12)
    expected = 5.0 * np.mean(np.sum((REAL.numpy() @ A) ** 2, axis=1))
    for fake in (FAKE, 100.0 * FAKE):
        np.testing.assert_allclose(R1()(quadratic, REAL, fake, SEED), expected, rtol=1e-12)


@pytest.mark.parametrize("penalty", [GradientPenalty(), DRAGAN(), R1()], ids=repr)
def test_images_and_patches(penalty):
    # D is 2 x 2 patch sums of c * x: outputs are summed for each example, and every pixel's gradient is c.
    c, shape = 0.3, (4, 4, 2)

    def patches(x):
        return c * 4 * 2 * tf.nn.avg_pool2d(tf.reduce_mean(x, -1, keepdims=True), 2, 2, "VALID")

    real, fake = points(5, 0, shape), points(5, 1, shape)
    assert patches(real).shape == (5, 2, 2, 1)
    norm = c * np.sqrt(np.prod(shape))
    expected = 5.0 * norm**2 if isinstance(penalty, R1) else 10.0 * (norm - 1.0) ** 2
    np.testing.assert_allclose(penalty(patches, real, fake, SEED), expected, rtol=1e-12)
    np.testing.assert_allclose(
        penalty(lambda x: tf.reshape(patches(x), (5, -1)), real, fake, SEED), expected, rtol=1e-12
    )


@pytest.mark.parametrize("penalty", [GradientPenalty(), DRAGAN(), R1()], ids=repr)
def test_flat_critic(penalty):
    # ||.|| has no derivative at 0; one dead example must not turn the parameters' gradient into NaN.
    kernel = tf.Variable([[1.0], [-2.0], [0.5]], dtype=tf.float64)
    real = tf.concat([tf.fill((1, 3), tf.constant(-9.0, tf.float64)), 50.0 + REAL], axis=0)
    fake = tf.concat([tf.fill((1, 3), tf.constant(-8.0, tf.float64)), 50.0 + FAKE], axis=0)

    def value_and_gradient(count):
        with tf.GradientTape() as tape:
            value = penalty(lambda x: tf.nn.relu(x) @ kernel, real[:count], fake[:count], SEED)
        return float(value), tape.gradient(value, kernel).numpy().ravel()

    value, gradient = value_and_gradient(1)
    assert value == (0.0 if isinstance(penalty, R1) else 10.0)
    assert (gradient == 0.0).all()
    # Among live examples the dead one adds nothing: d/dk of 8/9 of the closed form.
    _, gradient = value_and_gradient(9)
    k = kernel.numpy().ravel()
    norm = np.linalg.norm(k)
    live = 10.0 * k if isinstance(penalty, R1) else 20.0 * (norm - 1.0) * k / norm
    np.testing.assert_allclose(gradient, 8 / 9 * live, rtol=1e-12)


@pytest.mark.parametrize("penalty", [GradientPenalty(), DRAGAN(), R1()], ids=repr)
def test_gradient_in_the_parameters(penalty):
    # Of D = w.x: d/dw weight (||w|| - 1)^2, and d/dw weight/2 ||w||^2
    w = tf.Variable(W)
    with tf.GradientTape() as tape:
        value = penalty(lambda x: tf.linalg.matvec(x, w)[:, None], REAL, FAKE, SEED)
    expected = 10.0 * W if isinstance(penalty, R1) else 20.0 * (NORM - 1.0) * W / NORM
    np.testing.assert_allclose(tape.gradient(value, w), expected, rtol=1e-12)


def test_labels_belong_to_the_closure():
    # A projection discriminator that is linear in x: its gradient is w + V's row of the example's label.
    critic = networks.mlp_discriminator((3,), width=3, depth=1, activation="linear", num_classes=4)
    labels = tf.constant([0, 3, 1, 1, 2, 0, 3, 2])
    real, fake = tf.cast(REAL, tf.float32), tf.cast(FAKE, tf.float32)
    hidden, head, table = (critic.get_layer(n) for n in ("dense_0", "score", "label_embedding"))
    rows = head.kernel.numpy()[:, 0] + table.table.numpy()[labels.numpy()]
    squares = np.sum((rows @ hidden.kernel.numpy().T) ** 2, axis=1)

    def discriminate(x):
        return critic([x, labels], training=True)

    np.testing.assert_allclose(R1()(discriminate, real, fake, SEED), 5.0 * squares.mean(), rtol=1e-5)
    np.testing.assert_allclose(
        GradientPenalty()(discriminate, real, fake, SEED),
        10.0 * np.mean((np.sqrt(squares) - 1) ** 2),
        rtol=1e-5,
    )


def test_half_precision_points_are_summed_in_float32():
    # 10,000 gradients of 1/256: their squares sum to 0.1526, at which bfloat16 steps stop at 2^-8.
    x = tf.zeros((2, 10_000), tf.bfloat16)
    value = R1(weight=2.0)(lambda x: tf.reduce_sum(x * 2.0**-8, -1, keepdims=True), x, x, SEED)
    assert value.dtype == tf.float32
    np.testing.assert_allclose(value, 10_000 * 2.0**-16, rtol=1e-6)


@pytest.mark.parametrize("penalty", [GradientPenalty, DRAGAN])
@pytest.mark.parametrize("target", [0.0, -1.0])
def test_refuses_a_target(penalty, target):
    with pytest.raises(ValueError, match=f"target > 0.*came {target}"):
        penalty(target=target)


def test_names_are_distinct():
    names = [penalty.name for penalty in (GradientPenalty(), DRAGAN(), R1())]
    assert len(set(names)) == 3
    assert "name" not in {f.name for f in dataclasses.fields(GradientPenalty)}

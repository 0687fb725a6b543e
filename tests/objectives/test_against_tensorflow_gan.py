"""TF-GAN's losses and gradient penalty, written by others, against ours: values and gradients.

TF-GAN computes in float32, so all is float32 here; bounds count roundings of relative size UNIT.
"""

import numpy as np
import pytest
import scipy.integrate
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.compat import tensorflow_gan
from tfgan_suite.objectives import (
    FGAN,
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    Relativistic,
    Wasserstein,
    divergences,
)
from tfgan_suite.regularizers import GradientPenalty

WARGS = tensorflow_gan.losses.wargs
UNIT = 2.0**-24
COUNT = 32  # as many fake logits as real ones: TF-GAN requires it


def minimax_discriminator(real, fake):
    # TF-GAN's default label_smoothing of 0.25 is another loss: see below.
    return WARGS.minimax_discriminator_loss(real, fake, label_smoothing=0.0)


def modified_discriminator(real, fake):
    return WARGS.modified_discriminator_loss(real, fake, label_smoothing=0.0)


def minimax_generator(fake, real):
    # TF-GAN negates the discriminator's loss with every real logit set to 1, which adds -softplus(-1).
    return WARGS.minimax_generator_loss(fake) + tf.math.softplus(-1.0)


def of_fakes(loss, **options):
    return lambda fake, real: loss(fake, **options)


def least_squares(a, b, c):
    # Both have Mao et al.'s factor 1/2 before each expectation. TF-GAN's generator calls c its real_label.
    return (
        lambda real, fake: WARGS.least_squares_discriminator_loss(real, fake, real_label=b, fake_label=a),
        of_fakes(WARGS.least_squares_generator_loss, real_label=c),
    )


def hinge(margin):
    return (
        lambda real, fake: WARGS.wasserstein_hinge_discriminator_loss(
            real, fake, real_hinge=margin, generated_hinge=margin
        ),
        of_fakes(WARGS.wasserstein_hinge_generator_loss),
    )


# Ours: TF-GAN's discriminator loss of (real, fake), and its generator loss brought to our order (fake, real).
THEIRS = {
    Minimax(): (minimax_discriminator, minimax_generator),
    NonSaturating(): (modified_discriminator, of_fakes(WARGS.modified_generator_loss)),
    FGAN(divergences.GANDivergence()): (minimax_discriminator, minimax_generator),
    LeastSquares(): least_squares(0.0, 1.0, 1.0),
    LeastSquares(-1.0, 1.0, 0.0): least_squares(-1.0, 1.0, 0.0),
    LeastSquares(0.2, 0.7, 0.9): least_squares(0.2, 0.7, 0.9),
    Wasserstein(): (WARGS.wasserstein_discriminator_loss, of_fakes(WARGS.wasserstein_generator_loss)),
    Hinge(): hinge(1.0),
    Hinge(margin=0.3): hinge(0.3),
    Relativistic(): (
        WARGS.relativistic_discriminator_loss,
        lambda fake, real: WARGS.relativistic_generator_loss(real, fake),
    ),
}


def logits(scale, seed, shape=(COUNT, 1)):
    return tf.constant(scale * np.random.default_rng(seed).normal(size=shape), tf.float32)


def value_and_gradients(loss, *arguments):
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        value = loss(*arguments)
    assert value.shape == ()
    return value, tape.gradient(value, arguments, unconnected_gradients="zero")


def assert_equal_losses(ours, theirs, arguments, of_means):
    """Of losses that are sums of means over COUNT terms."""
    size = sum(float(tf.reduce_mean(tf.abs(v))) for v in arguments)
    value, gradients = value_and_gradients(ours, *arguments)
    expected, expected_gradients = value_and_gradients(theirs, *arguments)
    # A sum of COUNT terms has COUNT roundings of its size: the value or, if signs differ, |logits| + log 2.
    np.testing.assert_allclose(value, expected, rtol=(COUNT + 8) * UNIT, atol=(COUNT + 8) * UNIT * (size + 1))
    # sigma(v) may come out as 1 - (1 - sigma(v)). A mean among the logits moves them by its own roundings.
    slope = UNIT * (8 + COUNT * size * of_means)
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(gradient, expected_gradient, rtol=8 * UNIT, atol=slope / COUNT)


@pytest.mark.parametrize("shape", [(COUNT, 1), (COUNT,)], ids=["column", "flat"])
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0, 100.0])
@pytest.mark.parametrize("objective", THEIRS, ids=repr)
def test_losses(objective, scale, shape):
    discriminator, generator = THEIRS[objective]
    of_means = isinstance(objective, Relativistic)
    for seed in range(3):
        real, fake = logits(scale, 2 * seed, shape), 0.5 - logits(scale, 2 * seed + 1, shape)
        assert_equal_losses(objective.discriminator_loss, discriminator, (real, fake), of_means)
        assert_equal_losses(objective.generator_loss, generator, (fake, real), of_means)


@pytest.mark.parametrize("loss", [WARGS.minimax_discriminator_loss, WARGS.modified_discriminator_loss])
def test_their_default_smooths_the_real_label_alone(loss):
    # 0.25 means 7/8 for real examples, 7/8 softplus(-v) + 1/8 softplus(v), and 0 still for fakes.
    real, fake = logits(2.0, 0), logits(2.0, 1)
    expected = Minimax().discriminator_loss(real, fake) + tf.reduce_mean(real) / 8
    np.testing.assert_allclose(loss(real, fake), expected, rtol=(COUNT + 8) * UNIT)


# The penalty. D(x) = w.x has the gradient w, and D(x) = x.Ax / 2 has A x, for a symmetric A.
W = np.array([0.6, -1.1, 2.0], np.float32)
A = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.25], [0.0, -0.25, 0.25]], np.float32)
REAL, FAKE = logits(1.0, 0, (COUNT, 3)), 2.0 + logits(1.0, 1, (COUNT, 3))
SEED = draws.root(3)
# No norm is larger, nor is any number on the way to one.
SIZE = float(tf.reduce_max(tf.norm(REAL, axis=1) + tf.norm(FAKE, axis=1)) * np.linalg.norm(A))


def linear(x, w):
    return tf.linalg.matvec(x, w)[:, None]


def quadratic(x, a):
    return 0.5 * tf.reduce_sum(x * (x @ a), axis=-1, keepdims=True)


def our_penalty(critic, real=REAL, fake=FAKE, **options):
    return lambda weights: GradientPenalty(**options)(lambda x: critic(x, weights), real, fake, SEED)


def their_penalty(critic, real=REAL, fake=FAKE, weight=10.0, **options):
    # TF-GAN's weight is 1 by default. It needs a graph and a name for the critic's variables, and hands on
    # the generator's input (None here).
    @tf.function
    def penalty(weights):
        return WARGS.wasserstein_gradient_penalty(
            real, fake, None, lambda x, _: critic(x, weights), "critic", weights=weight, **options
        )

    return penalty


def assert_equal_penalties(critic, weights, norms, points, target, one_sided):
    options = {"target": target, "one_sided": one_sided}
    value, (gradient,) = value_and_gradients(our_penalty(critic, **options), tf.constant(weights))
    expected, (expected_gradient,) = value_and_gradients(
        their_penalty(critic, **options), tf.constant(weights)
    )
    # A norm n is 16 roundings of SIZE from exact, which moves (n/t - 1)^2 by 2 (n/t - 1) dn/t. In the
    # gradient, 2 (n/t - 1)/t dn/dweights, the last factor is at most |x| (quadratic) or 1 (linear).
    shift = 16 * UNIT * SIZE / target
    excess = np.abs(norms / target - 1.0)
    bound = 10.0 * np.mean(2 * excess * shift + shift**2) + (COUNT + 8) * UNIT * float(value)
    np.testing.assert_allclose(value, expected, rtol=0, atol=bound)
    bound = 10.0 * np.mean(2 * (shift + (COUNT + 8) * UNIT * excess) * np.maximum(1.0, points)) / target
    np.testing.assert_allclose(gradient, expected_gradient, rtol=0, atol=bound)
    return float(value)


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("target", [0.5, 1.0, 750.0])
def test_penalty_of_a_linear_critic(target, one_sided):
    # Its gradient is the same everywhere, so it does not matter where either takes it.
    value = assert_equal_penalties(linear, W, np.linalg.norm(W), 1.0, target, one_sided)
    assert (value == 0.0) == (one_sided and target > np.linalg.norm(W))


@pytest.mark.parametrize("one_sided", [False, True])
@pytest.mark.parametrize("target", [1.0, 3.0])
def test_penalty_of_a_quadratic_critic_at_the_same_points(target, one_sided, monkeypatch):
    # TF-GAN's points are real + alpha (fake - real), ours eps real + (1 - eps) fake: reals 1 and fakes 0
    # show eps.
    alpha = 1.0 - GradientPenalty().points(tf.ones_like(REAL), tf.zeros_like(FAKE), SEED)[:, :1]
    monkeypatch.setattr(tf.random, "uniform", lambda shape: tf.ensure_shape(alpha, shape))
    points = (REAL + alpha * (FAKE - REAL)).numpy()
    norms = np.linalg.norm(points @ A, axis=1)
    assert (norms > target).any()
    assert (norms < target).any()
    assert_equal_penalties(quadratic, A, norms, np.linalg.norm(points, axis=1), target, one_sided)


def test_penalty_of_a_quadratic_critic_in_expectation():
    # One pair, many draws: both means tend to the integral over eps in [0, 1].
    count = 20_000
    real, fake, a = (np.asarray(x, np.float64) for x in (REAL[0], FAKE[0], A))

    def moment(k):
        def integrand(eps):
            return (np.linalg.norm(a @ (eps * real + (1 - eps) * fake)) - 1.0) ** (2 * k)

        return scipy.integrate.quad(integrand, 0, 1)[0]

    pairs = tf.repeat(REAL[:1], count, axis=0), tf.repeat(FAKE[:1], count, axis=0)
    error = np.sqrt((moment(2) - moment(1) ** 2) / count)
    for penalty in (our_penalty, their_penalty):
        value = penalty(quadratic, *pairs, weight=1.0)(tf.constant(A))
        assert abs(float(value) - moment(1)) < 4 * error


def test_penalty_of_a_flat_critic():
    # TF-GAN adds 1e-10 below the root, so that a gradient of 0 has the norm 1e-5; ours has the norm 0.
    flat = tf.zeros(3)
    assert float(our_penalty(linear)(flat)) == 10.0
    np.testing.assert_allclose(their_penalty(linear)(flat), 10.0 * (1e-5 - 1.0) ** 2, rtol=8 * UNIT)

"""The papers' losses, written out once more; what the game is at its optimum; clear refusals."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES
from tests.models.losses import SEED, terms_and_gradients
from tfgan_suite import draws, models, networks, objectives
from tfgan_suite.objectives import divergences


def normal(position, shape):
    """What the model draws at this position of a step."""
    return draws.normal(shape, draws.branch(draws.at_row(SEED, 0), position)).numpy()


def log_sigmoid(v):
    return -np.log1p(np.exp(-v))


def pairs_of(model, x):
    """(z ~ q(z | x), x) and (z, G(z)), by NumPy from the encoder's and the generator's outputs."""
    z = normal(1, (len(x), 3))
    outputs = model.encoder(x).numpy()
    if model.is_stochastic:
        outputs = outputs[:, :3] + np.exp(outputs[:, 3:]) * normal(2, (len(x), 3))
    return (outputs, x), (z, model.generator(z).numpy())


@pytest.mark.parametrize("name", ["BiGAN", "ALI"])
def test_losses_are_those_of_algorithm_1(name):
    model = GAMES[name].compiled()
    x = GAMES[name].batch(model, 5)
    real, fake = (model.discriminator(list(pair)).numpy() for pair in pairs_of(model, x))
    terms, _ = terms_and_gradients(model, "discriminator", x)
    expected = -np.mean(log_sigmoid(real)) - np.mean(log_sigmoid(-fake))
    np.testing.assert_allclose(terms["adversarial"], expected, rtol=1e-5)
    terms, gradients = terms_and_gradients(model, "generator", x)
    expected = -np.mean(log_sigmoid(-real)) - np.mean(log_sigmoid(fake))
    np.testing.assert_allclose(terms["adversarial"], expected, rtol=1e-5)
    assert all(np.abs(g).max() > 0 for g in gradients)  # the generator's and the encoder's


def test_minimax_is_minus_the_discriminators_loss():
    model = GAMES["ALI"].compiled(fooling="minimax", objective=objectives.FGAN(divergences.KL()))
    x = GAMES["ALI"].batch(model, 5)
    (discriminators, _), (generators, _) = (
        terms_and_gradients(model, player, x) for player in ("discriminator", "generator")
    )
    np.testing.assert_allclose(discriminators["adversarial"], -generators["adversarial"], rtol=1e-5)


def test_mirrored_is_exchanged_where_the_objective_is_the_papers():
    terms = {}
    for fooling in ("exchanged", "mirrored"):
        model = GAMES["BiGAN"].compiled(fooling=fooling)
        terms[fooling], _ = terms_and_gradients(model, "generator", GAMES["BiGAN"].batch(model, 5))
    np.testing.assert_allclose(terms["mirrored"]["adversarial"], terms["exchanged"]["adversarial"], rtol=1e-6)


def test_encoder_follows_both_sides_of_any_pair_of_divergences():
    """reverse KL read off the ratio: -v of samples, and +v of data."""
    objective = objectives.DensityRatio(divergences.GANDivergence(), divergences.ReverseKL())
    model = GAMES["ALI"].compiled(objective=objective, fooling="mirrored")
    x = GAMES["ALI"].batch(model, 5)
    real, fake = (model.discriminator(list(pair)).numpy() for pair in pairs_of(model, x))
    terms, _ = terms_and_gradients(model, "generator", x)
    np.testing.assert_allclose(terms["adversarial"], real.mean() - fake.mean(), rtol=1e-4, atol=1e-6)


# Joints of Gaussians in one dimension: data x ~ N(0, 2^2), z = a x + s noise; z ~ N(0, 1), x = 2 z + t noise.


class LogRatio(keras.layers.Layer):
    """log q(z, x) - log p(z, x) of two Gaussians in the plane: the best discriminator's logit."""

    def __init__(self, real, fake, **kwargs):
        super().__init__(**kwargs)
        self.covariances = real, fake
        self.scale = self.add_weight(shape=(), initializer="ones")  # something to train

    def call(self, pairs):
        real, fake = (log_density(pairs, c, tf) for c in self.covariances)
        return self.scale * (real - fake)[:, None]


def log_density(points, covariance, library=np):
    """Of N(0, covariance), but for log(2 pi)."""
    precision = np.linalg.inv(covariance).astype("float32")
    squares = library.einsum("ni,ij,nj->n", points, precision, points)
    return -0.5 * squares - 0.5 * float(np.linalg.slogdet(covariance)[1])


def linear(factors, offsets, noise=0.0):
    x = keras.Input((1,))
    dense = keras.layers.Dense(len(factors))
    network = keras.Model(x, networks.GaussianNoise(noise)(dense(x)))
    dense.set_weights([np.array([factors], "float32"), np.array(offsets, "float32")])
    return network


def gaussians(kind, encoder, layer, noise=0.0):
    latents, examples = keras.Input((1,)), keras.Input((1,))
    discriminator = keras.Model([latents, examples], layer(keras.layers.Concatenate()([latents, examples])))
    model = kind(linear([2.0], [0.0], noise), encoder, discriminator)
    model.compile(jit_compile=False)
    return model


def jensen_shannon(real, fake, count=400_000):
    """Half the KL of each to their mean, from NumPy's own draws."""
    total, random = 0.0, np.random.default_rng(3)
    for own in (real, fake):
        points = random.multivariate_normal([0, 0], own, count)
        mean = np.logaddexp(log_density(points, real), log_density(points, fake)) - math.log(2)
        total += 0.5 * np.mean(log_density(points, own) - mean)
    return total


def test_the_best_discriminators_loss_is_the_divergence_of_the_joints():
    a, s, t = 0.3, 0.8, 0.5
    real = np.array([[4 * a**2 + s**2, 4 * a], [4 * a, 4.0]])
    fake = np.array([[1.0, 2.0], [2.0, 4.0 + t**2]])
    model = gaussians(models.ALI, linear([a, 0.0], [0.0, math.log(s)]), LogRatio(real, fake), noise=t)
    x = 2 * np.random.default_rng(0).normal(size=(200_000, 1)).astype("float32")
    terms, _ = terms_and_gradients(model, "discriminator", x)
    divergence = 2 * jensen_shannon(real, fake)
    assert divergence > 0.1
    np.testing.assert_allclose(math.log(4) - terms["adversarial"], divergence, rtol=0.01)


def test_where_the_encoder_inverts_the_generator_every_discriminator_loses():
    x = 2 * np.random.default_rng(0).normal(size=(100_000, 1)).astype("float32")
    for scale in (0.0, 0.1, 1.0):
        weights = keras.initializers.RandomNormal(stddev=scale, seed=1) if scale else "zeros"
        model = gaussians(
            models.BiGAN, linear([0.5], [0.0]), keras.layers.Dense(1, kernel_initializer=weights)
        )
        for player in ("discriminator", "generator"):
            terms, _ = terms_and_gradients(model, player, x)
            if scale:
                assert terms["adversarial"] > math.log(4)
            else:  # D = 1/2
                np.testing.assert_allclose(terms["adversarial"], math.log(4), rtol=1e-5)


def build(kind=models.BiGAN, **changes):
    arguments = {
        "generator": networks.mlp_generator((2,), latent_dim=3, width=4),
        "encoder": networks.mlp_encoder((2,), 3, 4, stochastic=kind.is_encoder_stochastic),
        "discriminator": networks.mlp_joint_discriminator((2,), latent_dim=3, width=4),
    }
    return kind(**arguments | changes)


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        (
            models.BiGAN,
            {"encoder": networks.mlp_encoder((2,), 2)},
            r"encoder.*\(3,\).*came \[\(2,\), \(2,\)\]",
        ),
        (models.ALI, {"encoder": networks.mlp_encoder((2,), 3)}, r"encoder.*\(6,\), means and log"),
        (models.BiGAN, {"encoder": networks.mlp_encoder((2,), 3, stochastic=True)}, r"encoder.*came.*\(6,\)"),
        (models.ALI, {"discriminator": networks.mlp_discriminator((2,), 4)}, r"\[latents, examples\]"),
        (models.ALI, {"discriminator": networks.mlp_joint_discriminator((2,), 4)}, r"\(3,\).*came.*\(4,\)"),
        (models.BiGAN, {"fooling": "saturating"}, "fooling: expected one of exchanged, minimax, mirrored"),
        (
            models.BiGAN,
            {"fooling": "mirrored", "objective": objectives.LeastSquares()},
            "fooling.*LeastSquares",
        ),
    ],
)
def test_constructor_names_what_is_wrong(kind, changes, message):
    with pytest.raises(ValueError, match=message):
        build(kind, **changes)


@pytest.mark.parametrize("missing", ["generator", "encoder", "discriminator"])
def test_a_missing_network_is_named(missing):
    with pytest.raises(TypeError, match=missing):
        models.ALI(**{n: keras.Model for n in ("generator", "encoder", "discriminator") if n != missing})

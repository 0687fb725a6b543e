"""The bound, its divergence and its likelihoods in closed form; probabilistic PCA is the optimum."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from tests.conformance.examples import GAMES, IMAGE, MODELS, every
from tests.models.losses import SEED, terms_and_gradients
from tfgan_suite import draws, images, models, networks
from tfgan_suite.export import export
from tfgan_suite.models.diagonal_gaussian import DiagonalGaussian
from tfgan_suite.models.likelihood import Likelihood


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.7, 0.3), (-2.0, 1.9)])
def test_divergence_is_its_integral(mean, std):
    def integrand(z):
        q = stats.norm(mean, std)
        return q.pdf(z) * (q.logpdf(z) - stats.norm.logpdf(z))

    expected, _ = integrate.quad(integrand, mean - 12 * std, mean + 12 * std)
    one = DiagonalGaussian.of(tf.constant([[mean, np.log(std)]], tf.float64))
    np.testing.assert_allclose(one.kl_from_normal(), [expected], rtol=1e-7, atol=1e-9)


def test_dimensions_add_up_and_draws_follow_the_gaussian():
    outputs = tf.constant([[0.5, -1.0, np.log(0.2), np.log(2.0)]], tf.float32)
    both = DiagonalGaussian.of(outputs)
    each = [DiagonalGaussian(both.mean[:, i : i + 1], both.log_std[:, i : i + 1]) for i in range(2)]
    np.testing.assert_allclose(both.kl_from_normal(), sum(e.kl_from_normal() for e in each), rtol=1e-6)
    count = 20_000
    drawn = DiagonalGaussian.of(tf.repeat(outputs, count, axis=0)).draw(SEED).numpy()
    # Five standard errors of a mean and of a variance.
    std = np.array([0.2, 2.0])
    assert (np.abs(drawn.mean(axis=0) - [0.5, -1.0]) < 5 * std / np.sqrt(count)).all()
    assert (np.abs(drawn.var(axis=0) / std**2 - 1) < 5 * np.sqrt(2 / count)).all()


def test_gaussian_likelihood_is_scipys():
    decoder = networks.mlp_generator((2, 2), latent_dim=3, width=4)
    random = np.random.default_rng(0)
    x, z = random.normal(size=(5, 2, 2)).astype("float32"), random.normal(size=(5, 3)).astype("float32")
    expected = -stats.norm.logpdf(x, decoder(z), 0.3).sum(axis=(1, 2))
    np.testing.assert_allclose(Likelihood(decoder, "gaussian", 0.3).negative_log(x, z), expected, rtol=1e-5)


@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_bernoulli_likelihood_is_finite_where_tanh_is_one(scale):
    decoder = networks.mlp_generator((4,), latent_dim=3, width=4, output_activation="tanh")
    decoder.set_weights([scale * w for w in decoder.get_weights()])
    random = np.random.default_rng(0)
    x, z = random.uniform(-1, 1, size=(5, 4)), random.normal(size=(5, 3)).astype("float32")
    a = keras.Model(decoder.inputs, decoder.layers[-1].input)(z).numpy().astype("float64")
    # log p = log sigmoid(2 a), log(1 - p) = log sigmoid(-2 a)
    p = (x + 1) / 2
    expected = (p * np.logaddexp(0, -2 * a) + (1 - p) * np.logaddexp(0, 2 * a)).sum(axis=1)
    found = Likelihood(decoder, "bernoulli", 1.0).negative_log(x.astype("float32"), z)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_losses_are_the_bound():
    model = MODELS["VAE"].compiled(beta=3.0, likelihood_std=0.5)
    x = MODELS["VAE"].batch(model, 5)
    mean, log_std = np.split(model.encoder(x).numpy(), 2, axis=1)
    z = mean + np.exp(log_std) * draws.normal((5, 3), draws.branch(draws.at_row(SEED, 0), 1)).numpy()
    terms, _ = terms_and_gradients(model, "autoencoder", x)
    reconstruction = -stats.norm.logpdf(x, model.decoder(z), 0.5).sum(axis=1).mean()
    np.testing.assert_allclose(terms["reconstruction"], reconstruction, rtol=1e-5)
    kl = 0.5 * (np.exp(2 * log_std) + mean**2 - 1 - 2 * log_std).sum(axis=1).mean()
    np.testing.assert_allclose(terms["kl"], 3.0 * kl, rtol=1e-5)


# A linear VAE is probabilistic PCA (Tipping and Bishop 1999; Lucas et al. 2019). With noise s, and the
# largest eigenvalues L and their vectors U of the data's covariance, the likelihood is largest for
# W = U (L - s^2 I)^(1/2); the posterior is then N(M^-1 W^T (x - mean), s^2 M^-1), M = W^T W + s^2 I diagonal.
NOISE, LATENTS = 0.5, 2


def linear_data():
    """(512, 4) with exactly the covariance that has eigenvalues 4, 1.5, 0.2, 0.1."""
    random = np.random.default_rng(0)
    x = random.normal(size=(512, 4))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T, bias=True)).T)
    rotation, _ = np.linalg.qr(random.normal(size=(4, 4)))
    return (x * np.sqrt([4.0, 1.5, 0.2, 0.1])) @ rotation.T + [1.0, -2.0, 0.5, 0.0]


def linear_vae():
    examples, latents = keras.Input((4,)), keras.Input((LATENTS,))
    # Small at first: the gradient of a log standard deviation of 3 fills Adam's memory for long.
    small = keras.initializers.RandomNormal(stddev=0.05)
    encoder = keras.Model(examples, keras.layers.Dense(2 * LATENTS, kernel_initializer=small)(examples))
    decoder = keras.Model(latents, keras.layers.Dense(4, kernel_initializer=small)(latents))
    return models.VAE(encoder, decoder, likelihood_std=NOISE)


def log_likelihood(x, loadings, mean):
    """Mean log N(x; mean, W W^T + s^2 I)."""
    covariance = loadings @ loadings.T + NOISE**2 * np.eye(4)
    return stats.multivariate_normal(mean, covariance).logpdf(x).mean()


def principal_components(x):
    """The W and mean of maximum likelihood."""
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    return vectors[:, ::-1][:, :LATENTS] * np.sqrt(values[::-1][:LATENTS] - NOISE**2), x.mean(axis=0)


def exact_bound(x, model):
    """-E[-log p(x | z)] - KL of a linear VAE, without a draw."""
    (a, a_bias), (w, w_bias) = (
        [np.float64(v) for v in network.get_weights()] for network in (model.encoder, model.decoder)
    )
    mean, log_std = np.split(x @ a + a_bias, 2, axis=1)
    variance = np.exp(2 * log_std)
    # E (x - W z - b)^2 = (x - W m - b)^2 + sum_j |W_j|^2 v_j
    squares = ((x - mean @ w - w_bias) ** 2).sum(axis=1) + variance @ (w**2).sum(axis=1)
    log_p = -squares / (2 * NOISE**2) - 4 * np.log(NOISE * np.sqrt(2 * np.pi))
    kl = 0.5 * (variance + mean**2 - 1 - 2 * log_std).sum(axis=1)
    return (log_p - kl).mean()


def test_at_principal_components_the_bound_is_the_likelihood_and_has_no_slope():
    x, model = linear_data(), linear_vae()
    w, mean = principal_components(x)
    m_inverse = np.linalg.inv(w.T @ w + NOISE**2 * np.eye(LATENTS))
    to_mean = w @ m_inverse  # (4, 2)
    log_std = 0.5 * np.log(NOISE**2 * np.diag(m_inverse))
    kernel = np.concatenate([to_mean, np.zeros((4, LATENTS))], axis=1)
    model.encoder.set_weights([kernel, np.concatenate([-mean @ to_mean, log_std])])
    model.decoder.set_weights([w.T, mean])
    np.testing.assert_allclose(exact_bound(x, model), log_likelihood(x, w, mean), rtol=1e-6)
    # The model's own terms are draws of it: within five standard errors over the examples.
    many = np.tile(x, (40, 1)).astype("float32")
    model.compile(jit_compile=False)
    terms, gradients = terms_and_gradients(model, "autoencoder", many)
    negative = terms["reconstruction"] + terms["kl"]
    spread = np.sqrt(4 / 2) + 4  # of -log p(x | z) + KL about its mean: a few nats
    assert abs(negative + exact_bound(x, model)) < 5 * spread / np.sqrt(len(many))
    nowhere = linear_vae()
    nowhere.compile(jit_compile=False)
    _, others = terms_and_gradients(nowhere, "autoencoder", many)
    size, other = (np.sqrt(sum(np.sum(np.square(g)) for g in gs)) for gs in (gradients, others))
    assert size < 0.05 * other


def test_training_finds_principal_components():
    keras.utils.set_random_seed(1)
    x, model = linear_data(), linear_vae()
    decay = keras.optimizers.schedules.CosineDecay(0.1, 1500)
    model.compile({"autoencoder": keras.optimizers.Adam(decay)}, jit_compile=False)
    data = tf.data.Dataset.from_tensors(x.astype("float32")).repeat()
    model.fit(data, steps_per_epoch=1500, verbose=0)
    w, mean = principal_components(x)
    best = log_likelihood(x, w, mean)
    gap = best - exact_bound(x, model)
    assert -1e-5 < gap < 0.02  # a bound never exceeds the largest likelihood
    learned = np.float64(model.decoder.get_weights()[0])
    # Only W W^T is determined. Where the likelihood is within 0.02 nats, it is close as well.
    np.testing.assert_allclose(learned.T @ learned, w @ w.T, atol=0.25)
    assert np.linalg.matrix_rank(learned, tol=0.5) == LATENTS  # no latent was given up
    # The samples' moments are the model's: five standard errors of each entry of a covariance.
    count = 20_000
    samples = model.sample(count, seed=3)
    sampled = np.cov(samples.T)
    assert (np.abs(sampled - learned.T @ learned) < 5 * 4 * np.sqrt(2 / count)).all()


ENCODING = ("VAE", "VAE bernoulli", "AdversarialAutoencoder", "BiGAN", "ALI dcgan", "HierarchicalALI")


@every({name: GAMES[name] for name in ENCODING}, default={"VAE", "ALI dcgan", "HierarchicalALI"})
def test_encode_reconstruct_interpolate_as_methods_and_signatures(example, tmp_path):
    model = example.compiled(eagerly=True)
    is_image = example.example_shape == IMAGE
    x = example.batch(model, 7)
    model.fit(x, batch_size=4, verbose=0)
    edge = images.to_uint8(x) if is_image else x
    x = images.from_uint8(edge) if is_image else x
    latents = model.encode(x, batch_size=3)
    means = model.averaged("encoder")(x, training=False).numpy()[:, : model.latent_dim]
    np.testing.assert_allclose(latents, means, rtol=1e-4, atol=1e-5)
    expected = model.sampler(latents, training=False)
    reconstructed = model.reconstruct(x, batch_size=3)
    np.testing.assert_allclose(reconstructed, expected, rtol=1e-4, atol=1e-5)
    between = model.interpolate(x[:3], x[3:6], steps=5, batch_size=2)
    np.testing.assert_allclose(between[:, 0], reconstructed[:3], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(between[:, -1], reconstructed[3:6], rtol=1e-4, atol=1e-5)
    middle = model.sampler((latents[:3] + latents[3:6]) / 2, training=False)
    np.testing.assert_allclose(between[:, 2], middle, rtol=1e-4, atol=1e-5)

    served = tf.saved_model.load(str(export(model, tmp_path / "name"))).signatures
    plural = "images" if is_image else "samples"
    out, tolerance = (images.to_uint8, 1) if is_image else (np.asarray, 1e-5)
    np.testing.assert_allclose(
        served["encode"](**{plural: tf.constant(edge)})["latents"], latents, rtol=1e-4, atol=1e-5
    )
    made = served["reconstruct"](**{plural: tf.constant(edge)})[plural].numpy()
    np.testing.assert_allclose(made.astype(float), out(reconstructed), rtol=0, atol=tolerance)
    made = served["interpolate"](
        first=tf.constant(edge[:3]), second=tf.constant(edge[3:6]), steps=tf.constant(5)
    )[plural].numpy()
    assert made.shape == between.shape
    np.testing.assert_allclose(made.astype(float), out(between), rtol=0, atol=tolerance)


def build(**changes):
    arguments = {
        "encoder": networks.mlp_encoder((2,), latent_dim=3, width=4, stochastic=True),
        "decoder": networks.mlp_generator((2,), latent_dim=3, width=4),
    }
    return models.VAE(**arguments | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": networks.mlp_encoder((2,), 3, 4)}, r"encoder: expected .* to latents \(6,\), means"),
        (
            {"encoder": networks.mlp_encoder((3,), 3, 4, stochastic=True)},
            r"encoder: expected examples \(2,\)",
        ),
        ({"likelihood": "poisson"}, "likelihood: expected .*came 'poisson'"),
        ({"likelihood": "bernoulli"}, "likelihood: expected .*tanh.*output_activation"),
        ({"likelihood_std": 0.0}, "likelihood_std: expected a positive number, came 0.0"),
        ({"beta": float("nan")}, "beta: expected a number >= 0, came nan"),
    ],
)
def test_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_interpolate_names_what_is_wrong():
    model, x = build(), np.zeros((3, 2), "float32")
    with pytest.raises(ValueError, match=r"second: expected shape \(3, 2\)"):
        model.interpolate(x, x[:2])
    with pytest.raises(ValueError, match="steps: expected at least 2, the ends, came 1"):
        model.interpolate(x, x, steps=1)

"""Latent reconstruction and the encoder of a finished generator: their terms, and who moves."""

import inspect

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests.conformance.examples import GAMES
from tests.models.losses import SEED, terms_and_gradients
from tfgan_suite import config as configs
from tfgan_suite import draws, models, networks
from tfgan_suite.experiment import build_experiment
from tfgan_suite.models.diagonal_gaussian import DiagonalGaussian


@pytest.mark.parametrize("name", ["LatentReconstruction", "LatentReconstruction stochastic"])
def test_the_encoder_regresses_latents_of_samples(name):
    model = GAMES[name].compiled(reconstruction_weight=0.5)
    x = GAMES[name].batch(model, 5)
    z = draws.normal((5, 3), draws.branch(draws.at_row(SEED, 0), 1)).numpy()
    fake = model.generator(z)
    outputs = model.encoder(fake).numpy()
    if model.is_stochastic:
        own = scipy.stats.norm(outputs[:, :3], np.exp(outputs[:, 3:]))
        errors = -own.logpdf(z).sum(axis=1)
    else:
        errors = np.square(z - outputs).sum(axis=1)
    terms, gradients = terms_and_gradients(model, "generator", x)
    np.testing.assert_allclose(terms["reconstruction"], 0.5 * errors.mean(), rtol=1e-5)
    expected = np.mean(np.log1p(np.exp(-model.discriminator(fake).numpy())))
    np.testing.assert_allclose(terms["adversarial"], expected, rtol=1e-5)
    assert all(np.abs(g).max() > 0 for g in gradients)


def test_negative_log_of_a_gaussian_is_scipys():
    mean, log_std, points = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")
    expected = -scipy.stats.norm(mean, np.exp(log_std)).logpdf(points).sum(axis=1)
    came = DiagonalGaussian(tf.constant(mean), tf.constant(log_std)).negative_log(points)
    np.testing.assert_allclose(came, expected, rtol=1e-5)


def post_hoc(**options):
    generator = networks.mlp_generator((2,), 3, 8, normalization="batch")
    return models.PostHocEncoder(
        generator, networks.mlp_encoder((2,), 3, 8), networks.mlp_joint_discriminator((2,), 3, 8), **options
    )


def test_the_finished_generator_stays_to_the_last_bit():
    model = post_hoc()
    model.compile(jit_compile=False)
    before = [v.numpy() for v in model.generator.variables]
    encoder = [v.numpy() for v in model.encoder.variables]
    model.fit(np.random.default_rng(0).normal(size=(40, 2)).astype("float32"), batch_size=4, verbose=0)
    for old, variable in zip(before, model.generator.variables, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())
    assert all((old != v.numpy()).any() for old, v in zip(encoder, model.encoder.variables, strict=True))
    assert set(model.players()) == {"discriminator", "encoder"}


def test_post_hoc_losses_are_those_of_bigan():
    """Of a generator without batch statistics, which would differ."""
    terms = {}
    for kind, player in (("BiGAN", "generator"), ("PostHocEncoder", "encoder")):
        model = GAMES[kind].compiled()
        x = GAMES[kind].batch(model, 5)
        terms[kind] = [terms_and_gradients(model, p, x)[0] for p in ("discriminator", player)]
    assert terms["BiGAN"] == terms["PostHocEncoder"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": networks.mlp_encoder((2,), 2, 4)}, r"encoder.*\(3,\) or \(6,\), came"),
        ({"reconstruction_weight": 0.0}, "reconstruction_weight: expected a positive number, came 0.0"),
        ({"num_classes": 3}, "num_classes: expected None, LatentReconstruction knows no labels"),
        ({"discriminator": networks.mlp_joint_discriminator((2,), 3, 4)}, "discriminator"),
    ],
)
def test_latent_reconstruction_names_what_is_wrong(changes, message):
    arguments = {
        "generator": networks.mlp_generator((2,), 3, 4),
        "encoder": networks.mlp_encoder((2,), 3, 4),
        "discriminator": networks.mlp_discriminator((2,), 4),
    }
    with pytest.raises(ValueError, match=message):
        models.LatentReconstruction(**arguments | changes)


def test_a_config_encodes_a_generator_that_was_trained_before(tmp_path):
    trained = networks.mlp_generator((2,), 3, width=8)
    trained.save(tmp_path / "generator.keras")
    text = f"""
        data: Ring
        model:
          type: PostHocEncoder
          generator: {{type: keras.saving.load_model, filepath: {tmp_path / "generator.keras"}}}
          encoder: {{type: mlp_encoder, latent_dim: 3, width: 8}}
          discriminator: {{type: mlp_joint_discriminator, latent_dim: 3, width: 8}}
        training: {{batch_size: 4, steps: 2, log_every: 2, sample_every: 2, checkpoint_every: 2}}
    """
    (tmp_path / "encoder.yaml").write_text(inspect.cleandoc(text))
    experiment = build_experiment(configs.load(tmp_path / "encoder.yaml"))
    experiment.model.fit(experiment.minibatches(0), steps_per_epoch=2, verbose=0)
    for now, then in zip(experiment.model.generator.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(now, then)

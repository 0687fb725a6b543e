"""The two phases written out once more, priors of a model, and clear refusals."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tests.conformance.examples import GAMES, MODELS
from tests.models.losses import SEED, terms_and_gradients
from tfgan_suite import config as configs
from tfgan_suite import draws, models, networks, objectives, priors
from tfgan_suite.examples.samples import ModelSamples
from tfgan_suite.examples.saved_model_samples import SavedModelSamples
from tfgan_suite.export import export


def seed_of_draw(n):
    return draws.branch(draws.at_row(SEED, 0), n)


@pytest.mark.parametrize("objective", [objectives.NonSaturating(), objectives.Relativistic()])
def test_losses_are_the_papers_phases(objective):
    model = MODELS["AdversarialAutoencoder"].compiled(objective=objective, likelihood_std=0.5)
    x = MODELS["AdversarialAutoencoder"].batch(model, 5)
    codes = model.encoder(x)
    terms, gradients = terms_and_gradients(model, "autoencoder", x)
    expected = -stats.norm.logpdf(x, model.decoder(codes), 0.5).sum(axis=1).mean()
    np.testing.assert_allclose(terms["reconstruction"], expected, rtol=1e-5)
    assert all(g is not None for g in gradients)
    real = model.discriminator(priors.Petals().draw(5, 2, seed_of_draw(1)))
    fake = model.discriminator(codes)
    terms, _ = terms_and_gradients(model, "discriminator", x)
    np.testing.assert_allclose(terms["adversarial"], objective.discriminator_loss(real, fake), rtol=1e-5)
    terms, _ = terms_and_gradients(model, "encoder", x)
    np.testing.assert_allclose(terms["adversarial"], objective.generator_loss(fake, real), rtol=1e-5)


def test_training_matches_the_prior():
    """Codes of N(0.5, 1) by affine networks: the game moves and stretches them to the prior N(0, 2^2).

    Of data whose mean is large beside their spread the two are one badly conditioned move: codes of
    N(3, 0.5^2) have a spread of 1.2 to 1.5 after 5,000 steps, with the reconstruction's pull and without it.
    """
    examples, latents = keras.Input((1,)), keras.Input((1,))
    model = models.AdversarialAutoencoder(
        keras.Model(examples, keras.layers.Dense(1)(examples)),
        keras.Model(latents, keras.layers.Dense(1)(latents)),
        networks.mlp_discriminator((1,), width=32),
        prior=priors.Normal(2.0),
    )
    model.compile({p: keras.optimizers.Adam(1e-2, beta_1=0.5) for p in model.players()}, jit_compile=False)
    x = np.random.default_rng(0).normal(0.5, 1.0, size=(512, 1)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices(x).repeat().batch(128)
    model.fit(data, steps_per_epoch=1000, verbose=0)
    codes = model.encode(x)
    assert codes.mean() == pytest.approx(0.0, abs=0.1)
    assert codes.std() == pytest.approx(2.0, abs=0.1)
    np.testing.assert_allclose(model.decoder(codes), x, atol=0.05)


def test_stochastic_encoder_draws_from_its_gaussian():
    model = GAMES["AdversarialAutoencoder stochastic"].compiled()
    x = GAMES["AdversarialAutoencoder stochastic"].batch(model, 5)
    mean, log_std = np.split(model.encoder(x).numpy(), 2, axis=1)
    codes = mean + np.exp(log_std) * draws.normal((5, 2), seed_of_draw(1)).numpy()
    terms, _ = terms_and_gradients(model, "encoder", x)
    expected = objectives.NonSaturating().generator_loss(model.discriminator(codes))
    np.testing.assert_allclose(terms["adversarial"], expected, rtol=1e-5)


@pytest.mark.parametrize("prior", [priors.Normal(0.5), priors.Petals(5), priors.SwissRoll()])
def test_samples_decode_the_prior_and_so_does_the_export(prior, tmp_path):
    model = MODELS["AdversarialAutoencoder"].compiled(prior=prior)
    latents = prior.draw(6, 2, draws.root(4))
    np.testing.assert_allclose(model.sample(6, seed=4), model.decoder(latents), rtol=1e-5, atol=1e-6)
    served = SavedModelSamples(export(model, tmp_path / "name"))
    own = ModelSamples(model, "name")
    np.testing.assert_allclose(served.draw(6, 4), own.draw(6, 4), rtol=1e-5, atol=1e-6)


def test_a_config_gives_the_discriminator_latents(tmp_path):
    path = tmp_path / "aae.yaml"
    path.write_text(
        "data: Digits\n"
        "model:\n"
        "  type: AdversarialAutoencoder\n"
        "  encoder: {type: mlp_encoder, latent_dim: 2, width: 8}\n"
        "  decoder: {type: mlp_generator, latent_dim: 2, width: 8}\n"
        "  discriminator: {type: mlp_discriminator, width: 8}\n"
        "  prior: {type: Petals, components: 7}\n"
    )
    config = configs.load(path)
    model = configs.build(config.model, "models", "model", example_shape=(8, 8, 1), seed=0)
    assert model.discriminator.inputs[0].shape == (None, 2)
    assert model.prior == priors.Petals(7)


def build(**changes):
    arguments = {
        "encoder": networks.mlp_encoder((2,), latent_dim=3, width=4),
        "decoder": networks.mlp_generator((2,), latent_dim=3, width=4),
        "discriminator": networks.mlp_discriminator((3,), width=4),
    }
    return models.AdversarialAutoencoder(**arguments | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prior": priors.Petals()}, r"prior: expected latents of 2 dimensions for Petals.*came 3"),
        ({"encoder": networks.mlp_encoder((2,), 4, 4)}, r"encoder: expected .* \(3,\) or \(6,\).*came"),
        ({"discriminator": networks.mlp_discriminator((2,), 4)}, r"discriminator: expected latents \(3,\)"),
        ({"objective": objectives.MetricLearning()}, "MetricLearning: expected a discriminator"),
        ({"likelihood": "laplace"}, "likelihood: expected .*came 'laplace'"),
    ],
)
def test_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)

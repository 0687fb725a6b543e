"""Triples by NumPy, what each level rebuilds, samples through both levels, and clear refusals."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES
from tests.models.losses import SEED, terms_and_gradients
from tfgan_suite import config as configs
from tfgan_suite import draws, models, networks
from tfgan_suite.examples.samples import ModelSamples
from tfgan_suite.export import export


def gaussian(outputs, position):
    """A draw from a network's Gaussian, as the model's draw at this position of a step."""
    mean, log_std = np.split(outputs.numpy(), 2, axis=1)
    noise = draws.normal(mean.shape, draws.branch(draws.at_row(SEED, 0), position)).numpy()
    return mean + noise / (1.0 + np.exp(-log_std))


def test_losses_tell_triples_of_two_directions_apart():
    model = GAMES["HierarchicalALI"].compiled()
    x = GAMES["HierarchicalALI"].batch(model, 5)
    top = draws.normal((5, 1), draws.branch(draws.at_row(SEED, 0), 1)).numpy()
    below = gaussian(model.top_generator(top), 2)
    made = model.generator(below).numpy()
    seen = gaussian(model.encoder(x), 3)
    meant = gaussian(model.top_encoder(seen), 4)
    real = model.discriminator([np.concatenate([seen, meant], axis=1), x]).numpy()
    fake = model.discriminator([np.concatenate([below, top], axis=1), made]).numpy()
    terms, _ = terms_and_gradients(model, "discriminator", x)
    expected = np.mean(np.log1p(np.exp(-real))) + np.mean(np.log1p(np.exp(fake)))
    np.testing.assert_allclose(terms["adversarial"], expected, rtol=1e-5)
    terms, gradients = terms_and_gradients(model, "generator", x)
    expected = np.mean(np.log1p(np.exp(real))) + np.mean(np.log1p(np.exp(-fake)))
    np.testing.assert_allclose(terms["adversarial"], expected, rtol=1e-5)
    assert all(np.abs(g).max() > 0 for g in gradients)


@pytest.mark.parametrize(
    "name", [pytest.param("HierarchicalALI", marks=pytest.mark.slow), "HierarchicalALI with average"]
)
def test_the_top_rebuilds_through_both_levels(name, tmp_path):
    model = GAMES[name].compiled(eagerly=True)
    x = GAMES[name].batch(model, 4)
    model.fit(x, batch_size=4, verbose=0)
    z1 = model.encode(x)
    z2 = model.averaged("top_encoder")(z1).numpy()[:, :1]
    np.testing.assert_allclose(model.encode_top(x, batch_size=3), z2, rtol=1e-4, atol=1e-6)
    upper = model.averaged("top_generator")
    expected = model.sampler(upper(z2).numpy()[:, :3]).numpy()
    rebuilt = model.reconstruct_from_top(x, batch_size=3)
    np.testing.assert_allclose(rebuilt, expected, rtol=1e-4, atol=1e-5)
    served = tf.saved_model.load(str(export(model, tmp_path / "name"))).signatures
    latents = served["encode_top"](samples=tf.constant(x))["latents"]
    np.testing.assert_allclose(latents, z2, rtol=1e-4, atol=1e-5)
    made = served["reconstruct_from_top"](samples=tf.constant(x))["samples"]
    np.testing.assert_allclose(made, rebuilt, rtol=1e-4, atol=1e-5)


def test_samples_come_from_the_top():
    model = GAMES["HierarchicalALI"].compiled()
    before, samples = ModelSamples(model, "m").fingerprint, model.sample(5, seed=1)
    # With means of 7 and no spread, every z1 is 7.
    last = model.top_generator.get_layer("output")
    last.set_weights([0 * last.get_weights()[0], np.array([7, 7, 7, -99, -99, -99], "float32")])
    np.testing.assert_allclose(model.draw_latents(4, draws.root(1)), np.full((4, 3), 7.0), rtol=1e-6)
    assert ModelSamples(model, "m").fingerprint != before
    assert not np.allclose(model.sample(5, seed=1), samples)


def test_no_level_is_wider_than_a_unit_gaussian_whatever_a_network_says():
    model = GAMES["HierarchicalALI"].compiled()
    last = model.top_generator.get_layer("output")
    last.set_weights([0 * last.get_weights()[0], np.array([7, 7, 7, 99, 0, -3], "float32")])
    below = model.draw_latents_below(np.zeros((20_000, 1), "float32"), draws.root(1)).numpy()
    np.testing.assert_allclose(below.mean(axis=0), 7.0, atol=0.03)
    # The bound is soft: far below 0 the network's output is the logarithm of the deviation.
    np.testing.assert_allclose(below.std(axis=0), [1.0, 0.5, 1 / (1 + np.exp(3.0))], rtol=0.03)


def test_a_config_tells_each_network_what_it_sees():
    spec = {
        "type": "HierarchicalALI",
        "generator": {"type": "mlp_generator", "latent_dim": 5, "width": 4},
        "encoder": {"type": "mlp_encoder", "latent_dim": 5, "width": 4, "stochastic": True},
        "discriminator": {"type": "mlp_joint_discriminator", "latent_dim": 7, "width": 4},
        "top_generator": {"type": "mlp_encoder", "latent_dim": 5, "width": 4, "stochastic": True},
        "top_encoder": {"type": "mlp_encoder", "latent_dim": 2, "width": 4, "stochastic": True},
    }
    model = configs.build(spec, "models", "model", example_shape=(28, 28, 1))
    assert (model.latent_dim, model.top_latent_dim) == (5, 2)


def build(**changes):
    arguments = {
        "generator": networks.mlp_generator((2,), 3, 4),
        "encoder": networks.mlp_encoder((2,), 3, 4, stochastic=True),
        "discriminator": networks.mlp_joint_discriminator((2,), 4, 4),
        "top_generator": networks.mlp_encoder((1,), 3, 4, stochastic=True),
        "top_encoder": networks.mlp_encoder((3,), 1, 4, stochastic=True),
    }
    return models.HierarchicalALI(**arguments | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"top_generator": networks.mlp_encoder((1,), 3, 4)},
            r"top_generator.*\(6,\).*stochastic.*came.*\(3,\)",
        ),
        ({"top_encoder": networks.mlp_encoder((3,), 2, 4, stochastic=True)}, r"top_encoder.*\(2,\).*\(4,\)"),
        (
            {"discriminator": networks.mlp_joint_discriminator((2,), 3, 4)},
            r"discriminator.*\(4,\).*came.*\(3,\)",
        ),
        ({"encoder": networks.mlp_encoder((2,), 3, 4)}, r"encoder: expected examples .*\(6,\)"),
    ],
)
def test_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)

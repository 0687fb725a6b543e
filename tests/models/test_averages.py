"""Moving averages of every network that makes or reads latents: their formula, and who uses them."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES, every
from tfgan_suite.export import export

# By model. The encoder of an AdversarialAutoencoder has two players.
BOTH = ("generator", "encoder")
AVERAGED = {
    "GAN": ("generator",),
    "SemiSupervisedGAN K+1": ("generator", "discriminator"),
    "VAE": BOTH,
    "VAEGAN": BOTH,
    "AdversarialAutoencoder": BOTH,
    "VEEGAN": BOTH,
    "BiGAN": BOTH,
    "LatentReconstruction": BOTH,
    "HierarchicalALI": (*BOTH, "top_generator", "top_encoder"),
}
DECAY = 0.3


def weights(network):
    return [w.numpy() for w in network.weights]


def moved(means, network, decay):
    """One step of the average; what is not trained, batch statistics, is copied."""
    trained = {id(v) for v in network.trainable_variables}
    return [
        decay * mean + (1 - decay) * v.numpy() if id(v) in trained else v.numpy()
        for mean, v in zip(means, network.weights, strict=True)
    ]


def averaging(name):
    return GAMES[name].compiled(eagerly=True, ema_decay=DECAY)


@every({name: name for name in AVERAGED}, default={"AdversarialAutoencoder", "HierarchicalALI"})
def test_averages_move_once_a_training_step_by_the_stated_formula(example):
    name, model = example, averaging(example)
    assert set(model._averaged) == set(AVERAGED[name])
    expected = {n: weights(getattr(model, n)) for n in AVERAGED[name]}
    x = GAMES[name].batch(model, 4)
    for step in range(4):
        model.fit(*(x if isinstance(x, tuple) else (x,)), batch_size=4, verbose=0)
        decay = min(DECAY, (1 + step) / (10 + step))
        for n, means in expected.items():
            expected[n] = moved(means, getattr(model, n), decay)
    for n, means in expected.items():
        assert model.averaged(n) is not getattr(model, n)
        for mean, found in zip(means, weights(model.averaged(n)), strict=True):
            np.testing.assert_allclose(found, mean, rtol=1e-5, atol=1e-6, err_msg=n)


def test_without_a_decay_there_are_none():
    model = GAMES["HierarchicalALI"].make()
    assert model.ema_generator is model.ema_encoder is model.ema_top_encoder is None
    for name in AVERAGED["HierarchicalALI"]:
        assert model.averaged(name) is getattr(model, name)


@pytest.fixture(scope="module")
def two_levels():
    model = averaging("HierarchicalALI")
    x = GAMES["HierarchicalALI"].batch(model, 7)
    model.fit(x, batch_size=4, verbose=0)
    return model, x


def test_reading_latents_takes_the_averages(two_levels):
    model, x = two_levels
    size = model.latent_dim
    latents = model.ema_encoder(x).numpy()[:, :size]
    assert not np.allclose(latents, model.encoder(x)[:, :size], atol=1e-3)
    np.testing.assert_allclose(model.encode(x), latents, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.reconstruct(x), model.ema_generator(latents), rtol=1e-5, atol=1e-6)
    top = model.ema_top_encoder(latents).numpy()[:, :1]
    assert not np.allclose(top, model.top_encoder(latents)[:, :1], atol=1e-3)
    np.testing.assert_allclose(model.encode_top(x), top, rtol=1e-5, atol=1e-6)


def test_the_export_holds_the_averages_alone(two_levels, tmp_path):
    model, x = two_levels
    path = export(model, tmp_path / "name")
    served = tf.saved_model.load(str(path)).signatures
    for name in ("encode", "encode_top"):
        found = served[name](samples=tf.constant(x))["latents"]
        np.testing.assert_allclose(found, getattr(model, name)(x), rtol=1e-5, atol=1e-6, err_msg=name)
    for name in ("reconstruct", "reconstruct_from_top"):
        found = served[name](samples=tf.constant(x))["samples"]
        np.testing.assert_allclose(found, getattr(model, name)(x), rtol=1e-5, atol=1e-6, err_msg=name)
    stored = [
        shape
        for name, shape in tf.train.list_variables(str(path / "variables/variables"))
        if "weights" in name
    ]
    assert len(stored) == sum(len(model.averaged(n).weights) for n in AVERAGED["HierarchicalALI"])

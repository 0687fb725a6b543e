"""Moving averages of every network that makes or reads latents: their formula, and who uses them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES, every
from tfgan_suite import models, networks
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
    """One step of the average; what is not trained is copied. No network here has batch statistics."""
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


def with_batch_statistics(momentum):
    """A BiGAN whose generator and encoder have batch normalisation of this momentum."""
    both = {"latent_dim": 3, "width": 4, "depth": 2, "normalization": "batch"}
    generator, encoder = networks.mlp_generator((2,), **both), networks.mlp_encoder((2,), **both)
    discriminator = networks.mlp_joint_discriminator((2,), 3, width=4)
    model = models.BiGAN(generator, encoder, discriminator, ema_decay=DECAY)
    for network in (generator, encoder, model.ema_generator, model.ema_encoder):
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = momentum
    model.compile({p: keras.optimizers.SGD(1.0) for p in model.players()}, run_eagerly=True)
    return model


def first_moments(network, inputs):
    """Mean and variance of what the first batch normalisation sees, computed with NumPy."""
    layer = next(x for x in network.layers if isinstance(x, keras.layers.BatchNormalization))
    seen = np.asarray(keras.Model(network.input, layer.input)(inputs, training=False), np.float64)
    return layer, seen.mean(axis=0), seen.var(axis=0)


def test_statistics_of_averages_are_of_what_the_averages_compute(monkeypatch):
    """With a momentum of 0, statistics are the moments of the last minibatch that an average saw."""
    model, rng = with_batch_statistics(momentum=0.0), np.random.default_rng(0)
    x, z = (rng.normal(size=(16, n)).astype("float32") for n in (2, 3))
    monkeypatch.setattr(type(model), "draw_latents", lambda self, count, seed: tf.constant(z[:count]))
    model.fit(x, batch_size=16, epochs=3, shuffle=False, verbose=0)
    for name, inputs in (("encoder", x), ("generator", z)):
        layer, mean, variance = first_moments(model.averaged(name), inputs)
        np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4, atol=1e-5, err_msg=name)
        np.testing.assert_allclose(layer.moving_variance, variance, rtol=1e-4, atol=1e-5, err_msg=name)
        own, *_ = first_moments(getattr(model, name), inputs)
        assert not np.allclose(own.moving_mean, mean, atol=1e-3)  # what a copy would be


def test_statistics_of_averages_remember_half_as_many_steps_as_the_weights():
    """At a rate of 1 / 100 and a momentum of 0.9, whose memory is 10 passes, a pass in every fifth step."""
    model = with_batch_statistics(momentum=0.9)
    model.ema_decay = 0.99
    model.train_steps.assign(1000)
    x = np.random.default_rng(0).normal(size=(4, 2)).astype("float32")
    layer, *_ = first_moments(model.ema_encoder, x)
    moved = []
    for _ in range(11):
        before = layer.moving_mean.numpy()
        model.fit(x, batch_size=4, verbose=0)
        moved.append(not np.array_equal(before, layer.moving_mean.numpy()))
    assert np.flatnonzero(moved).tolist() == [0, 5, 10]


def test_statistics_of_averages_change_nothing_else(monkeypatch):
    x = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")
    found = []
    for is_moved in (True, False):
        keras.utils.set_random_seed(0)
        model = with_batch_statistics(momentum=0.9)
        if not is_moved:
            monkeypatch.setattr(type(model), "_move_statistics", lambda *arguments: None)
        model.fit(x, batch_size=8, epochs=2, verbose=0)
        networks_of = (model.generator, model.encoder, model.discriminator)
        found.append([v.numpy() for network in networks_of for v in network.weights])
    for with_them, without in zip(*found, strict=True):
        np.testing.assert_array_equal(with_them, without)


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

"""Labels in all three networks: the losses written out, and what is kept when a label changes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import MODELS, POINT
from tests.models.losses import terms_and_gradients
from tests.models.test_bigan import log_sigmoid, normal
from tfgan_suite import models, networks, regularizers
from tfgan_suite.export import export
from tfgan_suite.latent_attributes import LatentAttributes

IMAGE = (16, 16, 1)
EXAMPLE = MODELS["ALI with labels"]


def test_losses_are_algorithm_1_with_labels_in_every_network():
    model = EXAMPLE.compiled()
    x, y = EXAMPLE.batch(model, 5)
    z = normal(1, (5, 3))
    outputs = model.encoder([x, y]).numpy()
    encoded = outputs[:, :3] + np.exp(outputs[:, 3:]) * normal(2, (5, 3))
    real = model.discriminator([encoded, x, y]).numpy()
    fake = model.discriminator([z, model.generator([z, y]).numpy(), y]).numpy()
    expected = {
        "discriminator": -np.mean(log_sigmoid(real)) - np.mean(log_sigmoid(-fake)),
        "generator": -np.mean(log_sigmoid(-real)) - np.mean(log_sigmoid(fake)),
    }
    for player, loss in expected.items():
        terms, gradients = terms_and_gradients(model, player, (x, y))
        np.testing.assert_allclose(terms["adversarial"], loss, rtol=1e-5)
        assert all(np.abs(g).max() > 0 for g in gradients)  # the embeddings' too


@pytest.fixture(scope="module")
def trained():
    """On x = 4 y + u, u ~ U(-1, 1), y = 0, 1, 2; long enough for the label, not for all that latents say."""
    keras.utils.set_random_seed(3)
    options = {"latent_dim": 1, "width": 32, "num_classes": 3}
    model = models.ALI(
        networks.mlp_generator((1,), **options),
        networks.mlp_encoder((1,), stochastic=True, **options),
        networks.mlp_joint_discriminator((1,), **options),
        regularizers=[regularizers.R1(0.1)],
        num_classes=3,
    )
    model.compile({p: keras.optimizers.Adam(3e-3, beta_1=0.5) for p in model.players()}, jit_compile=False)
    x, y = scattered(10_000, 0)
    model.fit(x, y, batch_size=128, epochs=6, verbose=0)
    return model


def scattered(count, seed):
    random = np.random.default_rng(seed)
    y = random.integers(3, size=count).astype("int32")
    return (4.0 * y[:, None] + random.uniform(-1, 1, (count, 1))).astype("float32"), y


def label_of(x):
    return np.round(x[..., 0] / 4)


def test_examples_are_made_as_the_label_says(trained):
    x, y = scattered(600, 1)
    assert np.mean(label_of(trained.sample(600, seed=2, labels=y)) == y) > 0.99
    again = trained.reconstruct(x, y)
    assert np.mean(label_of(again) == y) > 0.99
    latents, other = trained.encode(x, y), (y + 1) % 3
    changed = trained.reconstruct(x, y, new_labels=other)
    assert np.mean(label_of(changed) == other) > 0.99
    np.testing.assert_allclose(again, trained([latents, y]), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(changed, trained([latents, other]), rtol=1e-4, atol=1e-4)


def test_what_lies_between_two_of_a_class_is_of_it(trained):
    y = np.arange(3)
    first, second = (4.0 * y[:, None] + side for side in (-0.9, 0.9))
    between = trained.interpolate(first, second, steps=5, labels=y, batch_size=7)
    assert between.shape == (3, 5, 1)
    for end, inputs in ((0, first), (-1, second)):
        np.testing.assert_allclose(between[:, end], trained.reconstruct(inputs, y), rtol=1e-4, atol=1e-4)
    assert (label_of(between) == y[:, None]).all()


def test_signatures_take_labels(tmp_path):
    model = EXAMPLE.compiled(eagerly=True)
    x, y = EXAMPLE.batch(model, 6)
    served = tf.saved_model.load(str(export(model, tmp_path / "name"))).signatures
    latents = served["encode"](samples=x, labels=y)["latents"]
    np.testing.assert_allclose(latents, model.encode(x, y), rtol=1e-4, atol=1e-5)
    again = served["reconstruct"](samples=x, labels=y)["samples"]
    np.testing.assert_allclose(again, model.reconstruct(x, y), rtol=1e-4, atol=1e-5)
    other = (y + 1) % 4
    changed = served["serving_default"](latents=latents, labels=other)["samples"]
    np.testing.assert_allclose(changed, model.reconstruct(x, y, other), rtol=1e-4, atol=1e-5)
    between = served["interpolate"](first=x[:3], second=x[3:], steps=tf.constant(4), labels=y[:3])["samples"]
    np.testing.assert_allclose(between, model.interpolate(x[:3], x[3:], 4, y[:3]), rtol=1e-4, atol=1e-5)


def of_images(kind):
    return {
        "dcgan": (
            networks.dcgan_generator(IMAGE, 3, 2, num_classes=4),
            networks.dcgan_encoder(IMAGE, 3, 2, stochastic=True, num_classes=4),
            networks.dcgan_joint_discriminator(IMAGE, 3, 2, joint_width=8, num_classes=4),
        ),
        "ali": (
            networks.ali_generator((32, 32, 1), 3, 2, num_classes=4),
            networks.ali_encoder((32, 32, 1), 3, 2, num_classes=4),
            networks.ali_joint_discriminator((32, 32, 1), 3, 2, num_classes=4),
        ),
    }[kind]


@pytest.mark.parametrize("kind", ["dcgan", "ali"])
def test_networks_of_images_know_the_label(kind):
    model = models.ALI(*of_images(kind), num_classes=4)
    assert all(map(knows_label, (model.generator, model.encoder, model.discriminator)))
    made = model.sample(4, labels=[0, 3, 1, 2])
    assert model.encode(made, [0, 3, 1, 2]).shape == (4, 3)


def knows_label(network):
    """Whether a network's output has a gradient with respect to the label's vector."""
    random = np.random.default_rng(0)
    inputs = [random.normal(size=(2, *i.shape[1:])).astype("float32") for i in network.inputs[:-1]]
    with tf.GradientTape() as tape:
        outputs = tf.reduce_sum(tf.square(network([*inputs, np.array([0, 3])], training=True)))
    table = network.get_layer("label_embedding").table.value
    gradient = tape.gradient(outputs, table).numpy()
    return np.abs(gradient[[0, 3]]).max() > 0 and np.abs(gradient[[1, 2]]).max() == 0


def build(**changes):
    options = {"latent_dim": 3, "width": 4}
    arguments = {
        "generator": networks.mlp_generator(POINT, **options, num_classes=4),
        "encoder": networks.mlp_encoder(POINT, **options, stochastic=True, num_classes=4),
        "discriminator": networks.mlp_joint_discriminator(POINT, **options, num_classes=4),
        "num_classes": 4,
    }
    return models.ALI(**arguments | changes)


PLAIN = {"latent_dim": 3, "width": 4}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"generator": networks.mlp_generator(POINT, **PLAIN)},
            r"generator: expected inputs \[latents, labels\]",
        ),
        (
            {"encoder": networks.mlp_encoder(POINT, **PLAIN, stochastic=True)},
            r"encoder: expected examples \(2,\) and labels \(\) to latents \(6,\)",
        ),
        (
            {"discriminator": networks.mlp_joint_discriminator(POINT, **PLAIN)},
            r"discriminator: expected inputs \[latents, examples, labels\]",
        ),
        ({"packing": 2}, "packing: expected 1 with num_classes"),
    ],
)
def test_a_network_without_labels_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_labels_are_asked_for():
    model = build()
    x = np.zeros((4, *POINT), "float32")
    with pytest.raises(ValueError, match="labels: expected 4 from 0 to 3, came None"):
        model.encode(x)
    with pytest.raises(ValueError, match=r"labels: expected 4 from 0 to 3, came \[0, 1, 2, 4\]"):
        model.reconstruct(x, [0, 1, 2, 3], new_labels=[0, 1, 2, 4])
    with pytest.raises(ValueError, match="labels: expected none"):
        MODELS["ALI"].compiled().encode(x, [0, 1, 2, 3])
    with pytest.raises(ValueError, match="model: expected one without num_classes; came ALI of 4"):
        LatentAttributes.fit(model, x, np.arange(4))

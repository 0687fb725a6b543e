"""Attributes in latents: what is fitted, generated, changed and served."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES, MODELS
from tfgan_suite import images, models, networks
from tfgan_suite.cli import main
from tfgan_suite.export import export
from tfgan_suite.extractors import Classifier
from tfgan_suite.latent_attributes import LatentAttributes

SIZE = 3


def linear(matrix, is_stochastic=False, log_std=-1.0):
    """A model whose encoder and decoder multiply by `matrix` and by its inverse."""
    examples, latents = keras.Input((SIZE,)), keras.Input((SIZE,))
    outputs = keras.layers.Dense(SIZE, name="there")(examples)
    if is_stochastic:
        outputs = keras.layers.Concatenate()([outputs, 0.0 * outputs + log_std])
    encoder = keras.Model(examples, outputs)
    decoder = keras.Model(latents, keras.layers.Dense(SIZE, name="back")(latents))
    encoder.get_layer("there").set_weights([matrix, np.zeros(SIZE)])
    decoder.get_layer("back").set_weights([np.linalg.inv(matrix), np.zeros(SIZE)])
    if is_stochastic:
        return models.VAE(encoder, decoder)
    return models.BiGAN(decoder, encoder, networks.mlp_joint_discriminator((SIZE,), SIZE, 4))


MATRIX = np.array([[1.0, 0.5, 0.0], [0.0, 2.0, -0.3], [0.4, 0.0, 1.0]])


def test_one_attribute_is_the_difference_of_mean_latents():
    random = np.random.default_rng(0)
    examples = random.normal(size=(50, SIZE)).astype("float32")
    has_it = random.integers(0, 2, 50)
    found = LatentAttributes.fit(linear(MATRIX), examples, has_it[:, None])
    latents = examples @ MATRIX
    expected = latents[has_it == 1].mean(axis=0) - latents[has_it == 0].mean(axis=0)
    np.testing.assert_allclose(found.directions, expected[None], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.offset, latents[has_it == 0].mean(axis=0), rtol=1e-4, atol=1e-5)


def test_attributes_that_go_together_are_told_apart():
    random = np.random.default_rng(1)
    first = random.integers(0, 2, 400)
    second = np.where(random.random(400) < 0.9, first, 1 - first)
    attributes = np.stack([first, second], axis=1)
    weights = np.array([[1.0, 0.0, 0.0], [0.0, -2.0, 1.0]])
    examples = (attributes @ weights + 0.01 * random.normal(size=(400, SIZE))).astype("float32")
    found = LatentAttributes.fit(linear(np.eye(SIZE)), examples, attributes)
    np.testing.assert_allclose(found.directions, weights, atol=0.01)
    naive = examples[first == 1].mean(axis=0) - examples[first == 0].mean(axis=0)
    assert np.abs(naive - weights[0]).max() > 1  # a difference of means has the second one's part as well


def test_examples_of_a_class_have_its_mean_and_covariance():
    random = np.random.default_rng(2)
    means = np.array([[2.0, 0.0, 0.0], [0.0, -1.0, 3.0]])
    root = np.array([[1.0, 0.0, 0.0], [0.8, 0.3, 0.0], [0.0, 0.0, 0.0]])  # singular: the last stands still
    labels = np.arange(4000) % 2
    examples = (means[labels] + random.normal(size=(4000, SIZE)) @ root.T).astype("float32")
    found = LatentAttributes.fit(linear(MATRIX), examples, labels)
    made = found.generate(np.tile([[0, 1]], (20_000, 1)), seed=3)
    np.testing.assert_allclose(made.mean(axis=0), means[1], atol=0.06)
    np.testing.assert_allclose(np.cov(made.T), root @ root.T, atol=0.08)
    np.testing.assert_array_equal(made[:5], found.generate(np.tile([[0, 1]], (20_000, 1)), seed=3)[:5])
    assert np.abs(made[:5] - found.generate(np.tile([[0, 1]], (20_000, 1)), seed=4)[:5]).max() > 0.01


def test_the_noise_of_a_stochastic_encoder_is_part_of_the_covariance():
    examples = np.random.default_rng(3).normal(size=(500, SIZE)).astype("float32")
    labels = np.arange(500) % 2
    sure, unsure = (
        LatentAttributes.fit(linear(MATRIX, True, log_std), examples, labels) for log_std in (-20.0, 0.5)
    )
    np.testing.assert_allclose(
        unsure.scale @ unsure.scale.T - sure.scale @ sure.scale.T, np.e * np.eye(SIZE), atol=1e-4
    )


def test_a_change_moves_an_example_and_no_change_rebuilds_it():
    random = np.random.default_rng(4)
    labels = np.arange(90) % 3
    examples = (np.eye(3)[labels] * 5 + 0.1 * random.normal(size=(90, SIZE))).astype("float32")
    model = linear(MATRIX)
    found = LatentAttributes.fit(model, examples, labels)
    np.testing.assert_allclose(found.change(examples, np.zeros((90, 3))), examples, atol=1e-4)
    changes = np.eye(3)[(labels + 1) % 3] - np.eye(3)[labels]
    np.testing.assert_allclose(found.change(examples, changes), examples + 5 * changes, atol=0.1)


@pytest.mark.parametrize("name", ["ALI", "VAE bernoulli"])
def test_the_served_ones_equal_the_model(name, tmp_path):
    example = (MODELS | GAMES)[name]
    model = example.compiled(eagerly=True)
    examples = np.random.default_rng(5).uniform(-1, 1, (12, *example.example_shape)).astype("float32")
    is_image = examples.ndim == 4
    edge = images.to_uint8 if is_image else np.asarray
    found = LatentAttributes.fit(model, examples, np.arange(12) % 2)
    served = tf.saved_model.load(str(export(model, tmp_path / "name", attributes=found)))
    wanted = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], "float32")
    (made,) = served.signatures["generate_with_attributes"](
        attributes=wanted, seed=tf.constant(7, tf.int64)
    ).values()
    tolerance = 1 if is_image else 1e-4
    np.testing.assert_allclose(made.numpy().astype(float), edge(found.generate(wanted, 7)), atol=tolerance)
    edges = edge(examples[:3])
    key = "images" if is_image else "samples"
    (made,) = served.signatures["change_attributes"](**{key: tf.constant(edges)}, changes=wanted).values()
    inside = images.from_uint8(edges) if is_image else edges
    np.testing.assert_allclose(made.numpy().astype(float), edge(found.change(inside, wanted)), atol=tolerance)


def test_a_model_without_attributes_has_no_such_signatures(tmp_path):
    served = tf.saved_model.load(str(export(MODELS["VAE"].compiled(), tmp_path / "name")))
    assert not [name for name in served.signatures if "attributes" in name]


def test_what_is_wrong_is_named():
    model, examples = linear(MATRIX), np.zeros((6, SIZE), "float32")
    with pytest.raises(ValueError, match="model: expected one with an encoder, came GAN"):
        LatentAttributes.fit(MODELS["GAN"].compiled(), examples, np.zeros((6, 1)))
    for attributes in (np.zeros((5, 1)), np.zeros((6, 6)), np.zeros(6), np.full(6, -1)):
        with pytest.raises(ValueError, match="attributes: expected .* count 6; came shape"):
            LatentAttributes.fit(model, examples, attributes)
    with pytest.raises(ValueError, match="attributes: expected finite numbers"):
        LatentAttributes.fit(model, examples, np.full((6, 1), np.nan))
    found = LatentAttributes.fit(model, examples, np.arange(6) % 2)
    with pytest.raises(ValueError, match=r"attributes: expected shape \(any, 2\), came \(4, 3\)"):
        found.generate(np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"changes: expected shape \(6, 2\), came \(5, 2\)"):
        found.change(examples, np.zeros((5, 2)))
    with pytest.raises(ValueError, match="attributes: expected those of this model"):
        export(linear(MATRIX), None, attributes=found)


def test_digits_of_a_class_are_made_by_a_vae_that_never_saw_a_label(tmp_path):
    """By the command line, as a user would: train, export with the labels, ask for sevens."""
    config = tmp_path / "vae.yaml"
    config.write_text(
        "data: {type: Digits, image_size: 16}\n"
        "model: {type: VAE, likelihood: bernoulli,"
        " encoder: {type: mlp_encoder, latent_dim: 8, width: 128, stochastic: true},"
        " decoder: {type: mlp_generator, latent_dim: 8, width: 128, output_activation: tanh}}\n"
        "optimizers: {autoencoder: {type: Adam, learning_rate: 3e-3}}\n"
        "training: {batch_size: 64, steps: 300, log_every: 300, sample_every: 300, checkpoint_every: 300}\n"
        "evaluation: {samples: 100}\n"
    )
    main(["train", str(config), "--output", str(tmp_path / "run")])
    main(["export", str(tmp_path / "run"), "--attributes", "--out", str(tmp_path / "served")])
    served = tf.saved_model.load(str(tmp_path / "served/1"))
    wanted = np.arange(200) % 10
    (made,) = served.signatures["generate_with_attributes"](
        attributes=np.eye(10, dtype="float32")[wanted], seed=tf.constant(1, tf.int64)
    ).values()
    classes = Classifier("digits")(made.numpy()).probabilities.argmax(axis=1)
    assert np.mean(classes == wanted) > 0.6  # by chance 0.1

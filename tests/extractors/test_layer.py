"""Layers of Keras models, and of the discriminator of a run."""

import keras
import numpy as np
import pytest

from tests import tiny
from tfgan_suite import networks
from tfgan_suite.cli import main
from tfgan_suite.errors import UserError
from tfgan_suite.extractors import Discriminator, Layer

IMAGES = np.random.default_rng(0).integers(0, 256, size=(9, 16, 16, 1), dtype=np.uint8)


@pytest.fixture
def network():
    images = keras.Input((16, 16, 1))
    x = keras.layers.Conv2D(3, 3, activation="relu", name="convolution")(images)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(images, keras.layers.Dense(4, activation="softmax", name="classes")(x))


def test_the_output_of_the_layer_in_inference_mode_from_floats(network, tmp_path):
    network.save(tmp_path / "x.keras")
    floats = IMAGES.astype(np.float32) / 127.5 - 1
    expected = network.get_layer("convolution")(floats).numpy().reshape(9, -1)
    for model in (network, str(tmp_path / "x.keras")):
        layer = Layer(model, "convolution", probabilities="classes")
        found = layer(IMAGES)
        np.testing.assert_allclose(found.features, expected, atol=1e-6)
        np.testing.assert_allclose(found.probabilities, network(floats), atol=1e-6)  # no dropout
        assert layer.describe((16, 16, 1))["resize"] == "none"
        # Batches change nothing.
        np.testing.assert_allclose(layer(IMAGES[3:5]).features, found.features[3:5], atol=1e-6)


def test_the_fingerprint_follows_weights_and_layer(network):
    first = Layer(network, "convolution").fingerprint
    assert first != Layer(network, "classes").fingerprint
    network.set_weights([w + 1 for w in network.get_weights()])
    assert first != Layer(network, "convolution").fingerprint


def test_mistakes_are_named(network, tmp_path):
    with pytest.raises(UserError, match="layer: expected one of .*convolution.*came 'convolutoin'"):
        Layer(network, "convolutoin").describe((16, 16, 1))
    with pytest.raises(UserError, match=r"takes examples of shape \(16, 16, 1\), came \(8, 8, 1\)"):
        Layer(network, "convolution").describe((8, 8, 1))
    with pytest.raises(UserError, match=r"model: expected a \.keras file"):
        Layer(str(tmp_path / "none.keras"), "x")
    (tmp_path / "bad.keras").write_text("x")
    with pytest.raises(UserError, match="model: expected a .keras file.*bad.keras"):
        _ = Layer(str(tmp_path / "bad.keras"), "x").model


@pytest.mark.parametrize("conditional", [False, True])
def test_a_discriminators_features_need_no_labels(conditional, monkeypatch):
    classes = 5 if conditional else None
    discriminator = networks.dcgan_discriminator((16, 16, 1), 4, num_classes=classes)
    layer = Layer(discriminator, "features")
    assert layer(IMAGES).features.shape == (9, discriminator.get_layer("features").output.shape[-1])
    if conditional:
        with pytest.raises(UserError, match="layer: logits .* from images alone"):  # the score does
            Layer(discriminator, "logits")(IMAGES)


def test_the_discriminator_of_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tiny.write(tmp_path)
    assert main(["train", str(path), "--output", "run", "--set", "training.steps=5"]) == 0
    extractor = Discriminator("run")
    assert extractor.describe((16, 16, 1))["extractor"] == "layer features of the discriminator of run"
    expected = extractor.run.load().model.discriminator.get_layer("features").output.shape[-1]
    assert extractor(IMAGES).features.shape == (9, expected)
    with pytest.raises(UserError, match="expected the folder of a run"):
        Discriminator("lab")

"""Inception, with a small SavedModel of the same signature in its place."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfgan_suite.errors import UserError
from tfgan_suite.extractors import Inception
from tfgan_suite.extractors.inception import preprocess

IMAGES = np.random.default_rng(0).integers(0, 256, size=(5, 32, 32, 3), dtype=np.uint8)


class Small(tf.Module):
    """Takes (n, 299, 299, 3) and returns logits and pool_3, as the published module does."""

    def __init__(self, outputs=("logits", "pool_3")):
        super().__init__()
        self.outputs = outputs
        self.kernel = tf.Variable(np.random.default_rng(0).normal(size=(3, 1008)).astype("float32"))

    @tf.function(input_signature=[tf.TensorSpec((None, 299, 299, 3), tf.float32)])
    def __call__(self, images):
        pooled = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
        found = {"logits": pooled[:, 0, 0] @ self.kernel, "pool_3": tf.tile(pooled, (1, 1, 1, 4))}
        return {name: found[name] for name in self.outputs if name in found} or pooled


@pytest.fixture
def module(tmp_path):
    tf.saved_model.save(Small(), str(tmp_path / "module"))
    return tmp_path / "module"


def test_features_and_probabilities(module):
    inception = Inception(str(module))
    assert inception.describe((32, 32, 3)) == {
        "extractor": f"Inception {inception.fingerprint[:12]}",
        "resize": "TF1 bilinear to 299, not antialiased",
    }
    found = inception(IMAGES)
    assert found.features.shape == (5, 12)
    assert found.probabilities.shape == (5, 1008)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    means = preprocess(tf.constant(IMAGES)).numpy().mean(axis=(1, 2))
    np.testing.assert_allclose(found.features[:, :3], means, atol=1e-5)
    logits = means @ Small().kernel.numpy()
    np.testing.assert_allclose(found.probabilities, tf.nn.softmax(logits), rtol=1e-3)


def test_grey_images_are_repeated(module):
    grey = IMAGES[..., :1]
    as_rgb = np.repeat(grey, 3, axis=-1)
    np.testing.assert_array_equal(Inception(module)(grey).features, Inception(module)(as_rgb).features)
    with pytest.raises(UserError, match="1 or 3 channels"):
        Inception(module).describe((32, 32, 2))


def test_the_resize_is_tensorflow_1s():
    """Output pixel i samples the input at i * size / 299, without half-pixel centres, between neighbours."""
    found = preprocess(tf.constant(IMAGES)).numpy()
    scaled = (IMAGES.astype(np.float64) - 128) / 128
    place = np.arange(299) * 32 / 299
    low = np.floor(place).astype(int)
    high, part = np.minimum(low + 1, 31), place - low
    rows = scaled[:, low] * (1 - part)[:, None, None] + scaled[:, high] * part[:, None, None]
    expected = rows[:, :, low] * (1 - part)[:, None] + rows[:, :, high] * part[:, None]
    # In float32 a position below 32 is off by up to 32 * 2^-24; neighbours differ by up to 2, both ways.
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    # Neither TensorFlow 2's nor Pillow's, which move images by half a pixel.
    modern = tf.image.resize((tf.cast(IMAGES, tf.float32) - 128) / 128, (299, 299)).numpy()
    pillow = np.asarray(Image.fromarray(IMAGES[0]).resize((299, 299), Image.BILINEAR)) / 128 - 1
    assert np.abs(found - modern).mean() > 0.01
    assert np.abs(found[0] - pillow).mean() > 0.01


def test_the_module_is_loaded_once(module, monkeypatch):
    loads, load = [], tf.saved_model.load
    monkeypatch.setattr(tf.saved_model, "load", lambda path: loads.append(path) or load(path))
    inception = Inception(module)
    for size in (5, 3, 1):
        inception(IMAGES[:size])
    assert loads == [str(module)]


def test_the_fingerprint_is_of_the_content(module, tmp_path):
    first = Inception(module).fingerprint
    assert first == Inception(module).fingerprint
    changed = Small()
    changed.kernel.assign_add(tf.ones_like(changed.kernel))
    tf.saved_model.save(changed, str(tmp_path / "changed"))
    assert first != Inception(tmp_path / "changed").fingerprint


@pytest.mark.parametrize("outputs", [("logits",), ()])
def test_another_module_is_refused(tmp_path, outputs):
    tf.saved_model.save(Small(outputs), str(tmp_path / "other"))
    with pytest.raises(UserError, match="module: expected outputs logits and pool_3, came"):
        Inception(tmp_path / "other").describe((32, 32, 3))


def test_a_handle_is_found_in_the_hubs_cache_or_the_message_says_how_to_get_it(module, tmp_path, monkeypatch):
    hub = pytest.importorskip("tensorflow_hub")
    handle = "https://tfhub.dev/tensorflow/tfgan/eval/inception/1"
    monkeypatch.setattr(hub, "resolve", lambda given: str(module) if given == handle else None)
    assert Inception()(IMAGES).features.shape == (5, 12)

    def no_network(handle):
        raise OSError("Name or service not known")

    monkeypatch.setattr(hub, "resolve", no_network)
    with pytest.raises(UserError) as error:
        Inception().describe((32, 32, 3))
    for part in (handle, "hub.resolve", "TFHUB_CACHE_DIR", "--extractor", "Name or service not known"):
        assert part in str(error.value)
    with pytest.raises(UserError, match="expected a TF-Hub handle or a folder"):
        _ = Inception(str(tmp_path / "nothing")).folder

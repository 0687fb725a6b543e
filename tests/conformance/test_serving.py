"""An exported generator needs TensorFlow and nothing else, and makes what the model makes."""

import subprocess
import sys

import numpy as np
import pytest

from tests.conformance.examples import KINDS, MODELS, every
from tfgan_suite import draws, images
from tfgan_suite.export import CHUNK, export


@every(MODELS, default=KINDS | {"VAE"})
def test_signatures_equal_the_model(example, tmp_path):
    import tensorflow as tf

    model = example.compiled(eagerly=True)
    batch = example.batch(model)
    model.fit(*(batch if isinstance(batch, tuple) else (batch,)), batch_size=4, verbose=0)
    served = tf.saved_model.load(str(export(model, tmp_path / "name")))
    is_image = len(example.example_shape) == 3
    edge, tolerance = (images.to_uint8, 1) if is_image else (np.asarray, 1e-5)
    name = "images" if is_image else "samples"

    count = CHUNK + 3  # more than one chunk
    sampled = served.signatures["sample"](count=tf.constant(count), seed=tf.constant(5, tf.int64))[name]
    assert sampled.dtype == (tf.uint8 if is_image else tf.float32)
    # One level of 256 at most: a chunk's arithmetic may round the other way.
    np.testing.assert_allclose(
        sampled.numpy().astype("float64"), edge(model.sample(count, seed=5)), rtol=0, atol=tolerance
    )
    for size in (1, 3):
        latents = {"latents": model.draw_latents(size, draws.root(9))}
        if model.num_classes is not None:
            latents["labels"] = tf.range(size) % model.num_classes
        made = served.signatures["serving_default"](**latents)[name]
        expected = edge(model.sample(size, seed=9))
        np.testing.assert_allclose(made.numpy().astype("float64"), expected, rtol=0, atol=tolerance)


def test_loads_in_a_process_that_knows_neither_this_package_nor_keras(tmp_path):
    path = export(MODELS["GAN dcgan"].compiled(), tmp_path / "name")
    program = f"""
import sys
sys.modules["keras"] = sys.modules["tfgan_suite"] = None  # importing either raises
import tensorflow as tf
served = tf.saved_model.load({str(path)!r})
print(served.signatures["sample"](count=tf.constant(3), seed=tf.constant(1, tf.int64))["images"].shape)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert "(3, 16, 16, 1)" in done.stdout, done.stderr


def test_versions_count_up_and_weights_are_stored_once(tmp_path):
    model = MODELS["GAN"].compiled()
    assert [export(model, tmp_path / "name").name for _ in range(2)] == ["1", "2"]
    size = sum(p.stat().st_size for p in (tmp_path / "name/1/variables").iterdir())
    floats = sum(4 * w.size for w in model.generator.get_weights())
    assert floats <= size < 2 * floats + 4096


def test_a_failed_export_leaves_nothing(tmp_path, monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(tf.saved_model, "save", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        export(MODELS["GAN"].compiled(), tmp_path / "name")
    assert list((tmp_path / "name").iterdir()) == []

"""Samples of models and SavedModels as examples: streamed, and the same from both."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import MODELS, every
from tfgan_suite.errors import UserError
from tfgan_suite.examples.samples import ModelSamples
from tfgan_suite.examples.saved_model_samples import SavedModelSamples
from tfgan_suite.export import export


@every({name: MODELS[name] for name in ("GAN", "GAN with labels", "GAN uniform latents", "GAN dcgan")})
def test_a_model_and_its_export_give_the_same_samples(example, tmp_path):
    model = example.compiled()
    of_model = ModelSamples(model, "model")
    served = SavedModelSamples(export(model, tmp_path / "x"))
    assert of_model.example_shape == served.example_shape == example.example_shape
    count = 300  # more than one batch
    ours, theirs = of_model.draw(count, seed=4), served.draw(count, seed=4)
    assert ours.shape == (count, *example.example_shape)
    assert ours.dtype == theirs.dtype == (np.uint8 if ours.ndim == 4 else np.float32)
    np.testing.assert_allclose(ours.astype(float), theirs.astype(float), atol=1 if ours.ndim == 4 else 1e-5)
    np.testing.assert_allclose(
        of_model.draw(10, seed=4).astype(float), ours[:10].astype(float), atol=1 if ours.ndim == 4 else 1e-5
    )


def test_the_fingerprint_follows_weights_count_and_seed():
    model = MODELS["GAN with average"].compiled()
    samples = ModelSamples(model, "model")

    def fingerprint(count=5, seed=0):
        return samples.choose(count, seed).fingerprint

    first = fingerprint()
    assert len({first, fingerprint(6), fingerprint(seed=1)}) == 3
    model.fit(MODELS["GAN"].batch(model), batch_size=4, verbose=0)
    assert fingerprint() != first


class Foreign(tf.Module):
    """A generator by someone else: no note about itself."""

    def __init__(self, scale=1.0, **signatures):
        super().__init__()
        self.scale = tf.Variable(scale)

    @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32, "z")])
    def images(self, z):
        return {"out": self.scale * tf.tanh(tf.reshape(tf.tile(z, (1, 12)), (-1, 6, 6, 1)))}

    @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32), tf.TensorSpec((None,), tf.int32)])
    def conditional(self, z, classes):
        return {"out": z}


def test_a_generator_by_anyone_is_sampled_from_normal_or_uniform_latents(tmp_path):
    module = Foreign()
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.images})
    normal, uniform = (SavedModelSamples(tmp_path, latents).draw(200, 0) for latents in (None, "uniform"))
    assert normal.shape == (200, 6, 6, 1)
    assert normal.min() < 127 < normal.max()
    assert uniform.min() >= 127  # latents from 0 to 1, so tanh(z) from 0 on


@pytest.mark.parametrize(
    ("signatures", "scale", "message"),
    [
        (lambda m: {"generate": m.images}, 1.0, r"expected a signature serving_default, came \['generate'\]"),
        (lambda m: {"serving_default": m.conditional}, 1.0, "latents alone.*classes int32"),
        (lambda m: {"serving_default": m.images}, 100.0, r"uint8 or as floats in \[-1, 1\], came float32"),
    ],
)
def test_generators_that_cannot_be_sampled_say_why(tmp_path, signatures, scale, message):
    module = Foreign(scale)
    tf.saved_model.save(module, str(tmp_path), signatures=signatures(module))
    with pytest.raises(UserError, match=message):
        SavedModelSamples(tmp_path).draw(10, 0)

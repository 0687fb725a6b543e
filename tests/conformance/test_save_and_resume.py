"""Stopping and going on is the same as not stopping: to the last bit."""

import keras
import numpy as np
import tensorflow as tf

from tests.conformance.examples import MODELS, every
from tfgan_suite import checkpoint


def fit(model, example, steps, start=0):
    """`steps` training steps on the minibatches from `start` on."""
    count = model.minibatches_per_step
    batch = example.batch(model, 4 * count * (start + steps))
    part = tf.nest.map_structure(lambda x: x[4 * count * start :], batch)
    return model.fit(tf.data.Dataset.from_tensor_slices(part).batch(4), verbose=0)


def assert_equal_states(a, b):
    a, b = checkpoint.state(a), checkpoint.state(b)
    assert [name.split("/")[:2] for name in a] == [name.split("/")[:2] for name in b]
    for name, x, y in zip(a, a.values(), b.values(), strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy(), err_msg=name)


@every(MODELS)
def test_five_steps_are_two_a_checkpoint_and_three(example, tmp_path):
    whole, first, second = example.compiled(), example.compiled(), example.compiled()
    fit(whole, example, 5)
    fit(first, example, 2)
    checkpoint.restore(second, checkpoint.save(first, tmp_path))
    fit(second, example, 3, start=2)
    assert_equal_states(whole, second)


@every(MODELS)
def test_keras_file_resumes_the_same(example, tmp_path):
    model = example.compiled()
    fit(model, example, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    assert_equal_states(model, loaded)
    fit(model, example, 2)
    fit(loaded, example, 2)
    assert_equal_states(model, loaded)

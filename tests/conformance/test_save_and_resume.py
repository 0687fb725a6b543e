"""Stopping and going on is the same as not stopping: to the last bit."""

import keras
import numpy as np
import tensorflow as tf

from tests.conformance.examples import GAMES, KINDS, MODELS, every
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


# What the others of CORE keep, one of these keeps as well.
@every(
    MODELS | {name: GAMES[name] for name in ["HierarchicalALI with average"]},
    default=KINDS | {"VAEGAN", "SemiSupervisedGAN", "PostHocEncoder"},
)
def test_what_was_saved_goes_on_as_what_never_stopped(example, tmp_path):
    whole, restored = example.compiled(eagerly=True), example.compiled(eagerly=True)
    fit(whole, example, 1)
    path = checkpoint.save(whole, tmp_path)
    whole.save(tmp_path / "model.keras")
    fit(whole, example, 1, start=1)

    checkpoint.restore(restored, path)
    fit(restored, example, 1, start=1)
    assert_equal_states(whole, restored)

    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(whole)
    loaded.run_eagerly = True
    fit(loaded, example, 1, start=1)
    assert_equal_states(whole, loaded)

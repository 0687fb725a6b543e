"""Pipelines without autotuning."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import MODELS
from tfgan_suite import data
from tfgan_suite.untuned import untuned


def tuned(dataset) -> bool:
    return dataset.options().autotune.enabled is not False


def test_nothing_else_changes():
    options = tf.data.Options()
    options.deterministic = False
    dataset = untuned(tf.data.Dataset.range(5).with_options(options))
    assert not tuned(dataset)
    assert dataset.options().deterministic is False
    assert list(dataset.as_numpy_iterator()) == [0, 1, 2, 3, 4]


def test_what_a_user_asks_for_stays():
    options = tf.data.Options()
    options.autotune.enabled = True
    assert tuned(untuned(tf.data.Dataset.range(5).with_options(options)))


def test_datasets_come_untuned():
    assert not tuned(data.Ring().batches(4))


@pytest.mark.parametrize("name", ["GAN", "GAN of 3 discriminator steps"])
@pytest.mark.parametrize("kind", ["dataset", "array"])
@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_models_iterate_untuned(kind, method, name, monkeypatch):
    """Whatever `fit` and `evaluate` are given, Keras gets it without autotuning."""
    seen = []
    monkeypatch.setattr(keras.Model, method, lambda self, x=None, *args, **kwargs: seen.append(x))
    model = MODELS[name].make()
    model.compile()
    x = np.zeros((12, 2), np.float32)
    getattr(model, method)(x if kind == "array" else tf.data.Dataset.from_tensor_slices(x).batch(4))
    assert not tuned(seen[0])

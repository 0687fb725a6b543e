"""Weight normalisation: lengths are gains, directions are kernels, and data can set both ends."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import networks
from tfgan_suite.networks.weight_normalization import initialize_by_data

LAYERS = {
    "dense": (lambda: keras.layers.Dense(3, bias_initializer="ones"), (5,)),
    "convolution": (lambda: keras.layers.Conv2D(3, 2, bias_initializer="ones"), (4, 4, 2)),
}


def built(kind, **options):
    make, shape = LAYERS[kind]
    layer = networks.WeightNormalization(make(), **options)
    return layer, np.random.default_rng(0).normal(size=(6, *shape)).astype("float32"), shape


@pytest.mark.parametrize("kind", LAYERS)
def test_it_starts_as_the_layer_it_wraps_and_its_kernel_has_no_length(kind):
    layer, x, _ = built(kind)
    wrapped = layer(x)
    np.testing.assert_allclose(wrapped, layer.layer(x), rtol=1e-5, atol=1e-6)
    layer.layer.kernel.assign(7.0 * layer.layer.kernel)
    np.testing.assert_allclose(layer(x), wrapped, rtol=1e-5, atol=1e-6)


def test_outputs_are_those_of_g_v_over_its_length():
    layer, x, _ = built("dense", gain=2.0)
    layer(x)
    layer.g.assign([0.5, 1.0, 3.0])
    v = layer.layer.kernel.numpy()
    w = layer.g.numpy() * v / np.sqrt((v**2).sum(axis=0))
    np.testing.assert_allclose(layer(x), x @ w + 1.0, rtol=1e-5, atol=1e-6)


def test_the_gradient_of_v_is_orthogonal_to_v():
    """Salimans and Kingma 2016, eq. 4."""
    layer, x, _ = built("dense")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(layer(x)))
    v = layer.layer.kernel
    gradient = tape.gradient(loss, v.value)
    along = tf.reduce_sum(gradient * v, axis=0) / (tf.norm(gradient, axis=0) * tf.norm(v.value, axis=0))
    np.testing.assert_allclose(along, 0.0, atol=1e-6)


@pytest.mark.parametrize("train_gain", [True, False])
def test_the_gain_is_learned_where_asked_for(train_gain):
    layer, x, _ = built("dense", train_gain=train_gain)
    layer(x)
    assert any(v is layer.g for v in layer.trainable_variables) is train_gain


@pytest.mark.parametrize("kind", LAYERS)
def test_initialisation_by_data_makes_outputs_of_mean_0_and_variance_1(kind):
    first, x, shape = built(kind)
    inputs = keras.Input(shape)
    hidden = keras.layers.ReLU()(first(inputs))
    second = networks.WeightNormalization(keras.layers.Dense(4))
    network = keras.Model(inputs, second(keras.layers.Flatten()(hidden)))
    initialize_by_data(network, x)
    for layer in (first, second):
        found = keras.Model(inputs, layer.output)(x).numpy().reshape(-1, layer.g.shape[0])
        np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-5)
        np.testing.assert_allclose(found.std(axis=0), 1.0, rtol=1e-4)


def test_bad_arguments():
    with pytest.raises(ValueError, match="expected a Dense or Conv layer, came ReLU"):
        networks.WeightNormalization(keras.layers.ReLU())
    with pytest.raises(ValueError, match="gain: expected a positive number or None, came 0"):
        networks.WeightNormalization(keras.layers.Dense(3), gain=0)

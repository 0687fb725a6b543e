"""Against the layers one after the other: convolve, take means."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.test_second_order_gradients import second_order_errors
from tfgan_suite.networks import PooledConvolution, SpectralNormalization


def one_after_the_other(kernel, bias, x):
    return tf.nn.avg_pool2d(tf.nn.conv2d(x, kernel, 1, "SAME") + bias, 2, 2, "VALID")


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("kernel_size", [1, 3, 5])
@pytest.mark.parametrize("size", [(2, 2), (2, 6), (8, 4)])
def test_is_a_convolution_and_means(kernel_size, size):
    random = np.random.default_rng(0)
    x = tf.constant(random.normal(size=(3, *size, 2)))
    layer = PooledConvolution(4, kernel_size)
    layer.build(x.shape)
    layer.bias.assign(random.normal(size=4))
    expected = one_after_the_other(layer.kernel.value, layer.bias.value, x)
    assert layer.compute_output_shape(x.shape) == expected.shape
    np.testing.assert_allclose(layer(x), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "XLA"])
def test_gradients(jit_compile):
    random = np.random.default_rng(0)
    x, weights = (tf.constant(random.normal(size=(3, n, n, 4)), "float32") for n in (8, 4))
    layer = PooledConvolution(4, 3)
    layer.build(x.shape)
    kernel, bias = layer.kernel.value, layer.bias.value

    def value_and_gradients(call):
        with tf.GradientTape() as tape:
            tape.watch([x, kernel, bias])
            y = call(x)
            loss = tf.reduce_sum(tf.sin(y) * weights)
        return [y, *tape.gradient(loss, [x, kernel, bias])]

    ours = tf.function(lambda: value_and_gradients(layer), autograph=False, jit_compile=jit_compile)()
    theirs = value_and_gradients(lambda x: one_after_the_other(kernel, bias, x))
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("wrap", [lambda layer: layer, SpectralNormalization], ids=["", "spectral"])
def test_second_order_gradients(wrap):
    inputs = keras.Input((4, 4, 2))
    x = keras.layers.Activation("tanh")(wrap(PooledConvolution(3, 3))(inputs))
    network = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    errors = second_order_errors(network)
    assert max(errors.values()) < 1e-5, errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": 0}, "filters: expected a positive integer, came 0"),
        ({"kernel_size": 4}, "kernel_size: expected an odd integer, came 4"),
        ({"kernel_size": (3, 3)}, r"kernel_size: expected a positive integer, came \(3, 3\)"),
    ],
    ids=str,
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        PooledConvolution(**{"filters": 1, "kernel_size": 3} | options)


def test_refuses_inputs():
    for shape in ((3, 4, 1), (4, 5, 1), (4, None, 1)):
        with pytest.raises(ValueError, match="inputs: expected .batch, height, width, channels., both even"):
            PooledConvolution(1, 3)(keras.Input(shape))

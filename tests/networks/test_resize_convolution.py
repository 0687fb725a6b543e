"""Against the layers one after the other: enlarge, surround with zeros, convolve."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.test_second_order_gradients import second_order_errors
from tfgan_suite.networks import BilinearUpsampling, ResizeConvolution

SIZES = (1, 1), (1, 3), (2, 2), (4, 3), (7, 7)


def enlarged(x, interpolation):
    if interpolation == "bilinear":
        return BilinearUpsampling(factor=2)(x)
    return tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)


def one_after_the_other(layer, x):
    frame = (layer.border, layer.border)
    x = tf.pad(enlarged(x, layer.interpolation), ((0, 0), frame, frame, (0, 0)))
    x = tf.nn.conv2d(x, layer.kernel.value, 1, "VALID")
    return x + layer.bias.value if layer.use_bias else x


def images(shape, dtype="float64"):
    return tf.constant(np.random.default_rng(0).normal(size=shape), dtype)


def with_random_bias(layer, x):
    layer.build(x.shape)
    layer.bias.assign(np.random.default_rng(1).normal(size=layer.bias.shape))
    return layer


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 5])
def test_any_border_and_size(kernel_size, interpolation):
    for border, size in itertools.product(range(kernel_size), SIZES):
        x = images((2, *size, 2))
        if 2 * min(size) + 2 * border < kernel_size:
            continue
        layer = with_random_bias(ResizeConvolution(3, kernel_size, interpolation, border), x)
        expected = one_after_the_other(layer, x)
        assert layer.compute_output_shape(x.shape) == expected.shape
        np.testing.assert_allclose(layer(x), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "XLA"])
def test_gradients(interpolation, jit_compile):
    x = images((3, 6, 5, 4), "float32")
    layer = with_random_bias(ResizeConvolution(3, 5, interpolation), x)
    weights = images((3, 12, 10, 3), "float32")

    def value_and_gradients(call):
        variables = [layer.kernel.value, layer.bias.value]
        with tf.GradientTape() as tape:
            tape.watch([x, *variables])
            y = call(x)
            loss = tf.reduce_sum(tf.sin(y) * weights)
        return [y, *tape.gradient(loss, [x, *variables])]

    ours = tf.function(lambda: value_and_gradients(layer), autograph=False, jit_compile=jit_compile)()
    theirs = value_and_gradients(lambda x: one_after_the_other(layer, x))
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_second_order_gradients(interpolation):
    inputs = keras.Input((3, 3, 2))
    x = keras.layers.Activation("tanh")(keras.layers.Conv2D(2, 2, padding="same")(inputs))
    x = keras.layers.Activation("tanh")(ResizeConvolution(2, 3, interpolation)(x))
    network = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    errors = second_order_errors(network)
    assert max(errors.values()) < 1e-5, errors


def test_half_precision():
    x = images((2, 13, 13, 8), "bfloat16")
    layer = ResizeConvolution(4, 5, "bilinear", use_bias=False, dtype="mixed_bfloat16")
    y = layer(x)
    assert y.dtype == "bfloat16"
    expected = one_after_the_other(layer, tf.cast(x, "float32"))
    # Up to 9 products meet in one place, and without oneDNN TensorFlow adds them in 16 bits.
    error = tf.cast(y, "float32") - expected
    assert np.sqrt(np.mean(error**2)) < np.sqrt(9) * 2.0**-8 * np.std(expected)


def test_any_batch():
    network = keras.Sequential([keras.Input((3, 4, 5)), ResizeConvolution(2, 4, "bilinear")])
    assert network.output_shape == (None, 7, 9, 2)
    for count in (0, 1, 7):
        assert network(np.zeros((count, 3, 4, 5), "float32")).shape == (count, 7, 9, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": 0}, "filters: expected a positive integer, came 0"),
        ({"kernel_size": (3, 3)}, r"kernel_size: expected a positive integer, came \(3, 3\)"),
        ({"border": 3}, "border: expected an integer from 0 to 2, came 3"),
        ({"border": 1.0}, "border: expected an integer from 0 to 2, came 1.0"),
        ({"border": "same"}, "border: expected an integer from 0 to 2, came 'same'"),
        (
            {"interpolation": "bicubic"},
            "interpolation: expected one of 'nearest', 'bilinear', came 'bicubic'",
        ),
    ],
    ids=str,
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        ResizeConvolution(**{"filters": 1, "kernel_size": 3} | options)


def test_refuses_inputs():
    for shape in ((4, 6), (None, 6, 1)):
        with pytest.raises(ValueError, match=r"inputs: expected \(batch, height, width, channels\), came"):
            ResizeConvolution(1, 3)(keras.Input(shape))
    ResizeConvolution(1, 4, border=0)(keras.Input((2, 2, 1)))
    with pytest.raises(
        ValueError, match=r"inputs: expected 2 rows and columns or more, came \(None, 1, 2, 1\)"
    ):
        ResizeConvolution(1, 4, border=0)(keras.Input((1, 2, 1)))

"""Bilinear upsampling against `tf.image.resize`, whose values and first-order gradients are right."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.test_second_order_gradients import penalty, second_order_errors
from tfgan_suite.networks import BilinearUpsampling
from tfgan_suite.networks.bilinear_upsampling import interpolation_matrix

SIZES = [
    ((13, 13), {"factor": 2}),
    ((3, 5), {"factor": 3}),
    ((4, 3), {"factor": 1}),
    ((7, 6), {"size": (11, 6)}),
    ((1, 2), {"size": (4, 105)}),
]
every_size = pytest.mark.parametrize(("source", "options"), SIZES, ids=str)


def images(height, width, dtype="float32"):
    return tf.constant(np.random.default_rng(0).normal(size=(2, height, width, 3)), dtype)


def resize(x, source, options):
    """TensorFlow's own."""
    return tf.image.resize(x, options.get("size") or [n * options["factor"] for n in source])


@every_size
@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "XLA"])
def test_is_that_of_tensorflow_to_first_order(source, options, jit_compile):
    layer, x = BilinearUpsampling(**options), images(*source)
    expected = resize(x, source, options)
    weights = tf.random.stateless_normal(expected.shape, (0, 1))
    assert layer.compute_output_shape(x.shape) == expected.shape

    def value_and_gradient(enlarge, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = enlarge(x)
            loss = tf.reduce_sum(y * weights)
        return y, tape.gradient(loss, x)

    ours = tf.function(lambda x: value_and_gradient(layer, x), jit_compile=jit_compile)(x)
    theirs = value_and_gradient(lambda x: resize(x, source, options), x)
    # float32: their centres, up to 105, are off by 105 x 6e-8; sums of a few hundred gradients.
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-5, atol=2e-5)


def test_interpolation_by_hand():
    expected = [[1, 0, 0], [0.75, 0.25, 0], [0.25, 0.75, 0], [0, 0.75, 0.25], [0, 0.25, 0.75], [0, 0, 1]]
    np.testing.assert_array_equal(interpolation_matrix(3, 6), expected)
    np.testing.assert_array_equal(interpolation_matrix(3, 3), np.eye(3))
    np.testing.assert_array_equal(interpolation_matrix(1, 4), np.ones((4, 1)))


def test_a_plane_stays_a_plane():
    rows, columns = np.mgrid[:5, :6].astype("float32")
    plane = (2.0 * rows - 3.0 * columns)[np.newaxis, ..., np.newaxis]
    enlarged = BilinearUpsampling(factor=4)(plane).numpy()[0, 2:-2, 2:-2, 0]  # within the outermost centres
    np.testing.assert_allclose(np.diff(enlarged, axis=0), 2.0 / 4, atol=1e-5)
    np.testing.assert_allclose(np.diff(enlarged, axis=1), -3.0 / 4, atol=1e-5)


def around(layer):
    inputs = keras.Input((4, 3, 2))
    x = keras.layers.Activation("tanh")(layer(keras.layers.Conv2D(2, 2, padding="same")(inputs)))
    x = keras.layers.Activation("tanh")(keras.layers.Conv2D(2, 3)(x))
    return keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(x)))


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("options", [{"factor": 2}, {"size": (7, 5)}], ids=str)
def test_second_order_gradients(options):
    errors = second_order_errors(around(BilinearUpsampling(**options)))
    assert max(errors.values()) < 1e-5, errors


def test_keras_own_layer_does_not_pass():
    # It computes in float32, too coarse for differences: against ours. When this fails, Keras was mended.
    x, losses, gradients = tf.constant(np.random.default_rng(0).normal(size=(5, 4, 3, 2)), "float32"), [], []
    ours = around(BilinearUpsampling(factor=2))
    theirs = around(keras.layers.UpSampling2D(2, interpolation="bilinear"))
    theirs.set_weights(ours.get_weights())
    for network in (ours, theirs):
        with tf.GradientTape() as tape:
            losses.append(penalty(network, [x]))
        gradients.append(tape.gradient(losses[-1], network.trainable_variables[0].value))
    np.testing.assert_allclose(*losses, rtol=1e-5)
    assert np.linalg.norm(gradients[0] - gradients[1]) > 1e-3 * np.linalg.norm(gradients[0])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(dtype):
    x = images(13, 13, dtype)
    y = BilinearUpsampling(factor=2, dtype=f"mixed_{dtype}")(x)
    assert y.dtype == dtype
    expected = tf.image.resize(tf.cast(x, "float32"), (26, 26))
    # In each direction the terms are rounded and then their sum, to 11 or 8 digits.
    tolerance = 2 * 2 * {"float16": 2.0**-11, "bfloat16": 2.0**-8}[dtype] * np.abs(expected).max()
    np.testing.assert_allclose(tf.cast(y, "float32"), expected, atol=tolerance)


def test_any_batch():
    layer = BilinearUpsampling(factor=2)
    network = keras.Sequential([keras.Input((3, 4, 5)), layer])
    assert network.output_shape == (None, 6, 8, 5)
    for count in (0, 1, 7):
        assert network(np.zeros((count, 3, 4, 5), "float32")).shape == (count, 6, 8, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "size, factor: expected one of the two, came size=None, factor=None"),
        ({"size": (4, 4), "factor": 2}, r"expected one of the two, came size=\(4, 4\), factor=2"),
        ({"factor": 0}, "factor: expected a positive integer, came 0"),
        ({"factor": 1.5}, "factor: expected a positive integer, came 1.5"),
        ({"size": 4}, r"size: expected \(height, width\), came 4"),
        ({"size": (4, 4, 1)}, r"size: expected \(height, width\), came \(4, 4, 1\)"),
        ({"size": (4, -4)}, r"size\[1\]: expected a positive integer, came -4"),
    ],
    ids=str,
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        BilinearUpsampling(**options)


def test_refuses_inputs():
    with pytest.raises(
        ValueError, match=r"size: expected at least that of the input, \(4, 6\), came \(5, 5\)"
    ):
        BilinearUpsampling((5, 5))(np.zeros((1, 4, 6, 1), "float32"))
    for shape in ((4, 6), (None, 6, 1)):
        with pytest.raises(ValueError, match=r"inputs: expected \(batch, height, width, channels\), came"):
            BilinearUpsampling(factor=2)(keras.Input(shape))

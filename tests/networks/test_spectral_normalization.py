"""Spectral normalisation against the singular value decomposition and the paper's eq. 12."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite.networks import SpectralNormalization

LAYERS = {
    "Dense": (lambda: keras.layers.Dense(5), (8,)),
    "Dense to one": (lambda: keras.layers.Dense(1, use_bias=False), (8,)),
    "Conv1D": (lambda: keras.layers.Conv1D(4, 3), (3, 2)),
    "Conv2D": (lambda: keras.layers.Conv2D(6, 3, strides=2), (3, 3, 2)),
    "Conv3D": (lambda: keras.layers.Conv3D(3, 2), (2, 2, 2, 2)),
}
every_layer = pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS.keys())


def unit_inputs(shape):
    """All unit vectors of one receptive field, whose outputs are the rows of the kernel's matrix."""
    size = int(np.prod(shape))
    return np.eye(size, dtype="float32").reshape(size, *shape)


def matrix_of(kernel):
    return kernel.numpy().reshape(-1, kernel.shape[-1])


def converged(make, shape):
    layer = SpectralNormalization(make(), power_iterations=20)
    for _ in range(20):
        layer(unit_inputs(shape), training=True)
    return layer


@every_layer
def test_spectral_norm_is_one_and_the_kernel_stays(make, shape):
    layer = SpectralNormalization(make(), power_iterations=20)
    layer.build((None, *shape))
    if layer.layer.use_bias:
        layer.layer.bias.assign(np.linspace(1.0, 2.0, layer.layer.bias.shape[0]))
    kernel = layer.layer.kernel.numpy()
    for _ in range(20):
        trained = layer(unit_inputs(shape), training=True)
    np.testing.assert_array_equal(layer.layer.kernel.numpy(), kernel)
    bias = layer.layer.bias.numpy() if layer.layer.use_bias else 0.0
    effective = trained.numpy().reshape(unit_inputs(shape).shape[0], -1) - bias  # the bias is not divided
    matrix = matrix_of(layer.layer.kernel)
    np.testing.assert_allclose(np.linalg.svd(effective, compute_uv=False)[0], 1.0, rtol=1e-5)
    np.testing.assert_allclose(
        effective, matrix / np.linalg.svd(matrix, compute_uv=False)[0], rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(layer(unit_inputs(shape), training=False), trained, rtol=1e-4, atol=1e-6)


def test_u_moves_in_training_only_and_towards_the_singular_vector():
    layer = SpectralNormalization(keras.layers.Dense(5))
    x = unit_inputs((8,))
    layer.build(x.shape)
    start = layer.u.numpy()
    layer(x)
    np.testing.assert_array_equal(layer.u.numpy(), start)
    right = np.linalg.svd(matrix_of(layer.layer.kernel))[2][0]
    cosines = [abs(start @ right) / np.linalg.norm(start)]
    for _ in range(60):
        layer(x, training=True)
        cosines.append(abs(layer.u.numpy() @ right))
    assert (np.diff(cosines) > -1e-6).all()
    np.testing.assert_allclose(cosines[-1], 1.0, rtol=1e-5)
    assert [tuple(w.shape) for w in layer.non_trainable_variables] == [(5,)]


@every_layer
def test_gradient_flows_through_sigma(make, shape):
    # With W' = W / sigma, and G the gradient in W': dL/dW = (G - <G, W'> v u^T) / sigma (eq. 12; there
    # W is transposed).
    layer = converged(make, shape)
    matrix = matrix_of(layer.layer.kernel).astype("float64")
    weights = np.random.default_rng(0).normal(size=matrix.shape)
    with tf.GradientTape() as tape:
        outputs = layer(unit_inputs(shape), training=True)
        loss = tf.reduce_sum(tf.sin(tf.reshape(outputs, matrix.shape)) * weights)
    gradient = tape.gradient(loss, layer.layer.kernel.value).numpy().reshape(matrix.shape)
    left, values, right = np.linalg.svd(matrix)
    normalized = matrix / values[0]
    g = np.cos(normalized) * weights  # biases are zero
    expected = (g - np.sum(g * normalized) * np.outer(left[:, 0], right[0])) / values[0]
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-4)
    # Without the second term, as under Keras, it would be another gradient.
    assert np.linalg.norm(expected - g / values[0]) > 0.05 * np.linalg.norm(expected)
    # The scale of W has no influence: the gradient is orthogonal to W.
    assert abs(np.sum(gradient * matrix)) < 1e-3 * np.linalg.norm(gradient) * np.linalg.norm(matrix)


def test_bfloat16_stays_near_one(bfloat16):
    layer = converged(lambda: keras.layers.Dense(32, use_bias=False), (64,))
    assert layer(unit_inputs((64,))).dtype == tf.bfloat16
    effective = tf.cast(layer(unit_inputs((64,))), tf.float32).numpy()
    np.testing.assert_allclose(np.linalg.svd(effective, compute_uv=False)[0], 1.0, atol=0.03)


@pytest.mark.parametrize(
    "layer",
    [keras.layers.Embedding(3, 2), keras.layers.Conv2DTranspose(3, 2), keras.layers.DepthwiseConv2D(3)],
    ids=lambda layer: type(layer).__name__,
)
def test_refuses_other_layers(layer):
    with pytest.raises(ValueError, match=f"expected a Dense or Conv layer, came {type(layer).__name__}"):
        SpectralNormalization(layer)


def test_refuses_no_iterations():
    with pytest.raises(ValueError, match="power_iterations >= 1, came 0"):
        SpectralNormalization(keras.layers.Dense(2), power_iterations=0)

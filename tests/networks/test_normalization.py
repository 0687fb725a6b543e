"""Normalisation against NumPy and against Keras, whose values and first-order gradients are right."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite.networks import BatchNormalization, LayerNormalization, normalization

SHAPES = [(6, 5), (4, 3, 2, 5)]
EPSILON = 1e-5
HALF = {"float16": 2.0**-11, "bfloat16": 2.0**-8}  # how coarse they are


def inputs(shape, seed=0, dtype="float32"):
    return (3.0 + 2.0 * np.random.default_rng(seed).normal(size=shape)).astype(dtype)


def with_random_weights(layer, shape):
    layer.build(shape)
    random = np.random.default_rng(7)
    for variable in (layer.gamma, layer.beta):
        variable.assign(random.normal(size=variable.shape))
    return layer


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_normalization(shape):
    layer = with_random_weights(BatchNormalization(momentum=0.75), shape)
    gamma, beta = layer.gamma.numpy(), layer.beta.numpy()
    moving_mean, moving_variance = np.zeros(5), np.ones(5)
    for seed in range(3):
        x = inputs(shape, seed)
        flat = x.reshape(-1, 5).astype("float64")
        mean, variance = flat.mean(axis=0), ((flat - flat.mean(axis=0)) ** 2).mean(axis=0)
        expected = (x - mean) / np.sqrt(variance + EPSILON) * gamma + beta
        np.testing.assert_allclose(layer(x, training=True), expected, rtol=1e-4, atol=1e-5)
        moving_mean = 0.75 * moving_mean + 0.25 * mean
        moving_variance = 0.75 * moving_variance + 0.25 * variance
        np.testing.assert_allclose(layer.moving_mean, moving_mean, rtol=1e-5)
        np.testing.assert_allclose(layer.moving_variance, moving_variance, rtol=1e-5)
    x = inputs(shape, 9)
    expected = (x - moving_mean) / np.sqrt(moving_variance + EPSILON) * gamma + beta
    np.testing.assert_allclose(layer(x, training=False), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, moving_mean, rtol=1e-5)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_normalization_is_that_of_keras_to_first_order(shape, axis):
    x, results = tf.constant(inputs(shape)), []
    for cls in (BatchNormalization, keras.layers.BatchNormalization):
        layer = with_random_weights(cls(axis=axis, momentum=0.9, epsilon=EPSILON), shape)
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.sin(layer(x, training=True)))
        gradients = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
        results.append([loss, *gradients, layer.moving_mean.value, layer.moving_variance.value])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def derivatives(layer, x):
    """Outputs; first derivatives in inputs, scale and offset; and those of a penalty of the first one."""
    weights = [layer.gamma.value, layer.beta.value]
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([x, *weights])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([x, *weights])
            y = layer(x, training=True)
            loss = tf.reduce_sum(tf.sin(y))
        first = tape.gradient(loss, [x, *weights])
        penalty = tf.reduce_sum(tf.sqrt(tf.reduce_sum(first[0] ** 2, axis=(1, 2, 3))))
    return [y, *first, *outer.gradient(penalty, [x, *weights])]


@pytest.mark.parametrize("epsilon", [1e-5, 0.0, 0.5])
@pytest.mark.parametrize("jit_compile", [False, True], ids=["", "xla"])
def test_batch_normalization_of_images_is_exact_to_second_order(jit_compile, epsilon):
    # In float32 one kernel of TensorFlow does all of it; in float64, which test_second_order_gradients
    # compares with finite differences, it is written out. Keras' layer is off by 0.7 % here.
    shape, results = (6, 4, 4, 5), []
    of = tf.function(derivatives, autograph=False, jit_compile=jit_compile)
    for dtype in "float64", "float32":
        layer = with_random_weights(BatchNormalization(epsilon=epsilon, dtype=dtype), shape)
        derived = of(layer, tf.constant(inputs(shape, dtype=dtype)))
        results.append([*derived, layer.moving_mean.value, layer.moving_variance.value])
    for written_out, kernel in zip(*results, strict=True):
        assert np.abs(kernel - written_out.numpy()).max() < 1e-5 * np.abs(written_out).max()


@pytest.mark.parametrize("shape", SHAPES)
def test_layer_normalization(shape):
    layer = with_random_weights(LayerNormalization(), shape)
    x = inputs(shape)
    axes = tuple(range(1, len(shape)))
    wide = x.astype("float64")
    mean, variance = wide.mean(axis=axes, keepdims=True), wide.var(axis=axes, keepdims=True)
    expected = (wide - mean) / np.sqrt(variance + EPSILON) * layer.gamma.numpy() + layer.beta.numpy()
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)
    # An example does not notice the others of its batch.
    np.testing.assert_allclose(layer(x[1:2]), expected[1:2], rtol=1e-4, atol=1e-5)


def test_layer_normalization_of_vectors_is_that_of_keras_to_first_order():
    x, results = tf.constant(inputs((6, 5))), []
    for cls in (LayerNormalization, keras.layers.LayerNormalization):
        layer = with_random_weights(cls(epsilon=EPSILON), (6, 5))
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.sin(layer(x)))
        results.append([loss, *tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("synchronized", [True, False])
def test_the_kernel_sees_one_replica_only(synchronized, monkeypatch):
    # That several then train as one is in the slow run: tests/models/test_replicas.py, "GAN dcgan".
    monkeypatch.setattr(normalization, "_replicas", lambda: 2)
    kernels = []
    monkeypatch.setattr(BatchNormalization, "_with_kernel", lambda layer, x: kernels.append(x) or x)
    monkeypatch.setattr(
        BatchNormalization, "_mean", lambda layer, x: tf.reduce_mean(x, layer._reduction_axes)
    )
    BatchNormalization(synchronized=synchronized)(inputs((4, 3, 2, 5)), training=True)
    assert len(kernels) == (not synchronized)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_batch_normalization_of_images_in_half_precision(dtype):
    x = inputs((6, 4, 4, 5), dtype="float32").astype(dtype)
    wide, half = (
        with_random_weights(BatchNormalization(dtype=d), x.shape) for d in ("float32", f"mixed_{dtype}")
    )
    y = half(x, training=True)
    assert y.dtype == dtype
    expected = wide(x.astype("float32"), training=True).numpy()
    np.testing.assert_allclose(
        y.numpy().astype("float32"), expected, atol=2 * HALF[dtype] * np.abs(expected).max()
    )
    np.testing.assert_allclose(half.moving_variance, wide.moving_variance, rtol=1e-5)


@pytest.mark.parametrize("make", [BatchNormalization, LayerNormalization])
def test_moments_of_half_precision_are_taken_in_float32(make, bfloat16):
    # 4,000 entries of about 3: a bfloat16 sum would stop growing at 1,024.
    layer = make()
    x = inputs((4000, 1) if make is BatchNormalization else (1, 4000))
    y = layer(tf.cast(x, tf.bfloat16), training=True)
    assert y.dtype == tf.bfloat16
    y = y.numpy().astype("float64")
    assert abs(y.mean()) < 0.01
    assert y.std() == pytest.approx(1.0, abs=0.01)

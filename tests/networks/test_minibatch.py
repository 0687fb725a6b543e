"""Layers that see the whole minibatch, against plain NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import networks

X = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")


def test_discrimination_is_the_papers_sum():
    layer = networks.MinibatchDiscrimination(kernels=3, kernel_dim=2)
    output = layer(X).numpy()
    layer.tensor.assign(np.random.default_rng(1).normal(size=(7, 6)))
    output = layer(X).numpy()
    # The coordinates of all kernels stand one after the other: M[i, b, c] = (x_i T)[c * kernels + b].
    m = (X.astype("float64") @ layer.tensor.numpy()).reshape(5, 2, 3).transpose(0, 2, 1)
    expected = np.zeros((5, 3))
    for i in range(5):
        for b in range(3):
            expected[i, b] = sum(np.exp(-np.abs(m[i, b] - m[j, b]).sum()) for j in range(5))
    np.testing.assert_array_equal(output[:, :7], X)
    np.testing.assert_allclose(output[:, 7:], expected, rtol=1e-5)
    assert layer.compute_output_shape((None, 7)) == (None, 10)


def test_discrimination_tells_copies_from_different_examples():
    layer = networks.MinibatchDiscrimination(kernels=4, kernel_dim=3)
    copies = layer(np.repeat(X[:1], 5, axis=0))[:, 7:].numpy()
    np.testing.assert_allclose(copies, 5.0, rtol=1e-6)
    far = layer(1e4 * X)[:, 7:].numpy()
    np.testing.assert_allclose(far, 1.0, rtol=1e-6)  # each is near itself alone


@pytest.mark.parametrize("jit_compile", [None, False, True])  # None: eagerly
def test_discrimination_has_the_gradients_of_the_sum_to_second_order(jit_compile):
    layer = networks.MinibatchDiscrimination(kernels=3, kernel_dim=2, dtype="float64")
    layer.build((None, 7))
    layer.tensor.assign(np.random.default_rng(1).normal(size=(7, 6)))
    weights = np.random.default_rng(2).normal(size=(5, 3))

    def by_hand(x):
        m = tf.reshape(x @ layer.tensor.value, (-1, 2, 3))
        return tf.reduce_sum(tf.exp(-tf.reduce_sum(tf.abs(m[:, None] - m[None]), axis=2)), axis=1)

    def derivatives(function, x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(weights * function(x))
            first = inner.gradient(total, x)
            square = tf.reduce_sum(tf.square(first))  # what a gradient penalty differentiates
        return first, outer.gradient(square, x)

    def own(x):
        return derivatives(lambda x: layer(x)[:, 7:], x)

    own = own if jit_compile is None else tf.function(own, jit_compile=jit_compile)
    x = tf.constant(X, tf.float64)
    for found, expected in zip(own(x), derivatives(by_hand, x), strict=True):
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", [(6, 4), (6, 3, 3, 2)])
def test_standard_deviation_is_one_number_of_the_minibatch(shape):
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    output = networks.MinibatchStandardDeviation()(x).numpy()
    assert output.shape == (*shape[:-1], shape[-1] + 1)
    np.testing.assert_array_equal(output[..., :-1], x)
    np.testing.assert_allclose(output[..., -1], x.astype("float64").std(axis=0).mean(), rtol=1e-5)


def test_gradients_are_finite_where_all_examples_are_the_same():
    for layer in (networks.MinibatchStandardDeviation(), networks.MinibatchDiscrimination(2, 2)):
        x = tf.ones((4, 3))
        layer(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(layer(x))
        assert np.isfinite(tape.gradient(y, x)).all()


@pytest.mark.parametrize(("minibatch", "more"), [("discrimination", None), ("standard_deviation", 1)])
@pytest.mark.parametrize("kind", ["mlp", "dcgan"])
def test_discriminators_take_it_by_name(kind, minibatch, more):
    make = getattr(networks, f"{kind}_discriminator")
    shape = (16, 16, 1)
    plain, seeing = make(shape, width=4), make(shape, width=4, minibatch=minibatch)
    heads = [network.get_layer("score").kernel.shape[0] for network in (plain, seeing)]
    assert heads[1] - heads[0] == (more or min(100, heads[0] // 4))
    with pytest.raises(ValueError, match="minibatch: expected one of .*came 'std'"):
        make(shape, width=4, minibatch="std")


def test_mixed_precision_computes_distances_in_32_bits():
    layer = networks.MinibatchDiscrimination(kernels=3, kernel_dim=2, dtype="mixed_bfloat16")
    x = tf.cast(X, tf.bfloat16)
    output = layer(x)
    assert output.dtype == tf.bfloat16
    exact = networks.MinibatchDiscrimination(kernels=3, kernel_dim=2)
    exact(X)
    exact.tensor.assign(tf.cast(tf.cast(layer.tensor, tf.bfloat16), tf.float32))
    np.testing.assert_array_equal(output[:, 7:], tf.cast(exact(tf.cast(x, tf.float32))[:, 7:], tf.bfloat16))


def test_bad_arguments():
    with pytest.raises(ValueError, match="kernels > 0, came 0"):
        networks.MinibatchDiscrimination(kernels=0)
    with pytest.raises(ValueError, match=r"expected inputs of shape \(batch, features\)"):
        networks.MinibatchDiscrimination()(keras.Input((4, 4, 1)))


def test_the_permutation_invariant_classifier_can_see_the_whole_minibatch():
    """A row's logits depend on the other rows, and without the layer they do not."""
    x = np.random.default_rng(0).normal(size=(2, 6, 4)).astype("float32")
    x[1, 0] = x[0, 0]
    for minibatch, is_seen in (("none", False), ("discrimination", True), ("standard_deviation", True)):
        network = networks.permutation_invariant_classifier((4,), 3, width=32, minibatch=minibatch)
        first, other = (network(batch)[0] for batch in x)
        assert (np.abs(first - other).max() > 1e-5) == is_seen, minibatch

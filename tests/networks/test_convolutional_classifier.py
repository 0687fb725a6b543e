"""The convolutional classifier has the sizes, dropout and features of the authors' code."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import models, networks

CIFAR = (32, 32, 3)
# (kernel, channels in, out): with weight normalisation, a direction and a bias each; a length for the score.
CONVOLUTIONS = (
    *((3, 3, 96), (3, 96, 96), (3, 96, 96)),
    *((3, 96, 192), (3, 192, 192), (3, 192, 192)),
    *((3, 192, 192), (1, 192, 192), (1, 192, 192)),
)


def convolutions(network):
    return [
        layer for layer in network.layers if layer.name.startswith("conv_") and layer.name.endswith("_wn")
    ]


def test_parameters_and_sizes_are_those_of_the_authors_code():
    network = networks.convolutional_classifier(CIFAR)
    counted = sum(k**2 * a * b + b for k, a, b in CONVOLUTIONS) + 192 * 10 + 10 + 10
    assert sum(np.prod(v.shape) for v in network.trainable_variables) == counted
    assert [c.output.shape[1] for c in convolutions(network)] == [32, 32, 16, 16, 16, 8, 6, 6, 6]
    assert [d.rate for d in network.layers if isinstance(d, networks.Dropout)] == [0.2, 0.5, 0.5]
    assert network.get_layer("features").output.shape == (None, 192)
    assert network.output.shape == (None, 10)


def test_a_convolution_of_any_scale_gives_the_same_logits():
    network = networks.convolutional_classifier((12, 12, 1), outputs=4, width=4)
    images = tf.random.stateless_normal((3, 12, 12, 1), (1, 2))
    before = network(images).numpy()
    for convolution in convolutions(network):
        kernel = convolution.layer.kernel
        kernel.assign(3.0 * kernel)
    np.testing.assert_allclose(network(images), before, rtol=1e-4)


def test_mean_squares_stay_of_one_order_through_nine_layers():
    network = networks.convolutional_classifier((16, 16, 3), width=48)
    images = tf.random.stateless_normal((8, 16, 16, 3), (3, 4))
    outputs = [c.output for c in convolutions(network)]
    squares = [float(tf.reduce_mean(x**2)) for x in tf.keras.Model(network.input, outputs)(images)]
    assert min(squares) > 0.3
    assert max(squares) < 6  # of inputs with mean square 1 each layer's gain alone gives at most 2


def test_dropout_is_on_in_training_alone():
    network = networks.convolutional_classifier((9, 9, 1), outputs=3, width=4)
    images = tf.random.stateless_normal((2, 9, 9, 1), (5, 6))
    np.testing.assert_array_equal(network(images), network(images))
    assert np.abs(network(images, training=True) - network(images, training=True)).max() > 1e-3


def test_images_too_small_for_the_last_convolution_are_refused():
    with pytest.raises(ValueError, match=r"image_shape: .* at least 9 x 9, came \(8, 9, 1\)"):
        networks.convolutional_classifier((8, 9, 1))
    with pytest.raises(ValueError, match="image_shape"):
        networks.convolutional_classifier((12,))


def test_two_kinds_of_images_are_learnt_from_two_labels_of_each():
    """Bright above or bright below, under noise: few labels and a generator are enough."""
    noise = tf.random.stateless_normal((64, 12, 12, 1), (7, 8)).numpy()
    kind = np.arange(64) % 2
    is_above = (np.arange(12) < 6)[None, :, None, None] == (kind == 0)[:, None, None, None]
    images = np.clip(np.where(is_above, 0.6, -0.6) + 0.3 * noise, -1, 1).astype(np.float32)
    labels = np.where(np.arange(64) < 4, kind, -1)
    model = models.SemiSupervisedGAN(
        networks.mlp_generator((12, 12, 1), latent_dim=4, width=16, output_activation="tanh"),
        networks.convolutional_classifier((12, 12, 1), outputs=2, width=4),
        feature_layer="features",
        seed=1,
    )
    model.compile({p: tf.keras.optimizers.Adam(3e-3, beta_1=0.5) for p in ("generator", "discriminator")})
    model.fit(images, labels, batch_size=16, epochs=8, verbose=0)
    assert np.mean(model.classify(images) == kind) > 0.9

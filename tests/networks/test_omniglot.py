"""Table 1 of Creswell and Bharath 2016 (arXiv:1609.08661), read off the layers."""

import keras
import numpy as np
import pytest

from tfgan_suite.networks import (
    BatchNormalization,
    LayerNormalization,
    ResizeConvolution,
    SpectralNormalization,
)
from tfgan_suite.networks.omniglot import omniglot_discriminator, omniglot_generator

BOTH = pytest.mark.parametrize("make", [omniglot_generator, omniglot_discriminator])
WEIGHTED = (keras.layers.Dense, keras.layers.Conv2D, ResizeConvolution, SpectralNormalization)


def count(weights):
    return sum(int(np.prod(w.shape)) for w in weights)


def weighted(network):
    return [layer for layer in network.layers if isinstance(layer, WEIGHTED)]


def following(network, layer, distance):
    layers = [each for each in network.layers if not isinstance(each, keras.layers.Reshape)]
    return layers[layers.index(layer) + distance]


def test_parameters_of_the_papers_sizes():
    generator, discriminator = omniglot_generator(), omniglot_discriminator()
    kernels = [tuple(layer.kernel.shape) for layer in weighted(generator)]
    assert kernels == [(100, 43264), (5, 5, 256, 128), (5, 5, 128, 64), (4, 4, 64, 1)]
    kernels = [tuple(layer.kernel.shape) for layer in weighted(discriminator)]
    assert kernels == [(5, 5, 1, 32), (5, 5, 32, 128), (5, 5, 128, 256), (50176, 1)]
    # Kernels, a scale and an offset for each normalised channel, and the last layer's bias.
    products = 100 * 43264 + 25 * 256 * 128 + 25 * 128 * 64 + 16 * 64
    assert count(generator.trainable_weights) == products + 2 * (256 + 128 + 64) + 1 == 5_352_321
    products = 25 * 32 + 25 * 32 * 128 + 25 * 128 * 256 + 50176
    assert count(discriminator.trainable_weights) == products + 2 * (32 + 128 + 256) + 1 == 973_409
    assert count(generator.non_trainable_weights) == 2 * (256 + 128 + 64)
    assert count(discriminator.non_trainable_weights) == 2 * (32 + 128 + 256)


def test_sizes():
    generator, discriminator = omniglot_generator(latent_dim=3, width=2), omniglot_discriminator(width=2)
    assert [layer.output.shape[1:] for layer in weighted(generator)[1:]] == [
        (26, 26, 4),
        (52, 52, 2),
        (105, 105, 1),
    ]
    assert generator.get_layer("seed_image").output.shape[1:] == (13, 13, 8)
    assert [layer.output.shape[1:] for layer in weighted(discriminator)[:-1]] == [
        (53, 53, 2),
        (27, 27, 8),
        (14, 14, 16),
    ]
    assert discriminator.get_layer("features").output.shape[1:] == (14 * 14 * 16,)
    images = generator(np.random.default_rng(0).normal(size=(2, 3)).astype("float32"))
    assert images.shape == (2, 105, 105, 1)
    assert np.abs(images).max() <= 1
    assert discriminator(images).shape == (2, 1)
    assert omniglot_discriminator(width=2, outputs=3)(images).shape == (2, 3)


@pytest.mark.parametrize(
    ("normalization", "cls"), [("batch", BatchNormalization), ("layer", LayerNormalization)]
)
def test_normalised_everywhere_but_at_the_image_and_the_score(normalization, cls):
    for make, activation in (
        (omniglot_generator, keras.layers.LeakyReLU),
        (omniglot_discriminator, keras.layers.ReLU),
    ):
        network = make(width=1, normalization=normalization)
        *hidden, last = weighted(network)
        assert sum(isinstance(layer, cls) for layer in network.layers) == len(hidden) == 3
        for layer in hidden:
            assert isinstance(following(network, layer, 1), cls)
            assert isinstance(following(network, layer, 2), activation)
            assert not layer.use_bias  # the normalisation's offset follows
        assert last.use_bias
        slopes = {v.negative_slope for v in network.layers if isinstance(v, activation)}
        assert slopes == {0.2 if network.name == "generator" else 0.0}


def test_spectral_and_no_normalisation():
    spectral = omniglot_discriminator(width=1, normalization="spectral")
    assert all(isinstance(layer, SpectralNormalization) for layer in weighted(spectral))
    for make in (omniglot_generator, omniglot_discriminator):
        plain = make(width=1, normalization="none")
        assert all(layer.use_bias for layer in weighted(plain))
        assert not any("Normalization" in type(layer).__name__ for layer in plain.layers)


def test_labels():
    labels, latents = np.array([0, 4], "int32"), np.ones((2, 3), "float32")
    images = omniglot_generator(latent_dim=3, width=1, num_classes=5)([latents, labels]).numpy()
    assert images.shape == (2, 105, 105, 1)
    assert (images[0] != images[1]).any()
    logits = omniglot_discriminator(width=1, num_classes=5)([images[[0, 0]], labels]).numpy()
    assert logits.shape == (2, 1)
    assert logits[0] != logits[1]


def test_outputs_use_their_range():
    latents = 50.0 * np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    for activation, low, high in (("tanh", -1, 1), ("sigmoid", 0, 1), ("linear", -np.inf, np.inf)):
        generator = omniglot_generator(latent_dim=4, width=2, output_activation=activation)
        generator.set_weights([10.0 * w for w in generator.get_weights()])
        images = generator(latents).numpy()
        assert low <= images.min() < max(low, -2.0) + 0.1
        assert min(high, 2.0) - 0.1 < images.max() <= high


@BOTH
def test_refuses(make):
    for shape in ((28, 28, 1), (105, 105, 3), (105, 105), 105):
        with pytest.raises(ValueError, match=r"image_shape: expected \(105, 105, 1\), came"):
            make(shape)
    for argument in ("width", "num_classes"):
        with pytest.raises(ValueError, match=f"{argument}: expected a positive integer, came 0"):
            make(**{"width": 1, argument: 0})
    with pytest.raises(ValueError, match=r"normalization: expected one of 'batch', .* came 'btach'"):
        make(normalization="btach")


def test_refuses_what_is_the_generators_own():
    for argument, value in (("normalization", "spectral"), ("latent_dim", 0), ("output_activation", "tan")):
        with pytest.raises(ValueError, match=f"{argument}: expected .* came {value!r}"):
            omniglot_generator(**{argument: value})

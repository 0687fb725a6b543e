"""WGAN-GP's residual networks: depth, shapes and numbers of weights as counted by hand."""

import keras
import numpy as np
import pytest

from tfgan_suite.networks import (
    LayerNormalization,
    PooledConvolution,
    ResizeConvolution,
    SpectralNormalization,
)
from tfgan_suite.networks.resnet import resnet_discriminator, resnet_generator

WEIGHTED = keras.layers.Dense | keras.layers.Conv2D | ResizeConvolution


def convolution(size, inputs, outputs, bias=True):
    return size * size * inputs * outputs + (outputs if bias else 0)


def longest_path(network):
    """Weight layers from the input to the output, along the branch that has most of them."""
    depths = {}
    for layer in network.layers:  # in topological order
        parents = [p for node in layer._inbound_nodes[:1] for p in node.parent_nodes]
        weighs = isinstance(getattr(layer, "layer", layer), WEIGHTED)
        depths[layer] = max([depths[p.operation] for p in parents], default=0) + weighs
    return max(depths.values())


def test_the_papers_networks_for_cifar10_by_hand():
    n = 128
    # Batch normalisation has four numbers a channel; what lies before one needs no offset.
    block = 2 * 4 * n + convolution(3, n, n, bias=False) + convolution(3, n, n) + convolution(1, n, n)
    latents_to_4x4 = 128 * 4 * 4 * n + 4 * 4 * n
    generator = latents_to_4x4 + 3 * block + 4 * n + convolution(3, n, 3)
    assert resnet_generator((32, 32, 3)).count_params() == generator == 1_205_891

    first = convolution(3, 3, n) + convolution(3, n, n) + convolution(1, 3, n)
    second = 2 * convolution(3, n, n) + convolution(1, n, n)
    third_and_fourth = 4 * convolution(3, n, n)
    critic = first + second + third_and_fourth + n + 1
    assert resnet_discriminator((32, 32, 3)).count_params() == critic == 1_053_825


def test_bottlenecks_by_hand():
    n, half = 8, 4
    inside = convolution(1, n, half) + convolution(3, half, half) + convolution(1, half, n)
    shortcut = convolution(1, n, n)
    # 17 layers: 2 at the ends and 5 blocks, of which 3 double the resolution.
    generator = 5 * 16 * n + 16 * n + 3 * (inside + shortcut) + 2 * inside + convolution(3, n, 1)
    options = {"width": n, "block": "bottleneck", "depth": 17, "normalization": "none"}
    assert resnet_generator((32, 32, 1), 5, **options).count_params() == generator
    # The same number for the critic, of which 2 halve it.
    critic = convolution(1, 1, n) + 2 * (inside + shortcut) + 3 * inside + n + 1
    assert resnet_discriminator((32, 32, 1), **options).count_params() == critic


@pytest.mark.parametrize(
    ("size", "generator_depth", "critic_depth"), [(16, 6, 7), (28, 6, 9), (32, 8, 9), (64, 10, 11)]
)
def test_sizes(size, generator_depth, critic_depth):
    generator, critic = resnet_generator((size, size, 3), 5, 2), resnet_discriminator((size, size, 3), 2)
    images = generator(np.random.default_rng(0).normal(size=(2, 5)).astype("float32"))
    assert images.shape == (2, size, size, 3)
    assert critic(images).shape == (2, 1)
    assert longest_path(generator) == generator_depth
    assert longest_path(critic) == critic_depth


@pytest.mark.parametrize("make", [resnet_generator, resnet_discriminator])
@pytest.mark.parametrize(("block", "depth"), [("basic", 20), ("bottleneck", 17)])
def test_depth_is_what_was_asked_for(make, block, depth):
    depth += make is resnet_discriminator and block == "basic"  # one end less, so odd
    assert longest_path(make((32, 32, 1), width=2, block=block, depth=depth)) == depth


def test_101_layers():
    """The last of WGAN-GP's hard architectures."""
    options = {"width": 2, "depth": 101, "block": "bottleneck"}
    assert longest_path(resnet_generator((32, 32, 3), **options)) == 101
    assert longest_path(resnet_discriminator((32, 32, 3), **options, normalization="layer")) == 101


def test_is_the_formula():
    """A critic with LayerNorm at 16x16, layer by layer in NumPy-like arithmetic."""
    network = resnet_discriminator((16, 16, 2), width=3, normalization="layer")
    network.set_weights(
        [w + 0.05 * np.cos(np.arange(w.size)).reshape(w.shape) for w in network.get_weights()]
    )
    x = np.random.default_rng(0).normal(size=(4, 16, 16, 2))

    def of(name):
        return [np.asarray(w, np.float64) for w in network.get_layer(name).get_weights()]

    def convolved(x, name):
        kernel, *bias = of(name)
        reach = kernel.shape[0] // 2
        padded = np.pad(x, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
        high, wide = x.shape[1:3]
        places = [
            padded[:, i : i + high, j : j + wide] @ kernel[i, j]
            for i in range(kernel.shape[0])
            for j in range(kernel.shape[1])
        ]
        return sum(places) + (bias[0] if bias else 0.0)

    def normalized(x, name):
        gamma, beta = of(name)
        mean, variance = x.mean((1, 2, 3), keepdims=True), x.var((1, 2, 3), keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta

    def halved(x):
        return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4

    def relu(x):
        return np.maximum(x, 0.0)

    inside = convolved(relu(normalized(convolved(x, "down_8_0"), "down_8_1_ln")), "down_8_1")
    x = halved(convolved(x, "down_8_shortcut")) + halved(inside)
    for name in ("block_8_0", "block_8_1"):
        inside = convolved(relu(normalized(x, f"{name}_0_ln")), f"{name}_0")
        x = x + convolved(relu(normalized(inside, f"{name}_1_ln")), f"{name}_1")
    kernel, bias = of("score")
    expected = relu(x).mean((1, 2)) @ kernel + bias
    x = np.random.default_rng(0).normal(size=(4, 16, 16, 2)).astype("float32")
    np.testing.assert_allclose(network(x), expected, rtol=1e-4, atol=1e-4)


def test_upsampling_repeats_pixels():
    """With convolutions that pass their input on, both branches of a block show each pixel four times."""
    network = resnet_generator((16, 16, 1), latent_dim=1, width=1, normalization="none")
    inner = keras.Model(network.get_layer("seed_image").output, network.get_layer("up_8_sum").output)
    for layer in inner.layers:
        if isinstance(layer, keras.layers.Conv2D | ResizeConvolution):
            kernel = np.zeros(layer.kernel.shape)
            kernel[kernel.shape[0] // 2, kernel.shape[1] // 2] = 1.0
            layer.set_weights([kernel, *(np.zeros(w.shape) for w in layer.get_weights()[1:])])
    x = np.random.default_rng(0).uniform(size=(2, 4, 4, 1)).astype("float32")
    np.testing.assert_allclose(inner(x), 2.0 * x.repeat(2, axis=1).repeat(2, axis=2), rtol=1e-6)


@pytest.mark.parametrize(("block", "first"), [("basic", 0), ("bottleneck", 1)])
def test_resolution_changes_before_the_first_wide_convolution_and_after_the_last(block, first):
    generator = resnet_generator((16, 16, 1), 2, 2, block=block)
    enlarging = [x.name for x in generator.layers if isinstance(x, ResizeConvolution)]
    assert enlarging == [f"up_{size}_{first}" for size in (8, 16)]
    discriminator = resnet_discriminator((16, 16, 1), 2, block=block)
    pooled = [x.name for x in discriminator.layers if isinstance(x, PooledConvolution)]
    assert pooled == [f"down_8_{first + 1}"]


def test_normalisations():
    spectral = resnet_discriminator((16, 16, 1), 2, normalization="spectral")
    weighted = [x for x in spectral.layers if isinstance(getattr(x, "layer", x), WEIGHTED)]
    assert len(weighted) == longest_path(spectral) + 1  # one shortcut
    assert all(isinstance(layer, SpectralNormalization) for layer in weighted)
    layered = resnet_discriminator((16, 16, 1), 2, normalization="layer")
    assert (
        sum(isinstance(x, LayerNormalization) for x in layered.layers) == 5
    )  # 6 convolutions, not the first
    plain = [resnet_discriminator((16, 16, 1), 2), resnet_generator((16, 16, 1), 2, 2, normalization="none")]
    assert not any("Normalization" in type(layer).__name__ for network in plain for layer in network.layers)


@pytest.mark.parametrize("make", [resnet_generator, resnet_discriminator])
@pytest.mark.parametrize(
    ("argument", "value", "expected"),
    [
        ("width", 0, "a positive integer"),
        ("depth", 10.5, "a positive integer"),
        ("depth", 3, r"\d+ and a multiple of 2"),
        ("block", "wide", "one of 'basic', 'bottleneck'"),
        ("normalization", "instance", "one of"),
        ("num_classes", 0, "a positive integer"),
    ],
)
def test_refuses(make, argument, value, expected):
    with pytest.raises(ValueError, match=f"{argument}: expected {expected}.* came {value!r}"):
        make((32, 32, 3), **{argument: value})


def test_refuses_what_does_not_halve():
    for shape in ((31, 31, 3), (34, 34, 3), (32, 28, 3), (8, 8, 1), (32, 32)):
        with pytest.raises(ValueError, match="image_shape: expected"):
            resnet_generator(shape)
        with pytest.raises(ValueError, match="image_shape: expected"):
            resnet_discriminator(shape)
    with pytest.raises(ValueError, match="width: expected 2 or more"):
        resnet_generator((32, 32, 3), width=1, block="bottleneck")

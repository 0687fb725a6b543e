"""Residual networks for images, of WGAN-GP (Gulrajani et al. 2017, arXiv:1704.00028, appendix).

A block adds to its input what two 3x3 convolutions make of it, each behind a normalisation and a ReLU. Blocks
that change the resolution do so in both branches: by nearest neighbours before the first of the 3x3
convolutions (as the authors' code; their text says the second), by means after the last. Where width or
resolution change, the other branch has a 1x1 convolution.

`block="bottleneck"` is for depth: 1x1, 3x3, 1x1 with half the channels inside, and 0.3 times the sum, after
the authors' 101-layer network. `depth` counts the weight layers from end to end; those of the other branch
do not count.
"""

import functools
from typing import Literal

import keras

from tfgan_suite.networks import blocks
from tfgan_suite.networks.pooled_convolution import PooledConvolution
from tfgan_suite.networks.resize_convolution import ResizeConvolution

CONVOLUTIONS = {"basic": 2, "bottleneck": 3}  # of a block
KINDS = {
    None: functools.partial(keras.layers.Conv2D, padding="same"),
    "up": ResizeConvolution,
    "down": PooledConvolution,
}
ACTIVATIONS = ("relu", "leaky_relu", "tanh")


def resnet_generator(
    image_shape: tuple[int, int, int],
    latent_dim: int = 128,
    width: int = 128,
    depth: int | None = None,
    block: Literal["basic", "bottleneck"] = "basic",
    normalization: Literal["batch", "layer", "none"] = "batch",
    output_activation: Literal["tanh", "sigmoid", "linear"] = "tanh",
    num_classes: int | None = None,
    activation: Literal["relu", "leaky_relu", "tanh"] = "relu",
) -> keras.Model:
    """Residual generator: latents (batch, latent_dim) to square images; by default WGAN-GP's for 32x32.

    Args:
        image_shape: (size, size, channels), 16 to 128 pixels, halved to at most 7 without a remainder.
        width: channels of every layer.
        depth: weight layers: 2, and those of the blocks. One block doubles each resolution; further ones are
            spread over the resolutions, the lowest first. Default: no further ones; 8 layers for 32x32.
        block: "basic", or "bottleneck" for many layers, such as `depth=101`.
        num_classes: given, the network takes [latents, labels].
        activation: of the blocks.
    """
    sizes = _halvings(image_shape, 7)[::-1]
    blocks.check_positive(latent_dim=latent_dim, width=width)
    _check_block(block, width, activation)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "none"))
    blocks.check_choice("output_activation", output_activation, ("tanh", "sigmoid", "linear"))
    further = _further_blocks(depth, block, ends=2, least=len(sizes) - 1, stages=len(sizes))
    inputs, x = blocks.latents_with_labels(latent_dim, num_classes)
    x = keras.layers.Dense(sizes[0] ** 2 * width, name="project")(x)
    x = keras.layers.Reshape((sizes[0], sizes[0], width), name="seed_image")(x)
    for i, size in enumerate(sizes):
        if i > 0:
            x = _block(x, width, f"up_{size}", block, normalization, activation, "up")
        for j in range(further[i]):
            x = _block(x, width, f"block_{size}_{j}", block, normalization, activation)
    x = blocks.activate(blocks.normalize(x, normalization, "last"), activation, "last")
    x = keras.layers.Conv2D(image_shape[-1], 3, padding="same", name="to_image")(x)
    images = keras.layers.Activation(output_activation, dtype=blocks.full_precision(), name="images")(x)
    return keras.Model(inputs if num_classes else inputs[0], images, name="generator")


def resnet_discriminator(
    image_shape: tuple[int, int, int],
    width: int = 128,
    depth: int | None = None,
    block: Literal["basic", "bottleneck"] = "basic",
    normalization: Literal["batch", "layer", "spectral", "none"] = "none",
    num_classes: int | None = None,
    outputs: int = 1,
    activation: Literal["relu", "leaky_relu", "tanh"] = "relu",
) -> keras.Model:
    """Residual discriminator: square images to logits (batch, outputs); by default WGAN-GP's critic.

    Blocks halve the image to at most 8x8, then two keep it; the mean over all places is scored.

    Args:
        image_shape: (size, size, channels), 16 to 128 pixels, halved to at most 8 without a remainder.
        width: channels of every layer.
        depth: weight layers: the score, with bottlenecks also a first convolution, and those of the blocks.
            Further blocks are spread as in `resnet_generator`. Default: no further ones; 9 layers for 32x32.
        block: "basic", or "bottleneck" for many layers, such as `depth=101`.
        normalization: "none" as in the paper; "layer" for deep critics with a gradient penalty.
        num_classes: given, the network takes [images, labels].
        outputs: more than 1 for an objective on vectors, such as `MetricLearning`.
        activation: of the blocks.
    """
    sizes = _halvings(image_shape, 8)
    blocks.check_positive(width=width, outputs=outputs)
    _check_block(block, width, activation)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "spectral", "none"))
    has_first = block == "bottleneck"  # its inner layers would have half of the image's channels
    further = _further_blocks(depth, block, 1 + has_first, least=len(sizes) - 1 + 2, stages=len(sizes))
    further = [*further[::-1][:-1], further[0] + 2]
    images = x = keras.Input(tuple(image_shape), name="images")
    if has_first:
        x = blocks.weight_layer(keras.layers.Conv2D(width, 1, name="from_image"), normalization)(x)
    for i, size in enumerate(sizes):
        if i > 0:
            x = _block(x, width, f"down_{size}", block, normalization, activation, "down", x is images)
        for j in range(further[i]):
            x = _block(x, width, f"block_{size}_{j}", block, normalization, activation, None, x is images)
    x = blocks.activate(x, activation, "last")
    features = keras.layers.GlobalAveragePooling2D(name="features")(x)
    head = blocks.weight_layer(keras.layers.Dense(outputs, name="score"), normalization)
    inputs, logits = blocks.logits_with_labels(images, features, num_classes, head)
    return keras.Model(inputs if num_classes else inputs[0], logits, name="discriminator")


def _block(x, width, name, kind, normalization, activation, resample=None, sees_pixels=False):
    """x + F(x). Pixels are not normalised, and no activation cuts off the dark ones."""
    inputs = x
    kernels = [(3, width), (3, width)] if kind == "basic" else [(1, width // 2), (3, width // 2), (1, width)]
    changing = {"up": len(kernels) - 2, "down": len(kernels) - 1}.get(resample)
    for i, (kernel_size, channels) in enumerate(kernels):
        part = f"{name}_{i}"
        if not (sees_pixels and i == 0):
            x = blocks.activate(blocks.normalize(x, normalization, part), activation, part)
        is_normalized = normalization in ("batch", "layer") and i < len(kernels) - 1  # brings an offset
        change = resample if i == changing else None
        x = _convolution(channels, kernel_size, part, normalization, 2.0, not is_normalized, change)(x)
    if kind == "bottleneck":
        x = keras.layers.Rescaling(0.3, name=f"{name}_scale")(x)
    return keras.layers.Add(name=f"{name}_sum")([_shortcut(inputs, width, name, normalization, resample), x])


def _shortcut(x, width, name, normalization, resample):
    if resample is None and x.shape[-1] == width:
        return x
    # Either change of resolution commutes with a 1x1 convolution, which is cheaper for fewer places.
    if resample == "down":
        x = keras.layers.AveragePooling2D(2, name=f"{name}_shortcut_down")(x)
    x = _convolution(width, 1, f"{name}_shortcut", normalization, 1.0)(x)
    return keras.layers.UpSampling2D(2, name=f"{name}_shortcut_up")(x) if resample == "up" else x


def _convolution(channels, kernel_size, name, normalization, scale, use_bias=True, resample=None):
    # Variance 2 scale / (n_in + n_out): scale 2 behind a ReLU, which halves it.
    weights = keras.initializers.VarianceScaling(scale, "fan_avg", "uniform")
    layer = KINDS[resample](channels, kernel_size, use_bias=use_bias, kernel_initializer=weights, name=name)
    return blocks.weight_layer(layer, normalization)


def _check_block(block, width, activation):
    blocks.check_choice("block", block, tuple(CONVOLUTIONS))
    blocks.check_choice("activation", activation, ACTIVATIONS)
    if block == "bottleneck" and width < 2:
        raise ValueError(f"width: expected 2 or more with block 'bottleneck', came {width}")


def _halvings(image_shape: tuple[int, int, int], largest: int) -> list[int]:
    """Sizes from the image down to at most `largest`: 32 -> [32, 16, 8] for 8."""
    shape = tuple(image_shape)
    if len(shape) != 3 or shape[0] != shape[1] or not 16 <= shape[0] <= 128 or shape[2] < 1:
        raise ValueError(f"image_shape: expected (size, size, channels) with 16 <= size <= 128, came {shape}")
    sizes = [shape[0]]
    while sizes[-1] > largest:
        if sizes[-1] % 2:
            raise ValueError(
                f"image_shape: expected a size that halves to at most {largest} without a remainder, such as "
                f"28, 32 or 64, came {shape[0]}"
            )
        sizes.append(sizes[-1] // 2)
    return sizes


def _further_blocks(depth: int | None, block: str, ends: int, least: int, stages: int) -> list[int]:
    """How many blocks more than `least` each stage has, so that all layers together are `depth`."""
    each = CONVOLUTIONS[block]
    if depth is None:
        return [0] * stages
    blocks.check_positive(depth=depth)
    further, rest = divmod(depth - ends - each * least, each)
    if further < 0 or rest:
        raise ValueError(
            f"depth: expected {ends + each * least} and a multiple of {each}, with block {block!r} and this "
            f"image_shape, came {depth}"
        )
    return [further // stages + (i < further % stages) for i in range(stages)]

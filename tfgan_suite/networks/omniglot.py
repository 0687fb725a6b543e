"""The networks of Creswell and Bharath 2016 (arXiv:1609.08661, Table 1) for Omniglot, 105 x 105 pixels.

Like DCGAN's, with what is unusual kept: bilinear upsampling and a convolution of stride 1 in place of a
transposed one, leaky ReLU in the generator and ReLU in the discriminator, and batch normalisation in the
discriminator's first layer as well. What the table leaves open is as in the authors' code
(github.com/ToniCreswell/piGAN): convolutions follow the upsampling, and are padded by half their kernel, so
that one of 4 makes 105 pixels of 104; weights start Glorot-uniform. Their code differs from the table in the
generator's first normalisation, which is of each of the 43,264 units; here, as in the table, of 256 channels.
"""

from typing import Literal

import keras

from tfgan_suite.networks import blocks
from tfgan_suite.networks.resize_convolution import ResizeConvolution

IMAGE_SHAPE = (105, 105, 1)


def omniglot_generator(
    image_shape: tuple[int, int, int] = IMAGE_SHAPE,
    latent_dim: int = 100,
    width: int = 64,
    normalization: Literal["batch", "layer", "none"] = "batch",
    output_activation: Literal["tanh", "sigmoid", "linear"] = "tanh",
    num_classes: int | None = None,
) -> keras.Model:
    """Omniglot generator: latents (batch, latent_dim) to images (batch, 105, 105, 1).

    Args:
        image_shape: nothing but (105, 105, 1).
        width: channels of the last hidden layer; each layer below has twice as many (the paper: 64).
        output_activation: "tanh" for images in [-1, 1]; the authors' code has "sigmoid", for [0, 1].
        num_classes: given, the network takes [latents, labels].
    """
    _check_shape(image_shape)
    blocks.check_positive(latent_dim=latent_dim, width=width)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "none"))
    blocks.check_choice("output_activation", output_activation, ("tanh", "sigmoid", "linear"))
    inputs, x = blocks.latents_with_labels(latent_dim, num_classes)

    bias = normalization == "none"
    x = keras.layers.Dense(13 * 13 * 4 * width, use_bias=bias, name="project")(x)
    x = keras.layers.Reshape((13, 13, 4 * width), name="seed_image")(x)
    x = blocks.normalize(x, normalization, "project")
    x = keras.layers.LeakyReLU(0.2, name="project_relu")(x)
    for size, channels in ((26, 2 * width), (52, width)):
        x = ResizeConvolution(channels, 5, "bilinear", use_bias=bias, name=f"grow_{size}")(x)
        x = blocks.normalize(x, normalization, f"grow_{size}")
        x = keras.layers.LeakyReLU(0.2, name=f"grow_{size}_relu")(x)
    x = ResizeConvolution(1, 4, "bilinear", name="grow_105")(x)
    images = keras.layers.Activation(output_activation, dtype=blocks.full_precision(), name="images")(x)
    return keras.Model(inputs if num_classes else inputs[0], images, name="generator")


def omniglot_discriminator(
    image_shape: tuple[int, int, int] = IMAGE_SHAPE,
    width: int = 32,
    normalization: Literal["batch", "layer", "spectral", "none"] = "batch",
    num_classes: int | None = None,
    outputs: int = 1,
) -> keras.Model:
    """Omniglot discriminator: images (batch, 105, 105, 1) to logits (batch, outputs).

    The paper's retrieval compares the layer "features": 50,176 numbers at the paper's width.

    Args:
        image_shape: nothing but (105, 105, 1).
        width: channels of the first layer; the others have 4 and 8 times as many (the paper: 32).
        normalization: "batch" as in the paper; "layer" or "none" for critics with a gradient penalty,
            "spectral" for spectral normalisation of every weight.
        num_classes: given, the network takes [images, labels].
        outputs: more than 1 for an objective on vectors, such as `MetricLearning`.
    """
    _check_shape(image_shape)
    blocks.check_positive(width=width, outputs=outputs)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "spectral", "none"))
    images = x = keras.Input(IMAGE_SHAPE, name="images")
    bias = normalization in ("spectral", "none")
    for size, channels in ((53, width), (27, 4 * width), (14, 8 * width)):
        convolution = keras.layers.Conv2D(
            channels, 5, strides=2, padding="same", use_bias=bias, name=f"shrink_{size}"
        )
        x = blocks.weight_layer(convolution, normalization)(x)
        x = blocks.normalize(x, normalization, f"shrink_{size}")
        x = keras.layers.ReLU(name=f"shrink_{size}_relu")(x)
    features = keras.layers.Flatten(name="features")(x)
    head = blocks.weight_layer(keras.layers.Dense(outputs, name="score"), normalization)
    inputs, logits = blocks.logits_with_labels(images, features, num_classes, head)
    return keras.Model(inputs if num_classes else inputs[0], logits, name="discriminator")


def _check_shape(image_shape):
    if not isinstance(image_shape, tuple | list) or tuple(image_shape) != IMAGE_SHAPE:
        raise ValueError(f"image_shape: expected {IMAGE_SHAPE}, came {image_shape}")

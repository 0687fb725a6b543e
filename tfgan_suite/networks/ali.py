"""The CIFAR-10 networks of adversarially learned inference (Dumoulin et al. 2017, arXiv:1606.00704).

The generator and the discriminator of images are as Poole et al. 2016 (arXiv:1612.02780) print them in
Appendix B, "slightly modified" from there; the encoder and the discriminator of pairs are the ALI paper's as
remembered, since only Poole's table was at hand. Convolutions without padding lead from 32 pixels to
28, 13, 10, 4 and 1, and transposed ones back. Weights are from N(0, 0.01^2). Dropout is on what enters a
layer. The tables' images are in [0, 1]; these networks take and make [-1, 1], as all others here.
"""

import keras

from tfgan_suite.networks import blocks
from tfgan_suite.networks.dropout import Dropout
from tfgan_suite.networks.maxout import Maxout

# (kernel size, stride, channels as a multiple of `width`)
GROW = ((4, 1, 8), (4, 2, 4), (4, 1, 2), (4, 2, 1), (5, 1, 1))
SHRINK = ((5, 1, 1), (4, 2, 2), (4, 1, 4), (4, 2, 8), (4, 1, 16))
PIECES, SLOPE = 2, 0.1


def ali_generator(
    image_shape: tuple[int, int, int], latent_dim: int = 64, width: int = 32, num_classes: int | None = None
) -> keras.Model:
    """Latents (batch, latent_dim) to images of 32 x 32.

    Args:
        width: channels of the last hidden layers (the papers: 32); those below have up to 8 times as many.
        num_classes: given, the network takes [latents, labels].
    """
    _check_image(image_shape)
    blocks.check_positive(latent_dim=latent_dim, width=width)
    inputs, x = blocks.latents_with_labels(latent_dim, num_classes)
    x = _pixel(x, "pixel")
    for i, (kernel, stride, factor) in enumerate(GROW):
        options = {"strides": stride, "use_bias": False, "kernel_initializer": _weights()}
        x = keras.layers.Conv2DTranspose(factor * width, kernel, name=f"grow_{i}", **options)(x)
        x = _normalized(x, f"grow_{i}")
    x = _normalized(_convolution(width, 1, use_bias=False, name="mix")(x), "mix")
    x = _convolution(image_shape[-1], 1, name="output")(x)
    x = keras.layers.Activation("sigmoid", dtype=blocks.full_precision(), name="intensities")(x)
    images = keras.layers.Rescaling(2.0, -1.0, dtype=blocks.full_precision(), name="images")(x)
    return keras.Model(inputs if num_classes else inputs[0], images, name="generator")


def ali_discriminator(image_shape: tuple[int, int, int], width: int = 32, outputs: int = 1) -> keras.Model:
    """Images of 32 x 32 to logits (batch, outputs): maxout of 2 pieces, dropout, no normalisation.

    Args:
        width: channels of the first layer (the paper: 32); those above have up to 32 times as many.
    """
    _check_image(image_shape)
    blocks.check_positive(width=width, outputs=outputs)
    images = keras.Input(tuple(image_shape), name="images")
    x = _seen(images, width)
    for i, factor in enumerate((32, 4)):
        x = _maxout(x, factor * width, 1, 1, 0.5, f"top_{i}")
    return keras.Model(images, _score(x, outputs), name="discriminator")


def ali_encoder(
    image_shape: tuple[int, int, int],
    latent_dim: int = 64,
    width: int = 32,
    stochastic: bool = True,
    num_classes: int | None = None,
) -> keras.Model:
    """Images of 32 x 32 to latents (batch, latent_dim), or means and log standard deviations of them.

    Args:
        num_classes: given, the network takes [images, labels]: a label meets the image's one pixel, before
            the last hidden layer.
    """
    _check_image(image_shape)
    blocks.check_positive(latent_dim=latent_dim, width=width)
    images = keras.Input(tuple(image_shape), name="images")
    x = keras.layers.Rescaling(0.5, 0.5, name="intensities")(images)
    inputs = [images]
    for i, (kernel, stride, factor) in enumerate((*SHRINK, (1, 1, 16))):
        name = f"shrink_{i}"
        if i == len(SHRINK) and num_classes is not None:
            labels, embedded = blocks.embedded_labels(num_classes, latent_dim)
            inputs, x = [images, labels], _beside([x, embedded], "image_and_label")
        convolution = _convolution(factor * width, kernel, strides=stride, use_bias=False, name=name)
        x = _normalized(convolution(x), name)
    x = _convolution(2 * latent_dim if stochastic else latent_dim, 1, name="output")(x)
    x = keras.layers.Flatten(name="flat")(x)
    latents = keras.layers.Activation("linear", dtype=blocks.full_precision(), name="latents")(x)
    return keras.Model(inputs if num_classes else images, latents, name="encoder")


def ali_joint_discriminator(
    image_shape: tuple[int, int, int],
    latent_dim: int = 64,
    width: int = 32,
    outputs: int = 1,
    num_classes: int | None = None,
) -> keras.Model:
    """[latents, images of 32 x 32] to logits (batch, outputs).

    Two layers of the latents and five of the image meet in two of both, of 1,024 units at width 32.

    Args:
        num_classes: given, the network takes [latents, images, labels], and a label meets them there.
    """
    _check_image(image_shape)
    blocks.check_positive(latent_dim=latent_dim, width=width, outputs=outputs)
    latents = keras.Input((latent_dim,), name="latents")
    images = keras.Input(tuple(image_shape), name="images")
    meant = _pixel(latents, "pixel")
    for i, rate in enumerate((0.2, 0.5)):
        meant = _maxout(meant, 16 * width, 1, 1, rate, f"latents_{i}")
    inputs, parts = [latents, images], [meant, _seen(images, width)]
    if num_classes is not None:
        labels, embedded = blocks.embedded_labels(num_classes, latent_dim)
        inputs, parts = [*inputs, labels], [*parts, embedded]
    x = _beside(parts, "pair")
    for i in range(2):
        x = _maxout(x, 32 * width, 1, 1, 0.5, f"joint_{i}")
    return keras.Model(inputs, _score(x, outputs), name="discriminator")


def _beside(parts, name):
    """Pixels, and vectors (batch, size) as pixels, side by side."""
    pixels = [x if len(x.shape) == 4 else _pixel(x, f"{name}_pixel") for x in parts]
    return keras.layers.Concatenate(name=name)(pixels)


def _pixel(vectors, name):
    """Vectors (batch, size) as images of one pixel."""
    return keras.layers.Reshape((1, 1, vectors.shape[-1]), name=name)(vectors)


def _seen(images, width):
    """The image's part of a discriminator, (batch, 1, 1, 16 * width)."""
    x = keras.layers.Rescaling(0.5, 0.5, name="intensities")(images)
    for i, (kernel, stride, factor) in enumerate(SHRINK):
        x = _maxout(x, factor * width, kernel, stride, 0.5 if i else 0.2, f"shrink_{i}")
    return x


def _maxout(x, channels, kernel, stride, rate, name):
    x = Dropout(rate, name=f"{name}_dropout")(x)
    x = _convolution(PIECES * channels, kernel, strides=stride, name=name)(x)
    return Maxout(PIECES, name=f"{name}_maxout")(x)


def _score(x, outputs):
    x = _convolution(outputs, 1, name="score")(Dropout(0.5, name="score_dropout")(x))
    x = keras.layers.Flatten(name="flat")(x)
    return keras.layers.Activation("linear", dtype=blocks.full_precision(), name="logits")(x)


def _normalized(x, name):
    return keras.layers.LeakyReLU(SLOPE, name=f"{name}_relu")(blocks.normalize(x, "batch", name))


def _convolution(channels, kernel, **options):
    return keras.layers.Conv2D(channels, kernel, kernel_initializer=_weights(), **options)


def _weights() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.01)


def _check_image(image_shape) -> None:
    shape = tuple(image_shape)
    if len(shape) != 3 or shape[:2] != (32, 32) or shape[2] < 1:
        raise ValueError(f"image_shape: expected (32, 32, channels), came {shape}")

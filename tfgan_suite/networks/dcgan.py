"""Deep convolutional networks by the rules of Radford et al. 2016 (arXiv:1511.06434, section 3).

Strided convolutions in place of pooling, no hidden dense layers, normalisation everywhere but at the
generator's output and the discriminator's input, ReLU in the generator and leaky ReLU 0.2 in the
discriminator, weights from N(0, 0.02^2). `normalization`, `constant_width` and `activation` break the rules
one by one: the hard architectures of WGAN-GP (Gulrajani et al. 2017, section 5.1).
"""

from typing import Literal

import keras

from tfgan_suite.networks import blocks

ACTIVATIONS = ("relu", "leaky_relu", "tanh", "gated")


def dcgan_generator(
    image_shape: tuple[int, int, int],
    latent_dim: int = 100,
    width: int = 64,
    kernel_size: int = 5,
    normalization: Literal["batch", "layer", "none"] = "batch",
    output_activation: Literal["tanh", "sigmoid", "linear"] = "tanh",
    num_classes: int | None = None,
    activation: Literal["relu", "leaky_relu", "tanh", "gated"] = "relu",
    constant_width: bool = False,
) -> keras.Model:
    """DCGAN generator: latents (batch, latent_dim) to square images of 16 to 128 pixels.

    Args:
        image_shape: (size, size, channels).
        width: channels of the last hidden layer, at half the image's size; each layer below has twice as many
            (the paper: 128).
        num_classes: given, the network takes [latents, labels].
        activation: of the hidden layers; "gated" is `GatedActivation`.
        constant_width: whether every hidden layer has `width` channels.
    """
    sizes = resolutions(image_shape)
    blocks.check_positive(latent_dim=latent_dim, width=width, kernel_size=kernel_size)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "none"))
    blocks.check_choice("output_activation", output_activation, ("tanh", "sigmoid", "linear"))
    blocks.check_choice("activation", activation, ACTIVATIONS)
    inputs, x = blocks.latents_with_labels(latent_dim, num_classes)

    start = sizes[-1]
    widths = [width if constant_width else width * 2**i for i in range(len(sizes) - 1)][::-1]
    channels = blocks.before_activation(widths[0], activation)
    bias = normalization == "none"
    x = keras.layers.Dense(
        start * start * channels, use_bias=bias, kernel_initializer=_weights(), name="project"
    )(x)
    x = keras.layers.Reshape((start, start, channels), name="seed_image")(x)
    x = blocks.normalize(x, normalization, "project", gamma_stddev=0.02)
    x = blocks.activate(x, activation, "project")
    for size, channels in zip(sizes[-2:0:-1], widths[1:], strict=True):
        x = _grow(x, size, blocks.before_activation(channels, activation), kernel_size, bias)
        x = blocks.normalize(x, normalization, f"grow_{size}", gamma_stddev=0.02)
        x = blocks.activate(x, activation, f"grow_{size}")
    x = _grow(x, sizes[0], image_shape[-1], kernel_size, use_bias=True)
    images = keras.layers.Activation(output_activation, dtype=blocks.full_precision(), name="images")(x)
    return keras.Model(inputs if num_classes else inputs[0], images, name="generator")


def dcgan_discriminator(
    image_shape: tuple[int, int, int],
    width: int = 64,
    kernel_size: int = 5,
    normalization: Literal["batch", "layer", "spectral", "none"] = "batch",
    num_classes: int | None = None,
    outputs: int = 1,
    minibatch: Literal["discrimination", "standard_deviation", "none"] = "none",
    activation: Literal["relu", "leaky_relu", "tanh", "gated"] = "leaky_relu",
    constant_width: bool = False,
) -> keras.Model:
    """DCGAN discriminator: square images of 16 to 128 pixels to logits (batch, outputs).

    Args:
        image_shape: (size, size, channels).
        width: channels of the first layer; each following layer has twice as many (the paper: 128).
        normalization: "batch" as in the paper; "layer" or "none" for critics with a gradient penalty,
            "spectral" for spectral normalisation of every weight.
        num_classes: given, the network takes [images, labels].
        outputs: more than 1 for an objective on vectors, such as `MetricLearning`.
        minibatch: "discrimination" or "standard_deviation": what the last layer sees of the whole minibatch.
        activation, constant_width: as in `dcgan_generator`.
    """
    sizes = resolutions(image_shape)
    blocks.check_positive(width=width, kernel_size=kernel_size, outputs=outputs)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "spectral", "none"))
    blocks.check_choice("activation", activation, ACTIVATIONS)
    images = keras.Input(tuple(image_shape), name="images")
    x = _shrink(images, sizes, width, kernel_size, normalization, activation, constant_width)
    features = blocks.of_minibatch(keras.layers.Flatten(name="features")(x), minibatch)
    head = blocks.weight_layer(
        keras.layers.Dense(outputs, kernel_initializer=_weights(), name="score"), normalization
    )
    inputs, logits = blocks.logits_with_labels(images, features, num_classes, head)
    return keras.Model(inputs if num_classes else inputs[0], logits, name="discriminator")


def dcgan_encoder(
    image_shape: tuple[int, int, int],
    latent_dim: int = 100,
    width: int = 64,
    kernel_size: int = 5,
    normalization: Literal["batch", "layer", "none"] = "batch",
    stochastic: bool = False,
    latent_std: float | Literal["learned"] | None = None,
    num_classes: int | None = None,
) -> keras.Model:
    """DCGAN encoder: square images of 16 to 128 pixels to latents (batch, latent_dim).

    The discriminator's layers with latents in place of a score.

    Args:
        stochastic: outputs are (batch, 2 * latent_dim), the means and then the log standard deviations of a
            diagonal Gaussian of latents.
        latent_std: as in `mlp_encoder`.
        num_classes: given, the network takes [images, labels], a label's embedding as a channel more.
    """
    sizes = resolutions(image_shape)
    blocks.check_positive(latent_dim=latent_dim, width=width, kernel_size=kernel_size)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "none"))
    inputs, x = _with_labels(keras.Input(tuple(image_shape), name="images"), num_classes)
    x = _shrink(x, sizes, width, kernel_size, normalization)
    features = keras.layers.Flatten(name="features")(x)
    outputs = 2 * latent_dim if stochastic else latent_dim
    x = keras.layers.Dense(outputs, kernel_initializer=_weights(), name="output")(features)
    x = blocks.of_standard_deviation(x, latent_std, stochastic)
    latents = keras.layers.Activation("linear", dtype=blocks.full_precision(), name="latents")(x)
    return keras.Model(inputs if num_classes else inputs[0], latents, name="encoder")


def dcgan_joint_discriminator(
    image_shape: tuple[int, int, int],
    latent_dim: int = 100,
    width: int = 64,
    kernel_size: int = 5,
    normalization: Literal["batch", "layer", "spectral", "none"] = "batch",
    joint_width: int = 512,
    outputs: int = 1,
    num_classes: int | None = None,
) -> keras.Model:
    """DCGAN discriminator of pairs: [latents, images] to logits (batch, outputs).

    The image's features and a dense layer of the latents meet in another dense layer.

    Args:
        width: channels of the first convolution; each following one has twice as many.
        joint_width: units of the two dense layers.
        num_classes: given, the network takes [latents, images, labels].
    """
    sizes = resolutions(image_shape)
    blocks.check_positive(
        latent_dim=latent_dim, width=width, kernel_size=kernel_size, joint_width=joint_width, outputs=outputs
    )
    blocks.check_choice("normalization", normalization, ("batch", "layer", "spectral", "none"))
    latents = keras.Input((latent_dim,), name="latents")
    images = keras.Input(tuple(image_shape), name="images")
    seen = keras.layers.Flatten(name="flat")(_shrink(images, sizes, width, kernel_size, normalization))
    meant = _dense(latents, joint_width, normalization, "dense_latents")
    pair = keras.layers.Concatenate(name="pair")([meant, seen])
    features = _dense(pair, joint_width, normalization, "features")
    head = keras.layers.Dense(outputs, kernel_initializer=_weights(), name="score")
    head = blocks.weight_layer(head, normalization)
    inputs, logits = blocks.logits_with_labels(images, features, num_classes, head)
    return keras.Model([latents, *inputs], logits, name="discriminator")


def _with_labels(images, num_classes):
    """An encoder's inputs, and what its first layer sees of them."""
    if num_classes is None:
        return [images], images
    height, width, _ = images.shape[1:]
    labels, embedded = blocks.embedded_labels(num_classes, height * width)
    plane = keras.layers.Reshape((height, width, 1), name="plane_of_label")(embedded)
    return [images, labels], keras.layers.Concatenate(name="image_and_label")([images, plane])


def resolutions(image_shape: tuple[int, int, int]) -> list[int]:
    """Sizes from the image to the smallest feature map: 28 -> [28, 14, 7], 64 -> [64, 32, 16, 8, 4].

    Raises:
        ValueError: not a square (size, size, channels) of 16 to 128 pixels.
    """
    shape = tuple(image_shape)
    if len(shape) != 3 or shape[0] != shape[1] or not 16 <= shape[0] <= 128 or shape[2] < 1:
        raise ValueError(f"image_shape: expected (size, size, channels) with 16 <= size <= 128, came {shape}")
    sizes = [shape[0]]
    while sizes[-1] > 7:
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def _shrink(x, sizes, width, kernel_size, normalization, activation="leaky_relu", constant_width=False):
    """Convolutions of stride 2 down to the smallest of `sizes`."""
    for i, size in enumerate(sizes[1:]):
        bias = i == 0 or normalization in ("spectral", "none")
        convolution = keras.layers.Conv2D(
            blocks.before_activation(width if constant_width else width * 2**i, activation),
            kernel_size,
            strides=2,
            padding="same",
            use_bias=bias,
            kernel_initializer=_weights(),
            name=f"shrink_{size}",
        )
        x = blocks.weight_layer(convolution, normalization)(x)
        if i > 0:
            x = blocks.normalize(x, normalization, f"shrink_{size}", gamma_stddev=0.02)
        x = blocks.activate(x, activation, f"shrink_{size}")
    return x


def _dense(x, units, normalization, name):
    layer = keras.layers.Dense(units, kernel_initializer=_weights(), name=f"{name}_dense")
    x = blocks.weight_layer(layer, normalization)(x)
    return keras.layers.LeakyReLU(0.2, name=name)(x)


def _grow(x, size, channels, kernel_size, use_bias):
    """A transposed convolution of stride 2 to `size`: twice the input's, or one less."""
    x = keras.layers.Conv2DTranspose(
        channels,
        kernel_size,
        strides=2,
        padding="same",
        use_bias=use_bias,
        kernel_initializer=_weights(),
        name=f"grow_{size}",
    )(x)
    return keras.layers.Cropping2D(((0, 1), (0, 1)), name=f"grow_{size}_crop")(x) if size % 2 else x


def _weights() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.02)

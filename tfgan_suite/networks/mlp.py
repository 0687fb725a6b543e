"""Dense networks for points and small images."""

import math
from typing import Literal

import keras

from tfgan_suite.networks import blocks
from tfgan_suite.networks.cluster_heads import ClusterHeads
from tfgan_suite.networks.gaussian_noise import GaussianNoise


def mlp_generator(
    example_shape: tuple[int, ...],
    latent_dim: int = 2,
    width: int = 128,
    depth: int = 2,
    activation: str = "relu",
    normalization: Literal["batch", "layer", "none"] = "none",
    output_activation: Literal["linear", "tanh", "sigmoid"] = "linear",
    num_classes: int | None = None,
    cluster_heads: int | None = None,
) -> keras.Model:
    """Dense generator: latents (batch, latent_dim) to examples of any shape.

    Args:
        example_shape: shape of one example, e.g. (2,) or (28, 28, 1).
        width, depth: units of each hidden layer, and their number.
        num_classes: given, the network takes [latents, labels].
        cluster_heads: given, so many latents are a category, and all become one point by `ClusterHeads`.
    """
    blocks.check_positive(latent_dim=latent_dim, width=width, depth=depth)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "none"))
    blocks.check_choice("output_activation", output_activation, ("tanh", "sigmoid", "linear"))
    if cluster_heads is not None and num_classes is not None:
        raise ValueError(
            f"cluster_heads: expected None with num_classes, which makes labels of the network's own; "
            f"came {cluster_heads}"
        )
    inputs, x = blocks.latents_with_labels(latent_dim, num_classes)
    x = x if cluster_heads is None else ClusterHeads(cluster_heads, name="cluster_heads")(x)
    x = _hidden(x, width, depth, activation, normalization)
    x = keras.layers.Dense(math.prod(example_shape), name="output")(x)
    x = keras.layers.Reshape(tuple(example_shape), name="examples")(x)
    x = keras.layers.Activation(output_activation, dtype=blocks.full_precision(), name="output_activation")(x)
    return keras.Model(inputs if num_classes else inputs[0], x, name="generator")


def mlp_discriminator(
    example_shape: tuple[int, ...],
    width: int = 128,
    depth: int = 2,
    activation: str = "relu",
    normalization: Literal["batch", "layer", "spectral", "none"] = "none",
    num_classes: int | None = None,
    outputs: int = 1,
    minibatch: Literal["discrimination", "standard_deviation", "none"] = "none",
    first_bias: float = 0.0,
) -> keras.Model:
    """Dense discriminator: examples of any shape to logits (batch, outputs).

    Args:
        example_shape: shape of one example, e.g. (2,) or (28, 28, 1).
        width, depth: units of each hidden layer, and their number.
        normalization: of all hidden layers but the first. Batch normalisation there would hide from the
            discriminator what all fakes of a minibatch have in common, such as a pixel that is always white.
        num_classes: given, the network takes [examples, labels].
        outputs: more than 1 for an objective on vectors, such as `MetricLearning`.
        minibatch: "discrimination" or "standard_deviation": what the last layer sees of the whole minibatch.
        first_bias: biases of the first layer begin uniform within this of 0. At 0 all of its kinks pass
            through the origin, and a discriminator of points in the plane begins with an idea of directions
            and none of places; a quarter of the data's reach did well (docs/stability.md).
    """
    blocks.check_positive(width=width, depth=depth, outputs=outputs)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "spectral", "none"))
    examples = keras.Input(tuple(example_shape), name="examples")
    x = keras.layers.Flatten(name="flat")(examples)
    x = _hidden(x, width, depth, activation, normalization, True, first_bias)
    x = blocks.of_minibatch(x, minibatch)
    head = blocks.weight_layer(keras.layers.Dense(outputs, name="score"), normalization)
    inputs, logits = blocks.logits_with_labels(examples, x, num_classes, head)
    return keras.Model(inputs if num_classes else inputs[0], logits, name="discriminator")


def mlp_encoder(
    example_shape: tuple[int, ...],
    latent_dim: int = 2,
    width: int = 128,
    depth: int = 2,
    activation: str = "relu",
    normalization: Literal["batch", "layer", "none"] = "none",
    stochastic: bool = False,
    latent_std: float | Literal["learned"] | None = None,
    input_noise: float = 0.0,
    num_classes: int | None = None,
) -> keras.Model:
    """Dense encoder: examples of any shape to latents (batch, latent_dim), the way back.

    Args:
        normalization: of all hidden layers but the first, as in `mlp_discriminator`.
        stochastic: outputs are (batch, 2 * latent_dim), the means and then the log standard deviations of a
            diagonal Gaussian of latents.
        latent_std: given, each latent is normalised over the minibatch to mean 0 and this standard deviation,
            that of a prior (1 for "normal", 3 ** -0.5 for "symmetric_uniform"), or to what training finds,
            "learned": batch normalisation whole, of logits of categories as well.
        input_noise: standard deviation of noise on the examples, in training mode.
        num_classes: given, the network takes [examples, labels], a label's embedding beside the example.
    """
    blocks.check_positive(latent_dim=latent_dim, width=width, depth=depth)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "none"))
    examples = keras.Input(tuple(example_shape), name="examples")
    x = keras.layers.Flatten(name="flat")(examples)
    x = GaussianNoise(input_noise, name="input_noise")(x) if input_noise else x
    inputs = [examples]
    if num_classes is not None:
        labels, embedded = blocks.embedded_labels(num_classes, latent_dim)
        inputs, x = [examples, labels], keras.layers.Concatenate(name="example_and_label")([x, embedded])
    x = _hidden(x, width, depth, activation, normalization, is_first_free=True)
    outputs = 2 * latent_dim if stochastic else latent_dim
    x = keras.layers.Dense(outputs, name="output")(x)
    x = blocks.of_standard_deviation(x, latent_std, stochastic)
    latents = keras.layers.Activation("linear", dtype=blocks.full_precision(), name="latents")(x)
    return keras.Model(inputs if num_classes else inputs[0], latents, name="encoder")


def mlp_joint_discriminator(
    example_shape: tuple[int, ...],
    latent_dim: int = 2,
    width: int = 128,
    depth: int = 2,
    activation: str = "relu",
    normalization: Literal["batch", "layer", "spectral", "none"] = "none",
    outputs: int = 1,
    num_classes: int | None = None,
    first_bias: float = 0.0,
) -> keras.Model:
    """Dense discriminator of pairs: [latents, examples], side by side, to logits (batch, outputs).

    Args:
        normalization, first_bias: as in `mlp_discriminator`.
        num_classes: given, the network takes [latents, examples, labels].
    """
    blocks.check_positive(latent_dim=latent_dim, width=width, depth=depth, outputs=outputs)
    blocks.check_choice("normalization", normalization, ("batch", "layer", "spectral", "none"))
    latents = keras.Input((latent_dim,), name="latents")
    examples = keras.Input(tuple(example_shape), name="examples")
    x = keras.layers.Flatten(name="flat")(examples)
    x = keras.layers.Concatenate(name="pair")([latents, x])
    x = _hidden(x, width, depth, activation, normalization, True, first_bias)
    head = blocks.weight_layer(keras.layers.Dense(outputs, name="score"), normalization)
    inputs, logits = blocks.logits_with_labels(examples, x, num_classes, head)
    return keras.Model([latents, *inputs], logits, name="discriminator")


def _hidden(x, width, depth, activation, normalization, is_first_free=False, first_bias=0.0):
    """Hidden layers; a first one that is free has no activations normalised, its weights as the others'."""
    if not 0 <= first_bias < math.inf:
        raise ValueError(f"first_bias: expected a number >= 0, came {first_bias!r}")
    for i in range(depth):
        is_free = i == 0 and is_first_free
        bias = is_free or normalization not in ("batch", "layer")  # they bring their own offset
        apart = (
            keras.initializers.RandomUniform(-first_bias, first_bias) if i == 0 and first_bias else "zeros"
        )
        dense = keras.layers.Dense(width, use_bias=bias, bias_initializer=apart, name=f"dense_{i}")
        x = blocks.weight_layer(dense, normalization)(x)
        x = x if is_free else blocks.normalize(x, normalization, f"dense_{i}")
        x = keras.layers.Activation(activation, name=f"activation_{i}")(x)
    return x

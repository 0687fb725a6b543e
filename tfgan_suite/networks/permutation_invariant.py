"""The networks of Salimans et al. 2016 (arXiv:1606.03498) for permutation-invariant MNIST.

Dense networks, to which an image is a list of numbers in no order. The paper gives the classifier's sizes and
noise; what it leaves open is as in the authors' code (github.com/openai/improved-gan).
"""

import math
from typing import Literal

import keras

from tfgan_suite.networks import blocks
from tfgan_suite.networks.gaussian_noise import GaussianNoise
from tfgan_suite.networks.normalization import BatchNormalization
from tfgan_suite.networks.weight_normalization import WeightNormalization


def permutation_invariant_generator(
    example_shape: tuple[int, ...], latent_dim: int = 100, width: int = 500
) -> keras.Model:
    """Two softplus layers with batch normalisation, then a sigmoid, to examples in [-1, 1].

    The paper draws its latents from U[0, 1).

    Args:
        example_shape: shape of one example, e.g. (28, 28, 1).
        width: units of each hidden layer (the paper: 500).
    """
    blocks.check_positive(latent_dim=latent_dim, width=width)
    latents = x = keras.Input((latent_dim,), name="latents")
    for i in range(2):
        x = keras.layers.Dense(width, use_bias=False, name=f"dense_{i}")(x)
        x = BatchNormalization(scale=False, name=f"dense_{i}_bn")(x)
        x = keras.layers.Activation("softplus", name=f"activation_{i}")(x)
    output = keras.layers.Dense(math.prod(example_shape), name="output")
    x = WeightNormalization(output, gain=1.0, name="output_wn")(x)
    x = keras.layers.Reshape(tuple(example_shape), name="shaped")(x)
    x = keras.layers.Activation("sigmoid", dtype=blocks.full_precision(), name="intensities")(x)
    x = keras.layers.Rescaling(2.0, -1.0, dtype=blocks.full_precision(), name="examples")(x)
    return keras.Model(latents, x, name="generator")


def permutation_invariant_classifier(
    example_shape: tuple[int, ...],
    outputs: int = 10,
    width: int = 1000,
    input_noise: float = 0.3,
    noise: float = 0.5,
    minibatch: Literal["discrimination", "standard_deviation", "none"] = "none",
) -> keras.Model:
    """Five weight-normalised ReLU layers, noise before each: examples to logits (batch, outputs).

    Layer "features" is the last hidden one, which the paper's feature matching compares.

    Args:
        example_shape: shape of one example, e.g. (28, 28, 1), in [-1, 1]; the network rescales to [0, 1].
        outputs: as many as classes, or one more with an output for fakes.
        width: units of the first layer; the next has half, the others a quarter (the paper: 1,000).
        minibatch: "discrimination" or "standard_deviation": what the last layer sees of the whole minibatch.
        input_noise, noise: standard deviation of the noise on the rescaled input, and on each layer's output.
    """
    blocks.check_positive(outputs=outputs, width=width)
    examples = keras.Input(tuple(example_shape), name="examples")
    x = keras.layers.Flatten(name="flat")(examples)
    x = keras.layers.Rescaling(0.5, 0.5, name="intensities")(x)
    x = GaussianNoise(input_noise, name="input_noise")(x)
    widths = [max(width // divisor, 1) for divisor in (1, 2, 4, 4, 4)]
    for i, units in enumerate(widths):
        x = _dense(units, f"dense_{i}", train_gain=False)(x)
        x = keras.layers.ReLU(name="features" if i == len(widths) - 1 else f"activation_{i}")(x)
        x = GaussianNoise(noise, name=f"noise_{i}")(x)
    x = blocks.of_minibatch(x, minibatch)
    x = _dense(outputs, "score", train_gain=True)(x)
    logits = keras.layers.Activation("linear", dtype=blocks.full_precision(), name="logits")(x)
    return keras.Model(examples, logits, name="classifier")


def _dense(units: int, name: str, train_gain: bool) -> keras.layers.Layer:
    kernel = keras.initializers.RandomNormal(stddev=0.1)
    dense = keras.layers.Dense(units, kernel_initializer=kernel, name=name)
    # Of inputs with mean square near 1, a gain of sqrt(2) keeps it so through the ReLU (He et al. 2015).
    return WeightNormalization(dense, gain=2.0**0.5, train_gain=train_gain, name=f"{name}_wn")

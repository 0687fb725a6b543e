"""BiGAN's dense networks for permutation-invariant MNIST (Donahue et al. 2017, arXiv:1605.09782).

The sizes are the paper's; what it leaves open is as in the authors' code (github.com/jeffdonahue/bigan): no
offsets, no gains after a normalisation, weights from N(0, 0.02^2), a discriminator that begins at 1/2. Their
weight decay is left out. Black is 0 in their images; these networks take and make [-1, 1], as all others do,
and move it to 0 themselves: a black of -1 would be an offset that Adam moves by all its pixels at once.
"""

import math

import keras

from tfgan_suite.networks import blocks
from tfgan_suite.networks.normalization import BatchNormalization


def bigan_generator(example_shape: tuple[int, ...], latent_dim: int = 50, width: int = 1024) -> keras.Model:
    """Latents (batch, latent_dim) to examples in [-1, 1]; both hidden layers see the latents.

    Args:
        example_shape: shape of one example, e.g. (28, 28, 1).
        width: units of each hidden layer (the paper: 1,024).
    """
    blocks.check_positive(latent_dim=latent_dim, width=width)
    latents = keras.Input((latent_dim,), name="latents")
    x = _normalized(_dense(width, "dense_0")(latents), "dense_0")
    x = keras.layers.ReLU(name="activation_0")(x)
    x = keras.layers.Concatenate(name="latents_again")([x, latents])
    x = _normalized(_dense(width, "dense_1")(x), "dense_1")
    x = keras.layers.ReLU(name="activation_1")(x)
    x = _dense(math.prod(example_shape), "output")(x)
    x = keras.layers.Reshape(tuple(example_shape), name="shaped")(x)
    x = keras.layers.Activation("sigmoid", dtype=blocks.full_precision(), name="intensities")(x)
    examples = keras.layers.Rescaling(2.0, -1.0, dtype=blocks.full_precision(), name="examples")(x)
    return keras.Model(latents, examples, name="generator")


def bigan_encoder(example_shape: tuple[int, ...], latent_dim: int = 50, width: int = 1024) -> keras.Model:
    """Examples in [-1, 1] to latents (batch, latent_dim) in (-1, 1), those of a uniform prior."""
    blocks.check_positive(latent_dim=latent_dim, width=width)
    examples = keras.Input(tuple(example_shape), name="examples")
    x = _normalized(_dense(width, "dense_1")(_seen(examples, width)), "dense_1")
    x = _dense(latent_dim, "output")(_leaky(x, "activation_1"))
    x = keras.layers.Rescaling(0.5, name="half")(x)  # tanh(x / 2) = 2 sigmoid(x) - 1
    latents = keras.layers.Activation("tanh", dtype=blocks.full_precision(), name="latents")(x)
    return keras.Model(examples, latents, name="encoder")


def bigan_joint_discriminator(
    example_shape: tuple[int, ...], latent_dim: int = 50, width: int = 1024
) -> keras.Model:
    """[latents, examples in [-1, 1]] to logits (batch, 1); the latents enter at the second hidden layer."""
    blocks.check_positive(latent_dim=latent_dim, width=width)
    latents = keras.Input((latent_dim,), name="latents")
    examples = keras.Input(tuple(example_shape), name="examples")
    x = keras.layers.Concatenate(name="pair")([latents, _seen(examples, width)])
    x = _leaky(_normalized(_dense(width, "dense_1")(x), "dense_1"), "activation_1")
    x = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="score")(x)
    logits = keras.layers.Activation("linear", dtype=blocks.full_precision(), name="logits")(x)
    return keras.Model([latents, examples], logits, name="discriminator")


def _seen(examples, width):
    """The first hidden layer of what sees examples."""
    x = keras.layers.Flatten(name="flat")(examples)
    x = keras.layers.Rescaling(0.5, 0.5, name="black_to_0")(x)
    return _leaky(_dense(width, "dense_0")(x), "activation_0")


def _dense(units: int, name: str) -> keras.layers.Layer:
    weights = keras.initializers.RandomNormal(stddev=0.02)
    return keras.layers.Dense(units, use_bias=False, kernel_initializer=weights, name=name)


def _normalized(x, name):
    return BatchNormalization(center=False, scale=False, name=f"{name}_bn")(x)


def _leaky(x, name):
    return keras.layers.LeakyReLU(0.2, name=name)(x)

"""What the convolutional and the dense networks share: normalise, activate, and attend to labels."""

import math
from collections.abc import Callable
from typing import Literal

import keras

from tfgan_suite.networks.gated_activation import GatedActivation
from tfgan_suite.networks.label_embedding import LabelEmbedding
from tfgan_suite.networks.minibatch import MinibatchDiscrimination, MinibatchStandardDeviation
from tfgan_suite.networks.normalization import BatchNormalization, LayerNormalization
from tfgan_suite.networks.spectral_normalization import SpectralNormalization

Normalization = Literal["batch", "layer", "spectral", "none"]


def check_choice(name: str, value, allowed: tuple) -> None:
    """Raises ValueError unless `value` is one of `allowed`."""
    if value not in allowed:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, allowed))}, came {value!r}")


def check_positive(**values: int) -> None:
    """Raises ValueError unless every value is a positive integer."""
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name}: expected a positive integer, came {value!r}")


def full_precision() -> str:
    """The dtype of a network's outputs: that of its layers, but never 16 bits."""
    dtype = keras.config.dtype_policy().compute_dtype
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def weight_layer(layer: keras.layers.Layer, normalization: str) -> keras.layers.Layer:
    """`layer`, with its kernel normalised where that is the kind asked for."""
    return SpectralNormalization(layer, name=f"{layer.name}_sn") if normalization == "spectral" else layer


def normalize(
    x: keras.KerasTensor, normalization: str, name: str, gamma_stddev: float = 0.0
) -> keras.KerasTensor:
    """`x` through a normalisation of activations, where that is the kind asked for."""
    if normalization == "batch":
        gamma = keras.initializers.RandomNormal(1.0, gamma_stddev) if gamma_stddev else "ones"
        return BatchNormalization(gamma_initializer=gamma, name=f"{name}_bn")(x)
    if normalization == "layer":
        return LayerNormalization(name=f"{name}_ln")(x)
    return x


def of_standard_deviation(
    latents: keras.KerasTensor, std: float | Literal["learned"] | None, is_stochastic: bool
) -> keras.KerasTensor:
    """Latents (batch, latent_dim), each with mean 0 and standard deviation `std` over the minibatch.

    "learned": with the mean and the standard deviation that training gives them, at first 0 and 1.
    """
    if std is None:
        return latents
    is_learned = std == "learned"
    is_positive = isinstance(std, int | float) and 0 < std < math.inf
    if is_stochastic or not (is_learned or is_positive):
        expected = "None with stochastic=True" if is_stochastic else "a positive number, 'learned' or None"
        raise ValueError(f"latent_std: expected {expected}, came {std!r}")
    latents = BatchNormalization(center=is_learned, scale=is_learned, name="latents_bn")(latents)
    return latents if is_learned else keras.layers.Rescaling(std, name="latents_std")(latents)


def of_minibatch(features: keras.KerasTensor, minibatch: str) -> keras.KerasTensor:
    """Features (batch, size), with what they say about the whole minibatch where that is asked for.

    Minibatch discrimination has the paper's 100 kernels, or a quarter as many as there are features.
    """
    check_choice("minibatch", minibatch, ("discrimination", "standard_deviation", "none"))
    if minibatch == "discrimination":
        kernels = max(1, min(100, features.shape[-1] // 4))
        return MinibatchDiscrimination(kernels, name="minibatch_discrimination")(features)
    if minibatch == "standard_deviation":
        return MinibatchStandardDeviation(name="minibatch_standard_deviation")(features)
    return features


def activate(x: keras.KerasTensor, activation: str, name: str) -> keras.KerasTensor:
    """`x` through "relu", "leaky_relu" (slope 0.2), "tanh" or "gated", which halves the channels."""
    layer = {
        "relu": keras.layers.ReLU,
        "leaky_relu": lambda name: keras.layers.LeakyReLU(0.2, name=name),
        "tanh": lambda name: keras.layers.Activation("tanh", name=name),
        "gated": GatedActivation,
    }[activation]
    return layer(name=f"{name}_{activation.removeprefix('leaky_')}")(x)


def before_activation(channels: int, activation: str) -> int:
    """How many channels a layer needs for `channels` behind its activation."""
    return 2 * channels if activation == "gated" else channels


def latents_with_labels(
    latent_dim: int, num_classes: int | None
) -> tuple[list[keras.KerasTensor], keras.KerasTensor]:
    """A generator's inputs, and latents with the label's embedding beside them (Mirza and Osindero 2014)."""
    latents = keras.Input((latent_dim,), name="latents")
    if num_classes is None:
        return [latents], latents
    labels, embedded = embedded_labels(num_classes, latent_dim)
    return [latents, labels], keras.layers.Concatenate()([latents, embedded])


def embedded_labels(num_classes: int, size: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Labels, a network's input, and a learned vector (batch, size) for each."""
    check_positive(num_classes=num_classes)
    labels = keras.Input((), dtype="int32", name="labels")
    return labels, LabelEmbedding(num_classes, size, name="label_embedding")(labels)


def logits_with_labels(
    inputs: keras.KerasTensor, features: keras.KerasTensor, num_classes: int | None, dense: Callable
) -> tuple[list[keras.KerasTensor], keras.KerasTensor]:
    """A discriminator's inputs and logits; with labels by projection (Miyato and Koyama 2018, eq. 3)."""
    logits = keras.layers.Activation("linear", dtype=full_precision(), name="logits_unconditional")(
        dense(features)
    )
    if num_classes is None:
        return [inputs], logits
    check_positive(num_classes=num_classes)
    if logits.shape[-1] != 1:
        raise ValueError(
            "outputs: expected 1 with num_classes (labels enter by projection, which gives one logit), "
            f"came {logits.shape[-1]}"
        )
    labels = keras.Input((), dtype="int32", name="labels")
    # Small at first: thousands of features against vectors of unit entries would drown the other logit, and
    # a discriminator that begins saturated teaches one sample for each class.
    embedded = LabelEmbedding(num_classes, features.shape[-1], stddev=0.02, name="label_embedding")(labels)
    projection = keras.layers.Dot(axes=-1, dtype=full_precision(), name="projection")([embedded, features])
    return [inputs, labels], keras.layers.Add(dtype=full_precision(), name="logits")([logits, projection])

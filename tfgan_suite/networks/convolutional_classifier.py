"""The convolutional classifier of Salimans et al. 2016 (arXiv:1606.03498, section 6.2), for few labels.

Nine convolutions with weight normalisation and dropout, three of them of one pixel, and no dense hidden
layer. The paper says no more; sizes are those of the authors' code (github.com/openai/improved-gan) for
CIFAR-10.
"""

from typing import Literal

import keras

from tfgan_suite.networks import blocks
from tfgan_suite.networks.dropout import Dropout
from tfgan_suite.networks.weight_normalization import WeightNormalization

SMALLEST = 9  # pixels: a quarter of them must hold one convolution of 3 x 3 without padding
SLOPE = 0.2
# (kernel size, stride, channels as a multiple of `width`) after the dropout that comes before each stage
STAGES = (
    (0.2, ((3, 1, 1), (3, 1, 1), (3, 2, 1))),
    (0.5, ((3, 1, 2), (3, 1, 2), (3, 2, 2))),
    (0.5, ((3, 1, 2), (1, 1, 2), (1, 1, 2))),
)


def convolutional_classifier(
    image_shape: tuple[int, int, int],
    outputs: int = 10,
    width: int = 96,
    minibatch: Literal["discrimination", "standard_deviation", "none"] = "none",
) -> keras.Model:
    """Images in [-1, 1] of at least 9 x 9 pixels to logits (batch, outputs).

    Layer "features", the means of the last channels over the image, is what feature matching compares.

    Args:
        image_shape: (height, width, channels).
        outputs: as many as classes, or one more with an output for fakes.
        width: channels of the first three layers; the others have twice as many (the authors: 96).
        minibatch: "discrimination" or "standard_deviation": what the last layer sees of the whole minibatch.
    """
    blocks.check_positive(outputs=outputs, width=width)
    shape = tuple(image_shape)
    if len(shape) != 3 or min(shape[:2]) < SMALLEST or shape[2] < 1:
        raise ValueError(
            f"image_shape: expected (height, width, channels) of at least {SMALLEST} x {SMALLEST}, "
            f"came {shape}"
        )
    images = x = keras.Input(shape, name="images")
    for i, (rate, layers) in enumerate(STAGES):
        x = Dropout(rate, name=f"dropout_{i}")(x)
        for j, (kernel, stride, factor) in enumerate(layers):
            is_padded = i < len(STAGES) - 1
            convolution = keras.layers.Conv2D(
                factor * width,
                kernel,
                strides=stride,
                padding="same" if is_padded else "valid",
                kernel_initializer=_weights(),
                name=f"conv_{i}_{j}",
            )
            # A gain that keeps mean squares of about 1 through the leaky ReLU (He et al. 2015).
            gain = (2.0 / (1.0 + SLOPE**2)) ** 0.5
            x = WeightNormalization(convolution, gain=gain, train_gain=False, name=f"conv_{i}_{j}_wn")(x)
            x = keras.layers.LeakyReLU(SLOPE, name=f"conv_{i}_{j}_relu")(x)
    x = blocks.of_minibatch(keras.layers.GlobalAveragePooling2D(name="features")(x), minibatch)
    score = keras.layers.Dense(outputs, kernel_initializer=_weights(), name="score")
    x = WeightNormalization(score, gain=1.0, name="score_wn")(x)
    logits = keras.layers.Activation("linear", dtype=blocks.full_precision(), name="logits")(x)
    return keras.Model(images, logits, name="classifier")


def _weights() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.05)

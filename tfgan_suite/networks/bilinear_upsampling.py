"""Larger images whose second-order gradients are right.

The gradient of `tf.image.resize` has no gradient itself, and that of Keras' `UpSampling2D("bilinear")` is
silently partial: a gradient penalty or unrolling through either is wrong (docs/platform.md).
"""

import keras
import numpy as np

from tfgan_suite.networks import blocks
from tfgan_suite.networks.along import along


@keras.saving.register_keras_serializable("tfgan_suite")
class BilinearUpsampling(keras.layers.Layer):
    """Bilinear interpolation between pixel centres, as `tf.image.resize`, exact to any order and XLA-ready.

    y = R x C^T in each channel, where R and C are the `interpolation_matrix` of the rows and of the columns.

    Input: (batch, height, width, channels), all but the batch known. Output: (batch, *size, channels).

    Args:
        size: (height, width) of the output in pixels, at least that of the input.
        factor: instead of `size`, how many times the input's height and width.

    Raises:
        ValueError: both or neither of the two, or not whole numbers; when built, an unknown shape or a `size`
            below the input's.
    """

    def __init__(self, size: tuple[int, int] | None = None, factor: int | None = None, **kwargs):
        super().__init__(**kwargs)
        if (size is None) == (factor is None):
            raise ValueError(f"size, factor: expected one of the two, came size={size!r}, factor={factor!r}")
        if size is None:
            blocks.check_positive(factor=factor)
        elif not isinstance(size, tuple | list) or len(size) != 2:
            raise ValueError(f"size: expected (height, width), came {size!r}")
        else:
            blocks.check_positive(**{"size[0]": size[0], "size[1]": size[1]})
        self.size, self.factor = None if size is None else tuple(size), factor

    def build(self, input_shape):
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise ValueError(f"inputs: expected (batch, height, width, channels), came {tuple(input_shape)}")
        _, high, wide, _ = self.compute_output_shape(input_shape)
        if high < input_shape[1] or wide < input_shape[2]:
            raise ValueError(
                f"size: expected at least that of the input, {input_shape[1:3]}, came {self.size}"
            )

    def call(self, inputs):
        _, height, width, _ = inputs.shape
        _, high, wide, _ = self.compute_output_shape(inputs.shape)
        x = along(interpolation_matrix(width, wide), inputs, axis=2)
        return along(interpolation_matrix(height, high), x, axis=1)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        high, wide = self.size or (height * self.factor, width * self.factor)
        return batch, high, wide, channels

    def get_config(self):
        return super().get_config() | {"size": self.size, "factor": self.factor}


def interpolation_matrix(source: int, target: int) -> np.ndarray:
    """Weights (target, source) of linear interpolation: row i has those of the source's pixels in pixel i.

    The centre of pixel i lies at (i + 1/2) source / target - 1/2 in the source, or on its border where that
    is outside; a pixel of the source weighs 1 minus its distance from there.
    """
    centres = ((np.arange(target) + 0.5) * source / target - 0.5).clip(0, source - 1)
    return np.maximum(0.0, 1.0 - np.abs(centres[:, np.newaxis] - np.arange(source)))

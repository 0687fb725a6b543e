"""A convolution of an image enlarged twice, made at the small size with a quarter of the arithmetic.

Both are linear and, away from the border, the same at every place, so their order may be changed: first the
kernel, on an image with zeros between its pixels (a transposed convolution of stride 2, which skips the
zeros), then the interpolation, of a result that mostly has fewer channels.

Along one axis, pixel i of the input and weight j of the mirrored kernel meet in place 2i + j, and the
interpolation takes places to pixels of the output. At the border, bilinear, an image among zeros fades out:
a quarter of the outermost pixel lies one pixel outside, where zeros ought to be, and is missing inside. To
bring it back takes differences of neighbours in the kernel, applied to the outermost pixels: the `ends`.
"""

from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.networks import blocks
from tfgan_suite.networks.along import along

# How an interpolation spreads a pixel of place i over the places 2i + FIRST, 2i + FIRST + 1, ...
SPREAD = {"nearest": (0, (1.0, 1.0)), "bilinear": (-1, (0.25, 0.75, 0.75, 0.25))}


@keras.saving.register_keras_serializable("tfgan_suite")
class ResizeConvolution(keras.layers.Layer):
    """`Conv2D` (stride 1, "valid") of `UpSampling2D(2)` with a border of zeros; exact to any order.

    The resize-convolution of Odena et al. 2016 (doi:10.23915/distill.00003), by nearest neighbours or
    bilinear; equal to the layers one after the other, but for rounding. Variables are those of `Conv2D`.

    Input: (batch, height, width, channels), all but the batch known.
    Output: (batch, 2 height + 2 border - kernel_size + 1, 2 width + 2 border - kernel_size + 1, filters).

    Args:
        border: rows and columns of zeros around the enlarged image, less than `kernel_size`. None is half
            the kernel: an odd kernel then keeps the size.

    Raises:
        ValueError: numbers that are not as said; when built, an unknown shape or less than the kernel.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        interpolation: Literal["nearest", "bilinear"] = "nearest",
        border: int | None = None,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        blocks.check_positive(filters=filters, kernel_size=kernel_size)
        blocks.check_choice("interpolation", interpolation, tuple(SPREAD))
        border = kernel_size // 2 if border is None else border
        if not isinstance(border, int) or border not in range(kernel_size):
            raise ValueError(f"border: expected an integer from 0 to {kernel_size - 1}, came {border!r}")
        self.filters, self.kernel_size, self.border = filters, kernel_size, border
        self.interpolation, self.use_bias = interpolation, use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise ValueError(f"inputs: expected (batch, height, width, channels), came {tuple(input_shape)}")
        if min(self.compute_output_shape(input_shape)[1:3]) < 1:
            least = (self.kernel_size - 2 * self.border + 1) // 2
            raise ValueError(f"inputs: expected {least} rows and columns or more, came {tuple(input_shape)}")
        shape = (self.kernel_size, self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=shape[-1:], name="bias") if self.use_bias else None

    def call(self, inputs):
        _, height, width, _ = inputs.shape
        kernel = tf.reverse(tf.convert_to_tensor(self.kernel), axis=(0, 1))
        x = _among_zeros(inputs, kernel)
        if self.interpolation == "bilinear":
            columns = inputs[:, :, 0], inputs[:, :, -1]
            ends = self._ends(columns, kernel, self._places(height))
            x = tf.concat([x, *ends], axis=2)
        x = along(self._interpolation(width), x, axis=2)
        if self.interpolation == "bilinear":
            rows = inputs[:, 0], inputs[:, -1]
            ends = self._ends(rows, tf.transpose(kernel, (1, 0, 2, 3)), self._exact(width))
            x = tf.concat([x, *(tf.transpose(end, (0, 2, 1, 3)) for end in ends)], axis=1)
        x = along(self._interpolation(height), x, axis=1)
        return x if self.bias is None else tf.nn.bias_add(x, tf.cast(self.bias, x.dtype))

    def _ends(self, lines: tuple[tf.Tensor, tf.Tensor], kernel: tf.Tensor, matrix: np.ndarray):
        """What is to be added for the first and the last column (batch, pixels, channels).

        Args:
            kernel: (along the lines, across, channels, filters).
            matrix: (places, pixels and weights of the kernel), along the lines.

        Returns:
            Two tensors (batch, places, border + 1, filters).
        """
        ends = []
        for line, difference in zip(lines, self._differences(), strict=True):
            changes = tf.transpose(along(difference, kernel, axis=1), (2, 0, 1, 3))
            x = tf.tensordot(line, changes, axes=1)
            x = tf.reshape(x, (-1, x.shape[1] * x.shape[2], *x.shape[3:]))
            ends.append(along(matrix, x, axis=1))
        return ends

    def _differences(self) -> tuple[np.ndarray, np.ndarray]:
        """Of neighbouring weights of the mirrored kernel, (border + 1, kernel_size), at either end."""
        shape, last = (self.border + 1, self.kernel_size), self.kernel_size - self.border
        return np.eye(*shape, last - 1) - np.eye(*shape, last), np.eye(*shape) - np.eye(*shape, -1)

    def _places(self, pixels: int) -> np.ndarray:
        """Where they meet: 0 or 1 (places, pixels * kernel_size)."""
        places = 2 * np.arange(pixels)[:, np.newaxis] + np.arange(self.kernel_size)
        return np.eye(2 * pixels + self.kernel_size - 2)[:, places.ravel()]

    def _interpolation(self, pixels: int) -> np.ndarray:
        """Weights (pixels of the output, places, and those of both ends)."""
        size, border = self.kernel_size, self.border
        shape = 2 * pixels + 2 * border - size + 1, 2 * pixels + size - 2
        first, weights = SPREAD[self.interpolation]
        matrix = sum(w * np.eye(*shape, size - 1 - border - first - i) for i, w in enumerate(weights))
        if self.interpolation == "nearest":
            return matrix
        ends = (np.eye(shape[0], border + 1, k) for k in (0, border + 1 - shape[0]))
        return np.hstack([matrix, *(weights[0] * end for end in ends)])

    def _exact(self, pixels: int) -> np.ndarray:
        """Both steps and the border: (pixels of the output, pixels * kernel_size)."""
        first, last = self._differences()
        middle = (pixels - 1) * self.kernel_size
        ends = np.pad(first, ((0, 0), (0, middle))), np.pad(last, ((0, 0), (middle, 0)))
        return self._interpolation(pixels) @ np.vstack([self._places(pixels), *ends])

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        return batch, *(2 * (n + self.border) - self.kernel_size + 1 for n in sizes), self.filters

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "interpolation": self.interpolation,
            "border": self.border,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


def _among_zeros(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """The sum of kernels (rows, columns, channels, filters), one for each pixel, on every second place."""
    batch, (height, width), (rows, columns, _, filters) = tf.shape(x)[0], x.shape[1:3], kernel.shape
    shape = batch, 2 * height - 2 + rows, 2 * width - 2 + columns, filters
    return tf.nn.conv2d_transpose(x, tf.transpose(kernel, (0, 1, 3, 2)), shape, strides=2, padding="VALID")

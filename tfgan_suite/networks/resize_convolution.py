"""A convolution of an image enlarged twice, made at the small size with a quarter of the arithmetic.

Both are linear and, away from the border, the same at every place, so their order may be changed: first the
kernel, on an image with zeros between its pixels (a transposed convolution of stride 2, which skips the
zeros), then the interpolation, of a result that mostly has fewer channels.
"""

from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.networks import blocks
from tfgan_suite.networks.bilinear_upsampling import along

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
        if border not in range(kernel_size):
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
        # The kernel as a transposed convolution has it: (rows, columns, filters, channels), not mirrored.
        kernel = tf.transpose(tf.reverse(self.kernel, axis=(0, 1)), (0, 1, 3, 2))
        rows = [self._with_columns(*part) for part in self._parts(inputs, kernel, axis=0)]
        x = self._interpolated(rows, inputs.shape[1], axis=1)
        return x if self.bias is None else tf.nn.bias_add(x, tf.cast(self.bias, x.dtype))

    def _with_columns(self, x, kernel):
        columns = [_among_zeros(*part) for part in self._parts(x, kernel, axis=1)]
        return self._interpolated(columns, x.shape[2], axis=2)

    def _parts(self, x, kernel, axis: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """All of it, and the first and last row (or column) with kernels for what the border changes.

        Bilinear, an image among zeros fades out: a quarter of its outermost row comes to lie one row further
        out, where zeros ought to be. To bring it back takes the difference of neighbours in the kernel.
        """
        if self.interpolation == "nearest":
            return [(x, kernel)]
        size, rows = self.kernel_size, self.border + 1
        first = np.eye(rows, size, size - rows) - np.eye(rows, size, size - rows + 1)
        last = np.eye(rows, size) - np.eye(rows, size, -1)
        before = (slice(None),) * (axis + 1)
        return [
            (x, kernel),
            (x[(*before, slice(0, 1))], along(first, kernel, axis)),
            (x[(*before, slice(-1, None))], along(last, kernel, axis)),
        ]

    def _interpolated(self, parts: list[tf.Tensor], source: int, axis: int) -> tf.Tensor:
        return along(self._matrix(source), tf.concat(parts, axis), axis)

    def _matrix(self, source: int) -> np.ndarray:
        """Weights (pixels of the output, those of all parts) along an axis of so many pixels."""
        size, border = self.kernel_size, self.border
        shape = 2 * source + 2 * border - size + 1, 2 * source + size - 2
        first, weights = SPREAD[self.interpolation]
        matrix = sum(w * np.eye(*shape, size - 1 - border - first - i) for i, w in enumerate(weights))
        if self.interpolation == "nearest":
            return matrix
        ends = (np.eye(shape[0], border + 1, k) for k in (0, border + 1 - shape[0]))
        return np.hstack([matrix, *(weights[0] * end for end in ends)])

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
    """The kernel laid on every second place, once for each pixel."""
    batch, (height, width), (rows, columns, filters, _) = tf.shape(x)[0], x.shape[1:3], kernel.shape
    shape = batch, 2 * height - 2 + rows, 2 * width - 2 + columns, filters
    return tf.nn.conv2d_transpose(x, kernel, shape, strides=2, padding="VALID")

"""A convolution whose outputs are averaged four by four, made for a quarter of the places."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.networks import blocks
from tfgan_suite.networks.along import along


@keras.saving.register_keras_serializable("tfgan_suite")
class PooledConvolution(keras.layers.Conv2D):
    """`AveragePooling2D(2)` of a `Conv2D` (stride 1, "same"): (k + 1)^2 products a pixel instead of 4 k^2.

    The mean of two neighbouring outputs is one output of a kernel that is the mean of two, one of them moved
    on by a pixel. Equal to the layers one after the other, but for rounding; variables are those of `Conv2D`.

    Input: (batch, height, width, channels), height and width even.
    Output: (batch, height / 2, width / 2, filters).

    Raises:
        ValueError: `kernel_size` is no odd integer, or, when built, the height or the width is not even.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        name: str | None = None,
        dtype=None,
        trainable: bool = True,
    ):
        blocks.check_positive(filters=filters, kernel_size=kernel_size)
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size: expected an odd integer, came {kernel_size}")
        super().__init__(
            filters,
            kernel_size,
            padding="same",
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            name=name,
            dtype=dtype,
            trainable=trainable,
        )

    def build(self, input_shape):
        if len(input_shape) != 4 or any(size is None or size % 2 for size in input_shape[1:3]):
            raise ValueError(
                f"inputs: expected (batch, height, width, channels), both even, came {tuple(input_shape)}"
            )
        super().build(input_shape)

    def call(self, inputs):
        size, kernel = self.kernel_size[0], tf.convert_to_tensor(self.kernel)
        mean = (np.eye(size + 1, size) + np.eye(size + 1, size, -1)) / 2
        kernel = along(mean, along(mean, kernel, axis=0), axis=1)
        x = tf.nn.conv2d(inputs, kernel, strides=2, padding="SAME")
        return tf.nn.bias_add(x, tf.cast(self.bias, x.dtype)) if self.use_bias else x

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        return batch, height // 2, width // 2, self.filters

    def get_config(self):
        config, own = super().get_config(), ("filters", "use_bias", "kernel_initializer")
        base = {name: config[name] for name in ("name", "dtype", "trainable", *own)}
        return base | {"kernel_size": self.kernel_size[0]}

"""The largest of several linear functions as a nonlinearity."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_suite")
class Maxout(keras.layers.Layer):
    """(..., pieces * channels) to (..., channels): the largest of each `pieces` neighbours.

    Goodfellow et al. 2013, arXiv:1302.4389, eq. 1; the layer before it has `pieces` times as many channels.

    Raises:
        ValueError: when built, channels that are not a multiple of `pieces`.
    """

    def __init__(self, pieces: int = 2, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(pieces, int) or isinstance(pieces, bool) or pieces < 2:
            raise ValueError(f"pieces: expected an integer >= 2, came {pieces!r}")
        self.pieces = pieces

    def build(self, input_shape):
        self.compute_output_shape(input_shape)

    def call(self, inputs):
        channels = inputs.shape[-1] // self.pieces
        outer = tf.shape(inputs)[:-1]
        groups = tf.reshape(inputs, tf.concat([outer, [channels, self.pieces]], axis=0))
        return tf.reduce_max(groups, axis=-1)

    def compute_output_shape(self, input_shape):
        if input_shape[-1] % self.pieces:
            raise ValueError(f"inputs: expected a multiple of {self.pieces} channels, came {input_shape[-1]}")
        return (*input_shape[:-1], input_shape[-1] // self.pieces)

    def get_config(self):
        return super().get_config() | {"pieces": self.pieces}

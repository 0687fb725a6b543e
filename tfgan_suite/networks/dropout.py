"""Dropout whose draws are those of the model around it."""

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.seed_source import layer_draws


@keras.saving.register_keras_serializable("tfgan_suite")
class Dropout(keras.layers.Layer):
    """In training each number is 0 with probability `rate`, else 1 / (1 - rate) times itself.

    Srivastava et al. 2014. Unlike Keras' own, whose draws are the same in each replica and part of a batch,
    it draws as `GaussianNoise` does.
    """

    def __init__(self, rate: float, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate: expected a number in [0, 1), came {rate!r}")
        self.rate = rate

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        uniform = layer_draws(tf.shape(inputs), draws.uniform, tf.random.uniform)
        kept = tf.cast(uniform >= self.rate, inputs.dtype)
        return inputs * kept / (1.0 - self.rate)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"rate": self.rate}

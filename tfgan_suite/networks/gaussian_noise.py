"""Noise whose draws are those of the model around it."""

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.seed_source import layer_draws


@keras.saving.register_keras_serializable("tfgan_suite")
class GaussianNoise(keras.layers.Layer):
    """Adds N(0, stddev^2) to each number in training, nothing in inference.

    Inside the losses of a model of this library its draws are the model's: exact on resume, whatever the
    replicas and the parts of a batch, where each of these layers is called on one minibatch at a time, or
    `side_by_side` says on how many; and they are `draws.noise`, in fours. Elsewhere they are TensorFlow's, by
    its global seed.
    """

    def __init__(self, stddev: float, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= stddev < float("inf"):
            raise ValueError(f"stddev: expected a number >= 0, came {stddev!r}")
        self.stddev = stddev

    def call(self, inputs, training=False):
        if not training or self.stddev == 0:
            return inputs
        noise = layer_draws(tf.shape(inputs), draws.noise, tf.random.normal)
        return inputs + self.stddev * tf.cast(noise, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"stddev": self.stddev}

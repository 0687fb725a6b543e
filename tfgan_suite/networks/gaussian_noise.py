"""Noise whose draws are those of the model around it."""

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.seed_source import next_layer_seed


@keras.saving.register_keras_serializable("tfgan_suite")
class GaussianNoise(keras.layers.GaussianNoise):
    """Adds N(0, stddev^2) in training, independent for each number.

    Inside a model of this library its draws are the model's: exact on resume, whatever the replicas and the
    parts of a batch. Elsewhere it is Keras' layer.

    Args:
        stddev: from 0 to 1.
    """

    def call(self, inputs, training=False):
        seed = next_layer_seed() if training and self.stddev > 0 else None
        if seed is None:
            return super().call(inputs, training=training)
        noise = draws.normal(tf.shape(inputs), seed)
        return inputs + self.stddev * tf.cast(noise, inputs.dtype)

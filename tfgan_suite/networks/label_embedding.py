"""Class labels as vectors."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_suite")
class LabelEmbedding(keras.layers.Layer):
    """A learned vector per class, as a matrix product: dense gradients, exact to any order, XLA-ready.

    Input: integer labels, shape (batch,). Output: shape (batch, dim). The vectors start from N(0, stddev^2).
    """

    def __init__(self, num_classes: int, dim: int, stddev: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.num_classes, self.dim, self.stddev = num_classes, dim, stddev

    def build(self, input_shape):
        self.table = self.add_weight(
            shape=(self.num_classes, self.dim),
            initializer=keras.initializers.RandomNormal(stddev=self.stddev),
            name="table",
        )

    def call(self, labels):
        return tf.one_hot(tf.cast(labels, tf.int32), self.num_classes, dtype=self.compute_dtype) @ self.table

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.dim)

    def get_config(self):
        own = {"num_classes": self.num_classes, "dim": self.dim, "stddev": self.stddev}
        return super().get_config() | own

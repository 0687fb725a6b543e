"""A nonlinearity that multiplies: one half of the channels says what, the other how much."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_suite")
class GatedActivation(keras.layers.Layer):
    """x = [a, b] -> sigmoid(a) * tanh(b), the halves of the channels (van den Oord et al. 2016, eq. 2).

    One of the hard architectures of WGAN-GP (Gulrajani et al. 2017, section 5.1) has it everywhere.

    Raises:
        ValueError: when built, an odd number of channels.
    """

    def build(self, input_shape):
        self.compute_output_shape(input_shape)

    def call(self, inputs):
        gate, value = tf.split(inputs, 2, axis=-1)
        return tf.sigmoid(gate) * tf.tanh(value)

    def compute_output_shape(self, input_shape):
        if input_shape[-1] % 2:
            raise ValueError(f"inputs: expected an even number of channels, came {input_shape[-1]}")
        return (*input_shape[:-1], input_shape[-1] // 2)

"""Layers whose weight vectors have a length of their own."""

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.networks.kernel_wrapper import KernelWrapper


@keras.saving.register_keras_serializable("tfgan_suite")
class WeightNormalization(KernelWrapper):
    """A kernel as direction and length: w = g v / ||v|| for each output (Salimans and Kingma 2016, eq. 2).

    v is the wrapped layer's kernel, of which the length no longer counts; g, the gain, is learned in its
    place. It starts as ||v||, so that the layer first computes what it would by itself, or from a number. A
    convolution's v is all that leads to one channel.

    Args:
        layer: a `Dense` or convolution layer with a `kernel` whose last axis is the output.
        gain: what g starts from, for every output; None: ||v||.
        train_gain: whether g is learned.
    """

    def __init__(
        self, layer: keras.layers.Layer, gain: float | None = None, train_gain: bool = True, **kwargs
    ):
        if gain is not None and not gain > 0:
            raise ValueError(f"gain: expected a positive number or None, came {gain!r}")
        super().__init__(layer, **kwargs)
        self.gain, self.train_gain = gain, train_gain

    def build(self, input_shape=None):
        super().build(input_shape)
        kernel = self.layer.kernel
        self.g = self.add_weight(
            shape=(kernel.shape[-1],), initializer="ones", trainable=self.train_gain, name="g"
        )
        lengths = _lengths(tf.convert_to_tensor(kernel.value))
        self.g.assign(
            lengths if self.gain is None else tf.fill(lengths.shape, tf.cast(self.gain, lengths.dtype))
        )

    def call(self, inputs):
        v = tf.convert_to_tensor(self.layer.kernel.value)
        w = v * (tf.convert_to_tensor(self.g.value) / _lengths(v))  # w = g v / ||v||
        return self.call_with(w, inputs)

    def get_config(self):
        return super().get_config() | {"gain": self.gain, "train_gain": self.train_gain}


def _lengths(v: tf.Tensor) -> tf.Tensor:
    """||v|| for each output."""
    return tf.sqrt(tf.reduce_sum(tf.square(v), axis=list(range(v.shape.rank - 1))))


def initialize_by_data(network: keras.Model, examples: np.ndarray) -> None:
    """Scales and shifts every weight-normalised layer to mean 0, variance 1 on `examples` (eq. 5 and 6).

    Layer after layer from the inputs on, with the noise of training.
    """
    for layer in network.layers:
        if isinstance(layer, WeightNormalization):
            outputs = keras.Model(network.input, layer.output)(examples, training=True)
            mean, variance = tf.nn.moments(outputs, list(range(outputs.shape.rank - 1)))
            scale = tf.math.rsqrt(variance + 1e-8)
            layer.g.assign(layer.g * scale)
            bias = layer.layer.bias
            bias.assign((bias - mean) * scale)

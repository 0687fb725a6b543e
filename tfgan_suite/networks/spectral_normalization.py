"""A layer with spectral norm one."""

import keras
import tensorflow as tf

from tfgan_suite.networks.kernel_wrapper import KernelWrapper


@keras.saving.register_keras_serializable("tfgan_suite")
class SpectralNormalization(KernelWrapper):
    """Divide a layer's kernel by its largest singular value (Miyato et al. 2018, arXiv:1802.05957, eq. 8).

    sigma(W) = u^T W v, with u and v from power iteration (Algorithm 1) held constant, so the gradient flows
    through sigma as in the paper's eq. 12; Keras' own layer of this name stops it. A convolution's kernel is
    taken as the matrix (height * width * inputs, outputs).

    Args:
        layer: a `Dense` or convolution layer with a `kernel` whose last axis is the output.
        power_iterations: iterations at each call in training; u is kept from call to call.
    """

    def __init__(self, layer: keras.layers.Layer, power_iterations: int = 1, **kwargs):
        if power_iterations < 1:
            raise ValueError(
                f"SpectralNormalization: expected power_iterations >= 1, came {power_iterations}"
            )
        super().__init__(layer, **kwargs)
        self.power_iterations = power_iterations

    def build(self, input_shape=None):
        super().build(input_shape)
        self.u = self.add_weight(
            shape=(self.layer.kernel.shape[-1],),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            trainable=False,
            name="u",
        )

    def call(self, inputs, training=False):
        kernel = self.layer.kernel
        matrix = tf.reshape(tf.convert_to_tensor(kernel.value), [-1, kernel.shape[-1]])
        u, v = self._power_iteration(tf.stop_gradient(matrix), tf.convert_to_tensor(self.u.value))
        if training:
            self.u.assign(u)
        sigma = tf.tensordot(tf.linalg.matvec(matrix, u), v, 1)  # v^T W u
        return self.call_with(tf.reshape(matrix / sigma, kernel.shape), inputs)

    def _power_iteration(self, matrix, u):
        for _ in range(self.power_iterations):
            v = tf.math.l2_normalize(tf.linalg.matvec(matrix, u))
            u = tf.math.l2_normalize(tf.linalg.matvec(matrix, v, transpose_a=True))
        return tf.stop_gradient(u), tf.stop_gradient(v)

    def get_config(self):
        return super().get_config() | {"power_iterations": self.power_iterations}

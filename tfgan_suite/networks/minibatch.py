"""Layers by which a discriminator sees how alike the examples of a minibatch are.

A generator whose samples are all the same is then found out by one look. Real and fake examples go through
the discriminator in minibatches of their own. Outputs depend on the whole minibatch: it is not split, and a
model refuses such a layer on several replicas.
"""

import keras
import tensorflow as tf


class _OfMinibatch(keras.layers.Layer):
    """Appends features to those of each example."""

    couples_examples = True

    def call(self, inputs):
        # Distances and deviations of examples that are almost alike are what 16 bits lose.
        wide = inputs if inputs.dtype.size >= 4 else tf.cast(inputs, tf.float32)
        return tf.concat([inputs, tf.cast(self.of_minibatch(wide), inputs.dtype)], axis=-1)


@keras.saving.register_keras_serializable("tfgan_suite")
class MinibatchDiscrimination(_OfMinibatch):
    """How close each example is to the others, in learned directions (Salimans et al. 2016, section 3.2).

    With M_i = f(x_i) T, a matrix of `kernels` rows, the features of example i are

        o(x_i)_b = sum_j exp(-||M_ib - M_jb||_1)

    over all examples j of the minibatch, i among them, as in the paper. (batch, features) become
    (batch, features + kernels).

    Args:
        kernels: rows of M (B in the paper).
        kernel_dim: length of each (C in the paper).
    """

    def __init__(self, kernels: int = 100, kernel_dim: int = 5, **kwargs):
        super().__init__(**kwargs)
        for name, value in (("kernels", kernels), ("kernel_dim", kernel_dim)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"MinibatchDiscrimination: expected {name} > 0, came {value!r}")
        self.kernels, self.kernel_dim = kernels, kernel_dim

    def build(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(f"{self.name}: expected inputs of shape (batch, features), came {input_shape}")
        self.tensor = self.add_weight(
            shape=(input_shape[-1], self.kernel_dim * self.kernels),
            initializer=keras.initializers.RandomNormal(stddev=0.05),
            name="tensor",
        )

    def of_minibatch(self, features):
        projections = tf.transpose(features @ tf.cast(self.tensor, features.dtype))
        return tf.transpose(_closeness(*tf.split(projections, self.kernel_dim)))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.kernels)

    def get_config(self):
        return super().get_config() | {"kernels": self.kernels, "kernel_dim": self.kernel_dim}


@tf.custom_gradient
def _closeness(*coordinates: tf.Tensor):
    """sum_j exp(-sum_c |M_ibc - M_jbc|), (kernels, batch), of each coordinate c, (kernels, batch).

    One coordinate after the other, so that (kernels, batch, batch) is the most in memory, and examples
    innermost, where arithmetic is fastest. The gradient is written out for speed: half the automatic one's
    time. It can be differentiated again.
    """
    closeness = tf.exp(-tf.add_n([tf.abs(_differences(m)) for m in coordinates]))

    def gradient(upstream):  # g_ib: that of M_ibc is -sum_j (g_ib + g_jb) exp(-...) sign(M_ibc - M_jbc)
        weights = (upstream[:, :, None] + upstream[:, None]) * closeness
        return [-tf.reduce_sum(weights * tf.sign(_differences(m)), axis=2) for m in coordinates]

    return tf.reduce_sum(closeness, axis=2), gradient


def _differences(rows: tf.Tensor) -> tf.Tensor:
    """M_ib - M_jb, (kernels, i, j)."""
    return rows[:, :, None] - rows[:, None]


@keras.saving.register_keras_serializable("tfgan_suite")
class MinibatchStandardDeviation(_OfMinibatch):
    """One number, how much the minibatch varies, as another feature (Karras et al. 2018, section 3).

    The standard deviation over the minibatch of each feature in each place, meaned over features and places:
    a channel more for images (batch, height, width, channels), a feature more for vectors.
    """

    def of_minibatch(self, features):
        centred = features - tf.reduce_mean(features, axis=0)
        deviations = tf.sqrt(tf.reduce_mean(tf.square(centred), axis=0) + 1e-8)
        return tf.fill(tf.concat([tf.shape(features)[:-1], [1]], axis=0), tf.reduce_mean(deviations))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

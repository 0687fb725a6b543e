"""Normalisation layers whose second-order gradients are right.

Keras' own layers take their moments from `tf.nn.moments`, which stops the gradient at the mean. First-order
gradients do not notice; gradient penalties and unrolling do (docs/platform.md has the numbers).
"""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("tfgan_suite")
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation (Ioffe and Szegedy 2015), exact to second order.

    On several replicas of a `tf.distribute` strategy the moments are those of the whole batch, whatever its
    parts; that does not work inside XLA. With `synchronized=False` each replica takes those of its own part.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, synchronized: bool = True, **kwargs):
        super().__init__(momentum=momentum, epsilon=epsilon, synchronized=synchronized, **kwargs)

    def call(self, inputs, training=None, mask=None):
        if training and self.trainable and mask is None and self._has_kernel(inputs):
            return self._with_kernel(inputs)
        return super().call(inputs, training=training, mask=mask)

    def _has_kernel(self, inputs) -> bool:
        """Whether TensorFlow has one kernel for all of it: images, channels last, on one replica."""
        is_image = inputs.shape.rank == 4 and self.axis in (-1, 3) and inputs.dtype != tf.float64
        return is_image and not (self.synchronized and _replicas() > 1)

    def _with_kernel(self, inputs):
        channels = inputs.shape[-1]
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(  # tf.nn's raises an epsilon of 1e-5
            x=inputs,
            scale=tf.cast(self.gamma, tf.float32) if self.scale else tf.ones(channels),
            offset=tf.cast(self.beta, tf.float32) if self.center else tf.zeros(channels),
            mean=tf.zeros(0),
            variance=tf.zeros(0),
            epsilon=self.epsilon,
        )
        count = tf.cast(tf.size(inputs), tf.float32) / channels
        variance *= tf.maximum(count - 1.0, 1.0) / count  # the kernel's is the unbiased one
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1.0 - self.momentum))
        return outputs

    def _moments(self, inputs, mask):
        if mask is not None:
            return super()._moments(inputs, mask)
        mean = self._mean(inputs)
        return mean, self._mean(tf.square(inputs - self._broadcast(mean)))

    def _mean(self, values):
        """Over the examples and places of all replicas, of which each may have another number."""
        if not self.synchronized or _replicas() == 1:
            return tf.reduce_mean(values, self._reduction_axes)
        total = tf.reduce_sum(values, self._reduction_axes)
        count = tf.cast(tf.size(values), total.dtype) / tf.cast(tf.size(total), total.dtype)
        context = tf.distribute.get_replica_context()
        total, count = context.all_reduce(tf.distribute.ReduceOp.SUM, [total, count])
        return total / count

    def _broadcast(self, statistic):
        shape = [1] * (len(self._reduction_axes) + 1)
        shape[self.axis] = -1
        return tf.reshape(statistic, shape)


@keras.saving.register_keras_serializable("tfgan_suite")
class LayerNormalization(keras.layers.Layer):
    """Each example normalised over all its axes, one scale and offset per channel (Ba et al. 2016).

    The form WGAN-GP recommends for critics (Gulrajani et al. 2017, section 4): unlike batch normalisation it
    keeps examples independent of each other. Exact to second order.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        channels = (input_shape[-1],)
        self.gamma = self.add_weight(shape=channels, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=channels, initializer="zeros", name="beta")

    def call(self, inputs):
        axes = list(range(1, inputs.shape.rank))
        wide = tf.cast(inputs, tf.float32) if inputs.dtype.size < 4 else inputs
        centred = wide - tf.reduce_mean(wide, axes, keepdims=True)
        variance = tf.reduce_mean(tf.square(centred), axes, keepdims=True)
        scale = tf.math.rsqrt(variance + self.epsilon) * tf.cast(self.gamma, wide.dtype)
        return tf.cast(centred * scale + tf.cast(self.beta, wide.dtype), inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"epsilon": self.epsilon}


def _replicas() -> int:
    context = tf.distribute.get_replica_context()
    return context.num_replicas_in_sync if context else 1

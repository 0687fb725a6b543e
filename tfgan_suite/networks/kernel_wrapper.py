"""A layer that computes with a kernel made of its own: what normalisations of weights share."""

import keras
import tensorflow as tf

LAYERS = keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D


class KernelWrapper(keras.layers.Wrapper):
    """Calls a `Dense` or convolution layer with another kernel, while its own stays what it was.

    The new kernel is made in the weights' own precision, whatever the layer computes in.
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs):
        if not isinstance(layer, LAYERS):
            raise ValueError(
                f"{type(self).__name__}: expected a Dense or Conv layer, came {type(layer).__name__}"
            )
        kwargs.setdefault("dtype", keras.config.dtype_policy().variable_dtype)
        super().__init__(layer, **kwargs)

    def call_with(self, kernel: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        """The layer's outputs with this kernel in place of its own."""
        own = self.layer.kernel
        values = [(w, kernel if w is own else tf.convert_to_tensor(w.value)) for w in self.layer.variables]
        with keras.StatelessScope(values):
            return self.layer(inputs)

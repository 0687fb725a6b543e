"""A category and a style become one point: that of the category's head, moved by the style."""

import keras
import tensorflow as tf


class _Apart(keras.regularizers.Regularizer):
    """sum over pairs of max(0, distance - ||w_i - w_j||) of the rows of a weight."""

    def __init__(self, distance: float):
        self.distance = distance

    def __call__(self, heads):
        heads = tf.convert_to_tensor(heads)
        count = heads.shape[0]
        first, second = zip(*((i, j) for i in range(count) for j in range(i)), strict=True)
        between = tf.gather(heads, first) - tf.gather(heads, second)
        # The root has no slope at 0, where two heads are one.
        lengths = tf.sqrt(tf.reduce_sum(tf.square(between), axis=1) + 1e-12)
        return tf.reduce_sum(tf.nn.relu(self.distance - lengths))


@keras.saving.register_keras_serializable("tfgan_suite")
class ClusterHeads(keras.layers.Layer):
    """[y, z] -> y W + z, latents in the plane, say, in clusters (Makhzani et al. 2016, section 7).

    y (batch, categories) is a distribution over categories and z (batch, dim) a style, side by side; row k of
    W is the head of cluster k. As in the paper a cost, linear in what each two heads are closer than
    `distance`, keeps them apart; it is one of the losses of the network that has this layer. The paper does
    not say its threshold: with z ~ N(0, I), 6 leaves three standard deviations for each of two neighbours.

    Args:
        categories: how many latents are a category's; the others are the style.
        distance: that heads should keep.
    """

    def __init__(self, categories: int, distance: float = 6.0, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(categories, int) or categories < 2:
            raise ValueError(f"ClusterHeads: expected categories of at least 2, came {categories!r}")
        if not 0 <= distance < float("inf"):
            raise ValueError(f"ClusterHeads: expected distance >= 0, came {distance!r}")
        self.categories, self.distance = categories, distance

    def build(self, input_shape):
        if len(input_shape) != 2 or input_shape[-1] <= self.categories:
            raise ValueError(
                f"{self.name}: expected latents (batch, more than {self.categories} categories), "
                f"came {input_shape}"
            )
        self.heads = self.add_weight(
            shape=(self.categories, input_shape[-1] - self.categories),
            initializer=keras.initializers.RandomNormal(stddev=max(self.distance, 1.0)),
            regularizer=_Apart(self.distance),
            name="heads",
        )

    def call(self, latents):
        category, style = latents[:, : self.categories], latents[:, self.categories :]
        return category @ tf.cast(self.heads, latents.dtype) + style

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] - self.categories)

    def get_config(self):
        return super().get_config() | {"categories": self.categories, "distance": self.distance}

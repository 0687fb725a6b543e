"""The smallest generator: a Gaussian with a mean and a scale to learn."""

import keras

from tfgan_suite.networks import blocks


@keras.saving.register_keras_serializable("tfgan_suite")
class Affine(keras.layers.Layer):
    """x -> shift + scale * x, one shift and one scale for each axis of an example."""

    def __init__(self, initial_shift: float = 0.0, initial_scale: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.initial_shift, self.initial_scale = initial_shift, initial_scale

    def build(self, input_shape):
        constant = keras.initializers.Constant
        self.shift = self.add_weight(
            shape=input_shape[1:], initializer=constant(self.initial_shift), name="shift"
        )
        self.scale = self.add_weight(
            shape=input_shape[1:], initializer=constant(self.initial_scale), name="scale"
        )

    def call(self, inputs):
        return self.shift + self.scale * inputs

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = {"initial_shift": self.initial_shift, "initial_scale": self.initial_scale}
        return super().get_config() | own


def affine_generator(
    example_shape: tuple[int, ...], initial_shift: float = 0.0, initial_scale: float = 1.0
) -> keras.Model:
    """Gaussian of independent axes: latents N(0, I), as many as an example has axes, to mu + sigma * z.

    Its layer "affine" has the two weights: `shift` (mu) and `scale` (sigma, up to sign).
    """
    if len(example_shape) != 1:
        raise ValueError(f"example_shape: expected (dimension,), came {tuple(example_shape)}")
    latents = keras.Input(tuple(example_shape), name="latents")
    points = Affine(initial_shift, initial_scale, dtype=blocks.full_precision(), name="affine")(latents)
    return keras.Model(latents, points, name="generator")

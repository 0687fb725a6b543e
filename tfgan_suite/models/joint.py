"""The two-player game over latents and examples together."""

import math
from typing import ClassVar

import tensorflow as tf

from tfgan_suite.models.encoding import EncodingModel
from tfgan_suite.models.gan import GAN
from tfgan_suite.models.packing import pack, packed_shape
from tfgan_suite.precision import wide


class JointGAN(EncodingModel, GAN):
    """A GAN whose discriminator takes [latents, examples], with labels [latents, examples, labels].

    Such a pair is one vector for each example everywhere else, the latents before the flat example: that is
    what penalties see, and what is packed.
    """

    knows_labels: ClassVar[bool] = False  # whether `num_classes` may be given

    @property
    def joint_latent_dim(self) -> int:
        """How many latents the discriminator takes."""
        return self.latent_dim

    def discriminate(self, examples, labels=None):
        """Logits of pairs, each one vector, in training mode."""
        return wide(self.discriminator(self._unpaired(examples, labels), training=True))

    def features(self, examples, labels=None):
        features = self._features(self._unpaired(examples, labels), training=True)
        return wide(tf.reshape(features, (-1, math.prod(features.shape[1:]))))

    def _unpaired(self, pairs: tf.Tensor, labels: tf.Tensor | None = None) -> list[tf.Tensor]:
        """[latents, examples], or [packs of latents, packs of examples], from packs of pairs; and labels."""
        (size,), shape = self._joint_shapes
        pairs = tf.reshape(pairs, (-1, size + math.prod(shape)))
        latents, flat = pairs[:, :size], pairs[:, size:]
        parts = [pack(latents, self.packing), pack(tf.reshape(flat, (-1, *shape)), self.packing)]
        return parts if labels is None else [*parts, labels]

    @property
    def _joint_shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (self.joint_latent_dim,), tuple(self.generator.outputs[0].shape[1:])

    def _check_networks(self):
        if self.num_classes is not None and not self.knows_labels:
            name = type(self).__name__
            raise ValueError(f"num_classes: expected None, {name} knows no labels; came {self.num_classes}")
        joint = [packed_shape(shape, self.packing) for shape in self._joint_shapes]
        self._check_inputs("generator", "latents", [(self.latent_dim,)])
        self._check_inputs("discriminator", "latents, examples", joint)

    def _check_inputs(self, name: str, inputs: str, shapes: list[tuple]) -> None:
        """Raises ValueError unless the network `name` has inputs of these shapes, and labels if there are."""
        if self.num_classes is not None:
            inputs, shapes = f"{inputs}, labels", [*shapes, ()]
        came = [tuple(i.shape[1:]) for i in getattr(self, name).inputs]
        if came != shapes:
            raise ValueError(f"{name}: expected inputs [{inputs}] of shapes {shapes}, came {came}")


def pairs(latents: tf.Tensor, examples: tf.Tensor) -> tf.Tensor:
    """(latents, example) as one vector for each example."""
    flat = tf.reshape(examples, (-1, math.prod(examples.shape[1:])))
    return tf.concat([tf.cast(latents, flat.dtype), flat], axis=1)

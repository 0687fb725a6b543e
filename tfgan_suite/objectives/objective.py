"""What every objective is: two pure functions of the discriminator's raw outputs."""

import dataclasses

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Objective:
    """What the discriminator and the generator each minimise.

    Logits are the discriminator's raw outputs, of any shape `(batch, ...)`; each objective applies
    its own output activation. Both functions return scalar means over all entries.
    """

    def discriminator_loss(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define discriminator_loss")

    def generator_loss(self, fake_logits: tf.Tensor, real_logits: tf.Tensor | None = None) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define generator_loss")

    def get_config(self) -> dict:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_config(cls, config: dict) -> "Objective":
        return cls(**config)

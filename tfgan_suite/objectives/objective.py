"""What every objective is: two pure functions of the discriminator's raw outputs."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Literal

import keras
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Objective:
    """What the discriminator and the generator each minimise.

    Logits are the discriminator's raw outputs, of any shape `(batch, ...)`; each objective applies
    its own output activation. Both functions return scalar means over all entries.
    """

    # One number for each example or image patch, or a vector (batch, size) for each example.
    outputs: ClassVar[Literal["scalar", "vector"]] = "scalar"
    # Whether `generator_loss` needs the real logits; they are constants to the generator.
    needs_real_logits: ClassVar[bool] = False

    @property
    def couples_examples(self) -> bool:
        """Whether a loss is more than a mean over examples, so that parts of a batch do not add up to it."""
        return False

    def discriminator_loss(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define discriminator_loss")

    def generator_loss(self, fake_logits: tf.Tensor, real_logits: tf.Tensor | None = None) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define generator_loss")

    def check_outputs(self, shape: Sequence[int | None]) -> None:
        """Raises ValueError unless outputs of this shape, batch included, are what the objective is for."""
        is_vector = len(shape) == 2 and shape[1] != 1
        if is_vector != (self.outputs == "vector"):
            expected = {
                "scalar": "one logit for each example, or a map of them (outputs=1)",
                "vector": "a vector for each example, (batch, size) with size > 1 (outputs=size)",
            }[self.outputs]
            raise ValueError(
                f"{type(self).__name__}: expected a discriminator with {expected}, came shape {tuple(shape)}"
            )

    def get_config(self) -> dict:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_config(cls, config: dict) -> "Objective":
        # A field may be an object of its own, a divergence.
        return cls(
            **{
                name: keras.saving.deserialize_keras_object(value) if isinstance(value, dict) else value
                for name, value in config.items()
            }
        )

    def _check_choice(self, field: str, allowed: Sequence[str]) -> None:
        if getattr(self, field) not in allowed:
            raise ValueError(
                f"{type(self).__name__}: expected {field} one of {', '.join(map(repr, allowed))}, "
                f"came {getattr(self, field)!r}"
            )

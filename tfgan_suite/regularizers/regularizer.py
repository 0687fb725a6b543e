"""The two ways to hold a discriminator back: a term in its loss, or a projection of its weights."""

import dataclasses
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf


def require(kind: str, name: str, value: float, holds: bool, expected: str) -> None:
    """Raises ValueError unless `holds`; write the condition so that it is false for NaN."""
    if not holds:
        raise ValueError(f"{kind}: expected {name} {expected}, came {value}")


@dataclasses.dataclass(frozen=True)
class Regularizer:
    """Base of everything that goes into `GAN(regularizers=[...])`; serialises as its dataclass fields."""

    def get_config(self) -> dict:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_config(cls, config: dict) -> "Regularizer":
        return cls(**config)


@dataclasses.dataclass(frozen=True)
class Penalty(Regularizer):
    """A named scalar term that is added to the discriminator's loss."""

    name = "penalty"

    @property
    def couples_examples(self) -> bool:
        """Whether the term is more than a mean over examples: parts of a batch do not add up to it."""
        return False

    def __call__(
        self,
        discriminate: Callable[[tf.Tensor], tf.Tensor],
        real: tf.Tensor,
        fake: tf.Tensor,
        seed: tf.Tensor,
    ) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define __call__")


@dataclasses.dataclass(frozen=True)
class Constraint(Regularizer):
    """A projection of the discriminator's weights after each of its updates."""

    def project(self, variables: Sequence[keras.Variable]) -> None:
        raise NotImplementedError(f"{type(self).__name__} must define project")

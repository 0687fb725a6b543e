"""What every prior is: a distribution one can draw from."""

import dataclasses
import math
from typing import ClassVar

import tensorflow as tf

from tfgan_suite import draws


@dataclasses.dataclass(frozen=True)
class Prior:
    """A distribution of latents that needs no density, only draws."""

    # The one size of latents that it has; None where any will do.
    dimension: ClassVar[int | None] = None

    def draw(self, count: int | tf.Tensor, latent_dim: int, seed: draws.Seed) -> tf.Tensor:
        """(count, latent_dim), float32; a pure function of the seed, and row i the same for every count."""
        raise NotImplementedError(f"{type(self).__name__} must define draw")

    def check_latents(self, latent_dim: int) -> None:
        """Raises ValueError unless it has latents of this size."""
        if self.dimension not in (None, latent_dim):
            raise ValueError(
                f"prior: expected latents of {self.dimension} dimensions for {self}, came {latent_dim}"
            )

    def _check_positive(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if isinstance(value, bool) or not 0 < value < math.inf:
                raise ValueError(f"{type(self).__name__}: expected {name} a positive number, came {value!r}")

    def get_config(self) -> dict:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_config(cls, config: dict) -> "Prior":
        return cls(**config)

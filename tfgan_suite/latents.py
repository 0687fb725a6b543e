"""Distributions of independent latents, by the names that configs, exports and commands have for them."""

from typing import Literal, get_args

import tensorflow as tf

from tfgan_suite import draws

LatentDistribution = Literal["normal", "uniform", "symmetric_uniform"]


def check(name: str) -> None:
    """Raises ValueError unless `latent_distribution` is the name of one."""
    names = get_args(LatentDistribution)
    if name not in names:
        *first, last = (f'"{n}"' for n in names)
        raise ValueError(f"latent_distribution: expected {', '.join(first)} or {last}, came {name!r}")


def draw(name: LatentDistribution, shape, seed: draws.Seed) -> tf.Tensor:
    """Latents of this shape, a pure function of the seed: N(0, 1), U[0, 1) or U[-1, 1) in each."""
    if name == "normal":
        return draws.normal(shape, seed)
    uniform = draws.uniform(shape, seed)
    return uniform if name == "uniform" else 2.0 * uniform - 1.0

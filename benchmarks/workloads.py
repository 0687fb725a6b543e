"""What is trained: the same networks, batch size, losses and optimizer for every contestant."""

import dataclasses
from typing import Any, Literal


@dataclasses.dataclass(frozen=True)
class Workload:
    """One training task; it travels to the contestants as JSON.

    Attributes:
        generator, discriminator: name of a function in `tfgan_suite.networks`, and its arguments.
        steps_per_call: training steps without leaving the graph, for peers that can: about half a second.
        unroll_steps: look-ahead steps of the generator, which no peer has.
        threads: of one operation of ours, as `training.threads` in a config; None is TensorFlow's own choice.
        real_data: class in `tfgan_suite.data` and its arguments, to measure what a real pipeline costs.
    """

    name: str
    example_shape: tuple[int, ...]
    batch_size: int
    generator: tuple[str, dict[str, Any]]
    discriminator: tuple[str, dict[str, Any]]
    latent_dim: int = 100
    objective: Literal["non_saturating", "wasserstein"] = "non_saturating"
    gradient_penalty: float = 0.0
    discriminator_steps: int = 1
    unroll_steps: int = 0
    learning_rate: float = 2e-4
    beta_1: float = 0.5
    beta_2: float = 0.999
    epsilon: float = 1e-7
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    steps_per_call: int = 1
    threads: int | None = None
    real_data: tuple[str, dict[str, Any]] | None = None


def from_json(fields: dict) -> Workload:
    """The workload whose `dataclasses.asdict` went through JSON."""
    return Workload(**fields | {"example_shape": tuple(fields["example_shape"])})


def ring(batch_size: int = 512, unroll_steps: int = 0) -> Workload:
    """Points; so little arithmetic that what a framework does around it shows."""
    shape = (2,)
    return Workload(
        name="ring",
        example_shape=shape,
        batch_size=batch_size,
        latent_dim=2,
        generator=("mlp_generator", {"example_shape": shape, "latent_dim": 2, "width": 128, "depth": 2}),
        discriminator=("mlp_discriminator", {"example_shape": shape, "width": 128, "depth": 2}),
        unroll_steps=unroll_steps,
        steps_per_call=100,
        threads=1,
        real_data=("Ring", {}),
    )


def dcgan(image_size: int = 28, batch_size: int = 64, discriminator_steps: int = 1) -> Workload:
    """Grey images: 2.1 M + 0.2 M parameters at 28 pixels, batch normalisation in both networks."""
    shape = (image_size, image_size, 1)
    return Workload(
        name="dcgan",
        example_shape=shape,
        batch_size=batch_size,
        generator=("dcgan_generator", {"image_shape": shape, "width": 128}),
        discriminator=("dcgan_discriminator", {"image_shape": shape, "width": 64}),
        discriminator_steps=discriminator_steps,
        steps_per_call=4,
        real_data=("TfdsImages", {"name": "mnist"}),
    )


def wgan_gp() -> Workload:
    """Colour images, a critic with layer normalisation, five critic steps (Gulrajani et al. 2017)."""
    shape = (32, 32, 3)
    critic = {"image_shape": shape, "width": 128, "normalization": "layer"}
    return Workload(
        name="wgan_gp",
        example_shape=shape,
        batch_size=64,
        generator=("dcgan_generator", {"image_shape": shape, "width": 128}),
        discriminator=("dcgan_discriminator", critic),
        objective="wasserstein",
        gradient_penalty=10.0,
        discriminator_steps=5,
        learning_rate=1e-4,
        beta_1=0.0,
        beta_2=0.9,
        real_data=("TfdsImages", {"name": "cifar10"}),
    )


def omniglot() -> Workload:
    """Large grey images."""
    return Workload(
        name="omniglot",
        example_shape=(105, 105, 1),
        batch_size=32,
        generator=("omniglot_generator", {"latent_dim": 100}),
        discriminator=("omniglot_discriminator", {}),
        real_data=("TfdsImages", {"name": "omniglot", "channels": "grey", "invert": True}),
    )


WORKLOADS = {"ring": ring, "dcgan": dcgan, "wgan_gp": wgan_gp, "omniglot": omniglot}

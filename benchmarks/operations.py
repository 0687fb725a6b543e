"""Floating-point operations that a training step cannot do without."""

import math

from benchmarks.workloads import Workload


def step_operations(workload: Workload, layers: dict[str, list[dict]]) -> float:
    """Of one training step: two for each multiplication and addition in matrix products and convolutions.

    A pass backward costs another forward pass for the gradient of the weights, and another for that of the
    inputs, which the first layer needs not.
    """
    generator, discriminator = (_forward(layers[n]) for n in ("generator", "discriminator"))
    first_of_generator, first = (_first(layers[n]) for n in ("generator", "discriminator"))
    # Fresh fakes; real and fake forward and backward.
    discriminator_step = generator + 2 * (3 * discriminator - first)
    if workload.gradient_penalty:
        # At the interpolates: forward, the gradient of the inputs, and the gradients of that pass. They go on
        # into the forward pass only where its activations matter, as they do in normalisation.
        is_normalized = any(layer["kind"].endswith("_norm") for layer in layers["discriminator"])
        discriminator_step += 6 * discriminator - first if is_normalized else 4 * discriminator
    # The discriminator's weights need no gradient here.
    generator_step = 3 * generator - first_of_generator + 2 * discriminator
    # A look-ahead step is a discriminator step whose way back is itself passed back: three times as much.
    generator_step += workload.unroll_steps * 3 * (2 * 3 * discriminator)
    return workload.batch_size * (workload.discriminator_steps * discriminator_step + generator_step)


def _forward(layers: list[dict]) -> float:
    return sum(map(_of_layer, layers))


def _first(layers: list[dict]) -> float:
    return next(cost for layer in layers if (cost := _of_layer(layer)))


def _of_layer(layer: dict) -> float:
    """Of one example forward."""
    if "kernel" not in layer:
        return 0.0
    # A transposed convolution uses its kernel at each place of its input, others at each of their output.
    places = layer["in" if layer["kind"] == "grow" else "out"][:-1]
    return 2.0 * math.prod(layer["kernel"]) * math.prod(places)

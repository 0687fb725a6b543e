"""How step time would grow on 8 and 256 GPUs, from what is known of one: a simulation, not a measurement.

    python -m benchmarks.scale_out [--json FILE]

Each replica trains its own batch of 64 (weak scaling). A step is, one after the other,

    compute     operations of one replica's step / (peak of a GPU x the share of it that training reaches)
    gradients   one all-reduce for each player's step: 2 (n - 1) / n of its bytes over the slowest link, and
                the hops up and down a tree, 2 log2(n), as NCCL has it between machines; nothing overlaps with
                the backward pass: `minimize` sums at its end
    small sums  one all-reduce for the shares of the batch, and one for each synchronized normalisation on
                every pass forward and backward: few bytes, so hops alone
    input       not in the sum, since it is prefetched: every worker reads and prepares the whole minibatch
                and keeps its rows, so what a worker must prepare grows with the number of workers

Operations, bytes and passes are counted from the networks. Link speeds are those that the makers publish.
"""

import argparse
import dataclasses
import json
import math
from pathlib import Path

import keras

from benchmarks.architecture import described
from benchmarks.operations import step_operations
from benchmarks.workloads import WORKLOADS, Workload
from tfgan_suite import networks

# NVIDIA A100, 80 GB, SXM: TF32 tensor cores 156 TFLOP/s. Small images reach a small part of that.
GPU_PEAK, REACHED = 156e12, 0.25
# NVLink 3: 600 GB/s in both directions together. HDR InfiniBand, one port for each GPU: 200 Gb/s.
WITHIN, BETWEEN = 300e9, 25e9
HOP = 5e-6  # seconds; what a small NCCL message takes from one GPU to the next, roughly
GPUS_OF_A_MACHINE = 8
# Examples that one machine prepares in a second: 66,000 of MNIST and 30,000 of CIFAR-10 were measured on two
# busy cores; this is a machine with a few more.
INPUT_RATE = 200_000


@dataclasses.dataclass(frozen=True)
class Step:
    """Seconds of a training step on `gpus` replicas, and of preparing its input."""

    gpus: int
    compute: float
    gradients: float
    small_sums: float
    input: float

    @property
    def total(self) -> float:
        """Whichever is longer: what the GPUs do, or the input they wait for."""
        return max(self.compute + self.gradients + self.small_sums, self.input)


def step(workload: Workload, gpus: int) -> Step:
    """The step of a workload whose networks are counted here."""
    made = {
        player: getattr(networks, name)(**arguments)
        for player, (name, arguments) in (
            ("generator", workload.generator),
            ("discriminator", workload.discriminator),
        )
    }
    layers = {player: described(network) for player, network in made.items()}
    steps = {"discriminator": workload.discriminator_steps, "generator": 1}
    bandwidth = WITHIN if gpus <= GPUS_OF_A_MACHINE else BETWEEN
    machines = -(-gpus // GPUS_OF_A_MACHINE)
    hops = 2 * math.ceil(math.log2(gpus)) * HOP
    gradients = sum(
        count * (2 * (gpus - 1) / gpus * 4 * made[player].count_params() / bandwidth + hops)
        for player, count in steps.items()
    )
    return Step(
        gpus,
        compute=step_operations(workload, layers) / (GPU_PEAK * REACHED),
        gradients=gradients,
        small_sums=hops * (1 + _normalization_passes(made, steps)) if gpus > 1 else 0.0,
        input=gpus * workload.batch_size * workload.discriminator_steps / INPUT_RATE if machines > 1 else 0.0,
    )


def _normalization_passes(made: dict[str, keras.Model], steps: dict[str, int]) -> int:
    """Sums over replicas that batch normalisation takes in a step: one forward, one backward."""
    count = {
        player: sum(isinstance(layer, keras.layers.BatchNormalization) for layer in network.layers)
        for player, network in made.items()
    }
    fakes, pairs = count["generator"], 2 * count["discriminator"]
    discriminator_step = fakes + 2 * pairs  # the generator is not differentiated
    generator_step = 2 * fakes + 2 * count["discriminator"]
    return steps["discriminator"] * discriminator_step + generator_step


def table(steps: dict[str, list[Step]]) -> str:
    """Markdown."""
    parts = "compute, ms | gradients, ms | small sums, ms | input, ms | step, ms"
    lines = [
        f"| workload | GPUs | {parts} | efficiency |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, sizes in steps.items():
        for s in sizes:
            parts = (s.compute, s.gradients, s.small_sums, s.input, s.total)
            shown = " | ".join(f"{1e3 * seconds:.3g}" for seconds in parts)
            lines.append(f"| {name} | {s.gpus} | {shown} | {sizes[0].total / s.total:.0%} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    steps = {
        name: [step(WORKLOADS[name](), gpus) for gpus in (1, 8, 256)]
        for name in ("dcgan", "wgan_gp", "omniglot")
    }
    print(table(steps))
    if options.json:
        rows = {name: [dataclasses.asdict(s) for s in sizes] for name, sizes in steps.items()}
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()

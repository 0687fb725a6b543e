"""Whether every way to train on a GPU gives the same networks, and how fast each is.

    python -m benchmarks.gpu [--steps 200] [--out FILE.md] [--any-device]

Trains the DCGAN of `benchmarks.training` in float32, with XLA, in reduced precision and under
`MirroredStrategy` on one device, and writes a table for docs/performance.md. Without a GPU it says so and
does nothing, unless `--any-device` asks to try the script itself. The exit code is 1 where a check fails.
"""

import argparse
import dataclasses
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.real_examples import random_batches, real_examples
from benchmarks.workloads import Workload, dcgan
from tfgan_suite import models, networks, objectives

CHECKED_STEPS = 3


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way to train. `tolerance`: of the weights against float32 without XLA, relative to their movement.

    Both are rounding: a float32 sum in another order, and 8 or 11 bits of mantissa in every layer's output.
    """

    name: str
    precision: str = "float32"
    jit_compile: bool = False
    mirrored: bool = False
    tolerance: float = 0.02


VARIANTS = (
    Variant("float32"),
    Variant("float32, XLA", jit_compile=True),
    Variant("float32, MirroredStrategy", mirrored=True),
    Variant("bfloat16", "mixed_bfloat16", tolerance=0.5),
    Variant("bfloat16, XLA", "mixed_bfloat16", jit_compile=True, tolerance=0.5),
    Variant("float16", "mixed_float16", tolerance=0.5),
    Variant("float16, XLA", "mixed_float16", jit_compile=True, tolerance=0.5),
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=200, help="timed, after a warm-up of as many")
    parser.add_argument("--out", type=Path, help="file for the table (default: print it alone)")
    parser.add_argument("--any-device", action="store_true", help="also without a GPU")
    options = parser.parse_args()
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus and not options.any_device:
        print("skipped: TensorFlow sees no GPU on this machine")
        return 0
    device = tf.config.experimental.get_device_details(gpus[0])["device_name"] if gpus else "CPU"
    rows, reference = [], None
    for variant in VARIANTS:
        start, moved, speed, first = trained(dcgan(), variant, options.steps)
        reference = moved if reference is None else reference
        error = _norm([a - b for a, b in zip(moved, reference, strict=True)])
        error /= _norm([a - b for a, b in zip(reference, start, strict=True)])
        rows.append((variant, speed, first, error))
        print(f"{variant.name}: {speed:.4g} steps/s", flush=True)
    text = table(device, rows)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")
    return int(any(not error <= variant.tolerance for variant, _, _, error in rows))


def trained(workload: Workload, variant: Variant, steps: int) -> tuple[list, list, float, float]:
    """Weights before and after `CHECKED_STEPS` of plain SGD; steps/s with Adam; its first step in seconds."""
    keras.config.set_dtype_policy(variant.precision)
    strategy = tf.distribute.MirroredStrategy() if variant.mirrored else tf.distribute.get_strategy()
    examples = real_examples(workload.example_shape)
    batches = random_batches(examples, workload.batch_size)
    with strategy.scope():
        keras.utils.set_random_seed(0)
        generator, discriminator = (
            getattr(networks, name)(**given) for name, given in (workload.generator, workload.discriminator)
        )
        gan = models.GAN(
            generator,
            discriminator,
            objective=objectives.NonSaturating(),
        )
        start = gan.get_weights()
        # Not Adam: its first steps are signs of gradients, which rounding turns.
        rates = {player: keras.optimizers.SGD(0.01) for player in gan.players()}
        gan.compile(rates, jit_compile=variant.jit_compile)
        one = tf.data.Dataset.from_tensors(examples[: workload.batch_size]).repeat()
        gan.fit(one, steps_per_epoch=CHECKED_STEPS, verbose=0)
        moved = gan.get_weights()
        gan.compile(jit_compile=variant.jit_compile)
    seconds = []
    for count in (1, steps, steps):
        before = time.perf_counter()
        gan.fit(batches, steps_per_epoch=count, verbose=0)
        seconds.append(time.perf_counter() - before)
    keras.config.set_dtype_policy("float32")
    return start, moved, steps / seconds[-1], seconds[0]


def table(device: str, rows: list[tuple[Variant, float, float, float]]) -> str:
    """Markdown."""
    plain = rows[0][1]
    title = f"DCGAN 28x28, batch 64, on {device}, TensorFlow {tf.__version__}"
    lines = [
        f"| {title} | steps/s | x float32 | first step, s | error after {CHECKED_STEPS} steps | check |",
        "|---|---|---|---|---|---|",
    ]
    for variant, speed, first, error in rows:
        verdict = "passed" if error <= variant.tolerance else f"FAILED: more than {variant.tolerance:g}"
        lines.append(
            f"| {variant.name} | {speed:.4g} | {speed / plain:.2f} | {first:.1f} | {error:.2g} | {verdict} |"
        )
    return "\n".join(lines)


def _norm(arrays: list[np.ndarray]) -> float:
    return float(np.sqrt(sum(np.square(a, dtype=np.float64).sum() for a in arrays)))


if __name__ == "__main__":
    raise SystemExit(main())

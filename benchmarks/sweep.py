"""Step time of ours against batch size, discriminator steps, image area and unroll steps, one at a time."""

import dataclasses

import numpy as np

from benchmarks.contest import Result, compete
from benchmarks.contestant_process import Entry
from benchmarks.workloads import Workload, dcgan, ring

# Between 14 and 28 pixels the networks have the same layers, so that arithmetic grows as the area.
SWEEPS = {
    "batch size": {size: dcgan(batch_size=size) for size in (16, 32, 64, 128)},
    "discriminator steps": {k: dcgan(discriminator_steps=k) for k in (1, 2, 3, 4)},
    "image area": {size * size: dcgan(image_size=size) for size in (16, 20, 24, 28)},
    "unroll steps": {k: ring(unroll_steps=k) for k in (1, 2, 4, 8)},
}


def sweep(precision: str, rounds: int, seconds: float) -> dict:
    """Trains ours at each value by turns, prints a table for each sweep, returns what was measured."""
    measured = {}
    for title, workloads in SWEEPS.items():
        results = _trained(workloads, precision, rounds, seconds)
        print(_table(title, results), flush=True)
        measured[title] = {value: dataclasses.asdict(result) for value, result in results.items()}
    return measured


def _trained(
    workloads: dict[int, Workload], precision: str, rounds: int, seconds: float
) -> dict[int, Result]:
    contestants = {
        str(value): (Entry("ours"), dataclasses.replace(workload, precision=precision))
        for value, workload in workloads.items()
    }
    return {int(value): r for value, r in compete(contestants, rounds, seconds, same=False).items()}


def _table(title: str, results: dict[int, Result]) -> str:
    """Markdown, and the slopes of the logarithm of time: 1 is proportional."""
    milliseconds = {value: 1e3 / result.steps_per_second for value, result in results.items()}
    operations = {value: result.step_operations / 1e9 for value, result in results.items()}
    smallest = min(results)
    lines = [f"| {title} | GFLOP a step | ms a step | ms / as many times the first |", "|---|---|---|---|"]
    for value, time in milliseconds.items():
        proportional = milliseconds[smallest] * operations[value] / operations[smallest]
        lines.append(f"| {value} | {operations[value]:.3g} | {time:.3g} | {time / proportional:.2f} |")
    times = list(milliseconds.values())
    slopes = _slope(list(results), times), _slope(list(operations.values()), times)
    lines.append(f"\ntime grows as {title} to the power {slopes[0]:.2f}, as operations to {slopes[1]:.2f}\n")
    return "\n".join(lines)


def _slope(values: list[float], times: list[float]) -> float:
    return float(np.polyfit(np.log(values), np.log(times), 1)[0])

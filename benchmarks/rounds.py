"""Contestants in alternating rounds, so that whatever slows the machine down slows all of them."""

import statistics
import sys
import time
from collections.abc import Callable, Mapping


def alternate(contestants: Mapping[str, Callable], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contestant in each round, after one call of each that does not count.

    They go to stderr as they come: a run that is stopped has not been for nothing.
    """
    for run in contestants.values():
        run()
    seconds = {name: [] for name in contestants}
    for number in range(1, rounds + 1):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
        told = ", ".join(f"{name} {values[-1]:.3g}" for name, values in seconds.items())
        print(f"  round {number}, s: {told}", file=sys.stderr, flush=True)
    return seconds


def table(title: str, seconds: Mapping[str, list[float]], ours: str) -> str:
    """Markdown: median seconds, and how many times longer each takes than ours."""
    median = {name: statistics.median(values) for name, values in seconds.items()}
    lines = [f"| {title} | median s | times ours |", "|---|---|---|"]
    lines += [f"| {name} | {value:.3f} | {value / median[ours]:.2f} |" for name, value in median.items()]
    return "\n".join(lines)

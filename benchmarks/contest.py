"""Contestants that train the same thing by turns, each in a process of its own."""

import contextlib
import dataclasses
import functools
import math
import statistics
import sys
import time
from collections.abc import Mapping

from benchmarks.contestant_process import ContestantProcess, Entry, Failed, Missing
from benchmarks.operations import step_operations
from benchmarks.rounds import alternate
from benchmarks.workloads import Workload


@dataclasses.dataclass
class Result:
    """Of one contestant; `seconds` of each round of `steps` steps."""

    parameters: dict[str, int]
    step_operations: float
    steps: int
    seconds: list[float]
    first_step_seconds: float
    peak_mib: float
    notes: dict

    @property
    def steps_per_second(self) -> float:
        return self.steps / statistics.median(self.seconds)

    @property
    def operations_per_second(self) -> float:
        return self.step_operations * self.steps_per_second


def compete(
    contestants: Mapping[str, tuple[Entry, Workload]], rounds: int, seconds: float, same: bool = True
) -> dict[str, Result]:
    """Lets all train by turns, in rounds of about so many seconds; one with a missing package is left out.

    The first must be of ours: it describes the networks to the others.

    Args:
        same: whether all must have networks with the same numbers of parameters.

    Raises:
        Failed: they have not, or one raised or had a loss that is not finite.
    """
    with contextlib.ExitStack() as stack:
        processes, results, layers = {}, {}, None
        for name, (entry, workload) in contestants.items():
            process = ContestantProcess(name, entry)
            stack.callback(process.close)
            try:
                parameters = process.build(dataclasses.asdict(workload), layers)
            except Missing as missing:
                if layers is None:  # it was to describe the networks
                    raise Failed(f"{name}: {missing}") from None
                print(f"{name} is left out: {missing}", flush=True)
                continue
            its_layers = process.notes.pop("layers", layers)
            layers = layers or its_layers
            first_parameters = results[next(iter(results))].parameters if results else parameters
            if same and parameters != first_parameters:
                raise Failed(f"{name} has {parameters} parameters, {next(iter(results))} {first_parameters}")
            first_step = process.first_step()
            results[name] = Result(
                parameters=parameters,
                step_operations=step_operations(workload, its_layers),
                steps=_steps_in(process, seconds),
                seconds=[],
                first_step_seconds=first_step,
                peak_mib=0.0,
                notes=process.notes,
            )
            processes[name] = process
            print(
                f"  {name}: first step {first_step:.1f} s, round {results[name].steps} steps", file=sys.stderr
            )
        runs = {name: functools.partial(p.train, results[name].steps) for name, p in processes.items()}
        for name, times in alternate(runs, rounds).items():
            results[name].seconds, results[name].peak_mib = times, processes[name].peak_mib
        return results


def matrix_product_peak(rounds: int, seconds: float) -> dict[str, float]:
    """Floating-point operations in a second of large products, by library; the best of the rounds."""
    with contextlib.ExitStack() as stack:
        runs, operations = {}, {}
        for library in ("tensorflow", "numpy"):
            process = ContestantProcess(library, Entry("matrix_product", {"library": library}))
            stack.callback(process.close)
            process.build(None, None)
            process.first_step()
            steps = _steps_in(process, seconds)
            runs[library] = functools.partial(process.train, steps)
            operations[library] = steps * process.notes["operations"]
        taken = alternate(runs, rounds)
        return {library: operations[library] / min(taken[library]) for library in taken}


def _steps_in(process: ContestantProcess, seconds: float) -> int:
    """How many steps it takes in so many seconds; a multiple of what it takes in one call."""
    process.train(2)  # several steps in one call are another graph than one: compiled before the clock runs
    steps, taken = 1, 0.0
    while taken < seconds / 8:
        steps = steps * 4 if taken else 1
        start = time.perf_counter()
        process.train(steps)
        taken = time.perf_counter() - start
    wanted, together = steps * seconds / taken, process.notes.get("steps_per_call", 1)
    if wanted < together:
        return max(1, round(wanted))
    return together * math.ceil(wanted / together)

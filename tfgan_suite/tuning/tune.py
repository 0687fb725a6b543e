"""Times ways to execute a config, by turns, and says which is fastest and by how much."""

import contextlib
import dataclasses
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from tfgan_suite import config as configs
from tfgan_suite.processor import instructions
from tfgan_suite.tuning.candidates import Candidate, candidates, combined
from tfgan_suite.tuning.trial import NotPossible, TrialProcess


@dataclasses.dataclass
class Timing:
    """Of one candidate: steps a second in each round, or why it is not possible."""

    candidate: Candidate
    rates: list[float] = dataclasses.field(default_factory=list)
    first_step_seconds: float = 0.0
    execution: str = ""
    problem: str = ""

    def ratio(self, base: "Timing") -> float:
        """Times as fast as `base`: the median over rounds, each beside its neighbour."""
        return statistics.median(_ratios(self, base))

    def verdict(self, base: "Timing") -> str:
        """ "faster" or "slower" only if it is so in every round."""
        ratios = _ratios(self, base)
        if min(ratios) > 1:
            return "faster"
        return "slower" if max(ratios) < 1 else "the same"


def tune(
    config: Path,
    overrides: Sequence[str] = (),
    seconds: float = 3.0,
    rounds: int = 3,
    say: Callable[[str], None] = print,
) -> list[Timing]:
    """Timings of the config as it is, of each candidate, and of what was faster, combined.

    Args:
        overrides: `key=value`, on top of the config for all of them.
        seconds: of one round of one candidate, about.

    Raises:
        UserError: the config has a mistake.
        NotPossible: it does not train as it is.
    """
    loaded = configs.load(config, overrides)
    every = candidates(loaded, _has_gpu(), instructions())
    timings = _race(every, config, overrides, seconds, rounds, say)
    base, *others = timings
    winners = [t.candidate for t in others if not t.problem and t.verdict(base) == "faster"]
    if len(winners) > 1:
        # Beside the config as it is once more: ratios compare neighbours.
        base, both = _race([every[0], combined(winners)], config, overrides, seconds, rounds, say)
        timings.append(both)
        if not both.problem:
            scale = timings[0].rates, base.rates
            both.rates = [rate * now / then for rate, now, then in zip(both.rates, *scale, strict=True)]
    return timings


def report(timings: Sequence[Timing]) -> str:
    """A table, and what to put into the config."""
    base = timings[0]
    lines = ["| | steps/s | times as fast | verdict | first step, s |", "|---|---|---|---|---|"]
    for timing in timings:
        name = timing.candidate.name
        if timing.problem:
            lines.append(f"| {name} | | | not possible: {timing.problem} | |")
            continue
        rate = statistics.median(timing.rates)
        verdict = "" if timing is base else timing.verdict(base)
        first = timing.first_step_seconds
        lines.append(f"| {name} | {rate:.4g} | {timing.ratio(base):.2f} | {verdict} | {first:.1f} |")
    possible = [t for t in timings[1:] if not t.problem and t.verdict(base) == "faster"]
    if not possible:
        return "\n".join([*lines, "", "nothing was faster in every round: leave the config as it is"])
    best = max(possible, key=lambda t: t.ratio(base))
    settings = ", ".join(o.removeprefix("training.").replace("=", ": ") for o in best.candidate.overrides)
    lines += ["", f"{best.candidate.name} is {best.ratio(base):.2f} times as fast; in the config:", ""]
    lines += [f"    training: {{{settings}}}"]
    if best.candidate.price:
        lines += ["", f"It gives up {best.candidate.price}."]
    return "\n".join(lines)


def as_json(timings: Sequence[Timing]) -> list[dict]:
    """For a file."""
    base = timings[0]
    return [
        dataclasses.asdict(t) | ({} if t.problem else {"ratio": t.ratio(base), "verdict": t.verdict(base)})
        for t in timings
    ]


def _race(every, config, overrides, seconds, rounds, say) -> list[Timing]:
    with contextlib.ExitStack() as stack:
        running, timings = {}, []
        for candidate in every:
            process = TrialProcess(config, (*overrides, *candidate.overrides))
            stack.callback(process.close)
            timing = Timing(candidate)
            timings.append(timing)
            try:
                answer = process.ask(start=seconds)
            except NotPossible as problem:
                if candidate is every[0]:
                    raise
                timing.problem = str(problem).splitlines()[0]
                say(f"  {candidate.name}: not possible: {timing.problem}")
                continue
            timing.first_step_seconds, timing.execution = answer["first_step_seconds"], answer["execution"]
            running[candidate.name] = timing, process, answer["steps"]
            say(f"  {candidate.name}: first step {timing.first_step_seconds:.1f} s; {timing.execution}")
        for _ in range(rounds):
            for timing, process, steps in running.values():
                timing.rates.append(steps / process.ask(train=steps)["seconds"])
        return timings


def _ratios(timing: Timing, base: Timing) -> list[float]:
    return [mine / its for mine, its in zip(timing.rates, base.rates, strict=True)]


def _has_gpu() -> bool:
    """Without TensorFlow, whose devices this process must not take."""
    return any(Path("/dev").glob("nvidia[0-9]*"))

"""A claim: a published result as a runnable experiment, and what its table looks like."""

import dataclasses
import itertools
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:  # importing it would import TensorFlow, which `reproduce --list` does not need
    from tfgan_suite.experiment import Experiment

Results = Mapping[str, Sequence[Mapping[str, Any]]]  # what each trial measured, seed by seed


@dataclasses.dataclass(frozen=True)
class Trial:
    """One training of a claim: a config, and what differs from it."""

    config: Path
    overrides: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Row:
    """One quantity: what was published, what ours is held to, and what ours is.

    Args:
        published: as printed in the source; None where it prints none.
        reference: what ours should be. None: only reported.
        tolerance: how far each seed may be from the reference.
        at_least, at_most: the goal may instead be a bound on every seed.
        values: ours, one for each seed.
    """

    name: str
    values: Sequence[float]
    published: float | None = None
    reference: float | None = None
    tolerance: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def spread(self) -> float:
        """Standard deviation over the seeds; 0 for one, NaN where a seed diverged."""
        if not all(map(math.isfinite, self.values)):
            return math.nan
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0

    @property
    def verdict(self) -> str:
        """ "reached", "missed", or "reported" where nothing was promised. A value that is NaN misses."""
        if self.at_least is not None:
            return "reached" if all(value >= self.at_least for value in self.values) else "missed"
        if self.at_most is not None:
            return "reached" if all(value <= self.at_most for value in self.values) else "missed"
        if self.tolerance is None or self.reference is None:
            return "reported"
        return "reached" if self.worst <= self.tolerance else "missed"

    @property
    def worst(self) -> float:
        """The largest distance of a seed from the reference; infinite where a seed is not a number."""
        distances = [abs(value - self.reference) for value in self.values]
        return math.inf if any(math.isnan(d) for d in distances) else max(distances)

    @property
    def goal(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        if self.reference is None:
            return ""
        return f"{self.reference:.4f}" + ("" if self.tolerance is None else f" +- {self.tolerance:g}")


class Claim:
    """What `tfgan-suite reproduce` runs.

    A subclass gives `name`, `source`, `protocol`, `minutes`, and the methods below.

    Attributes:
        name: on the command line.
        source: paper, table or figure; says where a number is recalled or reconstructed.
        protocol: how ours is measured, in a sentence or two.
        minutes: expected time by preset, for three seeds on two cores ("cpu") or as the preset says.
    """

    name: ClassVar[str]
    source: ClassVar[str]
    protocol: ClassVar[str]
    minutes: ClassVar[Mapping[str, float]]

    def trials(self, preset: str) -> dict[str, Trial]:
        """Everything to train, by name; each is trained once for each seed."""
        raise NotImplementedError

    def prepare(self, folder: Path) -> None:
        """Makes what trials share, a classifier say, before any of them is trained."""

    def watch(self, trial: str, experiment: "Experiment") -> dict[str, Any] | None:
        """What to keep of a training on its way, every `training.log_every` steps: `measured["watched"]`."""

    def measure(self, trial: str, experiment: "Experiment", folder: Path) -> dict[str, Any]:
        """What one trained model scores: numbers, or anything that JSON can hold."""
        raise NotImplementedError

    def rows(self, results: Results) -> list[Row]:
        """The table."""
        raise NotImplementedError

    def draw(self, results: Results, folder: Path) -> list[Path]:
        """Writes figures into `folder` and returns their paths."""
        return []


def values(measured: Sequence[Mapping[str, Any]], quantity: str) -> list[float]:
    """One quantity, seed by seed; NaN for a seed that diverged."""
    return [m.get(quantity, math.nan) for m in measured]


def steps_of_order(
    prefix: str, published: Mapping[str, float], ours: Mapping[str, Sequence[float]]
) -> Iterator[Row]:
    """For each two neighbours in a published order whether the higher one is higher here, on mean values."""
    order = sorted(published, key=published.get)
    for lower, higher in itertools.pairwise(order):
        difference = statistics.fmean(ours[higher]) - statistics.fmean(ours[lower])
        gap = published[higher] - published[lower]
        yield Row(f"{prefix}: {higher} over {lower}", [difference], gap, at_least=0.0)


def lasting(steps: int) -> tuple[str, ...]:
    """Overrides that make a training last `steps`, without samples or checkpoints on the way."""
    return tuple(
        f"training.{count}={steps}" for count in ("steps", "log_every", "sample_every", "checkpoint_every")
    )


def falling(rate: float, steps: int) -> str:
    """In a config: a learning rate that falls from `rate` to 0 in a straight line, over `steps` updates."""
    return (
        f"{{type: PolynomialDecay, initial_learning_rate: {rate}, decay_steps: {steps}, "
        "end_learning_rate: 0.0}"
    )


def table(rows: Sequence[Row]) -> str:
    """Markdown: published | goal | ours (mean and spread over seeds) | verdict."""
    lines = ["| | published | goal | ours | verdict |", "|---|---|---|---|---|"]
    for row in rows:
        published = "" if row.published is None else f"{row.published:.4g}"
        ours = f"{row.mean:.4f} +- {row.spread:.4f}"
        lines.append(f"| {row.name} | {published} | {row.goal} | {ours} | {row.verdict} |")
    return "\n".join(lines)

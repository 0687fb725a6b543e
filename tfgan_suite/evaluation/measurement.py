"""Numbers with their conventions: what was measured, how, and what real data would score."""

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfgan_suite.errors import UserError

# Which way is better, by metric or by `metric.field`; for the rest nothing is promised.
BETTER = {
    "class_coverage.modes": "higher",
    "class_coverage.high_quality": "higher",
    "class_coverage.reverse_kl": "lower",
    "class_coverage.forward_kl": "lower",
    "density_coverage.density": "near 1",
    "density_coverage.coverage": "higher",
    "frechet_distance": "lower",
    "inception_score.mean": "higher",
    "kernel_distance": "lower",
    "mode_coverage.modes": "higher",
    "mode_coverage.high_quality": "higher",
    "mode_coverage.reverse_kl": "lower",
    "mode_coverage.forward_kl": "lower",
    "mode_score": "higher",
    "nearest_neighbor_accuracy.total": "near 0.5",
    "nearest_neighbor_accuracy.real": "near 0.5",
    "nearest_neighbor_accuracy.fake": "near 0.5",
    "precision_recall.precision": "higher",
    "precision_recall.recall": "higher",
    "sliced_wasserstein_distance": "lower",
    "support_size.estimate": "higher",
    "wasserstein_distance": "lower",
}


def badness(name: str, value: float) -> float:
    """The value as a number that is lower where it is better; NaN is worst.

    Raises:
        KeyError: no way is better.
    """
    if math.isnan(value):
        return math.inf
    match BETTER[name].split():
        case ["lower"]:
            return value
        case ["higher"]:
            return -value
        case ["near", ideal]:
            return abs(value - float(ideal))


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One number, and the same number for real examples in place of samples.

    Attributes:
        name: `metric`, or `metric.field` where a metric has several.
        value: of the samples.
        floor: of real examples, as many as there are samples; None where there are not so many.
        options: of the metric: splits, subsets, neighbours, seed.
    """

    name: str
    value: float
    floor: float | None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def better(self) -> str:
        """ "higher", "lower", "near 0.5", or "" where nothing is promised."""
        return BETTER.get(self.name, "")


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Measurements of one set of samples.

    Attributes:
        subject: what was measured.
        convention: what all numbers share: numbers of other conventions do not compare.
        measurements: the numbers.
        notes: what a reader should know.
    """

    subject: str
    convention: Mapping[str, int | str]
    measurements: list[Measurement]
    notes: list[str] = dataclasses.field(default_factory=list)

    def as_dict(self) -> dict:
        return dataclasses.asdict(self)

    @classmethod
    def read(cls, path: Path) -> "Evaluation":
        """From the JSON that `as_dict` was written as.

        Raises:
            UserError: the file is not there, or is none.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            content["measurements"] = [Measurement(**m) for m in content["measurements"]]
            return cls(**content)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path}: expected the JSON that `evaluate` writes, came {error}") from error

    def __getitem__(self, name: str) -> float:
        """The value of one measurement."""
        return next(m.value for m in self.measurements if m.name == name)

    def table(self) -> str:
        """Markdown, with the convention below."""
        lines = ["| metric | samples | real data | better |", "|---|---|---|---|"]
        lines += [
            f"| {m.name}{_options(m.options)} | {_number(m.value)} | {_number(m.floor)} | {m.better} |"
            for m in self.measurements
        ]
        convention = ", ".join(f"{key} {value}" for key, value in self.convention.items())
        return "\n".join([*lines, "", f"Convention: {convention}.", *self.notes])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _options(options: Mapping[str, Any]) -> str:
    shown = {name: value for name, value in options.items() if value is not None and name != "seed"}
    return " (" + ", ".join(f"{name} {value}" for name, value in shown.items()) + ")" if shown else ""

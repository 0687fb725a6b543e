"""Evaluations side by side, where their conventions agree."""

from collections.abc import Mapping

from tfgan_suite.errors import UserError
from tfgan_suite.evaluation.measurement import Evaluation, Measurement


def compare(evaluations: Mapping[str, Evaluation], mixed: bool = False) -> str:
    """A markdown table with a column for each evaluation, the best of each row in bold, and the floor.

    Args:
        evaluations: at least two, by the name of their column.
        mixed: show numbers of different conventions all the same, with what differs below.

    Raises:
        UserError: conventions or options of metrics that differ, unless `mixed`.
    """
    if len(evaluations) < 2:
        raise UserError(f"compare: expected at least two evaluations, came {len(evaluations)}")
    differences = _differences(evaluations)
    if differences and not mixed:
        raise UserError(
            "compare: these numbers were not measured alike (--mixed shows them all the same):\n  "
            + "\n  ".join(differences)
        )
    columns = [{m.name: m for m in e.measurements} for e in evaluations.values()]
    names = list(dict.fromkeys(name for column in columns for name in column))
    lines = [
        "| | " + " | ".join(evaluations) + " | real data | better |",
        "|---" * (len(evaluations) + 3) + "|",
        *(_row(name, [column.get(name) for column in columns]) for name in names),
    ]
    if not differences:
        convention = next(iter(evaluations.values())).convention
        return "\n".join([*lines, "", f"Convention: {', '.join(f'{k} {v}' for k, v in convention.items())}."])
    return "\n".join([*lines, "", "Not measured alike:", *(f"- {each}" for each in differences)])


def _row(name: str, found: list[Measurement | None]) -> str:
    better = next(m.better for m in found if m is not None)
    best = _best([m.value for m in found if m is not None], better)
    cells = [
        "" if m is None else f"**{m.value:.4g}**" if m.value == best else f"{m.value:.4g}" for m in found
    ]
    floors = {m.floor for m in found if m is not None}
    floor = floors.pop() if len(floors) == 1 else None
    return "| " + " | ".join([name, *cells, "" if floor is None else f"{floor:.4g}", better]) + " |"


def _best(values: list[float], better: str) -> float | None:
    if better.startswith("near "):
        ideal = float(better.removeprefix("near "))
        return min(values, key=lambda value: abs(value - ideal))
    return {"higher": max, "lower": min}.get(better, lambda _: None)(values)


def _differences(evaluations: Mapping[str, Evaluation]) -> list[str]:
    """A line for each key of the convention, and each metric's option, that is not the same everywhere."""
    described = {name: dict(e.convention) | _options(e) for name, e in evaluations.items()}
    lines = []
    for key in dict.fromkeys(key for keys in described.values() for key in keys):
        values = {name: keys[key] for name, keys in described.items() if key in keys}
        # A metric that one of them lacks is a gap in the table, not a difference.
        if len({repr(value) for value in values.values()}) > 1:
            lines.append(f"{key}: " + ", ".join(f"{value} ({name})" for name, value in values.items()))
    return lines


def _options(evaluation: Evaluation) -> dict[str, object]:
    return {
        f"{m.name.partition('.')[0]}: {option}": value
        for m in evaluation.measurements
        for option, value in m.options.items()
    }

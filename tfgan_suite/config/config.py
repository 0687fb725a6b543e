"""Strict YAML configs: what to train, on what, for how long. Checked without importing TensorFlow.

A config in `configs/<dataset>/<model>.yaml` holds only what differs from the defaults. `load` checks every
name, key and type against the source of the package (see `catalogue`) and fills in the defaults; `build` then
makes the objects.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, Literal

from tfgan_suite.config import yaml_text
from tfgan_suite.config.catalogue import PACKAGE, Catalogue, Parameter
from tfgan_suite.config.errors import ConfigError, Problem, describe, join, problem, unknown
from tfgan_suite.config.schema import WRONG_TYPE, Checker, plain

SECTIONS = ("data", "model", "optimizers", "training", "evaluation", "alarm")


@dataclass(frozen=True)
class Training:
    """How long and how. Samples and checkpoints fall on steps at which the metrics are logged as well.

    `exact` is for equal bits from run to run on a CPU, without AVX-512 at the price of speed; `threads` is
    how many one operation may use, where None leaves it to TensorFlow. `precision` is that of the networks,
    and "auto" is 32 bits.
    """

    batch_size: int = 64
    steps: int = 2000
    log_every: int = 100
    sample_every: int = 500
    checkpoint_every: int = 500
    keep_checkpoints: int = 3
    jit_compile: bool | Literal["auto"] = "auto"
    steps_per_execution: int | Literal["auto"] = "auto"
    batch_parts: int | Literal["auto"] = "auto"
    precision: Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"] = "auto"
    threads: int | None = None
    exact: bool = True
    seed: int = 0

    def __post_init__(self):
        # A short run still logs its last step.
        object.__setattr__(self, "log_every", min(self.log_every, self.steps))

    def problems(self, path: str) -> list[Problem]:
        """What is wrong with the numbers; their types are right."""
        least = {"keep_checkpoints": 2, "seed": 0, "batch_size": 1, "steps": 1, "log_every": 1}
        least |= {"sample_every": 1, "checkpoint_every": 1, "threads": 1}
        found = _too_small(self, least, path)
        if self.log_every < 1:
            return found
        for name in ("steps", "sample_every", "checkpoint_every"):
            found += _off_the_log(getattr(self, name), self, join(path, name))
        return found


@dataclass(frozen=True)
class Evaluation:
    """What is measured at the end, and every so often; `None` leaves the choice to the data.

    `share` bounds the part of the time that measuring during training may take. `best` names the measurement,
    as `metric` or `metric.field`, by which the best checkpoint is kept beside the last.
    """

    samples: int | None = None
    real_samples: int | None = None
    split: Literal["test", "train"] = "test"
    extractor: Extractor | None = None  # noqa: F821  a namespace of the catalogue
    metrics: list[Metric] | None = None  # noqa: F821
    seed: int = 0
    every: int | None = None
    share: float = 0.1
    best: str | None = None

    def problems(self, path: str) -> list[Problem]:
        """What is wrong with the numbers; their types are right."""
        found = _too_small(self, {"samples": 2, "real_samples": 2, "seed": 0, "every": 1}, path)
        if not 0.0 < self.share < 1.0:
            found.append(
                problem(join(path, "share"), "out of range", "more than 0, below 1", str(self.share))
            )
        if self.best is not None and self.every is None:
            expected = "evaluation.every, since the best is found among what is measured during training"
            found.append(problem(join(path, "best"), "never measured", expected, self.best))
        return found


@dataclass(frozen=True)
class Alarm:
    """Whether `callbacks.CollapseAlarm` watches, how often (in steps; None: never), and what it does.

    `after` is how many steps at the beginning are not judged, `patience` how many checks in a row must see
    the same, `samples` how many it looks at, beside as many real examples.
    """

    every: int | None = None
    action: Literal["say", "stop", "restore"] = "say"
    after: int = 1000
    patience: int = 2
    samples: int = 512

    def problems(self, path: str) -> list[Problem]:
        """What is wrong with the numbers; their types are right."""
        return _too_small(self, {"every": 1, "after": 0, "patience": 1, "samples": 64}, path)


@dataclass(frozen=True)
class Config:
    """A checked config with every default filled in. Components are plain mappings with a `type`."""

    path: str = field(compare=False)
    data: dict[str, Any]
    model: dict[str, Any]
    optimizers: dict[str, dict[str, Any]]
    training: Training
    evaluation: Evaluation
    alarm: Alarm

    def at(self, key: str) -> str:
        """Where `key` stands, for the `path` of `build` and of errors: `configs/digits/gan.yaml: model`."""
        return f"{self.path}: {key}"

    def resolved(self) -> dict[str, Any]:
        """The whole config as plain mappings and lists. Loading it again gives an equal config."""
        return plain({section: _as_dict(getattr(self, section)) for section in SECTIONS})


def load(path: str | os.PathLike, overrides: Sequence[str] = (), catalogue: Catalogue = PACKAGE) -> Config:
    """Read, override, check and complete the config in the file `path`.

    Args:
        overrides: `path.to.key=value` as given to `--set`; values are YAML, list items go by number.

    Raises:
        ConfigError: with everything that is wrong, unless the YAML or an override could not be read at all.
    """
    content = yaml_text.read(path)
    file = os.fspath(path)
    if content is None:
        content = {}
    if not isinstance(content, dict):
        raise ConfigError(
            problem(file, WRONG_TYPE, f"a mapping with {', '.join(SECTIONS)}", describe(content))
        )
    arguments = {yaml_text.override(content, argument): argument for argument in overrides}
    checker = Checker(catalogue)
    config = _check(content, str(file), checker)
    found = [_with_origin(each, f"{file}: ", arguments) for each in checker.problems]
    if found:
        raise ConfigError(*found)
    return config


def dump(config: Config) -> str:
    """The resolved config as YAML text, keys in the order of the signatures."""
    return yaml_text.write(config.resolved())


def _check(content: dict, file: str, checker: Checker) -> Config:
    root = f"{file}: "
    checker.problems += [
        unknown(root + str(k), "unknown key", k, SECTIONS) for k in content if k not in SECTIONS
    ]
    components = {}
    for section, namespace in (("data", "data"), ("model", "models")):
        if section in content:
            components[section] = plain(checker.component(content[section], namespace, root + section))
        else:
            checker.problems.append(problem(root + section, "missing key", f"a {section}: {{type: ...}}"))
            components[section] = {}
    training = _section(Training, content.get("training"), root + "training", checker)
    evaluation = _section(Evaluation, content.get("evaluation"), root + "evaluation", checker)
    alarm = _section(Alarm, content.get("alarm"), root + "alarm", checker)
    checker.problems += _off_the_log(evaluation.every, training, root + "evaluation.every")
    checker.problems += _off_the_log(alarm.every, training, root + "alarm.every")
    if alarm.action == "restore" and evaluation.best is None:
        expected = "evaluation.best, which keeps the checkpoint to go back to"
        checker.problems.append(problem(root + "alarm.action", "nothing to restore", expected))
    return Config(
        path=file,
        optimizers=_optimizers(content.get("optimizers"), root + "optimizers", checker),
        training=training,
        evaluation=evaluation,
        alarm=alarm,
        **components,
    )


def _section(kind: type, content: Any, path: str, checker: Checker) -> Any:
    """A section as its dataclass; with mistakes in it, the default one."""
    if content is None:
        content = {}
    inner = Checker(checker.catalogue)
    if isinstance(content, dict):
        values = inner.arguments(content, _parameters(kind), path)
    else:
        inner.problems.append(problem(path, WRONG_TYPE, "a mapping", describe(content)))
    if not inner.problems:
        section = kind(**plain(values))
        inner.problems += section.problems(path)
    checker.problems += inner.problems
    return kind() if inner.problems else section


def _parameters(kind: type) -> list[Parameter]:
    return [Parameter(f.name, f.type, f.default is MISSING, f.default) for f in fields(kind)]


def _optimizers(content: Any, path: str, checker: Checker) -> dict[str, dict[str, Any]]:
    """One spec for each player. The model knows its players and Keras its optimizers: both check later."""
    if content is None:
        return {}
    if not isinstance(content, dict):
        checker.problems.append(
            problem(path, WRONG_TYPE, "a mapping from player to optimizer", describe(content))
        )
        return {}
    specs = {}
    for player, spec in content.items():
        specs[player] = {"type": spec} if isinstance(spec, str) else spec
        if not isinstance(specs[player], dict):
            expected = "the name of a Keras optimizer, or a mapping {type: name, ...}"
            checker.problems.append(problem(join(path, player), WRONG_TYPE, expected, describe(spec)))
        elif not isinstance(specs[player].get("type"), str):
            what = WRONG_TYPE if "type" in specs[player] else "missing key"
            expected = "the name of a Keras optimizer, such as Adam"
            checker.problems.append(problem(join(join(path, player), "type"), what, expected))
    return specs


def _with_origin(found: Problem, root: str, arguments: dict[str, str]) -> Problem:
    """`found`, with the `--set` argument that it comes from, if one touched that key."""
    key = found.path.removeprefix(root) + "."
    for path, argument in reversed(arguments.items()):
        if key.startswith(f"{path}.") or f"{path}.".startswith(key):
            return found.with_detail("from", f"--set {argument}")
    return found


def _off_the_log(count: int | None, training: Training, path: str) -> list[Problem]:
    """A problem where `count` falls on no step that is logged. More than all steps is a way to say never."""
    every = training.log_every
    if count is None or not 0 < count <= training.steps or every < 1 or count % every == 0:
        return []
    below = count - count % every
    nearest = " or ".join(str(n) for n in (below, below + every) if n > 0)
    return [problem(path, f"not a multiple of training.log_every ({every})", nearest, str(count))]


def _too_small(section: Any, least: dict[str, int], path: str) -> list[Problem]:
    values = [(name, getattr(section, name), limit) for name, limit in least.items()]
    return [
        problem(join(path, name), "too small", f"{limit} or more", str(value))
        for name, value, limit in values
        if value is not None and value < limit
    ]


def _as_dict(section: Any) -> dict[str, Any]:
    return section if isinstance(section, dict) else asdict(section)

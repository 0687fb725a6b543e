"""What is wrong in a config: where, what was expected, what came, and the nearest allowed name."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tfgan_suite.errors import UserError


@dataclass(frozen=True)
class Problem:
    """One mistake. `path` is the file and the keys, `configs/digits/gan.yaml: model.generator`."""

    path: str
    what: str
    details: tuple[tuple[str, str], ...] = ()

    def with_detail(self, label: str, text: str) -> Problem:
        return replace(self, details=(*self.details, (label, text)))

    def __str__(self) -> str:
        lines = [f"{self.path}: {self.what}"]
        for label, text in self.details:
            lines.append(f"  {label + ':':<9} " + text.replace("\n", "\n" + " " * 12))
        return "\n".join(lines)


class ConfigError(UserError):
    """One or more mistakes in a config, all of those that were found."""

    def __init__(self, *problems: Problem):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def join(path: str, key: Any) -> str:
    """The path of `key` inside what stands at `path`."""
    return f"{path}{key}" if path.endswith(": ") else f"{path}.{key}"


def problem(
    path: str, what: str, expected: str | None = None, came: str | None = None, nearest: str | None = None
) -> Problem:
    details = (("expected", expected), ("came", came), ("did you mean", nearest))
    return Problem(path, what, tuple((label, text) for label, text in details if text is not None))


def unknown(path: str, what: str, name: Any, allowed: Iterable[str]) -> Problem:
    """`name` stands at `path` but is none of `allowed`."""
    allowed = sorted(allowed)
    expected = f"one of {', '.join(allowed)}" if allowed else "nothing"
    return problem(path, what, expected, str(name), nearest(str(name), allowed))


def unknown_key(path: str, key: Any, allowed: Iterable[str]) -> ConfigError:
    """For a caller that alone knows what is allowed: `raise unknown_key(config.at("optimizers"), ...)`."""
    return ConfigError(unknown(join(path, key), "unknown key", key, allowed))


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that `name` was probably meant to be. Case does not count."""
    by_lower_case = {word.lower(): word for word in allowed}
    found = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return by_lower_case[found[0]] if found else None


def describe(value: Any) -> str:
    """A value as it came, with its type: `'64' (str)`."""
    if value is None:
        return "nothing (null)"
    return f"{textwrap.shorten(repr(value), 80, placeholder='...')} ({type(value).__name__})"

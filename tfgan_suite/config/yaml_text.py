"""The YAML of configs: duplicate keys are errors, `2e-4` is a number, and `--set` changes single values."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tfgan_suite.config.errors import ConfigError, describe, nearest, problem

# YAML 1.2's scalars. PyYAML's own 1.1 rules make `2e-4` a string, `no` false, `1:30` ninety and `010` eight.
_SCALARS = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F]+",
    "float": r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|(?:0|[1-9][0-9]*)(?=[eE]))(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf)|\.(?:nan|NaN)",
}


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict = {}


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _tag, _pattern in _SCALARS.items():
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), None)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    first_lines: dict[Any, int] = {}
    for key_node, _ in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a name", key_node.start_mark)
        key = loader.construct_object(key_node)
        if key in first_lines:
            message = f"duplicate key: {key} (first on line {first_lines[key]})"
            raise yaml.constructor.ConstructorError(None, None, message, key_node.start_mark)
        first_lines[key] = line
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(path: str | os.PathLike) -> Any:
    """The content of a YAML file.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or has one key twice; it names the line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        siblings = [str(sibling) for sibling in Path(path).parent.glob("*.yaml")]
        cause = problem(str(path), f"cannot read this config: {reason}", nearest=nearest(str(path), siblings))
        raise ConfigError(cause) from error
    return parse(text, str(path))


def parse(text: str, origin: str) -> Any:
    """The content of a YAML text.

    Raises:
        ConfigError: not YAML, or one key twice; it names the origin and the line.
    """
    try:
        return _apart(yaml.load(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{origin}, line {mark.line + 1}, column {mark.column + 1}" if mark else origin
        raise ConfigError(problem(place, error.problem or "not valid YAML")) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(problem(origin, f"not valid YAML: {error}")) from error


def _apart(value: Any) -> Any:
    """A copy in which an alias is a value of its own: an override of one place is not one of the other."""
    if isinstance(value, dict):
        return {key: _apart(inner) for key, inner in value.items()}
    return [_apart(inner) for inner in value] if isinstance(value, list) else value


def write(content: dict) -> str:
    """YAML text that `read` turns into the same content; the order of keys is kept."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=110)


def override(content: dict, argument: str) -> str:
    """Apply one `path.to.key=value` to `content` in place; return the key path.

    A bare name on the way (`objective: LeastSquares`) becomes a mapping with that type.

    Raises:
        ConfigError: the argument, which it names, has no such form, or its path leads through a plain value.
    """
    origin = f"--set {argument}"
    path, equals, text = argument.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not equals or not all(keys):
        raise ConfigError(problem(origin, "not an assignment", "path.to.key=value", argument))
    value = parse(text, origin)
    place: Any = content
    for depth, key in enumerate(keys[:-1]):
        place = _step_into(place, _existing(place, key, keys[:depth], origin))
    place[_existing(place, keys[-1], keys[:-1], origin)] = value
    return ".".join(keys)


def _existing(place: Any, key: str, path: Sequence[str], origin: str) -> str | int:
    """`key` as `place` takes it: any name for a mapping, the number of an existing item for a list."""
    where = ".".join(path)
    if isinstance(place, dict):
        return key
    if not isinstance(place, list):
        raise ConfigError(problem(origin, f"{where} has no keys", "a mapping or a list", describe(place)))
    if not key.isdecimal() or int(key) >= len(place):
        allowed = ", ".join(map(str, range(len(place)))) or "nothing: the list is empty"
        raise ConfigError(problem(origin, f"{where} has no item {key}", allowed, key))
    return int(key)


def _step_into(place: dict | list, key: str | int) -> Any:
    inner = place.get(key) if isinstance(place, dict) else place[key]
    if inner is None:
        place[key] = {}
    elif isinstance(inner, str):
        place[key] = {"type": inner}
    return place[key]

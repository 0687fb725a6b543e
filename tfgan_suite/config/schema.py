"""Checks values against the annotations and names in the catalogue, and fills in what was left out."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tfgan_suite.config.annotations import (
    alternatives_of,
    arguments_of,
    component_form,
    form_of,
    is_ellipsis,
    last_name,
    leaf_namespaces,
    namespace_of,
    parse,
)
from tfgan_suite.config.catalogue import PACKAGE, Catalogue, Parameter, Unevaluated
from tfgan_suite.config.errors import ConfigError, Problem, describe, join, nearest, problem, unknown

# Parameters that come from the data, the model or the training section when the object is built. They may be
# left out, and then get no default here: one would contradict what comes later.
INJECTED = ("image_shape", "example_shape", "latent_dim", "num_classes", "seed", "dataset")

WRONG_TYPE = "wrong type"
_NOT_ALLOWED = "not allowed"


@dataclass(frozen=True)
class Component:
    """A checked `{type: ..., ...}`; its arguments hold further components where the annotations say so."""

    type: str
    namespace: str
    arguments: dict[str, Any]

    @property
    def dotted(self) -> bool:
        return "." in self.type


def plain(value: Any) -> Any:
    """Components as mappings and tuples as lists: what YAML can hold."""
    match value:
        case Component():
            return {"type": value.type} | plain(value.arguments)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return value


@dataclass
class Checker:
    """Walks values and annotations together. It never raises on a mistake: it notes a problem and goes on."""

    catalogue: Catalogue = PACKAGE
    problems: list[Problem] = field(default_factory=list)

    def raise_problems(self) -> None:
        if self.problems:
            raise ConfigError(*self.problems)

    def component(self, value: Any, namespace: str, path: str) -> Component | None:
        """A bare name or a mapping with a `type`, as a Component with every argument filled in."""
        entries = self.catalogue.components(namespace)
        spec = {"type": value} if isinstance(value, str) else value
        if not isinstance(spec, dict):
            return self._note(problem(path, WRONG_TYPE, component_form(namespace), describe(value)))
        place = path if spec is not value else join(path, "type")
        if "type" not in spec:
            return self._note(problem(place, "missing key", f"one of {', '.join(sorted(entries))}"))
        name = spec["type"]
        given = {key: item for key, item in spec.items() if key != "type"}
        if isinstance(name, str) and "." in name:
            return Component(name, namespace, given)
        if not isinstance(name, str) or name not in entries:
            return self._note(unknown(place, f"not in {namespace}", name, entries))
        parameters = entries[name].parameters
        if namespace == "metrics":  # what has no default is what is measured
            parameters = [parameter for parameter in parameters if not parameter.required]
        return Component(name, namespace, self.arguments(given, parameters, path))

    def arguments(self, given: dict, parameters: Iterable[Parameter], path: str) -> dict[str, Any]:
        """The value of every parameter, in the order of the signature; injected ones only where given."""
        known = {parameter.name: parameter for parameter in parameters}
        for key in given:
            if key not in known:
                self._note(unknown(join(path, key), "unknown key", key, known))
        filled = {}
        for name, parameter in known.items():
            if name in given:
                filled[name] = self._given(given[name], parameter, join(path, name))
            elif name in INJECTED:
                continue
            elif parameter.required:
                self._note(problem(join(path, name), "missing key", form_of(parse(parameter.annotation))))
            elif isinstance(parameter.default, Unevaluated):
                filled |= self._component_default(parameter)
            else:
                filled[name] = parameter.default
        return filled

    def value(self, value: Any, annotation: str | None, path: str) -> Any:
        """`value` in the type that `annotation` asks for. An annotation not known here accepts anything."""
        return self._check(value, parse(annotation), path)

    def _given(self, value: Any, parameter: Parameter, path: str) -> Any:
        # A default need not fit its annotation (`weights: str = None`); written out, it still is the default.
        if not parameter.required and repr(plain(value)) == repr(plain(parameter.default)):
            return parameter.default
        return self.value(value, parameter.annotation, path)

    def _component_default(self, parameter: Parameter) -> dict[str, Component]:
        """A default such as `NonSaturating()` written as a component; nothing where it is anything else."""
        call = ast.parse(parameter.default.source, mode="eval").body
        if not isinstance(call, ast.Call) or call.args or not leaf_namespaces(parse(parameter.annotation)):
            return {}
        try:
            spec = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        except ValueError:
            return {}
        aside = Checker(self.catalogue)
        name = ast.unparse(call.func).rpartition(".")[2]
        found = aside.value({"type": name, **spec}, parameter.annotation, "")
        return {} if aside.problems else {parameter.name: found}

    def _note(self, found: Problem) -> None:
        self.problems.append(found)

    def _check(self, value: Any, node: ast.expr | None, path: str) -> Any:
        match node:
            case ast.BinOp(op=ast.BitOr()):
                return self._union(value, alternatives_of(node), node, path)
            case ast.Constant(value=str(text)):
                return self._check(value, parse(text), path)
            case ast.Subscript(value=head, slice=inner):
                return self._subscript(value, last_name(head), arguments_of(inner), node, path)
            case ast.Constant(value=None):
                return value if value is None else self._wrong_type(value, node, path)
            case ast.Name() | ast.Attribute():
                return self._name(value, node, path)
        return value

    def _name(self, value: Any, node: ast.expr, path: str) -> Any:
        namespace = namespace_of(node)
        if namespace:
            return self.component(value, namespace, path)
        name = last_name(node)
        if name == "float" and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if name in ("tuple", "Sequence", "list"):
            return self._list(value, name, [None], node, path)
        expected = {"int": int, "float": float, "bool": bool, "str": str, "dict": dict, "Mapping": dict}
        # `type`, not isinstance: true is no number.
        return (
            value if type(value) is expected.get(name, type(value)) else self._wrong_type(value, node, path)
        )

    def _subscript(self, value: Any, head: str, items: list[ast.expr], node: ast.expr, path: str) -> Any:
        match head:
            case "Literal":
                allowed = [ast.literal_eval(item) for item in items]
                fits = any(value == word and type(value) is type(word) for word in allowed)
                return value if fits else self._wrong_type(value, node, path)
            case "Optional" | "Union":
                alternatives = [*items, ast.Constant(None)] if head == "Optional" else items
                return self._union(value, alternatives, node, path)
            case "list" | "List" | "tuple" | "Tuple" | "Sequence" | "Iterable":
                return self._list(value, head.lower(), items, node, path)
            case "dict" | "Dict" | "Mapping":
                if not isinstance(value, dict):
                    return self._wrong_type(value, node, path)
                return {key: self._check(item, items[-1], join(path, key)) for key, item in value.items()}
        return value

    def _list(self, value: Any, head: str, items: list[ast.expr | None], node: ast.expr, path: str) -> Any:
        if not isinstance(value, list | tuple):
            return self._wrong_type(value, node, path)
        fixed = head == "tuple" and items != [None] and not (len(items) == 2 and is_ellipsis(items[1]))
        if fixed and len(value) != len(items):
            return self._wrong_type(value, node, path)
        kinds = items if fixed else [items[0]] * len(value)
        pairs = enumerate(zip(value, kinds, strict=True))
        checked = [self._check(item, kind, join(path, i)) for i, (item, kind) in pairs]
        return tuple(checked) if head == "tuple" else checked

    def _union(self, value: Any, alternatives: list[ast.expr], node: ast.expr, path: str) -> Any:
        attempts = []
        for alternative in alternatives:
            attempt = Checker(self.catalogue)
            checked = attempt._check(value, alternative, path)
            if not attempt.problems:
                return checked
            attempts.append(attempt.problems)
        # What went wrong inside the alternative that was meant says more than "none of these fits".
        misfits = (WRONG_TYPE, _NOT_ALLOWED)
        meant = (found for found in attempts if not any(p.path == path and p.what in misfits for p in found))
        self.problems += next(meant, [_wrong_type(value, node, path)])
        return None

    def _wrong_type(self, value: Any, node: ast.expr, path: str) -> None:
        self._note(_wrong_type(value, node, path))


def _wrong_type(value: Any, node: ast.expr, path: str) -> Problem:
    words = {type(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value is not None}
    what = _NOT_ALLOWED if type(value) in words else WRONG_TYPE
    return problem(path, what, form_of(node), describe(value), _meant(value, node))


def _meant(value: Any, node: ast.expr) -> str | None:
    """What `value` could have been meant to be: a word of a Literal, or a number that came as text."""
    words = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str) or words:
        return nearest(str(value), words)
    try:
        number = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return None
    fits = Checker()
    fits._check(number, node, "")
    return None if fits.problems else str(number)

"""What the package offers, read from its source: names, docstrings and parameters.

The source is the registry. A name in `__all__` of `tfgan_suite/<namespace>/__init__.py` is public; the
imports lead from there to its definition. Nothing imports TensorFlow, so `tfgan-suite list` and the config
checks start at once.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tfgan_suite.config.source import Module, Source


@dataclass(frozen=True)
class Unevaluated:
    """A default that is not a literal, kept as its Python text."""

    source: str


@dataclass(frozen=True)
class Parameter:
    """One argument of a public class or function; `default` means nothing where `required` is true."""

    name: str
    annotation: str | None
    required: bool
    default: Any = None


@dataclass(frozen=True)
class Entry:
    """One public name. `kind` is class, function, module or value; only the first two have parameters."""

    name: str
    kind: str
    summary: str
    module: str
    parameters: tuple[Parameter, ...] = ()


class Catalogue:
    """The public names of the package whose folder is `root`."""

    def __init__(self, root: Path = Path(__file__).parents[1], package: str = "tfgan_suite"):
        self.package = package
        self._source = Source(root, package)
        self._entries: dict[str, dict[str, Entry]] = {}

    def entries(self, namespace: str) -> dict[str, Entry]:
        """The public names of one sub-package, in the order of its `__all__`; empty if it does not exist."""
        if namespace not in self._entries:
            module = self._source.load(f"{self.package}.{namespace}")
            names = module.public if module else []
            self._entries[namespace] = {name: self._entry(module, name) for name in names}
        return self._entries[namespace]

    def components(self, namespace: str) -> dict[str, Entry]:
        """The entries that can be built: classes and functions."""
        return {n: e for n, e in self.entries(namespace).items() if e.kind in ("class", "function")}

    def _entry(self, module: Module, name: str) -> Entry:
        found = self._source.find(module, name)
        if found is None:
            return Entry(name, "value", "", module.name)
        home, node = found
        match node:
            case ast.Module():
                return Entry(name, "module", _summary(node), home.name)
            case ast.ClassDef():
                parameters = self._class_parameters(home, node)
                return Entry(name, "class", _summary(node), home.name, tuple(parameters.values()))
            case ast.FunctionDef():
                parameters = self._function_parameters(home, node)
                return Entry(name, "function", _summary(node), home.name, tuple(parameters.values()))
        return Entry(name, "value", "", home.name)

    def _class_parameters(self, module: Module, node: ast.ClassDef) -> dict[str, Parameter]:
        init = next((f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
        if init is not None:
            own = self._function_parameters(module, init, bound=True)
            return own | self._passed_on(module, node, init, own) if init.args.kwarg else own
        if _is_dataclass(node):
            return self._fields(module, node)
        return self._base_parameters(module, node)

    def _base_parameters(self, module: Module, node: ast.ClassDef) -> dict[str, Parameter]:
        inherited = [self._class_parameters(home, base) for home, base in self._bases(module, node)]
        # Of several bases, a mixin has its `__init__` from a base of the other, which takes more.
        return max(inherited, key=len, default={})

    def _bases(self, module: Module, node: ast.ClassDef) -> list[tuple[Module, ast.ClassDef]]:
        found = (self._source.find(module, ast.unparse(base)) for base in node.bases)
        return [pair for pair in found if pair and isinstance(pair[1], ast.ClassDef)]

    def _passed_on(self, module, node, init, own) -> dict[str, Parameter]:
        """The base's parameters that reach it through `**kwargs` of `init`."""
        inherited = self._base_parameters(module, node)
        touched = _keys_touched(init, init.args.kwarg.arg)
        for name in touched & set(inherited):
            # `kwargs.setdefault("steps", 5)` replaces the base's default by one only running the code tells.
            inherited[name] = replace(inherited[name], required=False, default=Unevaluated("..."))
        taken = set(own) | _given_to_super(init, list(inherited))
        return {name: parameter for name, parameter in inherited.items() if name not in taken}

    def _function_parameters(self, module, node: ast.FunctionDef, bound=False) -> dict[str, Parameter]:
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = [None] * (len(positional) - len(arguments.defaults))
        pairs = [*zip(positional, [*missing, *arguments.defaults], strict=True)][bound:]
        pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        found = (self._parameter(module, arg.arg, arg.annotation, default) for arg, default in pairs)
        return {parameter.name: parameter for parameter in found if not parameter.name.startswith("_")}

    def _fields(self, module: Module, node: ast.ClassDef) -> dict[str, Parameter]:
        """The fields of a dataclass in the order of its `__init__`: the bases' first, last base first."""
        fields: dict[str, Parameter] = {}
        for home, base in reversed(self._bases(module, node)):
            fields |= self._fields(home, base)
        for line in node.body if _is_dataclass(node) else []:
            if isinstance(line, ast.AnnAssign) and _is_init_field(line):
                default = _field_default(line.value)
                fields[line.target.id] = self._parameter(module, line.target.id, line.annotation, default)
        return fields

    def _parameter(self, module, name, annotation: ast.expr | None, default: ast.expr | None) -> Parameter:
        text = annotation and ast.unparse(annotation)
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            text = annotation.value
        if default is None:
            return Parameter(name, text, required=True)
        return Parameter(name, text, required=False, default=self._literal(module, default))

    def _literal(self, module: Module, node: ast.expr) -> Any:
        try:
            return ast.literal_eval(node)
        except ValueError:
            text = ast.unparse(node)
            found = self._source.find(module, text)  # a constant of this or another module
            if found and isinstance(found[1], ast.expr):
                return self._literal(*found)
            return Unevaluated(text)


def _summary(node: ast.AST) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def _name(node: ast.expr) -> str:
    """The last part of what is called or subscripted: `dataclass` for `@dataclasses.dataclass()`."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return ast.unparse(node).rpartition(".")[2]


def _is_dataclass(node: ast.ClassDef) -> bool:
    return any(_name(decorator) == "dataclass" for decorator in node.decorator_list)


def _is_init_field(line: ast.AnnAssign) -> bool:
    if not isinstance(line.target, ast.Name) or line.target.id.startswith("_"):
        return False
    init = _field_keywords(line.value).get("init")
    return _name(line.annotation) != "ClassVar" and not (init and ast.unparse(init) == "False")


_EMPTY = {"list": "[]", "tuple": "()", "dict": "{}"}


def _field_keywords(value: ast.expr | None) -> dict[str | None, ast.expr]:
    if isinstance(value, ast.Call) and _name(value) == "field":
        return {keyword.arg: keyword.value for keyword in value.keywords}
    return {}


def _field_default(value: ast.expr | None) -> ast.expr | None:
    """The default expression in a dataclass field: plain, or inside `field(default=...)`."""
    if not (isinstance(value, ast.Call) and _name(value) == "field"):
        return value
    keywords = _field_keywords(value)
    if "default_factory" in keywords:
        factory = ast.unparse(keywords["default_factory"])
        return ast.parse(_EMPTY.get(factory, f"({factory})()"), mode="eval").body
    return keywords.get("default")


def _keys_touched(init: ast.FunctionDef, kwargs: str) -> set[str]:
    """The names in `kwargs["name"]`, `kwargs.setdefault("name", ...)`, `kwargs.pop("name")` and the like."""
    names = set()
    for node in ast.walk(init):
        match node:
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=name)) if owner == kwargs:
                names.add(name)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=owner)), args=[ast.Constant(value=name), *_]
            ) if owner == kwargs:
                names.add(name)
    return names


def _given_to_super(init: ast.FunctionDef, inherited: list[str]) -> set[str]:
    """The base's parameters that `super().__init__(...)` already sets, so that a caller cannot."""
    for node in ast.walk(init):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
            return {*inherited[: len(node.args)], *(keyword.arg for keyword in node.keywords if keyword.arg)}
    return set()


PACKAGE = Catalogue()

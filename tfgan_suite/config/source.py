"""The modules of one package as syntax trees, and where each name in them is defined. Nothing is imported."""

from __future__ import annotations

import ast
from pathlib import Path


class Source:
    """The package whose folder is `root`. A file is parsed once, when it is first needed."""

    def __init__(self, root: Path, package: str):
        self.root = Path(root)
        self.package = package
        self._modules: dict[str, Module | None] = {}

    def load(self, name: str) -> Module | None:
        if name not in self._modules:
            self._modules[name] = self._parse(name)
        return self._modules[name]

    def _parse(self, name: str) -> Module | None:
        package, *parts = name.split(".")
        if package != self.package:
            return None
        stem = self.root.joinpath(*parts)
        for path in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")):
            if path.is_file():
                return Module(name, path)
        return None

    def find(self, module: Module, dotted: str) -> tuple[Module, ast.AST] | None:
        """The module and the node that define `dotted` as it is seen from `module`."""
        head, *rest = dotted.split(".")
        if head in module.definitions:
            return None if rest else (module, module.definitions[head])
        if head not in module.imports:
            return None
        source, attribute = module.imports[head]
        return self._look_up(source, [attribute, *rest] if attribute else rest, seen_from=module)

    def _look_up(self, name: str, parts: list[str], seen_from: Module) -> tuple[Module, ast.AST] | None:
        module = self.load(name)
        if module is None:
            return None
        if not parts:
            return module, module.tree
        # `from . import file` in a package's own __init__ would look for `file` there again, for ever.
        found = None if module is seen_from else self.find(module, ".".join(parts))
        return found or self._look_up(f"{name}.{parts[0]}", parts[1:], seen_from)


class Module:
    """One parsed file: what it defines, what it imports, and its `__all__`."""

    def __init__(self, name: str, path: Path):
        self.name = name
        self.tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.definitions: dict[str, ast.AST] = {}
        self.imports: dict[str, tuple[str, str | None]] = {}
        self.public: list[str] = []
        for line in self.tree.body:
            # Imports under `if TYPE_CHECKING:` count as well.
            for statement in line.body if isinstance(line, ast.If) else [line]:
                self._read(statement)

    def _read(self, node: ast.stmt) -> None:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                self.definitions[name] = node
            case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.AugAssign(target=ast.Name(id="__all__")):
                self.public += [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.definitions[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self.definitions[name] = value
            case ast.ImportFrom(names=names):
                source = self._absolute(node)
                self.imports |= {alias.asname or alias.name: (source, alias.name) for alias in names}
            case ast.Import(names=names):
                for alias in names:
                    name = alias.asname or alias.name.partition(".")[0]
                    self.imports[name] = (alias.name if alias.asname else name, None)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module
        parts = self.package.split(".")
        return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])

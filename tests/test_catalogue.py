"""The catalogue against a small package written for it, and against the real one."""

import dataclasses
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from tfgan_suite.config.catalogue import PACKAGE, Catalogue, Parameter, Unevaluated

NAMESPACES = ("objectives", "objectives.divergences", "priors", "regularizers", "models", "networks", "data")
NAMESPACES += ("metrics", "callbacks")

FILES = {
    "__init__.py": "",
    "constants.py": "STEPS = 7",
    "objectives/__init__.py": """
        from toylab.objectives.all import Base, Child, Sibling
        from .all import Plain as Renamed
        from . import shapes
        __all__ = ["Base", "Child", "Sibling", "Renamed", "shapes", "missing"]
    """,
    "objectives/shapes.py": '"""Shapes of things."""',
    "objectives/all.py": '''
        import dataclasses
        from dataclasses import dataclass, field
        from typing import ClassVar, TYPE_CHECKING
        if TYPE_CHECKING:
            from toylab import constants

        @register("x")
        @dataclasses.dataclass(frozen=True)
        class Base:
            """The base.

            More.
            """
            a: float
            kind: ClassVar[str] = "base"
            b: "int | None" = None
            _hidden: int = 0
            name = "no field"

        @dataclass(frozen=True)
        class Child(Base):
            c: tuple[int, ...] = field(default_factory=tuple)
            b: int = 3
            made: int = field(init=False, default=1)
            d: int = field(default=constants.STEPS)

        class Sibling(Child):
            """Adds no field: it is not decorated."""
            e: int = 1

        class Plain:
            def __init__(self, x, /, y: int = -1, *rest, z=1e-3, _private=0): ...
    ''',
    "models/__init__.py": """
        from toylab.models.gan import GAN, Deep, Kept, Fixed
        from toylab.models.functions import frechet_distance
        __all__ = ["GAN", "Deep", "Kept"] + ["Fixed"]
        __all__ += ["frechet_distance"]
    """,
    "models/functions.py": """
        from .frechet_distance import frechet_distance
    """,
    "models/frechet_distance.py": '''
        STEPS = 5
        def frechet_distance(real, fake, *, steps: int = STEPS, objective: "Objective" = Base(a=1.0)):
            """One line."""
    ''',
    "models/base.py": """
        import keras
        class Model(keras.Model):
            def __init__(self, *, seed: int = 0, decay: float | None = None, steps: int = 1, **kwargs): ...
    """,
    "models/gan.py": """
        import keras
        from toylab.models import base
        from . import base as again
        class GAN(base.Model):
            def __init__(self, generator: keras.Model, seed: int = 4, **kwargs):
                super().__init__(seed=seed, **kwargs)
        class Deep(GAN, keras.Model):
            def __init__(self, depth: int, **options):
                options.setdefault("steps", 5)
                super().__init__(generator=make(depth), **options)
        class Kept(again.Model): pass
        class Fixed(base.Model):
            def __init__(self, width: int = 2): ...
    """,
}


@pytest.fixture
def toylab(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "toylab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(inspect.cleandoc(text))
    return Catalogue(tmp_path / "toylab", "toylab")


def parameters(catalogue, namespace, name):
    return {p.name: p for p in catalogue.entries(namespace)[name].parameters}


def test_entries_follow_all_and_imports(toylab):
    entries = toylab.entries("objectives")
    assert list(entries) == ["Base", "Child", "Sibling", "Renamed", "shapes", "missing"]
    assert [e.kind for e in entries.values()] == ["class"] * 4 + ["module", "value"]
    assert entries["Base"].summary == "The base."
    assert entries["Base"].module == "toylab.objectives.all"
    assert entries["shapes"].summary == "Shapes of things."
    assert list(toylab.components("objectives")) == ["Base", "Child", "Sibling", "Renamed"]
    assert toylab.entries("nothing_here") == {}


def test_dataclass_fields(toylab):
    assert toylab.entries("objectives")["Base"].parameters == (
        Parameter("a", "float", required=True),
        Parameter("b", "int | None", required=False, default=None),
    )


def test_inherited_dataclass_fields_keep_their_place(toylab):
    found = parameters(toylab, "objectives", "Child")
    assert list(found) == ["a", "b", "c", "d"]
    assert found["b"] == Parameter("b", "int", required=False, default=3)
    assert found["c"].default == ()
    assert found["d"].default == 7
    assert parameters(toylab, "objectives", "Sibling") == found


def test_plain_init(toylab):
    found = parameters(toylab, "objectives", "Renamed")
    assert list(found) == ["x", "y", "z"]
    assert found["x"] == Parameter("x", None, required=True)
    assert found["y"].default == -1
    assert found["z"].default == 1e-3


def test_kwargs_are_the_parameters_of_the_base(toylab):
    found = parameters(toylab, "models", "GAN")
    assert list(found) == ["generator", "seed", "decay", "steps"]
    assert found["seed"].default == 4
    assert found["decay"].annotation == "float | None"
    assert list(parameters(toylab, "models", "Kept")) == ["seed", "decay", "steps"]
    assert list(parameters(toylab, "models", "Fixed")) == ["width"]


def test_kwargs_without_what_init_sets_itself(toylab):
    found = parameters(toylab, "models", "Deep")
    assert list(found) == ["depth", "seed", "decay", "steps"]
    assert isinstance(found["steps"].default, Unevaluated)


def test_function_in_a_file_of_its_own_name(toylab):
    entry = toylab.entries("models")["frechet_distance"]
    assert (entry.kind, entry.summary, entry.module) == (
        "function",
        "One line.",
        "toylab.models.frechet_distance",
    )
    defaults = {p.name: p.default for p in entry.parameters if not p.required}
    assert defaults == {"steps": 5, "objective": Unevaluated("Base(a=1.0)")}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_public_name_says_what_it_is(namespace):
    for entry in PACKAGE.components(namespace).values():
        assert entry.summary, f"{entry.module}.{entry.name} has no docstring"
        assert entry.kind in ("class", "function")


@pytest.mark.parametrize("namespace", ["objectives", "objectives.divergences", "priors", "regularizers"])
def test_agrees_with_the_imported_package(namespace):
    imported = importlib.import_module(f"tfgan_suite.{namespace}")
    for name, entry in PACKAGE.components(namespace).items():
        kind = getattr(imported, name)
        if dataclasses.is_dataclass(kind):
            fields = [f for f in dataclasses.fields(kind) if f.init]
            expected = [(f.name, None if f.default is dataclasses.MISSING else f.default) for f in fields]
            assert [(p.name, p.default) for p in entry.parameters] == expected, name


def test_reads_the_package_without_importing_it():
    code = (
        "import sys; from tfgan_suite.config.catalogue import PACKAGE\n"
        f"for n in {NAMESPACES}: PACKAGE.entries(n)\n"
        "print(sorted({'tensorflow', 'keras', 'numpy', 'tfgan_suite.objectives'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_the_real_package_is_the_default():
    assert PACKAGE.package == "tfgan_suite"
    assert Path(inspect.getfile(Catalogue)).parents[1] == PACKAGE._source.root

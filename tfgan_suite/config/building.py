"""From checked specs to objects: the only part of the configs that imports what it builds."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from tfgan_suite.config.catalogue import PACKAGE, Catalogue, Parameter, Unevaluated
from tfgan_suite.config.errors import ConfigError, describe, join, problem, unknown
from tfgan_suite.config.schema import INJECTED, WRONG_TYPE, Checker, Component, plain

_SOURCES = {"latent_dim": "the model", "num_classes": "the data or the model", "seed": "training.seed"}


def build(spec: Any, namespace: str, path: str, /, catalogue: Catalogue = PACKAGE, **context) -> Any:
    """The object that `spec` describes, after the objects that it contains.

    Args:
        spec: a name of `namespace`, or a mapping with a `type` and arguments.
        path: where it stands, for errors: `config.at("model")`.
        context: values for parameters that `spec` leaves open, here and in everything inside. An
            `example_shape` of rank 3 is an `image_shape` as well.

    Raises:
        ConfigError: a mistake in `spec`, a value of `INJECTED` that contradicts the context, or a ValueError
            of the constructor.
    """
    checker = Checker(catalogue)
    component = checker.component(spec, namespace, path)
    checker.raise_problems()
    if len(context.get("example_shape", ())) == 3:
        context = {"image_shape": context["example_shape"]} | context
    return _instantiate(component, path, catalogue, context)


def build_optimizer(spec: Any, path: str) -> Any:
    """A Keras optimizer; a mapping with a `type` inside it is one of `keras.optimizers.schedules`.

    Raises:
        ConfigError: no such optimizer or argument, with the nearest name, or a value that Keras refuses.
    """
    import keras

    return _build_keras(spec, path, keras.optimizers, keras.optimizers.Optimizer)


def _instantiate(component: Component, path: str, catalogue: Catalogue, context: dict[str, Any]) -> Any:
    if component.dotted:
        target = _import_dotted(component.type, join(path, "type"))
        parameters, arguments = _check_dotted(target, component, path, catalogue)
    else:
        target = getattr(
            importlib.import_module(f"{catalogue.package}.{component.namespace}"), component.type
        )
        parameters = catalogue.components(component.namespace)[component.type].parameters
        arguments = component.arguments
    arguments = _with_context(arguments, parameters, context, path)
    # What this object is told (a latent_dim, say) holds for everything inside it as well.
    inside = context | {name: value for name, value in arguments.items() if name in INJECTED}
    context_of = getattr(target, "context_of", lambda name, arguments, context: context)
    built = {
        name: _build_inside(v, join(path, name), catalogue, context_of(name, arguments, inside))
        for name, v in arguments.items()
    }
    return _call(target, built, path)


def _build_inside(value: Any, path: str, catalogue: Catalogue, context: dict[str, Any]) -> Any:
    match value:
        case Component():
            return _instantiate(value, path, catalogue, context)
        case dict():
            return {k: _build_inside(v, join(path, k), catalogue, context) for k, v in value.items()}
        case list() | tuple():
            inner = (_build_inside(v, join(path, i), catalogue, context) for i, v in enumerate(value))
            return type(value)(inner)
    return value


def _with_context(arguments: dict, parameters: list[Parameter], context: dict, path: str) -> dict[str, Any]:
    arguments = dict(arguments)
    for parameter in parameters:
        name = parameter.name
        if name in arguments and name in context and name in INJECTED:
            expected, came = plain(context[name]), plain(arguments[name])
            if expected != came:
                text = f"{context[name]} from {_SOURCES.get(name, 'data')}"
                raise ConfigError(problem(join(path, name), "contradiction", text, str(arguments[name])))
        elif name in context and name not in arguments:
            arguments[name] = context[name]
        elif name not in arguments and parameter.required:
            expected = f"{parameter.annotation or 'a value'}, here or from the data"
            if name == "image_shape" and "example_shape" in context:
                expected = f"data whose examples are images; their shape is {context['example_shape']}"
            raise ConfigError(problem(join(path, name), "missing key", expected))
    return arguments


def _call(target: Callable, arguments: dict[str, Any], path: str) -> Any:
    try:
        return target(**arguments)
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(
            problem(path, f"{target.__name__} refused its arguments").with_detail("reason", str(error))
        ) from error


def _import_dotted(name: str, path: str) -> Callable:
    module_name, _, attribute = name.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        # A module that is there but misses one of its own imports says so itself.
        if error.name and not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise ConfigError(
            problem(path, f"no module named {error.name}", "an importable name", name)
        ) from error
    if not callable(getattr(module, attribute, None)):
        public = [
            word for word, value in vars(module).items() if callable(value) and not word.startswith("_")
        ]
        raise ConfigError(unknown(path, f"not in {module_name}", attribute, public))
    return getattr(module, attribute)


def _check_dotted(target: Callable, component: Component, path: str, catalogue: Catalogue):
    """The parameters of an imported class or function, and its arguments checked against them."""
    parameters, open_ended = _signature(target)
    if open_ended:
        known = {parameter.name for parameter in parameters}
        parameters += [Parameter(key, None, True) for key in component.arguments if key not in known]
    checker = Checker(catalogue)
    arguments = checker.arguments(component.arguments, parameters, path)
    checker.raise_problems()
    return parameters, arguments


def _signature(target: Callable) -> tuple[list[Parameter], bool]:
    """The named parameters of `target`, and whether it takes any others."""
    found = inspect.signature(target).parameters.values()
    named = [
        p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and not p.name.startswith("_")
    ]
    parameters = [
        # Its own default is as good as any copy of it.
        Parameter(p.name, _annotation(p), p.default is p.empty, Unevaluated("..."))
        for p in named
    ]
    return parameters, any(p.kind is p.VAR_KEYWORD for p in found)


def _annotation(parameter: inspect.Parameter) -> str | None:
    annotation = parameter.annotation
    if annotation is parameter.empty:
        return None
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _build_keras(spec: Any, path: str, module: Any, base: type) -> Any:
    spec = {"type": spec} if isinstance(spec, str) else dict(spec)
    name = spec.pop("type", None)
    classes = {
        n: c for n, c in vars(module).items() if isinstance(c, type) and issubclass(c, base) and c is not base
    }
    if name not in classes:
        raise ConfigError(unknown(join(path, "type"), f"not in {module.__name__}", name, classes))
    parameters = {p.name: p for p in inspect.signature(classes[name]).parameters.values()}
    allowed = [n for n, p in parameters.items() if p.kind is not p.VAR_KEYWORD]
    wrong = [unknown(join(path, key), "unknown key", key, allowed) for key in spec if key not in allowed]
    wrong += [
        problem(join(path, key), WRONG_TYPE, type(parameters[key].default).__name__, describe(value))
        for key, value in spec.items()
        if key in allowed and not _fits(value, parameters[key].default)
    ]
    if wrong:
        raise ConfigError(*wrong)
    return _call(classes[name], {k: _schedule(v, join(path, k)) for k, v in spec.items()}, path)


def _fits(value: Any, default: Any) -> bool:
    """Keras has no annotations: the type of a default that is not None says what an argument may be."""
    match default:
        case bool():
            return isinstance(value, bool)
        case int() | float():
            return isinstance(value, int | float | dict) and not isinstance(value, bool)
        case str():
            return isinstance(value, str)
    return True


def _schedule(value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        return value
    import keras

    schedules = keras.optimizers.schedules
    return _build_keras(value, path, schedules, schedules.LearningRateSchedule)

"""Checks of constructor arguments: each returns the value, or raises a UserError that names the argument."""

from numbers import Integral, Real

from tfgan_suite.errors import UserError


def integer(name: str, value, low: int, high: int | None = None) -> int:
    """`value` as an int in [low, high]."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):
        limits = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise UserError(f"{name} must be an integer {limits}, got {value!r}")
    return int(value)


def positive(name: str, value) -> float:
    """`value` as a finite float above zero."""
    if not _is_number(value) or not 0 < value < float("inf"):
        raise UserError(f"{name} must be a positive number, got {value!r}")
    return float(value)


def fraction(name: str, value) -> float:
    """`value` as a float in [0, 1)."""
    if not _is_number(value) or not 0 <= value < 1:
        raise UserError(f"{name} must be a number from 0 up to, but not including, 1, got {value!r}")
    return float(value)


def one_of(name: str, value, allowed: tuple[str, ...]) -> str:
    """`value`, which must be one of `allowed`."""
    if value not in allowed:
        raise UserError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def flag(name: str, value) -> bool:
    """`value`, which must be True or False."""
    if not isinstance(value, bool):
        raise UserError(f"{name} must be true or false, got {value!r}")
    return value


def text(name: str, value) -> str:
    """`value`, which must be a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise UserError(f"{name} must be a string that is not empty, got {value!r}")
    return value


def numbers(name: str, value):
    """`value` as a finite float64 array."""
    import numpy as np

    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise UserError(f"{name} must be numbers in lists of equal lengths, got {value!r}") from None
    if not np.isfinite(array).all():
        raise UserError(f"{name} must be finite numbers, got {value!r}")
    return array


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)

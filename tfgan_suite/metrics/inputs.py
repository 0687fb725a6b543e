"""What every metric takes: finite examples by features, in float64."""

import numpy as np

from tfgan_suite.errors import UserError

# Every finite float32 is below this, and the sixth power of it (the cubic kernel) is finite in float64.
LARGEST = 1e40


def as_features(values, name: str, *, at_least: int = 1) -> np.ndarray:
    """`values` as a float64 array (examples, features); an example of any rank is flattened.

    A vector of n numbers is n examples of one feature.

    Args:
        values: (examples, ...), anything `np.asarray` takes.
        name: the argument's name, for the error message.
        at_least: the fewest examples the metric can work with.
    Raises:
        UserError: not real numbers, empty, too few examples, NaN, infinite or beyond 1e40.
    """
    array = _as_real_array(values, name)
    if array.ndim == 0 or array.size == 0:
        raise UserError(f"{name}: expected (examples, features), not empty, came shape {array.shape}")
    if len(array) < at_least:
        raise UserError(f"{name}: expected at least {at_least} examples, came {len(array)}")
    # `reshape(n, -1)` of an (n,) vector gives (n, 1): scalars are one-feature examples.
    features = array.reshape(len(array), -1)
    # Written so that a NaN, for which every comparison is false, is refused too.
    if not max(features.max(), -features.min()) < LARGEST:
        bad = np.count_nonzero(~(np.abs(features) < LARGEST))
        raise UserError(
            f"{name}: expected finite values below {LARGEST:g} in magnitude, "
            f"came {bad} of {features.size} that are NaN, infinite or larger"
        )
    return features


def feature_pair(real_features, fake_features, *, at_least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Both sides of a comparison as float64 (n_real, d) and (n_fake, d).

    Raises:
        UserError: as in `as_features`, or when the two have different numbers of features.
    """
    real = as_features(real_features, "real_features", at_least=at_least)
    fake = as_features(fake_features, "fake_features", at_least=at_least)
    require_same_width(real, fake, "fake_features", "real_features")
    return real, fake


def require_same_width(expected: np.ndarray, came: np.ndarray, name: str, expected_name: str) -> None:
    """Refuse `came`, (n, d), unless it has as many features as `expected`, (m, d)."""
    if expected.shape[1] != came.shape[1]:
        raise UserError(
            f"{name}: expected {expected.shape[1]} features per example, as in {expected_name}, "
            f"came {came.shape[1]}"
        )


def require_whole(value, name: str, *, at_least: int = 1) -> int:
    """`value` as an int of at least `at_least`, or a UserError (a bool or 2.5 is not a count)."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < at_least:
        raise UserError(f"{name}: expected a whole number of at least {at_least}, came {value!r}")
    return int(value)


def _as_real_array(values, name: str) -> np.ndarray:
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise UserError(f"{name}: expected an array (examples, features), came {error}") from error
    # bfloat16 has NumPy kind "V" and is welcome; these kinds are not numbers, or not real ones.
    if array.dtype.kind in "cOSUmM":
        raise UserError(f"{name}: expected real numbers, came dtype {array.dtype}")
    return array.astype(np.float64)

"""What every metric takes: finite examples by features, which stay where they are; sums are in float64."""

from collections.abc import Iterator

import numpy as np

from tfgan_suite.errors import UserError

# Every finite float32 is below this, and the sixth power of it (the cubic kernel) is finite in float64.
LARGEST = 1e40

_NUMBERS_PER_BLOCK = 2**20  # 8 MiB of float64


def as_features(values, name: str, *, at_least: int = 1) -> np.ndarray:
    """`values` as a real array (examples, features); an example of any rank is flattened.

    float32 and float64 arrays are not copied (they may be memory-mapped files); others become float64. A
    vector of n numbers is n examples of one feature.

    Args:
        values: (examples, ...), anything `np.asarray` takes, TensorFlow's tensors included.
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
    if not max(float(features.max()), -float(features.min())) < LARGEST:
        bad = sum(np.count_nonzero(~(np.abs(block) < LARGEST)) for block in float64_blocks(features))
        raise UserError(
            f"{name}: expected finite values below {LARGEST:g} in magnitude, "
            f"came {bad} of {features.size} that are NaN, infinite or larger"
        )
    return features


def feature_pair(real_features, fake_features, *, at_least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Both sides of a comparison as (n_real, d) and (n_fake, d).

    Raises:
        UserError: as in `as_features`, or when the two have different numbers of features.
    """
    real = as_features(real_features, "real_features", at_least=at_least)
    fake = as_features(fake_features, "fake_features", at_least=at_least)
    require_same_width(real, fake, "fake_features", "real_features")
    return real, fake


def as_probabilities(values, name: str) -> np.ndarray:
    """`values` as (examples, classes) whose rows sum to 1.

    Raises:
        UserError: rows that are no distributions; logits, say.
    """
    p = as_features(values, name)
    for block in float64_blocks(p):
        if (block < 0).any() or not np.allclose(block.sum(axis=1), 1.0, atol=1e-3):
            raise UserError(f"{name}: expected rows of at least 0 that sum to 1, came others (logits?)")
    return p


def float64_blocks(array: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of (n, d) in order, as float64 copies of at most 8 MiB."""
    step = max(1, _NUMBERS_PER_BLOCK // array.shape[1])
    for start in range(0, len(array), step):
        yield array[start : start + step].astype(np.float64)


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


def require_neighbors(neighbors: int, real: np.ndarray, fake: np.ndarray) -> None:
    """Refuse a number of neighbours that is none, or not below the number of examples on each side."""
    require_whole(neighbors, "neighbors")
    if neighbors >= min(len(real), len(fake)):
        raise UserError(
            f"neighbors: expected fewer than the number of examples ({len(real)} real, {len(fake)} fake), "
            f"came {neighbors}"
        )


def subset(features: np.ndarray, size: int | None, random: np.random.Generator) -> np.ndarray:
    """`size` different rows in random order; all of them, as they are, when None."""
    return features if size is None else features[random.choice(len(features), size, replace=False)]


def require_subset_size(size: int | None, real: np.ndarray, fake: np.ndarray, at_least: int = 1) -> None:
    """Refuse a subset larger than one of the sides."""
    if size is None:
        return
    require_whole(size, "subset_size", at_least=at_least)
    if size > min(len(real), len(fake)):
        raise UserError(
            f"subset_size: expected at most the number of examples ({len(real)} real, {len(fake)} fake), "
            f"came {size}"
        )


def _as_real_array(values, name: str) -> np.ndarray:
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise UserError(f"{name}: expected an array (examples, features), came {error}") from error
    # bfloat16 has NumPy kind "V" and is welcome; these kinds are not numbers, or not real ones.
    if array.dtype.kind in "cOSUmM":
        raise UserError(f"{name}: expected real numbers, came dtype {array.dtype}")
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)

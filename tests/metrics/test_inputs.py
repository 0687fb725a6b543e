"""Every two-sample metric refuses the same bad features, and leaves good ones alone."""

import ast
import inspect
import subprocess
import sys

import numpy as np
import pytest

from tfgan_suite import metrics
from tfgan_suite.errors import UserError
from tfgan_suite.metrics.inputs import as_features

TWO_SAMPLE = [
    metrics.density_coverage,
    metrics.frechet_distance,
    metrics.kernel_distance,
    metrics.nearest_neighbor_accuracy,
    metrics.precision_recall,
    metrics.sliced_wasserstein_distance,
    metrics.support_size,
    metrics.wasserstein_distance,
]
GOOD = np.random.default_rng(0).normal(size=(6, 4))


def with_value(value):
    features = GOOD.copy()
    features[2, 1] = value
    return features


BAD = [
    (with_value(np.nan), "expected finite values .* came 1 of 24"),
    (with_value(np.inf), "expected finite values .* came 1 of 24"),
    (with_value(-np.inf), "expected finite values"),
    (with_value(1e41), "expected finite values"),
    (np.zeros((0, 4)), r"not empty, came shape \(0, 4\)"),
    (np.zeros((6, 0)), r"not empty, came shape \(6, 0\)"),
    (3.0, r"came shape \(\)"),
    (GOOD + 1j, "expected real numbers, came dtype complex128"),
    ([["a", "b"]] * 6, "expected real numbers"),
    ([[1.0, 2.0], [3.0]], "expected an array"),
    (None, "expected real numbers, came dtype object"),
]


@pytest.mark.parametrize("metric", TWO_SAMPLE)
@pytest.mark.parametrize(("bad", "message"), BAD)
def test_bad_features_are_named(metric, bad, message):
    with pytest.raises(UserError, match=f"real_features: .*{message}|real_features: {message}"):
        metric(bad, GOOD)
    with pytest.raises(UserError, match=f"fake_features: .*{message}|fake_features: {message}"):
        metric(GOOD, bad)


@pytest.mark.parametrize("metric", TWO_SAMPLE)
def test_widths_must_agree(metric):
    with pytest.raises(UserError, match=r"fake_features: expected 4 features .* came 3"):
        metric(GOOD, GOOD[:, :3])


@pytest.mark.parametrize("metric", TWO_SAMPLE)
def test_any_numbers_are_taken_and_not_changed(metric):
    random = np.random.default_rng(1)
    real, fake = random.integers(0, 255, size=(2, 8, 2, 2), dtype=np.uint8)
    before = real.copy(), fake.copy()
    expected = metric(real.astype(np.float64).reshape(8, 4), fake.astype(np.float64).reshape(8, 4))
    assert metric(real, fake) == expected
    assert metric(real.tolist(), fake.astype(np.float32)) == expected
    assert np.array_equal(real, before[0])
    assert np.array_equal(fake, before[1])
    numbers = expected if isinstance(expected, tuple) else (expected,)
    assert all(type(number) in (float, int) for number in numbers)


def test_vectors_are_examples_of_one_feature():
    assert as_features([1, 2, 3], "x").shape == (3, 1)
    assert as_features(np.ones((2, 3, 4)), "x").shape == (2, 12)


def test_bfloat16_is_a_number():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert as_features(np.ones((2, 3), ml_dtypes.bfloat16), "x").dtype == np.float64


def test_the_init_is_a_plain_registry():
    imported = [
        alias.name
        for node in ast.parse(inspect.getsource(metrics)).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert sorted(imported) == sorted(metrics.__all__)
    assert all(getattr(metrics, name).__doc__ for name in metrics.__all__)


def test_no_tensorflow_is_imported():
    code = "import sys, tfgan_suite.metrics; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

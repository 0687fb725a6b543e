"""Runs side by side; numbers of different conventions are not mixed silently."""

import dataclasses

import pytest

from tfgan_suite.errors import UserError
from tfgan_suite.evaluation import Evaluation, Measurement, compare


def evaluation(frechet, accuracy, **convention):
    return Evaluation(
        "x",
        {"extractor": "pixels", "n_fake": 100, "seed": 0, **convention},
        [
            Measurement("frechet_distance", frechet, 1.0),
            Measurement("nearest_neighbor_accuracy.total", accuracy, 0.51),
            Measurement("kernel_distance", -0.5, 0.0, {"subsets": 10, "seed": 0}),
        ],
    )


def test_the_best_of_each_row_is_marked():
    table = compare({"a": evaluation(3.0, 0.45), "b": evaluation(2.0, 0.7)})
    assert "| frechet_distance | 3 | **2** | 1 | lower |" in table
    assert "| nearest_neighbor_accuracy.total | **0.45** | 0.7 | 0.51 | near 0.5 |" in table
    assert "n_fake 100" in table


def test_a_number_that_one_lacks_is_a_gap():
    short = evaluation(2.0, 0.7)
    short = dataclasses.replace(short, measurements=short.measurements[:1])
    assert "| kernel_distance | **-0.5** |  | 0 | lower |" in compare({"a": evaluation(3.0, 0.4), "b": short})


def test_other_conventions_are_refused_and_named():
    evaluations = {"a": evaluation(3.0, 0.45), "b": evaluation(2.0, 0.7, n_fake=200, extractor="Inception")}
    with pytest.raises(UserError) as error:
        compare(evaluations)
    assert "extractor: pixels (a), Inception (b)" in str(error.value)
    assert "n_fake: 100 (a), 200 (b)" in str(error.value)
    assert "seed" not in str(error.value)
    mixed = compare(evaluations, mixed=True)
    assert "Not measured alike" in mixed
    assert "n_fake: 100 (a), 200 (b)" in mixed


def test_other_options_of_a_metric_are_refused():
    other = evaluation(2.0, 0.7)
    other.measurements[2] = Measurement("kernel_distance", 1.0, 0.0, {"subsets": 100, "seed": 0})
    with pytest.raises(UserError, match=r"kernel_distance: subsets: 10 \(a\), 100 \(b\)"):
        compare({"a": evaluation(3.0, 0.45), "b": other})


def test_one_is_not_a_comparison():
    with pytest.raises(UserError, match="at least two"):
        compare({"a": evaluation(1.0, 0.5)})


def test_infinite_values_compare():
    bad, good = (
        Evaluation("x", {}, [Measurement("mode_coverage.forward_kl", v, 0.1)]) for v in (float("inf"), 0.2)
    )
    assert "| inf | **0.2** |" in compare({"bad": bad, "good": good})

"""Numbers beside their floors, with their conventions; what does not fit is refused at once."""

import json

import numpy as np
import pytest

from tfgan_suite import data, metrics
from tfgan_suite.errors import UserError
from tfgan_suite.evaluation import DatasetReference, Evaluation, Evaluator, FilesReference
from tfgan_suite.examples.array_file import ArrayFile
from tfgan_suite.examples.dataset_split import DatasetSplit
from tfgan_suite.extractors import Pixels


def array(tmp_path, examples, name="x.npy"):
    np.save(tmp_path / name, examples)
    return ArrayFile(tmp_path / name)


@pytest.fixture
def digits():
    return DatasetReference(data.Digits())


def test_every_number_has_its_convention_and_its_floor(digits, tmp_path):
    evaluator = Evaluator(digits, count=100, seed=3)
    noise = np.random.default_rng(0).integers(0, 256, size=(100, 16, 16, 1), dtype=np.uint8)
    evaluation = evaluator.measure(array(tmp_path, noise))
    convention = evaluation.convention
    assert convention["extractor"].startswith("classifier of digits ")
    assert convention["resize"] == "none"
    assert (convention["reference"], convention["n_real"], convention["n_fake"]) == ("digits:test", 100, 100)
    assert convention["seed"] == 3
    by_name = {m.name: m for m in evaluation.measurements}
    assert by_name["precision_recall.recall"].options == {"neighbors": 3}
    assert by_name["inception_score.mean"].options == {"splits": 10, "seed": 3}
    assert by_name["frechet_distance"].value > 10 * by_name["frechet_distance"].floor
    assert by_name["precision_recall.precision"].floor > 0.5 > by_name["precision_recall.precision"].value
    assert by_name["nearest_neighbor_accuracy.total"].better == "near 0.5"
    assert all(np.isfinite([m.value, m.floor]).all() for m in evaluation.measurements)
    table = evaluation.table()
    for part in ("neighbors 3", "splits 10", "digits:test", "n_fake 100", "near 0.5"):
        assert part in table


def test_the_numbers_are_those_of_the_metrics(digits, tmp_path):
    samples = np.random.default_rng(0).integers(0, 256, size=(50, 16, 16, 1), dtype=np.uint8)
    options = {"type": "kernel_distance", "subsets": 4, "subset_size": 20}
    evaluator = Evaluator(digits, Pixels(), [options, "precision_recall"], count=50, seed=5)
    evaluation = evaluator.measure(array(tmp_path, samples))
    real = digits.dataset.examples("test", 50, 5).reshape(50, -1)
    other = digits.dataset.examples("train", 50, 5).reshape(50, -1)
    fake = samples.reshape(50, -1) / 127.5 - 1
    expected = [metrics.kernel_distance(real, x, subsets=4, subset_size=20, seed=5) for x in (fake, other)]
    found = evaluation.measurements[0]
    # At 256 levels, in another order of the subsets' rows.
    assert (found.value, found.floor) == pytest.approx(expected, rel=1e-4)
    assert evaluation["precision_recall.recall"] == metrics.precision_recall(real, fake).recall


def test_perfect_samples_score_like_the_floor(digits):
    evaluator = Evaluator(digits, wanted=["frechet_distance", "inception_score"], count=300)
    evaluation = evaluator.measure(DatasetSplit(digits.dataset, "train"))
    assert [m.value for m in evaluation.measurements] == [m.floor for m in evaluation.measurements]


def test_the_same_whatever_the_cache(digits, tmp_path):
    samples = array(tmp_path, np.zeros((60, 16, 16, 1), np.uint8))
    plain = Evaluator(digits, count=60).measure(samples)
    for _ in range(2):  # written, then read
        cached = Evaluator(digits, count=60, cache=tmp_path / "cache").measure(samples, tmp_path / "cache")
        assert cached == plain


def test_json_gives_the_evaluation_back(digits, tmp_path):
    evaluation = Evaluator(digits, count=60).measure(array(tmp_path, np.zeros((60, 16, 16, 1), np.uint8)))
    (tmp_path / "e.json").write_text(json.dumps(evaluation.as_dict()))
    assert Evaluation.read(tmp_path / "e.json") == evaluation
    (tmp_path / "e.json").write_text("{}")
    with pytest.raises(UserError, match=r"e\.json: expected the JSON that `evaluate` writes"):
        Evaluation.read(tmp_path / "e.json")


def test_toys_are_measured_by_their_modes():
    ring = DatasetReference(data.Ring())
    evaluator = Evaluator(ring)
    assert (evaluator.count, evaluator.convention["extractor"]) == (2000, "coordinates")
    evaluation = evaluator.measure(DatasetSplit(ring.dataset, "train"))
    assert evaluation["mode_coverage.modes"] == 8
    assert evaluation["mode_coverage.high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.01)


def test_stacked_digits_are_measured_by_their_thousand_modes():
    stacked = DatasetReference(data.StackedDigits("digits"))
    evaluation = Evaluator(stacked, count=1500).measure(DatasetSplit(stacked.dataset, "train"))
    assert "per channel" in evaluation.convention["extractor"]
    # 1,500 uniform draws reach 1000 (1 - e^-1.5) modes.
    assert evaluation["class_coverage.modes"] == pytest.approx(777, abs=40)


def test_files_are_divided_into_reference_and_floor(tmp_path):
    points = np.random.default_rng(0).normal(size=(90, 3))
    reference = FilesReference(array(tmp_path, points))
    assert reference.default_count == 45
    samples = array(tmp_path, np.random.default_rng(1).normal(3.0, 1.0, size=(60, 3)), "fake.npy")
    evaluation = Evaluator(reference, wanted=["frechet_distance"], count=40).measure(samples)
    assert evaluation["frechet_distance"] > 10 * evaluation.measurements[0].floor
    assert evaluation.notes == []
    # 60 real ones leave 30 others: there is no floor for 40 samples, and that is said.
    without = Evaluator(reference, wanted=["frechet_distance"], count=40, real_count=60).measure(samples)
    assert without.measurements[0].floor is None
    assert "No floor: it takes 40 further real examples" in without.table()
    assert without.convention["n_real"] == 60


def test_metrics_of_ones_own(digits, tmp_path, monkeypatch):
    (tmp_path / "my_lab.py").write_text(
        "def brightness(real_features, fake_features, *, scale=1.0):\n"
        "    return scale * (fake_features.mean() - real_features.mean())\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    wanted = [{"type": "my_lab.brightness", "scale": 2.0}]
    white = array(tmp_path, np.full((20, 16, 16, 1), 255, np.uint8))
    evaluation = Evaluator(digits, Pixels(), wanted, count=20).measure(white)
    assert evaluation["brightness"] == pytest.approx(
        2 * (1 - digits.dataset.examples("test", 20).mean()), rel=1e-3
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"wanted": ["mode_coverage"]},
            "mode_coverage needs data with known modes, which digits:test does not",
        ),
        ({"extractor": Pixels(), "wanted": ["inception_score"]}, "inception_score needs class probabilities"),
        ({"wanted": ["frechet"]}, "metrics: expected one of .*frechet_distance.*, came 'frechet'"),
        (
            {"wanted": [{"type": "precision_recall", "k": 3}]},
            "precision_recall has no option k, only neighbors",
        ),
        ({"wanted": ["no_lab.metric"]}, "cannot import 'no_lab.metric'"),
        ({"count": 361}, "count must be at most 360"),
        ({"count": 10, "real_count": 400}, "at most 360"),
    ],
)
def test_what_cannot_be_measured_is_refused_at_once(digits, options, message):
    with pytest.raises(UserError, match=message):
        Evaluator(digits, **options)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((60, 16, 16, 3), r"expected examples of shape \(16, 16, 1\), as in digits:test, came \(16, 16, 3\)"),
        ((60, 1, 16, 16), r"came \(1, 16, 16\); the channels come last here"),
        ((60, 12, 12, 1), r"came \(12, 12, 1\)"),
        ((60, 256), r"came \(256,\)"),
        ((59, 16, 16, 1), r"samples: expected 60, came 59 in .*x\.npy"),
        ((1, 16, 16, 1), r"samples: expected 60, came 1 in"),
    ],
)
def test_samples_that_do_not_compare_are_named(digits, tmp_path, shape, message):
    samples = array(tmp_path, np.zeros(shape, np.uint8 if len(shape) == 4 else np.float32))
    with pytest.raises(UserError, match=message):
        Evaluator(digits, count=60).measure(samples)


def test_one_image_is_too_few_and_the_metric_says_so(digits, tmp_path):
    one = array(tmp_path, np.zeros((1, 16, 16, 1), np.uint8))
    with pytest.raises(UserError, match="expected at least 2 examples, came 1"):
        Evaluator(digits, Pixels(), ["frechet_distance"], count=1).measure(one)

"""The configs that ship: each builds, and those on real data train on it."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tfgan_suite import config as configs
from tfgan_suite.cli import main
from tfgan_suite.evaluation import DatasetReference, Evaluation, Evaluator
from tfgan_suite.examples.array_file import ArrayFile
from tfgan_suite.examples.dataset_split import DatasetSplit
from tfgan_suite.experiment import build_experiment

ROOT = Path(__file__).parents[1]
CONFIGS = sorted((ROOT / "configs").glob("*/*.yaml"))


@pytest.fixture(scope="module")
def datasets():
    """By their config: reading MNIST takes longer than building what trains on it."""
    return {}


@pytest.fixture
def build(prepared_folder, datasets, monkeypatch):
    def of(path, *overrides):
        config = configs.load(path, overrides)
        data = config.data.get("source", config.data)
        if data["type"] == "TfdsImages":
            folder = prepared_folder(data["name"])
            monkeypatch.setattr("tensorflow_datasets.core.constants.DATA_DIR", folder)
        key = json.dumps(config.data, sort_keys=True, default=dataclasses.asdict)
        experiment = build_experiment(config, datasets.get(key))
        datasets[key] = experiment.dataset
        return experiment

    return of


def every_config(test):
    return pytest.mark.parametrize("path", CONFIGS, ids=lambda p: f"{p.parent.name}/{p.stem}")(test)


@every_config
def test_every_config_builds_and_says_what_to_expect(path, build):
    build(path)
    header = path.read_text().splitlines()[0]
    assert header.startswith("# ")
    assert "xpect" in header


@pytest.mark.slow
@every_config
def test_every_player_of_every_config_has_terms(path, build):
    experiment = build(path)
    assert {term.split("/")[0] for term in experiment.terms()} == set(experiment.model.players())


def test_mnist_trains_on_real_mnist(build, tmp_path, monkeypatch):
    build(ROOT / "configs/mnist/gan.yaml")  # finds the data or skips
    monkeypatch.chdir(tmp_path)
    short = ["training.steps=4", "training.log_every=2", "evaluation.samples=100", "model.generator.width=4"]
    arguments = [f"--set={s}" for s in [*short, "model.discriminator.width=4"]]
    assert main(["train", str(ROOT / "configs/mnist/gan.yaml"), "--output=run", *arguments]) == 0
    assert Path("run/samples/step-00000004.png").stat().st_size > 1000
    assert Path("savedmodels/run/1/saved_model.pb").is_file()


@pytest.mark.slow
def test_wgan_gp_covers_the_ring(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["train", str(ROOT / "configs/toys/ring_wgan_gp.yaml"), "--output=run"]) == 0
    evaluation = Evaluation.read("run/evaluation.json")
    assert evaluation["mode_coverage.modes"] == 8
    assert evaluation["mode_coverage.high_quality"] > 0.6


def test_the_real_digits_score_their_own_floor(tmp_path):
    """The evaluation's numbers mean what the report says: real data in place of samples give the floor."""
    digits = configs.build(configs.load(ROOT / "configs/digits/gan.yaml").data, "data", "data")
    evaluator = Evaluator(DatasetReference(digits))
    evaluation = evaluator.measure(DatasetSplit(digits, "train"))
    assert len(evaluation.measurements) >= 5
    for measurement in evaluation.measurements:
        assert measurement.value == measurement.floor
    noise = np.random.default_rng(0).integers(0, 256, (evaluator.count, 16, 16, 1), dtype=np.uint8)
    np.save(tmp_path / "noise.npy", noise)
    values = {
        m.name: (m.value, m.floor) for m in evaluator.measure(ArrayFile(tmp_path / "noise.npy")).measurements
    }
    assert values["nearest_neighbor_accuracy.total"][0] > 0.95
    assert values["frechet_distance"][0] > 10 * values["frechet_distance"][1]
    assert values["precision_recall.precision"][0] < 0.05

"""`evaluate`, `compare` and `train-classifier` as a user meets them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import tiny
from tests.extractors.test_inception import Small
from tfgan_suite import data
from tfgan_suite.cli import main
from tfgan_suite.extractors import inception
from tfgan_suite.images import to_uint8


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a tiny run in it, and a second one of another seed."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        config = str(tiny.write(folder))
        for name, seed in (("one", 3), ("two", 4)):
            options = ["--set", f"training.seed={seed}", "--set", "training.steps=20"]
            assert main(["train", config, "--output", f"runs/{name}", *options]) == 0
    return folder


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """100 real digits, as files and as arrays."""
    folder = tmp_path_factory.mktemp("digits")
    images = to_uint8(data.Digits().examples("train", 100))
    (folder / "files").mkdir()
    for i, image in enumerate(images):
        Image.fromarray(image[..., 0]).save(folder / f"files/{i}.png")
    np.save(folder / "digits.npy", images)
    np.savez_compressed(folder / "floats.npz", images=images / 255, labels=np.arange(100))
    return folder


def read(path):
    content = json.loads(Path(path).read_text())
    return content, {m["name"]: m["value"] for m in content["measurements"]}


def test_a_folder_and_arrays_of_the_same_images_score_the_same(digits, folder, capsys):
    sources = [str(digits / name) for name in ("files", "digits.npy", "floats.npz:images")]
    for i, source in enumerate(sources):
        given = ["--value-range", "0", "1"] if "floats" in source else []
        arguments = ["evaluate", source, "--reference", "digits", "--out", f"{i}.json", *given]
        assert main(arguments) == 0
    (first, values), *others = (read(f"{i}.json") for i in range(3))
    assert first["convention"]["n_fake"] == 100
    assert first["convention"]["reference"] == "digits:test"
    assert first["subject"] == sources[0]
    assert values["precision_recall.precision"] > 0.8
    for _, found in others:
        # Which samples share a split of the Inception Score depends on their order, and so on file names.
        assert {k: v for k, v in found.items() if "inception" not in k} == pytest.approx(
            {k: v for k, v in values.items() if "inception" not in k}
        )
    out = capsys.readouterr().out
    assert "Convention: extractor classifier of digits" in out
    assert "0.json" in out


def test_a_run_its_export_and_its_samples_score_the_same(trained, folder):
    run, export = str(trained / "runs/one"), str(trained / "savedmodels/one")
    assert main(["sample", run, "--num", "60", "--out", "samples.npy"]) == 0
    options = ["--reference", "digits", "--samples", "60", "--metrics", "frechet_distance"]
    for i, source in enumerate((run, export, "samples.npy")):
        assert main(["evaluate", source, *options, "--out", f"{i}.json"]) == 0
    values = [read(f"{i}.json")[1]["frechet_distance"] for i in range(3)]
    # One level of a pixel may round the other way in a SavedModel.
    assert values == pytest.approx([values[0]] * 3, rel=1e-3)


def test_the_default_place_of_the_json_is_beside_what_was_measured(digits, folder):
    images = np.load(digits / "digits.npy")
    np.save("mine.npy", images)
    assert main(["evaluate", "mine.npy", "--reference", "digits", "--metrics", "precision_recall"]) == 0
    assert read("mine.npy.evaluation.json")[1]["precision_recall.recall"] > 0.5


def test_compare_lays_runs_side_by_side_and_refuses_to_mix(trained, folder, capsys):
    runs = [str(trained / f"runs/{name}") for name in ("one", "two")]
    assert main(["compare", *runs]) == 0
    table = capsys.readouterr().out
    assert all(run in table for run in runs)
    assert "**" in table
    assert main(["evaluate", runs[1], "--samples", "40", "--out", "other.json"]) == 0
    capsys.readouterr()
    assert main(["compare", runs[0], "other.json"]) == 2
    assert f"n_fake: 50 ({runs[0]}), 40 (other.json)" in capsys.readouterr().err
    assert main(["compare", runs[0], "other.json", "--mixed"]) == 0
    assert main(["compare", runs[0], "nowhere.json"]) == 2
    assert "nowhere.json" in capsys.readouterr().err


def test_support_size_comes_with_a_picture_of_the_closest_pairs(digits, folder, capsys):
    images = np.load(digits / "digits.npy")
    np.save("copies.npy", images[np.random.default_rng(0).integers(20, size=100)])
    options = ["--metrics", "support_size", "--extractor", "Pixels", "--out", "x.json"]
    assert main(["evaluate", "copies.npy", "--reference", "digits", *options]) == 0
    assert 10 <= read("x.json")[1]["support_size.estimate"] <= 40
    assert "x.pairs.png" in capsys.readouterr().out
    picture = np.asarray(Image.open("x.pairs.png"))
    scale = 4
    left, right = (picture[: 16 * scale, x : x + 16 * scale] for x in (0, 18 * scale))
    np.testing.assert_array_equal(left, right)  # a pair of copies


def test_unreadable_files_are_told_and_only_fatal_when_asked(digits, folder, capsys):
    for i in range(30):
        (folder / f"files/{i}.png").parent.mkdir(exist_ok=True)
        (folder / f"files/{i}.png").write_bytes((digits / f"files/{i}.png").read_bytes())
    (folder / "files/bad.png").write_text("x")
    arguments = ["evaluate", "files", "--reference", "digits", "--metrics", "precision_recall"]
    assert main(arguments) == 0
    assert "1 of 31 files cannot be read: bad.png" in capsys.readouterr().err
    assert read("files.evaluation.json")[0]["convention"]["n_fake"] == 30
    assert main([*arguments, "--strict"]) == 2
    assert "bad.png" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["missing.npy"], ["missing.npy"]),
        (["nothing"], ["nothing", "SavedModel"]),
        ([], ["--self-check"]),
        (["digits.npy"], ["--reference", "digits.npy"]),
        (["digits.npy", "--reference", "digits", "--samples", "101"], ["expected 101, came 100"]),
        (["digits.npy", "--reference", "digits", "--real-samples", "500"], ["500", "360"]),
        (["digits.npy", "--reference", "no_such_set"], ["no_such_set"]),
        (["digits.npy", "--reference", "digits", "--metrics", "fid"], ["fid", "frechet_distance"]),
        (["digits.npy", "--reference", "digits", "--extractor", "Incepton"], ["Incepton", "Inception"]),
        (
            ["digits.npy", "--reference", "digits", "--extractor", "{type: Layer, model: x.keras, layer: a}"],
            ["x.keras"],
        ),
        (["floats.npz", "--reference", "digits"], ["--value-range 0 1"]),
        (["digits.npy", "--reference", "ring"], ["(2,)", "(16, 16, 1)"]),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(digits, monkeypatch, capsys, arguments, parts):
    monkeypatch.chdir(digits)
    before = sorted(digits.rglob("*"))
    assert main(["evaluate", *arguments]) == 2
    error = capsys.readouterr().err
    assert all(part in error for part in parts), error
    assert "Traceback" not in error
    assert sorted(digits.rglob("*")) == before


def test_a_cache_without_permission_is_named(digits, folder, monkeypatch, capsys):
    (folder / "file").touch()
    monkeypatch.setenv("TFGAN_SUITE_CACHE", str(folder / "file/cache"))
    assert main(["evaluate", str(digits / "digits.npy"), "--reference", "digits", "--out", "x.json"]) == 2
    assert "TFGAN_SUITE_CACHE" in capsys.readouterr().err
    assert not Path("x.json").exists()


def test_inception_where_it_is_and_where_it_is_not(digits, folder, monkeypatch, capsys):
    import tensorflow as tf

    tf.saved_model.save(Small(), "module")
    options = ["--reference", "digits", "--samples", "50", "--out", "x.json"]
    extractor = ["--extractor", "{type: Inception, module: module}"]
    assert main(["evaluate", str(digits / "digits.npy"), *options, *extractor]) == 0
    content, values = read("x.json")
    assert content["convention"]["resize"] == "TF1 bilinear to 299, not antialiased"
    assert values["inception_score.mean"] >= 1
    hub = pytest.importorskip("tensorflow_hub")
    monkeypatch.setattr(hub, "resolve", lambda handle: (_ for _ in ()).throw(OSError("no network")))
    assert main(["evaluate", str(digits / "digits.npy"), *options, "--extractor", "inception"]) == 2
    assert "TFHUB_CACHE_DIR" in capsys.readouterr().err


def test_self_check_of_inception_compares_with_the_published_score(
    folder, monkeypatch, capsys, prepared_folder
):
    import tensorflow as tf

    tf.saved_model.save(Small(), "module")
    monkeypatch.setattr(inception, "CIFAR10_IMAGES", 200)  # not all 50,000 at 299 x 299
    reference = f"{{type: TfdsImages, name: cifar10, data_dir: {prepared_folder('cifar10')}}}"
    extractor = ["--extractor", "{type: Inception, module: module}"]
    assert (
        main(["evaluate", "--self-check", *extractor, "--reference", reference]) == 2
    )  # this is not Inception
    out, err = capsys.readouterr()
    assert "Inception Score of CIFAR-10 train: expected 11.237 +- 0.05, came" in out
    assert "NOT REPRODUCED" in out
    assert "--self-check" in err


def test_self_check_of_a_classifier(folder, capsys):
    assert main(["evaluate", "--self-check", "--extractor", "{type: Classifier, model: digits}"]) == 0
    assert "accuracy on 360 held-out images of digits" in capsys.readouterr().out
    assert main(["evaluate", "--self-check", "--extractor", "Pixels"]) == 2
    assert "Pixels promises no number" in capsys.readouterr().err


def test_train_classifier_makes_an_extractor(digits, folder, capsys):
    assert main(["train-classifier", "digits", "--epochs", "2", "--width", "8", "--out", "mine"]) == 0
    assert "accuracy" in capsys.readouterr().out
    options = ["--reference", "digits", "--extractor", "{type: Classifier, model: mine}", "--out", "x.json"]
    assert main(["evaluate", str(digits / "digits.npy"), *options]) == 0
    assert read("x.json")[0]["convention"]["extractor"].startswith("classifier of digits ")
    assert main(["train-classifier", "swissroll"]) == 2
    assert "swiss_roll" in capsys.readouterr().err


def test_the_config_says_what_a_run_is_measured_by(folder, capsys):
    path = str(tiny.write(folder))
    metrics = "[{type: precision_recall, neighbors: 5}]"
    wanted = f"evaluation={{samples: 40, extractor: Pixels, every: 10, metrics: {metrics}}}"
    assert main(["train", path, "--output", "run", "--set", wanted, "--set", "evaluation.share=0.9"]) == 0
    content, values = read("run/evaluation.json")
    assert content["convention"]["extractor"] == "pixels"
    assert content["measurements"][0]["options"] == {"neighbors": 5}
    lines = [json.loads(line) for line in Path("run/evaluations.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [10, 20, 30, 40]
    assert lines[-1]["precision_recall.precision"] == values["precision_recall.precision"]
    assert main(["evaluate", "run"]) == 0
    assert read("run/evaluation.json")[0] == content


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("evaluation.extractor=Pixel", ["evaluation.extractor", "Pixels"]),
        ("evaluation.extractor={type: Classifier, modl: x}", ["evaluation.extractor.modl", "model"]),
        ("evaluation.metrics=[frechet_distanc]", ["evaluation.metrics.0", "frechet_distance"]),
        ("evaluation.metrics=[{type: precision_recall, k: 3}]", ["evaluation.metrics.0.k", "neighbors"]),
        ("evaluation.metrics=[{type: precision_recall, neighbors: 0}]", ["neighbors", "at least 1"]),
        ("evaluation.every=7", ["evaluation.every", "training.log_every"]),
        ("evaluation.share=1.5", ["evaluation.share", "below 1"]),
        ("evaluation.split=validation", ["evaluation.split", "test"]),
    ],
)
def test_mistakes_in_the_config_show_before_training(folder, capsys, override, parts):
    path = str(tiny.write(folder))
    code = main(["train", path, "--output", "run", "--set", override, "--set", "training.steps=10"])
    error = capsys.readouterr().err
    assert code == 2, error
    assert all(part in error for part in parts), error
    assert not Path("run").exists()

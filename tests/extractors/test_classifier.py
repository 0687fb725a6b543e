"""The small classifiers: those that ship are as good as they say, and any can be trained."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from tfgan_suite import data
from tfgan_suite.classifier import accuracy, train_classifier
from tfgan_suite.errors import UserError
from tfgan_suite.extractors import Classifier
from tfgan_suite.extractors.classifier import find_classifier, shipped_folders
from tfgan_suite.images import to_uint8
from tfgan_suite.metrics import class_coverage, frechet_distance, inception_score
from tfgan_suite.saved_model import newest_version, read_about

ROOT = Path(__file__).parents[2]


def images(dataset, split="test", count=None):
    return to_uint8(dataset.examples(split, count))


def test_those_that_ship_are_small():
    files = [
        f for name in ("digits", "mnist") for f in (ROOT / f"savedmodels/{name}-classifier").rglob("*.*")
    ]
    assert 0 < sum(f.stat().st_size for f in files) <= 2 * 2**20


def test_they_are_installed_with_the_package():
    """What setup.cfg puts beside the package is what is in savedmodels/."""
    import configparser

    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = setup["options.data_files"]
    for name in ("digits", "mnist"):
        folder = f"savedmodels/{name}-classifier/1"
        for file in (p for p in (ROOT / folder).rglob("*") if p.is_file()):
            relative = file.relative_to(ROOT).as_posix()
            assert relative in listed[f"share/tfgan_suite/{file.parent.relative_to(ROOT).as_posix()}"].split()
    assert (ROOT / "savedmodels") in shipped_folders()


def test_digits_are_as_good_as_recorded():
    digits = data.Digits()
    (check,) = Classifier("digits").self_check(digits)
    assert check.passed
    assert check.measured > 0.98


def test_mnist_is_as_good_as_recorded_and_at_least_99_2_percent(prepared_folder):
    mnist = data.TfdsImages("mnist", data_dir=prepared_folder("mnist"))
    (check,) = Classifier("mnist").self_check(mnist)
    assert check.passed
    assert check.measured >= 0.992


def test_probabilities_and_features_tell_digits_from_noise():
    digits, classifier = data.Digits(), Classifier("digits")
    noise = np.random.default_rng(0).integers(0, 256, size=(360, 16, 16, 1), dtype=np.uint8)
    real, train, of_noise = (classifier(x) for x in (images(digits), images(digits, "train", 360), noise))
    assert (
        inception_score(real.probabilities, splits=1).mean > 9 > inception_score(of_noise.probabilities).mean
    )
    floor = frechet_distance(real.features, train.features)
    assert frechet_distance(real.features, of_noise.features) > 20 * floor
    np.testing.assert_allclose(real.probabilities.sum(axis=1), 1, rtol=1e-5)
    # Batches change nothing.
    np.testing.assert_allclose(classifier(images(digits)[7:9]).features, real.features[7:9], atol=1e-4)


def test_other_sizes_are_resized_and_the_convention_says_so():
    classifier = Classifier("digits")
    assert classifier.describe((16, 16, 1))["resize"] == "none"
    assert classifier.describe((32, 32, 1))["resize"] == "bicubic to 16, antialiased"
    large = images(data.Digits(image_size=32))
    found = classifier(large).probabilities.argmax(axis=1)
    assert np.mean(found == data.Digits().examples("test", labels=True)[1]) > 0.95
    with pytest.raises(UserError, match=r"takes images of 1 channel\(s\), came \(16, 16, 3\)"):
        classifier.describe((16, 16, 3))


def test_stacked_digits_are_seen_channel_by_channel():
    stacked = data.StackedDigits("digits")
    examples, labels = stacked.examples("test", 500, labels=True)
    found = Classifier("digits", per_channel=True)(to_uint8(examples))
    single = Classifier("digits")(to_uint8(examples[..., 1:2]))
    width = single.features.shape[1]
    np.testing.assert_allclose(found.features[:, width : 2 * width], single.features, atol=1e-4)
    assert found.probabilities.shape == (500, 1000)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-4)
    assert np.mean(found.probabilities.argmax(axis=1) == labels) > 0.95
    assert class_coverage(found.probabilities).modes == pytest.approx(len(set(labels)), abs=15)


def test_training_writes_a_saved_model_that_says_what_it_is(tmp_path):
    digits, said = data.Digits(), []
    path = train_classifier(
        digits, tmp_path / "x", epochs=5, width=8, data={"type": "Digits"}, say=said.append
    )
    assert path == tmp_path / "x" / "1"
    about = read_about(path)
    assert about["accuracy"] > 0.7
    assert (about["classifier_of"], about["held_out"], about["classes"]) == ("digits", 360, 10)
    assert any("accuracy" in line for line in said)
    (check,) = Classifier(str(tmp_path / "x")).self_check()  # finds its data by itself
    assert check.passed


@pytest.mark.slow
def test_the_same_seed_trains_the_same_classifier(tmp_path):
    digits = data.Digits()
    paths = [train_classifier(digits, tmp_path, epochs=1, width=4, say=lambda line: None) for _ in range(2)]
    assert [path.name for path in paths] == ["1", "2"]
    one, two = (Classifier(str(path))(images(digits)[:20]).features for path in paths)
    np.testing.assert_array_equal(one, two)


def test_a_wrong_accuracy_is_noticed(tmp_path):
    digits = data.Digits()
    path = train_classifier(digits, tmp_path, epochs=1, width=8, say=lambda line: None)
    file = path / "assets.extra/tfgan_suite.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"accuracy": 0.9999}))
    (check,) = Classifier(str(tmp_path)).self_check(digits)
    assert not check.passed


def test_without_one_it_is_trained_once_for_the_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TFGAN_SUITE_CACHE", str(tmp_path))
    digits = data.Digits()
    digits.name = "other digits"
    quickly = functools.partial(train_classifier, epochs=1, width=4)
    monkeypatch.setattr("tfgan_suite.classifier.train_classifier", quickly)
    folder = Classifier(dataset=digits).folder
    assert folder.is_relative_to(tmp_path)
    assert "training one, once" in capsys.readouterr().err
    assert Classifier(dataset=digits).folder == folder
    assert capsys.readouterr().err == ""


def test_mistakes_are_named(tmp_path):
    with pytest.raises(UserError, match="expected data with labels, came swiss_roll"):
        train_classifier(data.SwissRoll(), tmp_path)
    with pytest.raises(UserError, match="came 'nothing'.*train-classifier"):
        _ = Classifier("nothing").folder
    with pytest.raises(UserError, match="model: expected the name of a dataset"):
        Classifier()
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(UserError, match="serving_default takes images and returns features and logits"):
        Classifier(str(tmp_path / "other")).describe((16, 16, 1))


def test_accuracy_by_hand():
    assert accuracy(lambda x: x, np.eye(3), np.array([0, 1, 1])) == pytest.approx(2 / 3)


def test_the_newest_version_is_found(tmp_path, monkeypatch):
    for version in ("2", "10", "x"):
        (tmp_path / "savedmodels/a-classifier" / version).mkdir(parents=True)
        (tmp_path / "savedmodels/a-classifier" / version / "saved_model.pb").touch()
    monkeypatch.chdir(tmp_path)
    assert find_classifier("a") == Path("savedmodels/a-classifier/10")
    assert newest_version(tmp_path) is None

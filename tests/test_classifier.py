"""The small classifier learns, is kept, and tells digits from noise."""

import numpy as np
import pytest

from tfgan_suite import data
from tfgan_suite.classifier import probabilities_and_features, trained_classifier
from tfgan_suite.errors import UserError
from tfgan_suite.metrics import frechet_distance, inception_score


def test_digits(tmp_path):
    digits = data.Digits()
    model, accuracy = trained_classifier(digits, tmp_path / "digits.keras", epochs=6)
    assert accuracy > 0.9
    again, same = trained_classifier(digits, tmp_path / "digits.keras", epochs=0)  # read, not trained
    assert same == accuracy
    real = digits.examples("test")
    noise = np.random.default_rng(0).uniform(-1, 1, real.shape).astype("float32")
    (found, features), (of_noise, noise_features) = (
        probabilities_and_features(again, x) for x in (real, noise)
    )
    assert found.shape == (360, 10)
    assert inception_score(found).mean > 5 > inception_score(of_noise).mean
    train = probabilities_and_features(model, digits.examples("train", 360))[1]
    assert frechet_distance(features, noise_features) > 10 * frechet_distance(features, train)


def test_data_without_labels_is_refused(tmp_path):
    with pytest.raises(UserError, match="labels.*swiss"):
        trained_classifier(data.SwissRoll(), tmp_path / "x.keras", epochs=1)

"""What claims about MNIST measure with the classifier that ships."""

import numpy as np
import pytest

from tfgan_suite.claims import mnist_features
from tfgan_suite.data import Digits


def digits():
    """150 images like MNIST's, 20 pixels and a margin of 4, and their labels."""
    images, labels = Digits(20).examples("test", 150, seed=0, labels=True)
    return np.pad(images, ((0, 0), (4, 4), (4, 4), (0, 0)), constant_values=-1.0), np.asarray(labels)


def test_an_exact_reconstruction_has_no_error_and_one_of_another_digit_has():
    images, labels = digits()
    exact = mnist_features.reconstruction(images, images)
    assert exact == {"pixels": 0.0, "features": 0.0, "agreement": 1.0}
    order = np.argsort(labels, kind="stable")
    wrong = np.empty_like(images)
    wrong[order] = images[np.roll(order, 40)]
    found = mnist_features.reconstruction(images, wrong)
    assert found["pixels"] == pytest.approx(np.mean((images - wrong) ** 2), rel=1e-5)
    assert found["features"] > 0.1
    assert found["agreement"] < 0.2


def test_classes_are_those_of_the_digits():
    images, labels = digits()
    features, classes = mnist_features.seen(images)
    assert len(features) == len(classes) == 150
    assert np.mean(classes == labels) > 0.8  # of other writers

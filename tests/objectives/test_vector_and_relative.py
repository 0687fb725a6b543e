"""Objectives that need both kinds: MLGAN on vectors, and the relativistic ones."""

import numpy as np
import pytest
import tensorflow as tf

from tests.objectives.densities import double
from tfgan_suite import objectives, regularizers

RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.normal(size=(7, 3)), RANDOM.normal(3.0, 0.5, size=(7, 3))


def double_loop(vectors):
    return sum(np.sum((a - b) ** 2) for a in vectors for b in vectors)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("weight", [0.5, 1.0])
def test_pair_sums_equal_the_double_loop(weight, reduction):
    objective = objectives.MetricLearning(weight, reduction)
    inter = np.sum(np.abs(REAL - FAKE))
    scale = 1 if reduction == "sum" else 1 / 7
    expected = scale * (double_loop(REAL) + double_loop(FAKE) - weight * inter)
    np.testing.assert_allclose(objective.discriminator_loss(double(REAL), double(FAKE)), expected, rtol=1e-12)
    np.testing.assert_allclose(
        objective.generator_loss(double(FAKE), double(REAL)), scale * inter, rtol=1e-12
    )


def test_pair_sums_keep_their_digits_far_from_the_origin():
    near, far = (tf.constant(REAL + shift, tf.float32) for shift in (0.0, 1e3))
    objective = objectives.MetricLearning()
    np.testing.assert_allclose(
        objective.discriminator_loss(far, far), objective.discriminator_loss(near, near), rtol=1e-3
    )


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_center_penalty(reduction):
    penalty = regularizers.CenterPenalty(weight=20.0, reduction=reduction)
    total = np.sum((REAL - 1 / 3) ** 2) + np.sum(FAKE**2)
    value = penalty(lambda x: x, double(REAL), double(FAKE), seed=None)
    np.testing.assert_allclose(value, 20 * total / (1 if reduction == "sum" else 7), rtol=1e-12)
    moved = regularizers.CenterPenalty(1.0, 2.0, -1.0, "sum")(lambda x: x, double(REAL), double(FAKE), None)
    np.testing.assert_allclose(moved, np.sum((REAL - 2) ** 2) + np.sum((FAKE + 1) ** 2), rtol=1e-12)


def test_relativistic_formulas():
    real, fake = REAL[:, :1], FAKE[:, :1]

    def minus_log_sigma(x):
        return np.logaddexp(0, -x)

    pairs, average = objectives.Relativistic(average=False), objectives.Relativistic()
    for objective, discriminator, generator in (
        (pairs, np.mean(minus_log_sigma(real - fake)), np.mean(minus_log_sigma(fake - real))),
        (
            average,
            np.mean(minus_log_sigma(real - fake.mean())) + np.mean(minus_log_sigma(real.mean() - fake)),
            np.mean(minus_log_sigma(fake - real.mean())) + np.mean(minus_log_sigma(fake.mean() - real)),
        ),
    ):
        args = double(real), double(fake)
        np.testing.assert_allclose(objective.discriminator_loss(*args), discriminator, rtol=1e-12)
        np.testing.assert_allclose(objective.generator_loss(*args[::-1]), generator, rtol=1e-12)

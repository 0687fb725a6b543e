"""The measures of `wasserstein-toys` on critics whose answers are known, and a run of seconds."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import config as configs
from tfgan_suite import data
from tfgan_suite.claims import CLAIMS, wasserstein_toys
from tfgan_suite.claims.claim import lasting
from tfgan_suite.experiment import build_experiment

CLAIM = CLAIMS["wasserstein-toys"]


def test_ratio_and_growth_of_norms():
    assert wasserstein_toys.ratio([8.0, 4.0, 2.0, 1.0]) == 8.0
    assert wasserstein_toys.growth([8.0, 4.0, 2.0, 1.0]) == pytest.approx(2.0)  # on the way back: it explodes
    assert wasserstein_toys.growth([1.0, 10.0, 100.0]) == pytest.approx(0.1)
    assert wasserstein_toys.ratio([0.0, 1.0]) == math.inf
    assert 0.0 < wasserstein_toys.growth([0.0, 1.0]) < 1e-30


@pytest.mark.parametrize("dataset", [data.Ring(radius=2.0), data.Grid(spacing=3.0)])
def test_gaps_are_half_way_between_neighbours(dataset):
    on, between = wasserstein_toys.modes_and_gaps(dataset)
    nearest_two = np.sort(np.linalg.norm(between[:, None] - dataset.centers, axis=-1), axis=1)[:, :2]
    np.testing.assert_allclose(nearest_two[:, 0], nearest_two[:, 1], rtol=1e-5)
    np.testing.assert_allclose(nearest_two[:, 0], np.linalg.norm(on - between, axis=1), rtol=1e-5)


def test_gaps_of_the_swiss_roll_lie_between_its_turns():
    on, between = wasserstein_toys.modes_and_gaps(data.SwissRoll(noise=0.01))
    half_a_gap = 1.0 / 4.5  # turns are 2 pi / (4.5 pi) apart
    np.testing.assert_allclose(np.linalg.norm(between - on, axis=1), half_a_gap, rtol=1e-5)
    density = data.SwissRoll(noise=0.01).log_density
    assert density(on).min() > 0 > density(between).max()


def test_a_critic_that_falls_with_the_distance_to_the_modes_sees_them_all(monkeypatch):
    monkeypatch.setattr(wasserstein_toys, "POINTS", 200)
    dataset = data.Ring(radius=1.0, std=0.01)
    centers = tf.constant(dataset.centers, tf.float32)

    def critic(points):
        return -3.0 * tf.reduce_min(tf.norm(points[:, None] - centers + 1e-12, axis=-1), axis=1)[:, None]

    experiment = SimpleNamespace(
        dataset=dataset, model=SimpleNamespace(noise=0.5, discriminator=lambda x: critic(tf.constant(x)))
    )
    seen = wasserstein_toys.surface(experiment, 1.5)
    assert seen["slope"] == pytest.approx(3.0, rel=1e-4)
    assert seen["relief"] == pytest.approx(1.0, rel=1e-4)
    assert (
        0.5 < seen["share"] <= 1.0 + 1e-5
    )  # no function of slope 1 tells more than the Wasserstein distance
    assert np.shape(seen["surface"]) == (wasserstein_toys.SIDE, wasserstein_toys.SIDE)


@pytest.mark.parametrize(
    ("trial", "depth"), [("ring, penalty", None), ("ring, clipping", None), ("12 layers, clipping 0.01", 12)]
)
def test_a_training_is_measured(monkeypatch, trial, depth):
    monkeypatch.setattr(wasserstein_toys, "POINTS", 50)
    chosen = CLAIM.trials("cpu")[trial]
    config = configs.load(chosen.config, [*chosen.overrides, *lasting(3), "model.discriminator.width=8"])
    experiment = build_experiment(config)
    before = wasserstein_toys.kernels(experiment.model.discriminator)
    experiment.model.fit(experiment.minibatches(0), steps_per_epoch=3, epochs=1, verbose=0)
    after = wasserstein_toys.kernels(experiment.model.discriminator)
    assert not np.array_equal(before, after)
    measured = CLAIM.measure(trial, experiment, None)
    assert sum(measured["histogram"][0]) == len(after)  # no weight is outside
    if "clipping" in trial:
        assert np.abs(after).max() <= 0.01 + 1e-8
        assert 0.0 < measured["at_bound"] <= 1.0
    if depth:
        assert len(measured["norms"]) == depth
    else:
        assert measured["share"] <= 1.0


def results(ratios):
    """What three seeds might have measured."""
    surface = {"share": 0.8, "relief": 0.5, "at_bound": 0.6}
    flat = {"share": 0.5, "relief": 0.0, "at_bound": 0.6}
    found = {
        f"{d}, {m}": [surface if m == "penalty" else flat] * 3
        for d in wasserstein_toys.DATA
        for m in wasserstein_toys.METHODS
    }
    for name, ratio in zip(wasserstein_toys.DEPTHS, ratios, strict=True):
        found[f"12 layers, {name}"] = [{"ratio": ratio, "per_layer": 1.0}] * 3
    return found


def test_a_penalised_critic_must_be_level_and_a_clipped_one_must_not():
    reached = CLAIM.rows(results([2.9, 100.0, 1e9, math.inf]))
    assert "missed" not in {row.verdict for row in reached}
    assert sum(row.verdict == "reached" for row in reached) == 13
    missed = {row.name for row in CLAIM.rows(results([3.1, 9.0, 1e9, math.nan])) if row.verdict == "missed"}
    assert missed == {
        f"12 layers, {name}: largest over least gradient norm"
        for name in ("penalty", "clipping 0.1", "clipping 0.001")
    }

"""What `support-size` counts, on points of which it is known, and what it makes of the results."""

import numpy as np
import pytest

from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS, support_size
from tfgan_suite.claims.claim import lasting
from tfgan_suite.experiment import build_experiment

CLAIM = CLAIMS["support-size"]


def test_a_share_of_all_pairs_is_as_near_as_its_distance():
    points = np.arange(5.0)[:, None]  # of ten pairs, four are 1 apart, three 2, two 3, one 4
    assert [support_size.nearest_share(points, share) for share in (0.4, 0.5, 0.7, 1.0)] == [1, 2, 2, 4]


def test_closest_pairs_come_one_after_the_other():
    points = np.array([0.0, 10.0, 10.1, 30.0, 30.5])[:, None]
    assert support_size.closest_pairs(points, 2).ravel().tolist() == [10.0, 10.1, 30.0, 30.5]


def test_effective_number_of_modes():
    centers = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    points = centers[[0, 0, 1, 1]] + 0.1
    assert support_size.effective_number(points, centers) == pytest.approx(2.0)
    assert support_size.effective_number(centers[[0, 0, 0, 1]], centers) == pytest.approx(
        1 / (9 / 16 + 1 / 16)
    )


def test_slope_is_the_exponent_of_a_power():
    assert support_size.slope([4, 8, 16], [3 * 4**1.5, 3 * 8**1.5, 3 * 16**1.5]) == pytest.approx(1.5)


def measured(growth=1.0, error=0.1):
    """Support as width to a power on both data, and how far the count is from it on the second."""
    return {
        name: [
            {"estimate": float(name.split()[-1]) ** growth, "counted": 1.0, "error": error, "of_real": 99.0}
        ]
        for name in CLAIM.trials("cpu")
    }


def test_growth_and_the_known_support_are_judged():
    def missed(**changes):
        return [row.name for row in CLAIM.rows(measured(**changes)) if row.verdict == "missed"]

    assert missed() == []
    assert missed(growth=-0.1) == [f"{d}: growth of log support with log width" for d in support_size.DATA]
    assert len(missed(error=0.5)) == len(support_size.WIDTHS["cpu"])


@pytest.mark.parametrize("preset", ["cpu", "paper"])
def test_rates_fall_to_0_with_the_last_step_and_every_game_is_penalised(preset):
    for name, trial in CLAIM.trials(preset).items():
        config = configs.load(trial.config, trial.overrides)
        decays = {optimizer["learning_rate"]["decay_steps"] for optimizer in config.optimizers.values()}
        assert decays == {config.training.steps}, name
        assert [r["type"] for r in config.model["regularizers"]] == ["R1"], name
        assert config.model["discriminator"]["width"] == int(name.split()[-1]), name


def test_a_training_is_measured(monkeypatch):
    monkeypatch.setattr(support_size, "SAMPLES", 100)
    trial = CLAIM.trials("cpu")["100 modes, width 4"]
    experiment = build_experiment(configs.load(trial.config, [*trial.overrides, *lasting(2)]))
    experiment.model.fit(experiment.minibatches(0), steps_per_epoch=2, epochs=1, verbose=0)
    found = CLAIM.measure("100 modes, width 4", experiment, None)
    assert 1 <= found["counted"] <= 100
    assert found["error"] == pytest.approx(abs(np.log(found["estimate"] / found["counted"])))

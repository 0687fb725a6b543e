"""Configs that say they are the training of a claim."""

from pathlib import Path

import pytest

from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS

CONFIGS = Path(__file__).parents[2] / "configs"
SHOWN = {
    "mnist/bigan.yaml": ("bigan-mnist", "pair at the input"),
    "mnist/categorical_aae.yaml": ("aae-mnist", "100 labels"),
    "mnist/semi_supervised.yaml": (
        "semi-supervised-mnist",
        "100 labels, feature matching, twenty-five times as long",
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_config_is_the_training_it_says(name):
    claim, trial = SHOWN[name]
    trained = CLAIMS[claim].trials("cpu")[trial]
    ours, shown = configs.load(trained.config, trained.overrides), configs.load(CONFIGS / name)
    for part in ("data", "model", "optimizers"):
        assert getattr(shown, part) == getattr(ours, part), part
    assert shown.training.steps == ours.training.steps
    assert shown.training.batch_size == ours.training.batch_size

"""Which architectures `hard-architectures` builds, and what it makes of the results."""

import pytest

from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS
from tfgan_suite.claims.hard_architectures import ARCHITECTURES, METHODS, THRESHOLD

CLAIM = CLAIMS["hard-architectures"]


@pytest.mark.parametrize("preset", ["cpu", "paper"])
def test_four_methods_train_seven_architectures(preset):
    trials = CLAIM.trials(preset)
    assert set(trials) == {f"{a}, {m}" for a in ARCHITECTURES for m in METHODS}
    for name, trial in trials.items():
        model = configs.load(trial.config, trial.overrides).model
        if name.endswith("WGAN-GP"):  # a penalty is of each example alone
            assert model["discriminator"].get("normalization") in ("layer", "none"), name
        if name.startswith("no normalization"):
            assert {model[n]["normalization"] for n in ("generator", "discriminator")} == {"none"}
        if name.startswith(("gated", "tanh")):
            assert {model[n]["activation"] for n in ("generator", "discriminator")} == {name.split(",")[0]}


def measured(**changes):
    """WGAN-GP trains all, the others all but the last; some trainings are something else."""
    last = ARCHITECTURES[-1]
    found = {
        name: THRESHOLD + (1 if name.startswith(last) and not name.endswith(", WGAN-GP") else -1)
        for name in CLAIM.trials("cpu")
    }
    return {name: [{"frechet": d}] for name, d in (found | changes).items()}


def missed(results):
    return [row.name for row in CLAIM.rows(results) if row.verdict == "missed"]


def test_wgan_gp_is_to_train_all_and_the_others_are_not():
    assert missed(measured()) == []
    failing = f"{ARCHITECTURES[0]}, WGAN-GP"
    assert missed(measured(**{failing: 200.0})) == [failing, "WGAN-GP: architectures that train"]
    everything = {f"{ARCHITECTURES[-1]}, DCGAN": 10.0}
    assert missed(measured(**everything)) == ["DCGAN: architectures that train"]


def test_a_training_that_diverged_fails_and_is_gray(tmp_path):
    results = measured()
    results[f"{ARCHITECTURES[0]}, WGAN-GP"] = [{"diverged": "at step 3"}]
    assert "WGAN-GP: architectures that train" in missed(results)
    (path,) = CLAIM.draw(results, tmp_path)
    assert path.stat().st_size > 100


def test_the_dense_generator_has_a_longer_training_and_average_under_every_objective():
    trials = CLAIM.trials("cpu")
    loaded = {name: configs.load(trial.config, trial.overrides) for name, trial in trials.items()}
    dense = {name for name, config in loaded.items() if config.training.steps == 2400}
    assert dense == {f"dense G, {m}" for m in METHODS}
    assert {config.model["ema_decay"] for name, config in loaded.items() if name in dense} == {0.998}
    others = [config for name, config in loaded.items() if name not in dense]
    assert {(config.training.steps, config.model["ema_decay"]) for config in others} == {(800, 0.99)}

"""What `stacked-digits` trains and what it makes of the results."""

import pytest

from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS, stacked_digits
from tfgan_suite.claims.claim import lasting
from tfgan_suite.experiment import build_experiment

CLAIM = CLAIMS["stacked-digits"]


@pytest.mark.parametrize("preset", ["cpu", "paper"])
def test_every_discriminator_is_narrower_by_what_its_size_says(preset):
    for name, trial in CLAIM.trials(preset).items():
        if name.startswith("wide"):
            continue
        model = configs.load(trial.config, trial.overrides).model
        times = stacked_digits.SIZES[name.partition(", ")[0]]
        assert model["generator"]["width"] == times * model["discriminator"]["width"], name


@pytest.mark.parametrize("preset", ["cpu", "paper"])
def test_the_wide_game_is_gated_and_its_rates_fall_to_0_at_its_end(preset):
    trial = CLAIM.trials(preset)["wide, DCGAN"]
    config = configs.load(trial.config, trial.overrides)
    generator, discriminator = config.model["generator"], config.model["discriminator"]
    assert 4 * generator["width"] == 3 * discriminator["width"]
    assert generator["activation"] == discriminator["activation"] == "gated"
    for player in ("generator", "discriminator"):
        rate = config.optimizers[player]["learning_rate"]
        assert rate["decay_steps"] == config.training.steps
        assert rate["end_learning_rate"] == 0.0
    assert config.evaluation.samples == 26_000


def test_every_method_is_trained_at_a_quarter_and_its_published_ones_at_a_half():
    trials = CLAIM.trials("cpu")
    assert {n for n in trials if n.startswith("quarter")} == {f"quarter, {m}" for m in stacked_digits.METHODS}
    assert {f"half, {m}" for m in stacked_digits.SMALL["half"]} < set(trials)


def measured(modes):
    """What a claim with these modes, by trial, might have measured on every one of the seeds."""
    return {
        name: [{"modes": m, "reverse_kl": 1.0, "high_quality": 0.5} for m in modes.get(name, (10, 20, 30))]
        for name in CLAIM.trials("cpu")
    }


def verdicts(modes):
    return {row.name: row.verdict for row in CLAIM.rows(measured(modes)) if row.verdict != "reported"}


def test_orders_are_judged_on_means_and_the_best_on_every_seed():
    up = {"quarter, VEEGAN": (40, 50, 60), "quarter, PacGAN2": (100, 990, 1000)}
    found = verdicts(up)
    assert found["quarter: VEEGAN over DCGAN"] == "reached"
    assert found["quarter: PacGAN2 over VEEGAN"] == "reached"
    assert found["modes of the best (quarter, PacGAN2)"] == "missed"  # one seed has 100
    assert verdicts({"half, DCGAN": (990, 995, 1000)}) | {
        "modes of the best (half, DCGAN)": "reached",
        "half: PacGAN2 over DCGAN": "missed",
    } == verdicts({"half, DCGAN": (990, 995, 1000)})


def test_a_seed_that_diverged_is_no_mode():
    results = measured({"quarter, WGAN-GP": (999, 999, 999)})
    results["quarter, WGAN-GP"][1] = {"diverged": "at step 3"}
    best = CLAIM.rows(results)[-1]
    assert best.verdict == "missed"
    assert "WGAN-GP" not in best.name


def test_a_training_is_measured():
    trial = CLAIM.trials("cpu")["quarter, PacGAN2"]
    own = ["data={type: StackedDigits, source: digits}", "evaluation.samples=20", "training.batch_size=4"]
    experiment = build_experiment(configs.load(trial.config, [*trial.overrides, *lasting(2), *own]))
    experiment.model.fit(experiment.minibatches(0), steps_per_epoch=2, epochs=1, verbose=0)
    found = CLAIM.measure("quarter, PacGAN2", experiment, None)
    assert 1 <= found["modes"] <= 20
    assert found["total_modes"] == 1000
    assert len(found["images"]) == 8

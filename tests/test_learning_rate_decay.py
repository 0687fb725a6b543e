"""Linear decay to 0, as in WGAN-GP: in configs, over a resume, in saved models; by each player's steps."""

import keras
import numpy as np
import pytest

from tests import tiny
from tfgan_suite import checkpoint
from tfgan_suite import config as configs
from tfgan_suite.experiment import build_experiment

RATE, STEPS, CRITIC_STEPS = 1e-3, 40, 2
DECAY = (
    "learning_rate: "
    "{{type: PolynomialDecay, initial_learning_rate: 1e-3, decay_steps: {}, end_learning_rate: 0}}"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def config(folder):
    discriminator, generator = (DECAY.format(steps) for steps in (CRITIC_STEPS * STEPS, STEPS))
    text = tiny.TINY_RING.replace(
        "  objective: Wasserstein\n", "  objective: Wasserstein\n  discriminator_steps: 2\n"
    )
    text += f"optimizers:\n  discriminator: {{type: RMSprop, {discriminator}}}\n"
    text += f"  generator: {{type: Adam, {generator}, beta_1: 0.0}}\n"
    return tiny.write(folder, text, "decay.yaml")


def rates(model):
    return {name: float(optimizer.learning_rate) for name, optimizer in model.optimizers.items()}


def test_it_is_linear_and_ends_at_zero_for_both_players(config):
    experiment = build_experiment(configs.load(config))
    model, batches = experiment.model, experiment.minibatches(0)
    assert rates(model) == pytest.approx({"discriminator": RATE, "generator": RATE})
    for quarter in (1, 2, 3, 4):
        # One data pipeline after another is fine here: only the steps count.
        model.fit(batches, steps_per_epoch=STEPS // 4, epochs=1, verbose=0)
        expected = RATE * (1 - quarter / 4)
        assert rates(model) == pytest.approx({"discriminator": expected, "generator": expected}, abs=1e-9)
    before = [v.numpy() for p in model.players().values() for v in p.trainable_variables]
    model.fit(batches, steps_per_epoch=3, epochs=1, verbose=0)
    after = [v.numpy() for p in model.players().values() for v in p.trainable_variables]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_restored_model_decays_as_one_that_ran_through(config, folder):
    def begun():
        experiment = build_experiment(configs.load(config))
        return experiment.model, experiment.minibatches

    def go_on(model, minibatches, start):
        model.fit(minibatches(start), steps_per_epoch=STEPS // 2, epochs=1, verbose=0)

    whole, minibatches = begun()
    go_on(whole, minibatches, 0)
    path = checkpoint.save(whole, folder)
    go_on(whole, minibatches, STEPS // 2)
    restored, minibatches = begun()
    checkpoint.restore(restored, path)
    assert rates(restored) == pytest.approx({"discriminator": RATE / 2, "generator": RATE / 2})
    go_on(restored, minibatches, STEPS // 2)
    for name, value in checkpoint.state(whole).items():
        np.testing.assert_array_equal(checkpoint.state(restored)[name], value, err_msg=name)


def test_a_saved_model_keeps_its_schedules_and_where_they_are(config, folder):
    experiment = build_experiment(configs.load(config))
    model = experiment.model
    model.fit(experiment.minibatches(0), steps_per_epoch=10, epochs=1, verbose=0)
    model.save(folder / "model.keras")
    loaded = keras.saving.load_model(folder / "model.keras")
    for name, optimizer in loaded.optimizers.items():
        assert optimizer.get_config() == model.optimizers[name].get_config()
    assert rates(loaded) == rates(model)
    assert rates(loaded)["generator"] == pytest.approx(RATE * 0.75)


def test_keras_own_default_does_not_end_at_zero():
    """Why configs say `end_learning_rate: 0`."""
    schedule = keras.optimizers.schedules.PolynomialDecay(1e-3, 10)
    assert float(schedule(10)) == pytest.approx(1e-4)

"""The alarm: each planted failure is named, healthy generators raise nothing, and it does what it says."""

import math

import keras
import numpy as np
import pytest

from tests import tiny
from tests.conformance.examples import MODELS
from tfgan_suite import checkpoint, data, json_lines, models, networks, objectives, regularizers
from tfgan_suite.callbacks import CollapseAlarm
from tfgan_suite.callbacks.collapse_alarm import MOST_RESTORES
from tfgan_suite.callbacks.collapse_signals import (
    GradientProbe,
    RealExamples,
    indifference,
    ratio_of_norms,
    share_at_bound,
)
from tfgan_suite.cli import main
from tfgan_suite.objectives import divergences

COUNT = 512
SETTINGS = {"ring": data.Ring, "grid": data.Grid, "digits": data.Digits}


def modes_of(setting, examples, labels):
    """Which mode each example is of: the class of a digit, the nearest centre of a toy."""
    if setting == "digits":
        return labels
    return np.linalg.norm(examples[:, None] - SETTINGS[setting]().centers[None], axis=2).argmin(axis=1)


def some(setting, modes=None, seed=1):
    """COUNT examples that a perfect generator of the first `modes` modes gives."""
    count = None if setting == "digits" else 8000
    examples, labels = SETTINGS[setting]().examples("train", count, seed=seed, labels=True)
    kept = examples if modes is None else examples[modes_of(setting, examples, labels) < modes]
    return kept[np.random.default_rng(seed).permutation(len(kept))[:COUNT]]


# The signals


def test_diversity_is_a_ratio_of_distances():
    points = np.random.default_rng(0).normal(size=(200, 3))
    reference = RealExamples(points)
    assert reference.diversity(points) == 1.0
    assert reference.diversity(points[0] + 0.25 * (points - points[0])) == pytest.approx(0.25)
    assert reference.diversity(np.repeat(points[:1], 200, axis=0)) == 0.0


def test_distance_is_in_spreads_of_the_data():
    random = np.random.default_rng(0)
    points = random.normal(size=(200, 2))
    points = (points - points.mean(axis=0)) / points.std(axis=0) * math.sqrt(0.5)  # variance 1 in all
    reference = RealExamples(points)
    assert reference.distance(points) == 0.0
    radius = np.linalg.norm(points, axis=1).max()
    for far in (10.0, 100.0):
        fakes = np.array([[far, 0.0]] * 5)
        assert far - radius <= reference.distance(fakes) <= far


def test_coverage_is_the_share_of_reals_reached():
    """20 far groups of equal size are the 20 clusters; so many are reached as the fakes are of."""
    random = np.random.default_rng(0)
    angles = 2 * np.pi * np.arange(20) / 20
    groups = 100.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.repeat(groups, 20, axis=0) + random.normal(size=(400, 2))
    reference = RealExamples(points)
    shares = sorted(reference.shares)
    assert sum(shares) == pytest.approx(1.0)
    for count in (1, 5, 20):
        fakes = np.repeat(groups[:count], 20, axis=0)
        reached = reference.coverage(fakes)
        # k-means may take two neighbouring groups as one.
        assert count / 20 - 1e-9 <= reached <= count / 20 + 3 * 0.05


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (objectives.Minimax(), 2 * math.log(2)),
        (objectives.NonSaturating(), 2 * math.log(2)),
        (objectives.Hinge(), 2.0),
        (objectives.LeastSquares(), 0.25),
        (objectives.Relativistic(average=False), math.log(2)),
        (objectives.FGAN(divergences.GANDivergence()), 2 * math.log(2)),
        (objectives.Wasserstein(), None),
        (objectives.FGAN(divergences.KL()), None),
        (objectives.MetricLearning(), None),
    ],
    ids=repr,
)
def test_the_loss_of_a_discriminator_that_cannot_tell(objective, expected):
    found = indifference(objective)
    assert found is None if expected is None else found == pytest.approx(expected, rel=1e-5)


def test_share_at_bound():
    weights = [np.array([[0.01, -0.01], [0.005, 0.0]]), np.array([0.00995, -0.002])]
    assert share_at_bound(weights, 0.01) == 0.5


def test_ratio_of_norms_by_hand():
    assert ratio_of_norms([1.0, 4.0, 2.0]) == 0.25  # least at the input: vanishes
    assert ratio_of_norms([8.0, 2.0, 3.0]) == 4.0
    assert ratio_of_norms([3.0]) == 1.0
    assert ratio_of_norms([0.0, 0.0]) == 0.0


def test_gradients_by_layer_by_hand():
    """Of h1 = W1 x, h2 = tanh-free W2 h1, y = w . h2: dy/dh2 = w, dy/dh1 = W2 w, dy/dy = 1."""
    inputs = keras.Input((3,))
    h1 = keras.layers.Dense(4, use_bias=False)(inputs)
    h2 = keras.layers.Dense(5, use_bias=False)(h1)
    network = keras.Model(inputs, keras.layers.Dense(1, use_bias=False)(h2))
    _, second, last = network.get_weights()
    norms = [np.linalg.norm(second @ last), np.linalg.norm(last), 1.0]
    found = GradientProbe(network).ratio([np.ones((7, 3), "float32")])
    assert found == pytest.approx(ratio_of_norms(norms), rel=1e-5)


# What is named


def game(setting, objective=None, **options):
    shape = SETTINGS[setting]().example_shape
    model = models.GAN(
        networks.mlp_generator(shape, latent_dim=2, width=8),
        options.pop("discriminator", None) or networks.mlp_discriminator(shape, width=8),
        objective or objectives.NonSaturating(),
        **options,
    )
    model.compile()
    return model


def named(model, setting, samples, monkeypatch):
    """What a single check says of these samples."""
    lines = []
    real = SETTINGS[setting]().examples("train", COUNT, seed=0)
    alarm = CollapseAlarm(real, every=1, after=0, patience=1, say=lines.append)
    alarm.set_model(model)
    alarm.on_train_begin()
    model.train_steps.assign(10)
    if samples is not None:
        monkeypatch.setattr(model, "sample", lambda count, seed: samples[:count])
    found = alarm.check()
    assert len(lines) == bool(found["alarms"])
    assert all("\n" not in line and "What usually helps: " in line for line in lines)
    assert all(name in line for line in lines for name in found["alarms"])
    return found["alarms"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_healthy_generators_raise_nothing(setting, monkeypatch):
    model = game(setting)
    for seed in (1, 2):
        with monkeypatch.context() as patch:
            assert named(model, setting, some(setting, seed=seed), patch) == []


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("modes", [1, 4])
def test_collapse_to_few_modes(setting, modes, monkeypatch):
    samples = some(setting, modes)
    samples = samples[np.random.default_rng(0).integers(len(samples), size=COUNT)]
    noise = 0.001 * np.random.default_rng(0).normal(size=samples.shape)  # no exact copies
    assert "missing modes" in named(game(setting), setting, samples + noise, monkeypatch)


@pytest.mark.parametrize("setting", SETTINGS)
def test_collapse_to_a_constant(setting, monkeypatch):
    samples = np.repeat(some(setting)[:1], COUNT, axis=0)
    assert named(game(setting), setting, samples, monkeypatch) == ["missing modes", "no diversity"]


@pytest.mark.parametrize("setting", ["ring", "grid"])
def test_divergence_of_points(setting, monkeypatch):
    samples = 20.0 + 3.0 * some(setting)
    assert "far from the data" in named(game(setting), setting, samples, monkeypatch)


def test_divergence_of_images(monkeypatch):
    """Pixels at their bounds, at random: what a tanh gives whose weights have grown."""
    samples = np.sign(np.random.default_rng(0).normal(size=(COUNT, 16, 16, 1))).astype("float32")
    assert "far from the data" in named(game("digits"), "digits", samples, monkeypatch)


@pytest.mark.parametrize("objective", [objectives.NonSaturating(), objectives.Hinge()], ids=repr)
def test_a_saturated_discriminator(objective, monkeypatch):
    """D(x) = 20 - 100 |first coordinate - that of x| for real x near 0, and fakes at 1."""
    model = game("ring", objective)
    model.generator.set_weights([np.zeros(w.shape) for w in model.generator.get_weights()])
    model.generator.trainable_variables[-1].assign([5.0, 0.0])  # every fake at (5, 0), the ring within 1.1
    kernel, bias, *rest, last, last_bias = (np.zeros(w.shape) for w in model.discriminator.get_weights())
    kernel[0, 0], rest[0][0, 0], last[0, 0], bias[0] = 1.0, 1.0, -20.0, 5.0
    last_bias[:] = 20.0 * 8.0  # D = 20 (8 - (x + 5)): 38 or more on the ring, -40 on the fakes
    model.discriminator.set_weights([kernel, bias, *rest, last, last_bias])
    assert "saturated discriminator" in named(model, "ring", some("ring"), monkeypatch)
    assert named(game("ring", objective), "ring", some("ring"), monkeypatch) == []


def signed(network, limit):
    random = np.random.default_rng(0)
    network.set_weights([limit * np.sign(random.normal(size=w.shape)) for w in network.get_weights()])
    return network


@pytest.mark.parametrize(("limit", "name"), [(0.01, "vanishing gradients"), (0.5, "exploding gradients")])
def test_a_clipped_critic_of_12_layers(limit, name, monkeypatch):
    """Every weight at the bound: from layer to layer gradients change by about limit * sqrt(64 / 2)."""
    critic = signed(networks.mlp_discriminator((2,), width=64, depth=12), limit)
    options = {"discriminator": critic, "regularizers": [regularizers.WeightClipping(limit)]}
    model = game("ring", objectives.Wasserstein(), **options)
    assert {name, "weights at the bound"} <= set(named(model, "ring", some("ring"), monkeypatch))


# What it does


class Planted(CollapseAlarm):
    """Its signals come from a list; `good` and `bad` are diversities."""

    def planted(self, signals):
        self.left = list(signals)
        return self

    def signals(self):
        return {"diversity": self.left.pop(0)}


GOOD, BAD = 1.0, 0.0


def planted(signals, lines, model=None, **options):
    alarm = Planted(data.Ring().examples("train", 20), every=5, say=lines.append, **options)
    alarm.planted(signals).set_model(model or MODELS["GAN"].compiled())
    return alarm


def checked(alarm, first=1):
    """Whether each check alarms, at steps 5, 10, ..., from the one of number `first` on."""
    alarm.model.train_steps.assign(5 * (first - 1))
    alarm.on_train_begin()
    found = []
    for number in range(first, first + len(alarm.left)):
        alarm.model.train_steps.assign(5 * number)
        alarm.on_epoch_end(0)
        found.append(bool(alarm.history[-1]["alarms"]))
    return found


@pytest.mark.parametrize(
    ("options", "signals", "expected"),
    [
        ({"patience": 1, "after": 0}, [GOOD, BAD, BAD, GOOD, BAD], [0, 1, 0, 0, 1]),
        ({"patience": 2, "after": 0}, [BAD, GOOD, BAD, BAD, BAD], [0, 0, 0, 1, 0]),
        ({"patience": 3, "after": 0}, [BAD, BAD, BAD, BAD], [0, 0, 1, 0]),
        ({"patience": 2, "after": 10}, [BAD, BAD, BAD, BAD], [0, 0, 0, 1]),
    ],
)
def test_it_waits_and_says_it_once(options, signals, expected):
    lines = []
    assert checked(planted(signals, lines, **options)) == [bool(e) for e in expected]
    assert len(lines) == sum(expected)


def test_between_its_steps_it_does_not_look():
    alarm = planted([], [])
    alarm.model.train_steps.assign(7)
    alarm.on_epoch_end(0)
    assert alarm.history == []


def test_a_resumed_alarm_goes_on_where_it_was(tmp_path):
    signals, lines = [BAD, GOOD, BAD, BAD, BAD, BAD], []
    whole = checked(planted(signals, lines, after=0, path=tmp_path / "whole.jsonl"))
    for cut in range(1, 6):
        path = tmp_path / f"{cut}.jsonl"
        first = checked(planted(signals[:cut], lines, after=0, path=path))
        assert first + checked(planted(signals[cut:], lines, after=0, path=path), cut + 1) == whole
        kept = [json_lines.read(p) for p in (path, tmp_path / "whole.jsonl")]
        for line in (line for each in kept for line in each):
            del line["seconds"]
        assert kept[0] == kept[1]


def test_stop_ends_the_training():
    model = MODELS["GAN"].compiled()
    alarm = planted([GOOD, BAD, BAD, BAD], [], model, action="stop", after=0)
    model.fit(data.Ring().batches(8), steps_per_epoch=5, epochs=9, verbose=0, callbacks=[alarm])
    assert model.step == 15
    assert alarm.history[-1]["action"] == "stop"


class Best:
    """Stands for a BestCheckpoint."""

    def __init__(self, directory):
        self.directory = directory

    @property
    def best(self):
        return checkpoint.read_best(self.directory)


def test_restore_goes_back_and_on(tmp_path):
    model, lines = MODELS["GAN"].compiled(), []
    checkpoint.save_best(model, tmp_path, "frechet_distance", 1.0)
    best = model.generator.get_weights()
    options = {"action": "restore", "best": Best(tmp_path), "after": 0, "patience": 1}
    alarm = planted([BAD, BAD, GOOD, BAD, BAD], lines, model, **options)
    alarm.on_train_begin()
    for number in range(1, 6):
        model.generator.set_weights([w + 1 for w in best])
        model.train_steps.assign(5 * number)
        alarm.on_epoch_end(0)
        done = alarm.history[-1]["action"]
        # What was seen right after a restore counts anew; after three it only says so.
        assert done == [None, "restore", "restore", None, "restore", "say"][number]
        if done == "restore":
            assert model.step == 5 * number
            for a, b in zip(model.generator.get_weights(), best, strict=True):
                np.testing.assert_array_equal(a, b)
    assert MOST_RESTORES == 3
    assert "best checkpoint, of step 0" in lines[0]
    assert "3 times already" in lines[-1]


def test_restore_without_a_best_yet_says_so(tmp_path):
    lines = []
    checked(planted([BAD], lines, action="restore", best=Best(tmp_path), after=0, patience=1))
    assert lines[0].endswith("Nothing to go back to.")


def test_training_is_the_same_with_and_without_it():
    def fitted(callbacks):
        model = MODELS["GAN with a constraint"].compiled()
        model.fit(data.Ring().batches(8), steps_per_epoch=5, epochs=4, verbose=0, callbacks=callbacks)
        return checkpoint.state(model)

    alarm = CollapseAlarm(data.Ring().examples("train", 100), every=5, after=0, say=lambda line: None)
    with_it, without = fitted([alarm]), fitted([])
    assert len(alarm.history) == 4
    for name in without:
        np.testing.assert_array_equal(with_it[name].numpy(), without[name].numpy())


@pytest.mark.parametrize(
    "name", ["GAN with labels", "GAN dcgan", "GAN of vectors", "GAN of 3 discriminator steps"]
)
def test_every_kind_of_model_has_signals(name):
    example = MODELS[name]
    model = example.compiled()
    alarm = CollapseAlarm(example.batch(model, 70), every=1)
    alarm.set_model(model)
    alarm.on_train_begin()
    signals = alarm.signals()
    assert {"diversity", "coverage", "distance", "generator/gradient_ratio"} <= signals.keys()
    assert all(value is None or np.isfinite(value) for value in signals.values())
    assert (signals["saturation"] is None) == (name == "GAN of vectors")


def test_a_run_with_an_alarm(tmp_path, monkeypatch, capsys):
    """From the config to the file; the run resumes with it."""
    monkeypatch.chdir(tmp_path)
    config = str(tiny.write(tmp_path, tiny.TINY_RING, "ring.yaml"))
    alarm = ["--set", "alarm={every: 10, after: 0, samples: 64}"]
    assert main(["train", config, "--output", "run", *alarm, "--set", "training.steps=20"]) == 0
    more = ["--set", "training.steps=40", "--resume"]
    assert main(["train", config, "--output", "run", *alarm, *more]) == 0
    lines = json_lines.read(tmp_path / "run/alarms.jsonl")
    assert [line["step"] for line in lines] == [10, 20, 30, 40]
    assert {"diversity", "coverage", "distance", "saturation", "at_bound", "failures"} <= lines[0].keys()
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("alarm ")]
    assert len(said) == sum(bool(line["alarms"]) for line in lines)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"action": "shout"}, "action: expected .* came 'shout'"),
        ({"action": "restore"}, "best: expected a BestCheckpoint"),
        ({"every": 0}, "every: expected 1 or more, came 0"),
        ({"after": -1}, "after: expected 0 or more, came -1"),
        ({"patience": 0}, "patience: expected 1 or more, came 0"),
        ({"real": np.zeros((3, 2))}, "real: expected 4 examples or more, came 3"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        CollapseAlarm(**{"real": np.zeros((10, 2)), "every": 1} | options)

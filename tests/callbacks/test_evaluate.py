"""Evaluation during training: at its interval, within its share of the time, touching nothing."""

import json
import time

import numpy as np
import pytest

from tests.conformance.examples import MODELS
from tfgan_suite import data
from tfgan_suite.callbacks import Evaluate
from tfgan_suite.evaluation import DatasetReference, Evaluator


@pytest.fixture
def evaluator():
    return Evaluator(DatasetReference(data.Ring()), wanted=["mode_coverage"], count=100)


def fit(callbacks, epochs=6):
    model = MODELS["GAN"].compiled()
    dataset = data.Ring().batches(8)
    model.fit(dataset, steps_per_epoch=5, epochs=epochs, verbose=0, callbacks=callbacks)
    return model


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_one_line_for_each_interval_with_every_number(evaluator, tmp_path):
    fit([Evaluate(evaluator, tmp_path / "e.jsonl", every=10, share=0.99)])
    found = lines(tmp_path / "e.jsonl")
    assert [line["step"] for line in found] == [10, 20, 30]
    assert {"seconds", "mode_coverage.modes", "mode_coverage.reverse_kl"} <= found[0].keys()


def test_training_is_the_same_with_and_without_it(evaluator, tmp_path):
    with_it = fit([Evaluate(evaluator, tmp_path / "e.jsonl", every=5, share=0.99)])
    for a, b in zip(fit([]).get_weights(), with_it.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_share_of_the_time_is_kept(evaluator, tmp_path, monkeypatch):
    """With a clock of our own: 1 s a training epoch, 5 s an evaluation."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    callback = Evaluate(evaluator, tmp_path / "e.jsonl", every=1, share=0.25)
    measure = evaluator.measure
    monkeypatch.setattr(evaluator, "measure", lambda *a: now.__setitem__(0, now[0] + 5.0) or measure(*a))
    model = MODELS["GAN"].compiled()
    callback.set_model(model)
    callback.on_train_begin()
    shares = []
    for _ in range(100):
        now[0] += 1.0
        callback.on_epoch_end(0)
        shares.append(callback.spent / now[0])
    assert callback.spent / now[0] <= 0.25
    assert callback.spent / now[0] > 0.2  # it uses what it is given
    # After the first one, whose cost is unknown, the share never grows beyond its bound.
    after = next(i for i, share in enumerate(shares) if share <= 0.25)
    assert max(shares[after:]) <= 0.25


def test_tensorboard_gets_the_numbers(evaluator, tmp_path):
    import tensorflow as tf
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    writer = tf.summary.create_file_writer(str(tmp_path / "events"))
    fit([Evaluate(evaluator, tmp_path / "e.jsonl", every=10, share=0.99, writer=writer)])
    writer.close()
    events = EventAccumulator(str(tmp_path / "events")).Reload()
    assert [e.step for e in events.Tensors("evaluation/mode_coverage.modes")] == [10, 20, 30]


@pytest.mark.parametrize("share", [0.0, 1.0, -1])
def test_a_share_is_a_fraction(evaluator, tmp_path, share):
    with pytest.raises(ValueError, match="share: expected a number"):
        Evaluate(evaluator, tmp_path / "e.jsonl", every=10, share=share)

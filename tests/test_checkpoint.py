"""Checkpoints under everything that can happen to files and processes."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from tests import tiny
from tests.conformance.examples import MODELS
from tfgan_suite import checkpoint, json_lines, models, networks, objectives
from tfgan_suite.cli import main
from tfgan_suite.errors import Diverged, UserError


def test_a_corrupt_checkpoint_is_named_and_the_one_before_it_used(tmp_path):
    model = MODELS["GAN"].compiled()
    for step in (1, 2, 3):
        model.train_steps.assign(step)
        checkpoint.save(model, tmp_path)
    newest, middle, oldest = checkpoint.paths(tmp_path)
    newest.write_bytes(newest.read_bytes()[:-100])  # cut off
    content = bytearray(middle.read_bytes())
    content[len(content) // 3] ^= 0xFF  # one byte changed
    middle.write_bytes(content)
    path, messages = checkpoint.restore_newest(model, tmp_path)
    assert path == oldest
    assert model.step == 1
    assert [str(newest) in messages[0], str(middle) in messages[1]] == [True, True]


def test_when_nothing_can_be_read_every_file_is_named(tmp_path):
    model = MODELS["GAN"].compiled()
    path = checkpoint.save(model, tmp_path)
    path.write_bytes(b"")
    with pytest.raises(UserError, match=path.name):
        checkpoint.restore_newest(model, tmp_path)


def test_another_models_checkpoint_is_refused_and_changes_nothing(tmp_path):
    path = checkpoint.save(MODELS["GAN dcgan"].compiled(), tmp_path)
    model = MODELS["GAN"].compiled()
    before = model.get_weights()
    with pytest.raises(UserError, match="another model"):
        checkpoint.restore(model, path)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_a_crash_while_writing_leaves_the_last_good_one(tmp_path, monkeypatch):
    model = MODELS["GAN"].compiled()
    good = checkpoint.save(model, tmp_path)
    content = good.read_bytes()

    def crash(path, **arrays):
        Path(path).write_bytes(content[:50])
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", crash)
    model.train_steps.assign(7)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save(model, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [good.name]
    assert good.read_bytes() == content


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    model = MODELS["GAN"].compiled()
    good = checkpoint.save(model, tmp_path)
    model.train_steps.assign(1)
    kernel = model.generator.trainable_variables[0]
    kernel.assign(kernel * np.nan)
    with pytest.raises(Diverged, match="kernel") as error:
        checkpoint.save(model, tmp_path)
    assert error.value.step == 1
    assert checkpoint.paths(tmp_path) == [good]


def test_only_the_newest_are_kept(tmp_path):
    model = MODELS["GAN"].compiled()
    for step in range(5):
        model.train_steps.assign(step)
        checkpoint.save(model, tmp_path, keep=2)
    assert [p.stem for p in checkpoint.paths(tmp_path)] == ["step-00000004", "step-00000003"]


def test_dropout_in_a_users_network_resumes_exactly(tmp_path):
    def make():
        keras.utils.set_random_seed(0)
        layers = [keras.Input((2,)), keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
        model = models.GAN(
            networks.mlp_generator((2,)), keras.Sequential(layers, name="discriminator"), objectives.Hinge()
        )
        model.compile()
        return model

    x = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
    whole, first, second = make(), make(), make()
    whole.fit(x, batch_size=4, shuffle=False, verbose=0)
    first.fit(x[:16], batch_size=4, shuffle=False, verbose=0)
    checkpoint.restore(second, checkpoint.save(first, tmp_path))
    second.fit(x[16:], batch_size=4, shuffle=False, verbose=0)
    for a, b in zip(checkpoint.state(whole).values(), checkpoint.state(second).values(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize(
    "kills", [(20,), pytest.param((10, 30), marks=pytest.mark.slow)], ids=["once", "twice"]
)
def test_killed_a_training_ends_as_if_it_had_never_stopped(kills, tmp_path, monkeypatch):
    """SIGKILL of a real process, at moments nobody chose, then --resume."""
    monkeypatch.chdir(tmp_path)
    config = str(tiny.write(tmp_path))
    steps = "training.steps=40"
    assert main(["train", config, "--output", "whole", "--set", steps]) == 0

    command = [sys.executable, "-m", "tfgan_suite", "train", config, "--output", "killed", "--set", steps]
    moments = random.Random(0)
    for newest in kills:
        process = subprocess.Popen(
            command + (["--resume"] if Path("killed").exists() else []),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        )
        _wait_for(Path(f"killed/checkpoints/step-{newest:08d}.npz"), process)
        time.sleep(moments.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.returncode == -signal.SIGKILL, "the run ended before it was killed"
    assert main(["train", config, "--output", "killed", "--set", steps, "--resume"]) == 0

    (whole, *_), (killed, *_) = checkpoint.paths("whole/checkpoints"), checkpoint.paths("killed/checkpoints")
    assert whole.name == killed.name == "step-00000040.npz"
    with np.load(whole) as a, np.load(killed) as b:
        assert a.files == b.files
        for name in a.files:
            np.testing.assert_array_equal(a[name], b[name], err_msg=name)
    assert _losses("whole") == _losses("killed")


def _losses(run: str) -> list[dict]:
    lines = json_lines.read(Path(run, "metrics.jsonl"))
    return [{key: value for key, value in line.items() if key != "seconds_per_step"} for line in lines]


def _wait_for(path: Path, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.005)

"""Two processes on this machine train one model, and one of them is killed."""

import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from tests import tiny
from tfgan_suite import json_lines
from tfgan_suite.cli import EXIT_WORKER_LOST, main

# Batch statistics, an average, two discriminator steps, a penalty; what images would add is traced slowly.
# Small steps: faster ones amplify rounding, where a ReLU flips, to 1e-2 within 20 steps.
POINTS = """\
data: Ring
model:
  type: GAN
  objective: NonSaturating
  regularizers: [{type: R1, weight: 0.1}]
  discriminator_steps: 2
  ema_decay: 0.9
  generator: {type: mlp_generator, width: 8, normalization: batch}
  discriminator: {type: mlp_discriminator, width: 8}
training:
  {batch_size: 16, steps: 20, log_every: 5, sample_every: 20, checkpoint_every: 10, keep_checkpoints: 1000}
evaluation: {samples: 50}
optimizers:
  discriminator: {type: SGD, learning_rate: 0.002}
  generator: {type: SGD, learning_rate: 0.002}
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return str(tiny.write(tmp_path, POINTS))


def start_workers(*arguments: str) -> list[subprocess.Popen]:
    """Two workers, the first of which is the chief."""
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(2)]
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tfgan_suite", "train", *arguments, "--strategy", "multi_worker"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TF_CONFIG": _tf_config(addresses, index), "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        for index in range(2)
    ]


def _free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def _tf_config(addresses, index):
    return json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})


def last_checkpoint(run):
    return np.load(max((run / "checkpoints").glob("step-*.npz")))


def test_two_workers_one_killed_and_one_process_end_alike(config, tmp_path):
    """Begun by two workers, one killed on the way, ended by one process: as one process does it all."""
    assert main(["train", config, "--output", "runs/one"]) == 0
    run = tmp_path / "runs" / "two"
    # A long run, of which the test waits for the first checkpoint.
    workers = start_workers(config, "--output", str(run), "--set", "training.steps=100000")
    deadline = time.monotonic() + 240
    while not list((run / "checkpoints").glob("step-*.npz")):
        assert time.monotonic() < deadline, "no checkpoint yet"
        assert workers[0].poll() is None, workers[0].communicate()[1][-3000:]
        time.sleep(0.2)
    workers[1].kill()
    _, errors = workers[0].communicate(timeout=120)
    assert workers[0].returncode == EXIT_WORKER_LOST, errors[-3000:]
    assert "start all of them again, with --resume" in errors
    for path in (run / "checkpoints").glob("step-*.npz"):  # as if it had been killed at step 10
        if path.name > "step-00000010.npz":
            path.unlink()
    assert main(["train", config, "--output", str(run), "--resume"]) == 0
    one, two = last_checkpoint(tmp_path / "runs" / "one"), last_checkpoint(run)
    for name in one.files:
        np.testing.assert_allclose(two[name], one[name], rtol=1e-6, atol=1e-6, err_msg=name)
    logged = json_lines.read(run / "metrics.jsonl")
    assert [line["step"] for line in logged] == [5, 10, 15, 20]


def test_multi_worker_needs_a_cluster(config, monkeypatch, capsys):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert main(["train", config, "--strategy", "multi_worker", "--output", "runs/x"]) == 2
    assert "expected the variable TF_CONFIG" in capsys.readouterr().err

"""`reproduce`: every claim is well formed, trainings are kept, and a miss is shown as a miss."""

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import tiny
from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS
from tfgan_suite.claims.claim import Claim, Row, Trial, table, values
from tfgan_suite.claims.reproduce import reproduce
from tfgan_suite.cli import main
from tfgan_suite.errors import UserError


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_every_trial_of_every_preset_is_a_valid_config(claim):
    assert {"cpu", "paper"} <= set(claim.minutes)
    assert all(minutes > 0 for minutes in claim.minutes.values())
    for preset in claim.minutes:
        for trial in claim.trials(preset).values():
            config = configs.load(trial.config, trial.overrides)
            assert config.training.steps % config.training.log_every == 0


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Row("x", [1.0, 1.1], reference=1.0, tolerance=0.2), "reached"),
        (Row("x", [1.0, 1.3], reference=1.0, tolerance=0.2), "missed"),  # every seed counts, not their mean
        (Row("x", [0.8, 1.3], reference=1.0, tolerance=0.2), "missed"),
        (Row("x", [1.0, math.nan], reference=1.0, tolerance=0.2), "missed"),
        (Row("x", [2.0, 3.0], at_least=2.0), "reached"),
        (Row("x", [1.9, 3.0], at_least=2.0), "missed"),
        (Row("x", [math.nan], at_least=2.0), "missed"),
        (Row("x", [1.0, 2.0], at_most=2.0), "reached"),
        (Row("x", [1.0, 2.1], at_most=2.0), "missed"),
        (Row("x", [math.nan], at_most=2.0), "missed"),
        (Row("x", [1.0], published=5.0), "reported"),
    ],
)
def test_verdicts(row, verdict):
    assert row.verdict == verdict
    assert verdict in table([row])


def test_mean_and_spread():
    row = Row("x", [1.0, 3.0])
    assert (row.mean, row.spread) == (2.0, pytest.approx(math.sqrt(2)))
    assert Row("x", [1.0]).spread == 0.0
    assert math.isnan(Row("x", [1.0, math.nan]).spread)


class Tiny(Claim):
    """Two trainings of seconds; one of them diverges when it is told to."""

    name = "tiny"
    source = "nowhere"
    protocol = "None."
    minutes = {"cpu": 0.1}

    def __init__(self, folder):
        self.config = tiny.write(folder, tiny.TINY_RING, "ring.yaml")
        self.measured = []

    def trials(self, preset):
        return {n: Trial(self.config, (f"model.objective={n}",)) for n in ("Hinge", "LeastSquares")}

    def watch(self, trial, experiment):
        return {"step": experiment.model.step}

    def measure(self, trial, experiment, folder):
        self.measured.append((trial, experiment.config.training.seed))
        return {"steps": experiment.model.step, "seed": experiment.config.training.seed}

    def rows(self, results):
        return [
            Row(n, values(m, "steps"), published=19, reference=20, tolerance=0) for n, m in results.items()
        ]


def run(claim, folder, seeds=2, **options):
    return reproduce(claim, folder, seeds=seeds, jobs=1, say=lambda line: None, **options)


def test_trainings_are_kept_and_only_missing_ones_are_run(tmp_path):
    claim = Tiny(tmp_path)
    rows = run(claim, tmp_path / "out")
    everything = [(n, seed) for seed in (0, 1) for n in ("Hinge", "LeastSquares")]
    assert claim.measured == everything
    assert [row.verdict for row in rows] == ["reached", "reached"]

    kept = json.loads((tmp_path / "out/trials/Hinge-seed1.json").read_text())
    every = kept["config"]["training"]["log_every"]
    assert kept["measured"]["watched"] == [{"step": step} for step in range(every, 21, every)]

    claim.measured.clear()
    assert [row.values for row in run(claim, tmp_path / "out")] == [row.values for row in rows]
    assert claim.measured == []

    (tmp_path / "out/trials/Hinge-seed1.json").unlink()
    run(claim, tmp_path / "out")
    assert claim.measured == [("Hinge", 1)]

    # Another override is another experiment: nothing of the old one may be taken for it.
    claim.measured.clear()
    rows = run(claim, tmp_path / "out", seeds=1, overrides=["training.steps=10"])
    assert claim.measured == everything[:2]
    assert [row.verdict for row in rows] == ["missed", "missed"]
    report = (tmp_path / "out/report.md").read_text()
    assert "| Hinge | 19 | 20.0000 +- 0 | 10.0000 +- 0.0000 | missed |" in report
    assert "0 of 2" in report
    assert "training.steps=10" in report
    summary = json.loads((tmp_path / "out/results.json").read_text())
    assert [row["verdict"] for row in summary["rows"]] == ["missed", "missed"]


def test_the_longest_trainings_come_first(tmp_path):
    claim = Tiny(tmp_path)
    short, long = claim.trials("cpu").items()
    claim.trials = lambda preset: {
        short[0]: short[1],
        long[0]: Trial(long[1].config, (*long[1].overrides, "training.steps=40")),
    }
    run(claim, tmp_path / "out")
    assert claim.measured == [(name, seed) for name in (long[0], short[0]) for seed in (0, 1)]


@pytest.mark.parametrize(("overrides", "exact"), [([], True), (["training.exact=false"], False)])
def test_equal_bits_are_the_configs_choice(tmp_path, monkeypatch, overrides, exact):
    asked = []
    monkeypatch.setattr("tfgan_suite.claims.reproduce.import_tensorflow", asked.append)
    run(Tiny(tmp_path), tmp_path / "out", seeds=1, overrides=["training.steps=10", *overrides])
    assert asked == [exact]


def test_a_training_that_diverges_misses_and_the_others_go_on(tmp_path):
    claim = Tiny(tmp_path)
    sgd = "optimizers={discriminator: {type: SGD, learning_rate: 1e6}}"
    hinge, squares = run(claim, tmp_path / "out", seeds=1, overrides=[sgd, "model.regularizers=[]"])
    assert squares.verdict == "missed"
    assert all(map(math.isnan, squares.values))
    assert hinge.values is not None
    assert "diverged" in (tmp_path / "out/trials/LeastSquares-seed0.json").read_text()


class TwoTrials(type(CLAIMS["fgan-gaussian-mixture"])):
    """A part of a claim; at the top of a module, so that other processes find it."""

    def trials(self, preset):
        return dict(list(super().trials(preset).items())[:2])


def test_processes_side_by_side_give_the_same(tmp_path):
    claim = TwoTrials()
    short = [f"training.{name}=2" for name in ("steps", "log_every", "sample_every", "checkpoint_every")]
    short += ["data={type: GaussianMixture, weights: [0.5, 0.5], means: [[0.0], [4.0]], stds: [1.0, 0.5]}"]
    options = {"seeds": 1, "overrides": short, "say": lambda line: None}
    alone = reproduce(claim, tmp_path / "alone", jobs=1, **options)
    assert [row.published for row in alone] == [None] * len(alone)  # another mixture: nothing is published
    assert alone[0].reference == pytest.approx(2.0, abs=1e-3)  # KL matches the mean
    beside = reproduce(claim, tmp_path / "beside", jobs=2, **options)
    # Equal up to rounding: a process beside another has fewer threads, and sums in another order.
    for one, other in zip(alone, beside, strict=True):
        assert other.values == pytest.approx(one.values, rel=1e-5)


def test_a_mistake_shows_before_anything_is_trained(tmp_path):
    claim = Tiny(tmp_path)
    with pytest.raises(UserError, match="preset.*cpu.*gpu"):
        run(claim, tmp_path / "out", preset="gpu")
    with pytest.raises(UserError, match="widht"):
        run(claim, tmp_path / "out", overrides=["model.generator.widht=3"])
    assert claim.measured == []


def test_command_line(capsys):
    assert main(["reproduce", "--list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in CLAIMS)
    assert main(["reproduce", "nothing"]) == 2
    assert "fgan-gaussian-mixture" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the process in /proc")
def test_workers_end_with_the_process_that_started_them():
    worker = "import sys; from tfgan_suite.claims.reproduce import end_with; end_with(int(sys.argv[1]))"
    start = (
        "import os, subprocess, sys; "
        f"p = subprocess.Popen([sys.executable, '-c', {worker!r}, str(os.getpid())]); "
        "print(p.pid, flush=True); p.wait()"
    )
    parent = subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    os.kill(pid, 0)  # it is there
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _runs(pid)


def _runs(pid):
    """Not one that ended and waits to be asked for its exit code either."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

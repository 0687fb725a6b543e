"""`tune`: what it tries, what it concludes from timings, and one small race of real processes."""

import json

import pytest

from tests import tiny
from tfgan_suite import config as configs
from tfgan_suite.cli import main
from tfgan_suite.tuning import candidates as module
from tfgan_suite.tuning.candidates import Candidate, candidates, combined
from tfgan_suite.tuning.tune import Timing, as_json, report, tune


def load(folder, *overrides):
    return configs.load(tiny.write(folder, tiny.TINY_RING), overrides)


def names(*arguments, **options):
    return [candidate.name for candidate in candidates(*arguments, **options)]


def test_candidates_change_one_thing_each_and_are_configs(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "cpu_count", lambda: 4)
    config = load(tmp_path)
    found = candidates(config)
    assert [c.name for c in found] == ["as it is", "XLA", "one thread an operation", "oneDNN"]
    assert [len(c.overrides) for c in found] == [0, 1, 1, 1]
    for candidate in found[1:]:
        changed = configs.load(tmp_path / "lab/tiny.yaml", candidate.overrides)
        assert changed.training != config.training
    assert "bfloat16" in names(config, instructions=frozenset({"amx_bf16"}))
    assert "oneDNN" not in names(config, instructions=frozenset({"avx512_vnni"}))  # it is on already
    assert names(config, has_gpu=True) == ["as it is", "XLA", "no XLA", "bfloat16"]


def test_what_a_config_has_chosen_is_not_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "cpu_count", lambda: 4)
    chosen = "jit_compile=true", "threads=1", "exact=false"
    assert names(load(tmp_path, *(f"training.{c}" for c in chosen))) == ["as it is"]
    assert names(load(tmp_path, "training.precision=float32"), has_gpu=True)[-1] != "bfloat16"


def test_combined():
    both = combined([Candidate("a", ("x=1",)), Candidate("b", ("y=2",), "bits")])
    assert both == Candidate("a + b", ("x=1", "y=2"), "bits")


def timing(name, rates, **options):
    return Timing(Candidate(name, (f"training.{name}=1",)), rates, **options)


@pytest.mark.parametrize(
    ("rates", "verdict", "ratio"),
    [
        ([20.0, 22.0, 30.0], "faster", 2.0),
        ([10.1, 40.0, 14.9], "the same", 1.01),  # slower in one round: the machine may have done it
        ([5.0, 10.0, 14.0], "slower", 14 / 15),
    ],
)
def test_a_verdict_needs_every_round(rates, verdict, ratio):
    base = timing("base", [10.0, 11.0, 15.0])
    assert timing("it", rates).verdict(base) == verdict
    if verdict != "slower":
        assert timing("it", rates).ratio(base) == pytest.approx(ratio)


def test_report_says_what_to_write_into_the_config():
    base = timing("base", [10.0, 10.0])
    fast, faster = timing("threads", [12.0, 12.0]), timing("exact", [15.0, 16.0], first_step_seconds=2.0)
    impossible = timing("xla", [], problem="no such thing")
    text = report([base, fast, faster, impossible])
    assert "exact is 1.55 times as fast" in text
    assert "training: {exact: 1}" in text
    assert "not possible: no such thing" in text
    assert "leave the config as it is" in report([base, timing("slow", [9.0, 8.0])])
    assert as_json([base, impossible])[1]["problem"] == "no such thing"


@pytest.mark.slow  # six processes that each start TensorFlow; one of them is below
def test_a_race_of_processes(tmp_path, monkeypatch):
    every = [
        Candidate("as it is"),
        Candidate("whole", ("training.batch_parts=1",)),
        Candidate("no", ("training.steps_per_execution=7",)),
    ]
    monkeypatch.setattr("tfgan_suite.tuning.tune.candidates", lambda *a: every)
    said = []
    config = tiny.write(tmp_path, tiny.TINY_RING)
    base, whole, wrong = tune(config, (), seconds=0.1, rounds=2, say=said.append)
    assert len(base.rates) == len(whole.rates) == 2
    assert min(base.rates + whole.rates) > 0
    assert "batch whole" in base.execution or "batch in" in base.execution
    assert "steps_per_execution: expected a divisor" in wrong.problem
    assert "batch in 1 part: asked for" in whole.execution


def test_mistakes_on_the_command_line(tmp_path, capsys):
    config = str(tiny.write(tmp_path, tiny.TINY_RING))
    assert main(["tune", config, "--set", "training.widht=3"]) == 2
    assert "widht" in capsys.readouterr().err


def test_what_does_not_train_at_all_is_said(tmp_path, capsys):
    config = str(tiny.write(tmp_path, tiny.TINY_RING))
    code = main(["tune", config, "--set", "model.generator.latent_dim=-1", "--rounds", "1"])
    assert code == 2
    assert "latent_dim" in capsys.readouterr().err


def test_json(tmp_path, monkeypatch, capsys):
    base, fast = timing("base", [10.0]), timing("fast", [20.0])
    monkeypatch.setattr("tfgan_suite.tuning.tune.tune", lambda *a: [base, fast])
    assert main(["tune", str(tiny.write(tmp_path)), "--json", str(tmp_path / "out.json")]) == 0
    assert json.loads((tmp_path / "out.json").read_text())[1]["ratio"] == 2.0
    assert "fast is 2.00 times as fast" in capsys.readouterr().out

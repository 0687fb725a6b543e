"""The best checkpoint: the right one, whole at every moment, known to a resumed run."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests import tiny
from tests.conformance.examples import MODELS
from tfgan_suite import checkpoint, data
from tfgan_suite.callbacks import BestCheckpoint, Evaluate
from tfgan_suite.cli import main
from tfgan_suite.errors import UserError
from tfgan_suite.evaluation import DatasetReference, Evaluator
from tfgan_suite.evaluation.measurement import badness


@pytest.fixture
def evaluate(tmp_path):
    evaluator = Evaluator(
        DatasetReference(data.Ring()), wanted=["mode_coverage", "frechet_distance"], count=50
    )
    return Evaluate(evaluator, tmp_path / "e.jsonl", every=1)


@pytest.fixture
def model():
    return MODELS["GAN"].compiled()


def offered(callback, model, values, first=1):
    """What is best after these values were measured at steps first, first + 1, ..."""
    callback.set_model(model)
    for step, value in enumerate(values, first):
        model.train_steps.assign(step)
        kernel = model.generator.trainable_variables[0]
        kernel.assign(np.full(kernel.shape, step))
        callback.evaluate.latest = step, {callback.metric: value}
        callback.on_epoch_end(0)
    return callback.best


@pytest.mark.parametrize(
    ("metric", "values", "best"),
    [
        ("frechet_distance", [5.0, 2.0, 3.0, 2.0], 2),  # lower; the earlier of equals
        ("mode_coverage.modes", [5.0, 2.0, 7.0, 6.0], 3),  # higher
        ("frechet_distance", [np.nan, 4.0, np.nan], 2),
    ],
)
def test_the_best_by_the_metrics_own_order_is_kept(evaluate, model, tmp_path, metric, values, best):
    callback = BestCheckpoint(evaluate, tmp_path / "c", metric)
    assert callback.best is None
    found = offered(callback, model, values)
    assert found == {
        "file": f"best-{best:08d}.npz",
        "step": best,
        "metric": metric,
        "value": values[best - 1],
    }
    assert sorted(p.name for p in (tmp_path / "c").iterdir()) == [f"best-{best:08d}.npz", "best.json"]
    checkpoint.restore(model, checkpoint.find(tmp_path / "c", "best"))
    assert model.step == best
    assert (model.generator.trainable_variables[0].numpy() == best).all()


def test_near_an_ideal():
    values = [0.9, 0.4, 0.55, 0.2]
    assert min(values, key=lambda v: badness("nearest_neighbor_accuracy.total", v)) == 0.55


def test_what_was_not_measured_at_this_step_is_not_saved(evaluate, model, tmp_path):
    callback = BestCheckpoint(evaluate, tmp_path / "c", "frechet_distance")
    assert offered(callback, model, [3.0])["step"] == 1
    model.train_steps.assign(9)
    evaluate.latest = 8, {"frechet_distance": 0.0}
    callback.on_epoch_end(0)
    assert callback.best["step"] == 1


def test_a_new_callback_knows_the_best_so_far(evaluate, model, tmp_path):
    offered(BestCheckpoint(evaluate, tmp_path / "c", "frechet_distance"), model, [3.0, 1.0])
    again = BestCheckpoint(evaluate, tmp_path / "c", "frechet_distance")
    assert offered(again, model, [2.0, 1.5], first=3)["step"] == 2
    assert offered(again, model, [0.5], first=5)["step"] == 5


def test_a_crash_between_the_two_files_leaves_the_best_before(evaluate, model, tmp_path, monkeypatch):
    callback = BestCheckpoint(evaluate, tmp_path / "c", "frechet_distance")
    offered(callback, model, [3.0])
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write_json", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            offered(callback, model, [1.0], first=2)
    assert callback.best["step"] == 1
    checkpoint.restore(model, checkpoint.find(tmp_path / "c", "best"))
    assert model.step == 1
    # What was left behind goes with the next best.
    assert offered(callback, model, [0.5], first=3)["step"] == 3
    assert [p.name for p in (tmp_path / "c").glob("*.npz")] == ["best-00000003.npz"]


@pytest.mark.parametrize("metric", ["frechet", "kernel_distance", "mode_coverage", "support_size.distinct"])
def test_refuses_what_is_not_measured_or_has_no_better_way(evaluate, tmp_path, metric):
    with pytest.raises(
        UserError, match=f"evaluation.best: expected one of .*frechet_distance.*, came '{metric}'"
    ):
        BestCheckpoint(evaluate, tmp_path, metric)


def test_going_back_keeps_what_counts_steps(tmp_path):
    """Everything but the clocks: data, draws and schedules go on."""
    model = MODELS["GAN"].compiled()
    x = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")
    model.fit(x, batch_size=4, verbose=0)
    path = checkpoint.save(model, tmp_path)
    before = {name: v.numpy() for name, v in checkpoint.state(model).items()}
    model.fit(x, batch_size=4, verbose=0)
    checkpoint.go_back(model, path)
    clocks = {id(model.train_steps), *(id(o.iterations) for o in model.optimizers.values())}
    for name, variable in checkpoint.state(model).items():
        if id(variable) in clocks:
            assert variable.numpy() == 2 * before[name] == 12
        else:
            np.testing.assert_array_equal(variable.numpy(), before[name])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of 20 steps that was resumed to 40, and one that ran through; both keep their best."""
    folder = tmp_path_factory.mktemp("best")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        config = str(tiny.write(folder, tiny.TINY_RING, "ring.yaml"))
        best = ["--set", "evaluation.every=10", "--set", "evaluation.best=frechet_distance"]
        best += ["--set", "evaluation.share=0.99", "--set", "evaluation.metrics=[frechet_distance]"]
        assert main(["train", config, "--output", "whole", *best, "--set", "training.steps=40"]) == 0
        assert main(["train", config, "--output", "resumed", *best]) == 0
        more = ["--set", "training.steps=40", "--resume"]
        assert main(["train", config, "--output", "resumed", *best, *more]) == 0
    return folder


def test_a_resumed_run_has_the_best_of_one_that_ran_through(trained):
    lines = [json.loads(line) for line in (trained / "whole/evaluations.jsonl").read_text().splitlines()]
    expected = min(lines, key=lambda line: line["frechet_distance"])
    whole, resumed = (checkpoint.read_best(trained / name / "checkpoints") for name in ("whole", "resumed"))
    assert whole == resumed
    assert (whole["step"], whole["value"]) == (expected["step"], expected["frechet_distance"])
    with (
        np.load(trained / "whole/checkpoints" / whole["file"]) as a,
        np.load(trained / "resumed/checkpoints" / resumed["file"]) as b,
    ):
        for name in a.files:
            np.testing.assert_array_equal(a[name], b[name])


def test_commands_take_a_checkpoint(trained, monkeypatch, capsys):
    monkeypatch.chdir(trained)
    best = checkpoint.read_best(Path("whole/checkpoints"))["step"]
    for which in ("best", "last", "20", str(best)):
        assert main(["sample", "whole", "--num=30", f"--out={which}.npy", "--checkpoint", which]) == 0
    np.testing.assert_array_equal(np.load("best.npy"), np.load(f"{best}.npy"))
    assert not np.array_equal(np.load("20.npy"), np.load("last.npy"))

    assert main(["export", "whole", "--out=served", "--checkpoint=20"]) == 0
    assert main(["sample", "served", "--num=30", "--out=served.npy"]) == 0
    np.testing.assert_allclose(np.load("served.npy"), np.load("20.npy"), rtol=1e-5, atol=1e-6)

    before = Path("whole/evaluation.json").read_text()
    assert main(["evaluate", "whole", "--checkpoint=best"]) == 0
    assert "at step" in json.loads(Path("whole/evaluation-best.json").read_text())["subject"]
    assert Path("whole/evaluation.json").read_text() == before

    capsys.readouterr()
    assert main(["sample", "whole", "--out=x.npy", "--checkpoint=7"]) == 2
    assert "expected a step with a checkpoint (" in capsys.readouterr().err
    for command in (["sample", "served", "--out=x.npy"], ["evaluate", "served", "--reference=ring"]):
        assert main([*command, "--checkpoint=best"]) == 2
        assert "--checkpoint: expected a run" in capsys.readouterr().err


def test_no_best_without_asking_for_it(tmp_path, monkeypatch, capsys):
    with pytest.raises(UserError, match="expected a best checkpoint, came none"):
        checkpoint.find(tmp_path, "best")
    monkeypatch.chdir(tmp_path)
    config = str(tiny.write(tmp_path, tiny.TINY_RING, "ring.yaml"))
    for given, parts in (
        (["evaluation.best=frechet_distance"], ["evaluation.best", "evaluation.every"]),
        (["evaluation.best=frechet", "evaluation.every=10"], ["evaluation.best", "mode_coverage.modes"]),
        (["alarm.every=10", "alarm.action=restore"], ["alarm.action", "evaluation.best"]),
        (["alarm.every=7"], ["alarm.every", "training.log_every"]),
        (["alarm.patience=0"], ["alarm.patience", "1 or more"]),
    ):
        options = [word for each in given for word in ("--set", each)]
        assert main(["train", config, "--output=run", *options]) == 2
        error = capsys.readouterr().err
        assert all(part in error for part in parts), error
        assert not Path("run").exists()

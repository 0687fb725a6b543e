"""The command line as a user meets it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import tiny
from tfgan_suite import json_lines
from tfgan_suite.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished tiny run, trained once: the folder it was trained in."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["train", str(tiny.write(folder)), "--output", "runs/tiny"]) == 0
    return folder


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["train", "--help"], 0),
        (["list"], 0),
        (["show", "--help"], 0),
        (["train", "lab/tiny.yaml", "--set", "model.generator.widht=3"], 2),
        (["train", "lab/missing.yaml"], 2),
        (["fly"], 2),
    ],
)
def test_help_list_and_config_errors_import_no_tensorflow(folder, arguments, code):
    tiny.write(folder)
    program = (
        "import sys; from tfgan_suite.cli import main\n"
        "try: code = main(sys.argv[1:])\n"
        "except SystemExit as e: code = e.code\n"
        "assert not {'tensorflow', 'keras', 'numpy', 'tensorflow_datasets'} & set(sys.modules)\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_enough_is_no_error():
    """As in `tfgan-suite list | head -1`."""
    command = [sys.executable, "-m", "tfgan_suite", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_a_mistake_is_named_with_file_key_and_nearest_name(folder, capsys):
    tiny.write(folder)
    assert main(["show", "lab/tiny.yaml", "--set", "model.generator.widht=3"]) == 2
    error = capsys.readouterr().err
    for part in ("lab/tiny.yaml", "model.generator.widht", "did you mean", "width", "--set"):
        assert part in error


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("model.discriminator.image_shape=[28,28,1]", ["model.discriminator.image_shape", "28", "16"]),
        ("model.num_classes=7", ["model.num_classes", "expected: 10", "7"]),
        ("data={type: Ring}", ["model.generator", "image", "(2,)"]),
        ("optimizers={generater: Adam}", ["optimizers.generater", "generator"]),
        ("optimizers={generator: {type: Adam, learning_rat: 0.1}}", ["learning_rate"]),
        ("evaluation.metrics=[mode_coverage]", ["mode_coverage", "digits"]),
        ("evaluation.samples=361", ["361", "360"]),
        ("model.generator.normalization=instance", ["model.generator.normalization", "batch"]),
    ],
)
def test_impossible_combinations_fail_before_training(folder, capsys, override, parts):
    tiny.write(folder)
    assert main(["train", "lab/tiny.yaml", "--set", override, "--set", "training.steps=5"]) == 2
    error = capsys.readouterr().err
    assert all(part in error for part in parts), error
    assert "Traceback" not in error
    assert not Path("runs").exists()


def test_a_run_leaves_what_the_readme_says(trained):
    run = trained / "runs/tiny"
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert manifest["versions"]["tensorflow"]
    assert len(manifest["data"]["fingerprint"]) == 32
    lines = json_lines.read(run / "metrics.jsonl")
    assert [line["step"] for line in lines] == list(range(5, 41, 5))
    terms = {"discriminator/adversarial", "discriminator/r1", "generator/adversarial"}
    assert all(terms < line.keys() for line in lines)
    assert sorted(p.stem for p in (run / "samples").iterdir()) == [f"step-{s:08d}" for s in (0, 20, 40)]
    assert len(list((run / "checkpoints").iterdir())) == 3
    assert list((run / "tensorboard").glob("events*"))
    evaluation = json.loads((run / "evaluation.json").read_text())
    assert evaluation["convention"]["n_real"] == evaluation["convention"]["n_fake"] == 50
    names = [m["name"] for m in evaluation["measurements"]]
    assert "frechet_distance" in names
    assert "nearest_neighbor_accuracy.total" in names
    report = (run / "report.md").read_text()
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", report)
    assert "losses.png" in pictures
    assert all((run / picture).is_file() for picture in pictures)
    assert (trained / "savedmodels/tiny/1/saved_model.pb").is_file()


def test_tensorboard_reads_scalars_and_pictures(trained):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(trained / "runs/tiny/tensorboard")).Reload()
    tensors = events.Tags()["tensors"]
    assert {"discriminator/r1", "samples"} <= set(tensors)
    assert [e.step for e in events.Tensors("discriminator/r1")] == list(range(5, 41, 5))


def test_run_and_saved_model_give_the_same_samples(trained, folder):
    for source, out in (("runs/tiny", "run.npy"), ("savedmodels/tiny", "served.npy")):
        assert main(["sample", str(trained / source), "--num", "9", "--seed", "4", "--out", out]) == 0
    run, served = np.load("run.npy"), np.load("served.npy")
    assert run.dtype == np.uint8
    assert run.shape == (9, 16, 16, 1)
    np.testing.assert_allclose(run.astype(int), served.astype(int), atol=1)


def test_samples_as_picture_and_as_folder(trained, folder, capsys):
    source = str(trained / "savedmodels/tiny/1")
    assert main(["sample", source, "--num", "4", "--out", "grid.png"]) == 0
    assert main(["sample", source, "--num", "3", "--out", "each"]) == 0
    assert sorted(p.name for p in Path("each").iterdir()) == ["00000.png", "00001.png", "00002.png"]
    assert Image.open("each/00000.png").size == (16, 16)
    assert main(["sample", source, "--out", "grid.jpg"]) == 2
    assert "FILE.png" in capsys.readouterr().err


def test_export_counts_versions_and_evaluate_repeats_itself(trained, folder, capsys):
    assert main(["export", str(trained / "runs/tiny"), "--out", "out"]) == 0
    assert main(["export", str(trained / "runs/tiny"), "--out", "out"]) == 0
    assert sorted(p.name for p in Path("out").iterdir()) == ["1", "2"]
    before = json.loads((trained / "runs/tiny/evaluation.json").read_text())
    assert main(["evaluate", str(trained / "runs/tiny")]) == 0
    assert json.loads((trained / "runs/tiny/evaluation.json").read_text()) == before


def test_show_names_players_terms_and_weights(folder, capsys):
    tiny.write(folder)
    assert main(["show", "lab/tiny.yaml"]) == 0
    shown = capsys.readouterr().out
    for part in ("keep_checkpoints: 3", "minimises discriminator/r1", "player generator", "weights", "XLA"):
        assert part in shown


def test_a_folder_in_use_is_refused_and_default_folders_count_up(folder, capsys):
    path = str(tiny.write(folder, tiny.TINY_RING, "ring.yaml"))
    assert main(["train", path]) == 0
    assert main(["train", path]) == 0
    assert sorted(p.name for p in Path("runs").iterdir()) == ["lab-ring", "lab-ring-2"]
    assert main(["train", path, "--output", "runs/lab-ring"]) == 2
    assert "--resume" in capsys.readouterr().err
    assert main(["train", path, "--resume", "--set", "training.batch_size=8"]) == 2
    assert "training.batch_size" in capsys.readouterr().err
    assert main(["train", path, "--resume", "--set", "training.steps=40"]) == 0
    assert json_lines.read(Path("runs/lab-ring-2/metrics.jsonl"))[-1]["step"] == 40
    assert Image.open("runs/lab-ring-2/samples/step-00000040.png").size[0] > 100


@pytest.mark.parametrize(
    "command", [["sample", "nowhere", "--out=x.npy"], ["export", "."], ["evaluate", "."]]
)
def test_a_wrong_source_is_named(folder, capsys, command):
    assert main(command) == 2
    assert command[1] in capsys.readouterr().err


def test_divergence_stops_with_step_player_and_term_and_keeps_a_good_checkpoint(folder, capsys):
    path = tiny.write(folder)
    overrides = [
        "training.steps=400",
        "training.checkpoint_every=5",
        "optimizers={discriminator: {type: SGD, learning_rate: 1.0}}",
        "model.objective=LeastSquares",
        "model.discriminator.normalization=none",
    ]
    assert main(["train", str(path), "--output=run", *(f"--set={override}" for override in overrides)]) == 1
    error = capsys.readouterr().err
    assert re.search(r"step \d+: discriminator/\w+ is (nan|inf)", error), error
    checkpoints = list(Path("run/checkpoints").glob("*.npz"))
    assert checkpoints
    for file in checkpoints:
        with np.load(file) as arrays:
            assert all(np.isfinite(arrays[name]).all() for name in arrays.files)


def test_points_of_many_dimensions_train_without_a_picture(folder, capsys):
    data = "data={type: HighDimensionalMixture, modes: 3, dimension: 12, manifold_dimension: 7}"
    path = str(tiny.write(folder, tiny.TINY_RING, "flats.yaml"))
    assert main(["train", path, "--output=run", "--set", data]) == 0
    assert not list(Path("run").glob("samples/*"))
    assert main(["sample", "run", "--out", "x.png"]) == 2
    assert "FILE.npy" in capsys.readouterr().err


def test_points_are_drawn(folder):
    path = str(tiny.write(folder, tiny.TINY_RING, "ring.yaml"))
    assert main(["train", path, "--output=run"]) == 0
    assert main(["sample", "run", "--num=50", "--out", "x.png"]) == 0
    assert Image.open("x.png").size[0] > 100

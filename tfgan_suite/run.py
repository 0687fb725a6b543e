"""A run: one folder that holds all that a training is and left behind.

config.yaml      the resolved config            metrics.jsonl    loss terms over time
manifest.json    versions, seed, device, data   tensorboard/     the same, and pictures, as events
checkpoints/     the whole state, by step       samples/         pictures from fixed latents, by step
evaluation.json  quality numbers at the end     evaluations.jsonl  the same over time, where asked for
report.md        all of it on a page, with losses.png
alarms.jsonl     what `alarm` saw, where asked for
"""

import json
import os
import platform
import sys
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from tfgan_suite import config as configs
from tfgan_suite import json_lines
from tfgan_suite.atomic import write_json, write_text
from tfgan_suite.checkpoint import find, restore, restore_newest
from tfgan_suite.errors import UserError
from tfgan_suite.experiment import Experiment, build_experiment

PACKAGES = ("tfgan-suite", "tensorflow", "keras", "numpy", "tensorflow-datasets")


class Run:
    """The folder of a run, and where each thing in it is."""

    def __init__(self, directory: Path):
        self.directory = Path(directory)
        self.config_file = self.directory / "config.yaml"
        self.manifest_file = self.directory / "manifest.json"
        self.metrics_file = self.directory / "metrics.jsonl"
        self.evaluation_file = self.directory / "evaluation.json"
        self.evaluations_file = self.directory / "evaluations.jsonl"
        self.alarms_file = self.directory / "alarms.jsonl"
        self.report_file = self.directory / "report.md"
        self.losses_picture = self.directory / "losses.png"
        self.checkpoints = self.directory / "checkpoints"
        self.samples = self.directory / "samples"
        self.tensorboard = self.directory / "tensorboard"

    @property
    def name(self) -> str:
        return self.directory.name

    @classmethod
    def open(cls, directory: Path) -> "Run":
        """An existing run.

        Raises:
            UserError: there is none in this folder.
        """
        run = cls(directory)
        if not run.config_file.is_file():
            raise UserError(f"{directory}: expected the folder of a run (with config.yaml), came none")
        return run

    def create(self, experiment: Experiment) -> None:
        """Writes what is known before training.

        Raises:
            UserError: something is in the folder already.
        """
        if self.directory.exists() and any(self.directory.iterdir()):
            raise UserError(
                f"{self.directory}: expected a new or empty folder, came one with files in it "
                "(--resume continues a run)"
            )
        write_json(self.manifest_file, manifest(experiment))
        write_text(self.config_file, configs.dump(experiment.config))

    def check_continues(self, experiment: Experiment) -> None:
        """Raises UserError unless `experiment` is this run's, at most with another number of steps."""
        stored, given = configs.load(self.config_file).resolved(), experiment.config.resolved()
        stored["training"]["steps"] = given["training"]["steps"]
        if stored != given:
            differing = sorted(_differences(stored, given))
            raise UserError(
                f"{self.directory}: --resume expects the config the run was begun with; "
                f"these keys differ: {', '.join(differing)}"
            )
        recorded = json.loads(self.manifest_file.read_text())["data"]["fingerprint"]
        if recorded != experiment.dataset.fingerprint:
            raise UserError(
                f"{self.directory}: the data are not those the run was begun with "
                f"(fingerprint expected {recorded}, came {experiment.dataset.fingerprint})"
            )
        write_text(self.config_file, configs.dump(experiment.config))

    def forget_after(self, step: int) -> None:
        """Drops what was logged after `step`, when training goes on from there."""
        for file in filter(Path.exists, (self.metrics_file, self.evaluations_file, self.alarms_file)):
            kept = [line for line in json_lines.read(file) if line["step"] <= step]
            write_text(file, "".join(json.dumps(line) + "\n" for line in kept))
        for path in self.samples.glob("step-*.png"):
            if int(path.stem.removeprefix("step-")) > step:
                path.unlink()

    def load(self, which: str | int = "last") -> Experiment:
        """The run's data and model, with the newest checkpoint that can be read, the "best" or a step's.

        Raises:
            UserError: there is no such checkpoint.
        """
        experiment = build_experiment(configs.load(self.config_file))
        if which != "last":
            restore(experiment.model, find(self.checkpoints, which))
            return experiment
        path, messages = restore_newest(experiment.model, self.checkpoints)
        for message in messages:
            print(f"passed over: {message}", file=sys.stderr)
        if path is None:
            raise UserError(f"{self.directory}: the run has no checkpoint yet")
        return experiment


def manifest(experiment: Experiment) -> dict:
    """What a run depends on that is not in its config."""
    import tensorflow as tf

    gpus = [tf.config.experimental.get_device_details(d) for d in tf.config.list_physical_devices("GPU")]
    return {
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": sys.argv,
        "seed": experiment.config.training.seed,
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
        "device": {
            "platform": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "gpus": [gpu.get("device_name", "unknown") for gpu in gpus],
        },
        "execution": experiment.model.execution,
        "data": {"name": experiment.dataset.name, "fingerprint": experiment.dataset.fingerprint},
    }


def default_directory(config_path: Path, resume: bool) -> Path:
    """`runs/<dataset>-<model>`, with -2, -3, ... appended: the newest one to resume, else a new one."""
    path = Path(config_path)
    base = Path("runs") / f"{path.resolve().parent.name}-{path.stem}"
    number = 1
    while (following := base if number == 1 else base.with_name(f"{base.name}-{number}")).exists():
        number, existing = number + 1, following
    if not resume:
        return following
    if number == 1:
        raise UserError(f"{base}: --resume expected a run, came none (--output names another folder)")
    return existing


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def _differences(a, b, path=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in a.keys() | b.keys():
            yield from _differences(a.get(key), b.get(key), f"{path}.{key}" if path else key)
    elif a != b:
        yield path

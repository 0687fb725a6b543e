"""The whole state of a training as one file per step: written atomically, read back bit for bit."""

import json
import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.atomic import replacing, write_json
from tfgan_suite.errors import Diverged, UserError
from tfgan_suite.models.adversarial import AdversarialModel

# What reading a file that is cut off or changed can raise.
_CORRUPT = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError, NotImplementedError)


def state(model: AdversarialModel) -> dict[str, keras.Variable]:
    """Every variable that the next training step reads, under names that sort in a fixed order.

    Weights, normalisation statistics, moving averages, the step count that all random draws derive from,
    the seeds inside layers such as Dropout, and each optimizer's slots.
    """
    groups = {"model": model.variables}
    groups |= {f"optimizer/{player}": optimizer.variables for player, optimizer in model.optimizers.items()}
    # By position and not by path: Keras numbers names by what else the process has built.
    return {f"{group}/{i:04d}": v for group, variables in groups.items() for i, v in enumerate(variables)}


def save(model: AdversarialModel, directory: Path, keep: int = 3) -> Path:
    """Writes `step-<step>.npz` and removes all but the newest `keep`.

    Raises:
        Diverged: a weight is NaN or infinite; nothing is written or removed.
    """
    path = Path(directory) / f"step-{model.step:08d}.npz"
    write(model, path)
    for old in paths(directory)[keep:]:
        old.unlink()
    return path


def write(model: AdversarialModel, path: Path) -> None:
    """Writes the state, whole or not at all.

    Raises:
        Diverged: a weight is NaN or infinite.
    """
    variables = state(model)
    arrays = {name: np.asarray(tf.convert_to_tensor(variable.value)) for name, variable in variables.items()}
    bad = [name for name, array in arrays.items() if not np.isfinite(array).all()]
    if bad:
        where = {f"{name.rpartition('/')[0]}: {variables[name].path}": "not finite" for name in bad[:3]}
        raise Diverged(model.step, where)
    with replacing(path) as temporary:
        np.savez(temporary, **arrays)


def save_best(model: AdversarialModel, directory: Path, metric: str, value: float) -> Path:
    """Writes `best-<step>.npz`, then `best.json`, which names it; removes the one before.

    At any moment `best.json` names a whole file.
    """
    path = Path(directory) / f"best-{model.step:08d}.npz"
    write(model, path)
    best = {"file": path.name, "step": model.step, "metric": metric, "value": value}
    write_json(Path(directory) / "best.json", best)
    for old in set(Path(directory).glob("best-*.npz")) - {path}:
        old.unlink()
    return path


def read_best(directory: Path) -> dict | None:
    """`file`, `step`, `metric` and `value` of the best checkpoint, or None where there is none."""
    try:
        return json.loads((Path(directory) / "best.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def find(directory: Path, which: str | int) -> Path:
    """The file of the "best" checkpoint, or of a step.

    Raises:
        UserError: there is none, with what there is.
    """
    if which == "best":
        best = read_best(directory)
        if best is None:
            raise UserError(
                f"{directory}: expected a best checkpoint, came none (evaluation.best of the config keeps it)"
            )
        return Path(directory) / best["file"]
    every = {_step_of(path): path for path in [*Path(directory).glob("best-*.npz"), *paths(directory)]}
    if which not in every:
        steps = ", ".join(map(str, sorted(every))) or "none"
        raise UserError(f"{directory}: expected a step with a checkpoint ({steps}), came {which}")
    return every[which]


def _step_of(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def paths(directory: Path) -> list[Path]:
    """Checkpoints, newest first."""
    return sorted(Path(directory).glob("step-*.npz"), reverse=True)


def restore(model: AdversarialModel, path: Path) -> None:
    """Puts a checkpoint's values into a model of the same structure; all of them or none.

    Raises:
        UserError: the file is corrupt, or holds another model's state.
    """
    _assign(state(model), read(model, path))


def go_back(model: AdversarialModel, path: Path) -> None:
    """Puts a checkpoint's values into a model whose training goes on: all of them but what counts steps.

    Data, draws and learning-rate schedules so continue where they are: the same steps would end the same way.
    """
    clocks = {id(model.train_steps), *(id(optimizer.iterations) for optimizer in model.optimizers.values())}
    variables = {name: v for name, v in state(model).items() if id(v) not in clocks}
    _assign(variables, read(model, path))


def read(model: AdversarialModel, path: Path) -> dict[str, np.ndarray]:
    """The values in a file, by the names of `state`.

    Raises:
        UserError: the file is corrupt, or holds another model's state.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except _CORRUPT as error:
        raise CorruptCheckpoint(f"{path}: expected a checkpoint, came a corrupt file ({error})") from error
    expected = {name: tuple(variable.shape) for name, variable in state(model).items()}
    came = {name: array.shape for name, array in arrays.items()}
    if expected != came:
        differing = sorted(n for n in expected.keys() | came.keys() if expected.get(n) != came.get(n))
        name = differing[0]
        raise UserError(
            f"{path}: the checkpoint is of another model: {len(differing)} variables differ; "
            f"{name}: expected shape {expected.get(name)}, came {came.get(name)}"
        )
    return arrays


def _assign(variables: dict[str, keras.Variable], arrays: dict[str, np.ndarray]) -> None:
    for name, variable in variables.items():
        variable.assign(arrays[name])


def restore_newest(model: AdversarialModel, directory: Path) -> tuple[Path | None, list[str]]:
    """Restores the newest checkpoint that can be read.

    Returns its path, or None where there is no checkpoint, and a message for each corrupt file passed over.
    """
    messages = []
    for path in paths(directory):
        try:
            restore(model, path)
            return path, messages
        except CorruptCheckpoint as error:
            messages.append(str(error))
    if messages:
        raise UserError("no checkpoint can be read:\n  " + "\n  ".join(messages))
    return None, []


class CorruptCheckpoint(UserError):
    """The file is not a whole checkpoint."""

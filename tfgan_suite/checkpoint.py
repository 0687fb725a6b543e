"""The whole state of a training as one file per step: written atomically, read back bit for bit."""

import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.atomic import replacing
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
    step = model.step
    variables = state(model)
    arrays = {name: np.asarray(tf.convert_to_tensor(variable.value)) for name, variable in variables.items()}
    bad = [name for name, array in arrays.items() if not np.isfinite(array).all()]
    if bad:
        where = {f"{name.rpartition('/')[0]}: {variables[name].path}": "not finite" for name in bad[:3]}
        raise Diverged(step, where)
    path = Path(directory) / f"step-{step:08d}.npz"
    with replacing(path) as temporary:
        np.savez(temporary, **arrays)
    for old in paths(directory)[keep:]:
        old.unlink()
    return path


def paths(directory: Path) -> list[Path]:
    """Checkpoints, newest first."""
    return sorted(Path(directory).glob("step-*.npz"), reverse=True)


def restore(model: AdversarialModel, path: Path) -> None:
    """Puts a checkpoint's values into a model of the same structure; all of them or none.

    Raises:
        UserError: the file is corrupt, or holds another model's state.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except _CORRUPT as error:
        raise CorruptCheckpoint(f"{path}: expected a checkpoint, came a corrupt file ({error})") from error
    variables = state(model)
    expected = {name: tuple(variable.shape) for name, variable in variables.items()}
    came = {name: array.shape for name, array in arrays.items()}
    if expected != came:
        differing = sorted(n for n in expected.keys() | came.keys() if expected.get(n) != came.get(n))
        name = differing[0]
        raise UserError(
            f"{path}: the checkpoint is of another model: {len(differing)} variables differ; "
            f"{name}: expected shape {expected.get(name)}, came {came.get(name)}"
        )
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

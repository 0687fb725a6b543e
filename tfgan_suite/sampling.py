"""Samples from a run or from a SavedModel, as arrays and as files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tfgan_suite import images
from tfgan_suite.atomic import replacing
from tfgan_suite.callbacks.sample_grid import draw_samples
from tfgan_suite.errors import UserError
from tfgan_suite.run import Run


def sampler_of(path: Path) -> Callable[[int, int], np.ndarray]:
    """(count, seed) -> examples, from the folder of a run or of a SavedModel (its newest version, too).

    Images are uint8. A run and its export give equal examples for equal seeds.
    """
    path = Path(path)
    versions = [p for p in path.glob("*") if p.name.isdigit() and (p / "saved_model.pb").is_file()]
    if versions and not (path / "saved_model.pb").is_file():
        path = max(versions, key=lambda p: int(p.name))
    if (path / "saved_model.pb").is_file():
        return _from_saved_model(path)
    if not (path / "config.yaml").is_file():
        raise UserError(f"{path}: expected the folder of a run or of a SavedModel, came neither")
    model = Run.open(path).load().model

    def sample(count, seed):
        examples = model.sample(count, seed=seed)
        return images.to_uint8(examples) if examples.ndim == 4 else examples

    return sample


def _from_saved_model(path: Path):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    if "sample" not in loaded.signatures:
        raise UserError(
            f"{path}: expected a SavedModel with a signature `sample` (count, seed), as `export` writes; "
            f"came signatures {sorted(loaded.signatures)}"
        )
    signature = loaded.signatures["sample"]

    def sample(count, seed):
        (output,) = signature(count=tf.constant(count), seed=tf.constant(seed, tf.int64)).values()
        return output.numpy()

    return sample


def write_samples(examples: np.ndarray, out: Path) -> None:
    """Writes `FILE.npy` (all examples), `FILE.png` (one picture), or `FOLDER/00000.png`, ... (one each).

    Raises:
        UserError: examples that cannot be drawn that way, or a file of another kind.
    """
    out = Path(out)
    if out.suffix == ".npy":
        with replacing(out) as temporary:
            np.save(temporary, examples)
    elif out.suffix == ".png":
        if draw_samples(examples, out) is None:
            raise UserError(f"--out: examples of shape {examples.shape[1:]} cannot be drawn; use FILE.npy")
    elif out.suffix:
        raise UserError(f"--out: expected FILE.png, FILE.npy or a folder, came {out}")
    elif examples.ndim != 4:
        raise UserError(f"--out: examples of shape {examples.shape[1:]} are not images; use FILE.npy")
    else:
        for i, image in enumerate(examples):
            images.save_png(image, out / f"{i:05d}.png")

"""Samples of a run or a SavedModel, and how they are written to files."""

from pathlib import Path

import numpy as np

from tfgan_suite import images
from tfgan_suite.atomic import replacing
from tfgan_suite.errors import UserError
from tfgan_suite.examples.samples import ModelSamples, Samples
from tfgan_suite.examples.saved_model_samples import SavedModelSamples
from tfgan_suite.latents import LatentDistribution
from tfgan_suite.run import Run
from tfgan_suite.saved_model import newest_version


def samples_of(
    path: Path, latents: LatentDistribution | None = None, checkpoint: str | int = "last"
) -> Samples:
    """The samples of the run or the SavedModel (its newest version) in a folder.

    A run and its export give equal samples for equal seeds.

    Args:
        latents: how those of a SavedModel are drawn, where it does not say so itself; normal by default.
        checkpoint: of a run: "last", "best", or a step.
    """
    folder = newest_version(path)
    if folder is not None:
        if checkpoint != "last":
            raise UserError(
                f"--checkpoint: expected a run, which has checkpoints, came the SavedModel {path}"
            )
        return SavedModelSamples(folder, latents)
    if not (Path(path) / "config.yaml").is_file():
        raise UserError(f"{path}: expected the folder of a run or of a SavedModel, came neither")
    run = Run.open(path)
    return ModelSamples(run.load(checkpoint).model, run.name)


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
        if images.draw_samples(examples, out) is None:
            raise UserError(f"--out: examples of shape {examples.shape[1:]} cannot be drawn; use FILE.npy")
    elif out.suffix:
        raise UserError(f"--out: expected FILE.png, FILE.npy or a folder, came {out}")
    elif examples.ndim != 4:
        raise UserError(f"--out: examples of shape {examples.shape[1:]} are not images; use FILE.npy")
    else:
        for i, image in enumerate(examples):
            images.save_png(image, out / f"{i:05d}.png")

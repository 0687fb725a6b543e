"""What a SavedModel makes, by this package or by anyone else."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_suite import draws, latents
from tfgan_suite.data.dataset import digest
from tfgan_suite.errors import UserError
from tfgan_suite.examples.samples import BATCH, Samples
from tfgan_suite.latents import LatentDistribution
from tfgan_suite.saved_model import folder_digest, read_about


class SavedModelSamples(Samples):
    """Samples of a SavedModel, by this package or by anyone else.

    Its signature `serving_default` must take latents, float32 (any, dimension), and may take int32 labels
    (any,) where the note this package leaves with it says how many classes there are.
    """

    def __init__(self, folder: Path, latents: LatentDistribution | None = None):
        self.folder, self.name = Path(folder), str(folder)
        about = read_about(folder)
        self.num_classes = about.get("num_classes")
        self.latents = latents or about.get("latent_distribution") or "normal"

    @cached_property
    def fingerprint(self) -> str:
        return digest(folder_digest(self.folder), self.latents)

    @cached_property
    def example_shape(self) -> tuple[int, ...]:
        return tuple(next(self.batches(1, 0)).shape[1:])

    def batches(self, count: int, seed: int) -> Iterator[np.ndarray]:
        if self.latents == "prior":  # of the model's own, which its signature `sample` draws from
            sample = self._loaded.signatures["sample"]
            (output,) = sample(count=tf.constant(count), seed=tf.constant(seed, tf.int64)).values()
            yield output.numpy()
            return
        name, dimension = self._latent_input
        drawn = latents.draw(self.latents, (count, dimension), draws.root(seed))
        for start in range(0, count, BATCH):
            inputs = {name: drawn[start : start + BATCH]}
            if self.num_classes is not None:
                inputs["labels"] = tf.range(start, min(start + BATCH, count)) % self.num_classes
            (output,) = self._signature(**inputs).values()
            yield self._checked(output.numpy())

    def _checked(self, output: np.ndarray) -> np.ndarray:
        if output.ndim == 4 and output.dtype != np.uint8 and not np.abs(output).max() <= 1.01:
            raise UserError(
                f"{self.folder}: expected images as uint8 or as floats in [-1, 1], "
                f"came {output.dtype} from {output.min():g} to {output.max():g}"
            )
        return output

    @cached_property
    def _loaded(self):
        return tf.saved_model.load(str(self.folder))  # kept: its functions hold its variables weakly

    @cached_property
    def _signature(self):
        signatures = self._loaded.signatures
        if "serving_default" not in signatures:
            raise UserError(f"{self.folder}: expected a signature serving_default, came {sorted(signatures)}")
        return signatures["serving_default"]

    @cached_property
    def _latent_input(self) -> tuple[str, int]:
        """Name and dimension of the input that takes latents."""
        specs = self._signature.structured_input_signature[1]
        names = [name for name in specs if name != "labels" or self.num_classes is None]
        if len(names) != 1 or specs[names[0]].shape.rank != 2 or specs[names[0]].shape[-1] is None:
            came = ", ".join(f"{name} {spec.dtype.name} {spec.shape}" for name, spec in specs.items())
            raise UserError(
                f"{self.folder}: expected serving_default to take latents alone, float32 (any, dimension); "
                f"it takes {came}"
            )
        return names[0], specs[names[0]].shape[-1]

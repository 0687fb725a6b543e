"""How good a generator's samples are, in numbers, each beside what real data would score."""

import dataclasses
from collections.abc import Callable

import numpy as np

from tfgan_suite import images, metrics
from tfgan_suite.data.dataset import Dataset
from tfgan_suite.errors import UserError

Sampler = Callable[[int, int], np.ndarray]  # (count, seed) -> examples

MOST_SAMPLES = 2000  # by default; pixel metrics grow with the square


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One number, and the same number for real training data in place of samples (its floor)."""

    name: str
    value: float
    floor: float


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Measurements, and the convention they all share: numbers of other conventions do not compare."""

    convention: dict[str, int | str]
    measurements: list[Measurement]

    def as_dict(self) -> dict:
        return dataclasses.asdict(self)

    def table(self) -> str:
        """Markdown, with the convention below."""
        rows = [f"| {m.name} | {m.value:.4g} | {m.floor:.4g} |" for m in self.measurements]
        convention = ", ".join(f"{key} {value}" for key, value in self.convention.items())
        header = ["| metric | samples against held-out | real against held-out |", "|---|---|---|"]
        return "\n".join([*header, *rows, "", f"Convention: {convention}."])


def evaluate(
    sample: Sampler, dataset: Dataset, names: list[str] | None = None, count: int | None = None, seed: int = 0
) -> Evaluation:
    """Measures `count` samples against as many held-out real examples.

    Args:
        sample: gives (count, seed) -> examples; images as uint8 or floats in [-1, 1].
        names: metrics of `tfgan_suite.metrics`; by default `mode_coverage` for data with known modes, and
            for other data those that need nothing but examples.
        count: by default as many as are held out, at most 2,000.
        seed: of the samples and of the choice of real examples.
    """
    real = _comparable(_real(dataset, "test", count, seed))
    train = _comparable(_real(dataset, "train", len(real), seed))
    fake = _comparable(sample(len(real), seed))
    centers = getattr(dataset, "centers", None)
    if names is None:
        names = ["nearest_neighbor_accuracy", "frechet_distance", "kernel_distance", "precision_recall"]
        if centers is not None:
            names = ["mode_coverage", "nearest_neighbor_accuracy"]
    measurements = []
    for name in names:
        if name == "mode_coverage":
            if centers is None:
                raise UserError(f"metrics: mode_coverage needs data with known modes, came {dataset.name}")
            value, floor = (metrics.mode_coverage(x, centers, dataset.std) for x in (fake, train))
        else:
            value, floor = (getattr(metrics, name)(real, x) for x in (fake, train))
        measurements += _measurements(name, value, floor)
    is_image = len(dataset.example_shape) == 3
    convention = {
        "features": "pixels" if is_image else "coordinates",
        "data": dataset.name,
        "n_real": len(real),
        "n_fake": len(fake),
        "seed": seed,
    }
    return Evaluation(convention, measurements)


def _real(dataset, split, count, seed):
    if count is not None:
        return dataset.examples(split, count, seed)
    examples = dataset.examples(split)
    order = np.random.default_rng(seed).permutation(len(examples))
    return examples[order[:MOST_SAMPLES]]


def _comparable(examples: np.ndarray) -> np.ndarray:
    """Images as a viewer gets them, at 256 levels; points as they are."""
    return images.from_uint8(images.to_uint8(examples)) if examples.ndim == 4 else examples


def _measurements(name, value, floor):
    if not hasattr(value, "_fields"):
        return [Measurement(name, float(value), float(floor))]
    fields = zip(value._fields, value, floor, strict=True)
    return [Measurement(f"{name}.{field}", float(v), float(f)) for field, v, f in fields]

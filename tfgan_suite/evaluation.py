"""How good a generator's samples are, in numbers, each beside what real data would score."""

import dataclasses
from collections.abc import Callable

import numpy as np

from tfgan_suite import images, metrics
from tfgan_suite.data.dataset import Dataset
from tfgan_suite.errors import UserError

Sampler = Callable[[int, int], np.ndarray]  # (count, seed) -> examples

MOST_SAMPLES = 2000  # by default; the cost of most metrics grows with the square


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


class Evaluator:
    """Measures samples against held-out data. Made before training, so that a mistake shows before it.

    Args:
        dataset: what the samples should look like.
        names: metrics of `tfgan_suite.metrics`; by default those that need nothing but examples, and
            `mode_coverage` first for data whose modes are known.
        count: samples, and held-out examples; by default as many as are held out, at most 2,000.
        seed: of the samples and of the choice of real examples.

    Raises:
        UserError: a metric that this data has not what it takes for, or more examples than are held out.
    """

    def __init__(
        self, dataset: Dataset, names: list[str] | None = None, count: int | None = None, seed: int = 0
    ):
        self.dataset, self.seed = dataset, seed
        self.centers = getattr(dataset, "centers", None)
        self.names = names or self._default_names()
        if "mode_coverage" in self.names and self.centers is None:
            raise UserError(
                f"evaluation.metrics: mode_coverage needs data with known modes, came {dataset.name}"
            )
        if count is None:
            count = min(MOST_SAMPLES, len(dataset.examples("test")))
        self.held_out = _comparable(dataset.examples("test", count, seed))
        self.train = _comparable(dataset.examples("train", count, seed))

    def measure(self, sample: Sampler) -> Evaluation:
        """`sample` gives (count, seed) -> examples; images as uint8 or floats in [-1, 1]."""
        fake = _comparable(sample(len(self.held_out), self.seed))
        measurements = []
        for name in self.names:
            measurements += _measurements(name, self._metric(name, fake), self._metric(name, self.train))
        convention = {
            "features": "pixels" if fake.ndim == 4 else "coordinates",
            "data": self.dataset.name,
            "n_real": len(self.held_out),
            "n_fake": len(fake),
            "seed": self.seed,
        }
        return Evaluation(convention, measurements)

    def _default_names(self):
        if self.centers is not None:
            return ["mode_coverage", "nearest_neighbor_accuracy"]
        return ["nearest_neighbor_accuracy", "frechet_distance", "precision_recall"]

    def _metric(self, name, samples):
        if name == "mode_coverage":
            return metrics.mode_coverage(samples, self.centers, self.dataset.std)
        return getattr(metrics, name)(self.held_out, samples)


def _comparable(examples: np.ndarray) -> np.ndarray:
    """Images as a viewer gets them, at 256 levels; points as they are."""
    return images.from_uint8(images.to_uint8(examples)) if examples.ndim == 4 else examples


def _measurements(name, value, floor):
    if not hasattr(value, "_fields"):
        return [Measurement(name, float(value), float(floor))]
    fields = zip(value._fields, value, floor, strict=True)
    return [Measurement(f"{name}.{field}", float(v), float(f)) for field, v, f in fields]

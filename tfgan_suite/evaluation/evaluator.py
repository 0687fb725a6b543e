"""Samples against real examples, by every metric asked for, each beside its floor."""

import importlib
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tfgan_suite import metrics
from tfgan_suite.data import StackedDigits
from tfgan_suite.errors import UserError
from tfgan_suite.evaluation.measurement import BETTER, Evaluation, Measurement
from tfgan_suite.evaluation.reference import Reference
from tfgan_suite.examples.examples import Collection, Examples
from tfgan_suite.extractors.classifier import Classifier, find_classifier
from tfgan_suite.extractors.extraction import extract
from tfgan_suite.extractors.extractor import Extractor, Features
from tfgan_suite.extractors.pixels import Pixels


class Subject(NamedTuple):
    """What was measured: the examples and their features."""

    examples: Examples
    features: Features


class Evaluator:
    """Measures samples against real examples. Made before training, so that a mistake shows before it.

    Args:
        reference: what the samples should look like.
        extractor: what the metrics see; `default_extractor` of the reference when None.
        wanted: metrics, by name or as mappings `{"type": name, **options}`; by default those that need
            nothing but what the extractor and the reference give. A dotted name is imported.
        count: samples; by default as many as the reference has for both sides, at most 2,000.
        real_count: real examples to measure against; by default as many as samples.
        seed: of the samples, of the choice of real examples and of the metrics that draw.
        cache: folder for the features of the real examples, None for none.

    Raises:
        UserError: a metric that needs what is not there, or more examples than there are.
    """

    def __init__(
        self,
        reference: Reference,
        extractor: Extractor | None = None,
        wanted: Sequence[str | Mapping[str, Any]] | None = None,
        count: int | None = None,
        real_count: int | None = None,
        seed: int = 0,
        cache: Path | None = None,
    ):
        self.reference, self.seed, self.cache = reference, seed, cache
        self.extractor = extractor or default_extractor(reference)
        self.count = count or reference.default_count
        described = self.extractor.describe(reference.example_shape)
        real, self.floor = reference.choose(real_count or self.count, self.count, seed)
        self.convention = {
            **described,
            "reference": reference.name,
            "reference_fingerprint": real.fingerprint[:12],
            "n_real": real.count,
            "n_fake": self.count,
            "seed": seed,
        }
        self.real = Subject(real, extract(real, self.extractor, cache))
        wanted = self._default_metrics() if wanted is None else wanted
        available = self._inputs(self.real.features)
        self.metrics = [_Metric(spec, available, seed, reference.name) for spec in wanted]
        self._floors = self._measured_floors()

    def measure(self, samples: Collection, cache: Path | None = None) -> Evaluation:
        """All metrics of `count` samples.

        Args:
            cache: folder for the samples' features, None for none.
        """
        return self.evaluate(self.subject(samples, cache))

    def subject(self, samples: Collection, cache: Path | None = None) -> Subject:
        """`count` samples and their features.

        Raises:
            UserError: too few samples, or of another shape.
        """
        require_comparable(samples, self.count, self.reference, self.extractor)
        examples = samples.choose(self.count, self.seed)
        return Subject(examples, extract(examples, self.extractor, cache))

    def evaluate(self, subject: Subject) -> Evaluation:
        """All metrics of samples whose features are known."""
        measurements = []
        for metric, floors in zip(self.metrics, self._floors, strict=True):
            values = metric.values(self._inputs(subject.features))
            measurements += [Measurement(n, v, floors.get(n), metric.options) for n, v in values.items()]
        notes = [] if self.floor else [_no_floor(self.reference.name, self.count)]
        return Evaluation(subject.examples.name, self.convention, measurements, notes)

    def check_best(self, name: str) -> None:
        """Raises UserError unless `name` is measured here, and one way is better."""
        measured = {metric.name for metric in self.metrics}
        known = [n for n in BETTER if n.partition(".")[0] in measured]
        if name not in known:
            raise UserError(
                f"evaluation.best: expected one of {', '.join(known) or 'nothing'}, came {name!r}"
            )

    def _measured_floors(self) -> list[dict[str, float]]:
        """What each metric gives for real examples in place of samples."""
        if self.floor is None:
            return [{} for _ in self.metrics]
        inputs = self._inputs(extract(self.floor, self.extractor, self.cache))
        return [metric.values(inputs) for metric in self.metrics]

    def _inputs(self, fake: Features) -> dict[str, Any]:
        """What there is for metrics to take, by the names of their parameters."""
        real, dataset = self.real.features, self.reference.dataset
        inputs = {
            "real_features": real.features,
            "fake_features": fake.features,
            "real_probabilities": real.probabilities,
            "fake_probabilities": fake.probabilities,
        }
        if getattr(dataset, "centers", None) is not None and isinstance(self.extractor, Pixels):
            inputs |= {"samples": fake.features, "centers": dataset.centers, "std": dataset.std}
        return {name: value for name, value in inputs.items() if value is not None}

    def _default_metrics(self) -> list[str]:
        inputs = self._inputs(self.real.features)
        if "centers" in inputs:
            return ["mode_coverage", "nearest_neighbor_accuracy"]
        of_classes = ["inception_score"] if "fake_probabilities" in inputs else []
        if isinstance(self.reference.dataset, StackedDigits) and of_classes:
            of_classes = ["class_coverage"]
        return [
            "frechet_distance",
            "kernel_distance",
            "precision_recall",
            "density_coverage",
            "nearest_neighbor_accuracy",
            *of_classes,
        ]


class _Metric:
    """One metric with its options, checked against what there is for it to take."""

    def __init__(self, spec: str | Mapping[str, Any], inputs: Mapping[str, Any], seed: int, reference: str):
        given = {"type": spec} if isinstance(spec, str) else dict(spec)
        self.name = given.pop("type")
        self.function = _find(self.name)
        parameters = inspect.signature(self.function).parameters
        self.takes = [name for name, p in parameters.items() if p.default is p.empty]
        defaults = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
        unknown = set(given) - set(defaults)
        if unknown:
            raise UserError(
                f"metrics: {self.name} has no option {', '.join(sorted(unknown))}, "
                f"only {', '.join(defaults) or 'none'}"
            )
        missing = next((name for name in self.takes if name not in inputs), None)
        if missing is not None:
            needed = _NEEDS.get(missing, missing)
            raise UserError(f"metrics: {self.name} needs {needed}, which {reference} does not give")
        own_seed = {"seed": seed} if "seed" in defaults else {}
        self.options = defaults | own_seed | given

    def values(self, inputs: Mapping[str, Any]) -> dict[str, float]:
        """Each number of the metric by its name; several come as `metric.field`."""
        result = self.function(*(inputs[name] for name in self.takes), **self.options)
        name = self.name.rpartition(".")[2]
        if not hasattr(result, "_fields"):
            return {name: float(result)}
        return {f"{name}.{field}": float(value) for field, value in result._asdict().items()}


_CLASSES = "class probabilities (from an extractor such as Classifier or Inception)"
_NEEDS = {
    "real_probabilities": _CLASSES,
    "fake_probabilities": _CLASSES,
    "samples": "data with known modes",
}


def require_comparable(samples: Collection, count: int, reference: Reference, extractor: Extractor) -> None:
    """Raises UserError unless there are `count` samples that look like the reference to the extractor.

    Sizes may differ for an extractor that resizes both in the same way.
    """
    if samples.size is not None and samples.size < count:
        raise UserError(f"samples: expected {count}, came {samples.size} in {samples.name}")
    expected, came = reference.example_shape, samples.example_shape
    if came == expected:
        return

    def resize(shape):
        return extractor.describe(shape)["resize"]

    if len(came) != len(expected) or came[-1] != expected[-1] or resize(came) != resize(expected):
        is_channels_first = len(came) == 3 and came[0] == expected[-1]
        raise UserError(
            f"{samples.name}: expected examples of shape {expected}, as in {reference.name}, came {came}"
            + ("; the channels come last here" if is_channels_first else "")
        )


def default_extractor(reference: Reference) -> Extractor:
    """The classifier that ships for the data, where one does; else pixels, or coordinates of points."""
    dataset = reference.dataset
    if isinstance(dataset, StackedDigits) and find_classifier(dataset.single_digits.name):
        return Classifier(dataset.single_digits.name, per_channel=True)
    if dataset is not None and len(dataset.example_shape) == 3 and find_classifier(dataset.name):
        return Classifier(dataset.name, dataset=dataset)
    return Pixels()


def _find(name: str):
    module, _, attribute = name.rpartition(".")
    if not module and name not in metrics.__all__:
        raise UserError(f"metrics: expected one of {', '.join(metrics.__all__)}, came {name!r}")
    try:
        return getattr(importlib.import_module(module) if module else metrics, attribute)
    except (ImportError, AttributeError) as error:
        raise UserError(f"metrics: cannot import {name!r}: {error}") from error


def _no_floor(name: str, count: int) -> str:
    return f"No floor: it takes {count} further real examples than those of {name}, and there are fewer."

"""`tfgan-suite evaluate`: anything's samples against anything real, with files of what came out."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

from tfgan_suite import config as configs
from tfgan_suite.atomic import write_json
from tfgan_suite.cache import default_cache
from tfgan_suite.errors import UserError
from tfgan_suite.evaluation import words
from tfgan_suite.evaluation.closest_pairs import draw_closest_pairs
from tfgan_suite.evaluation.evaluator import Evaluator, Subject, default_extractor, require_comparable
from tfgan_suite.evaluation.reference import DatasetReference, Reference
from tfgan_suite.examples.examples import Collection
from tfgan_suite.examples.image_files import ImageFiles
from tfgan_suite.examples.samples import ModelSamples
from tfgan_suite.extractors.extraction import extract
from tfgan_suite.extractors.extractor import Extractor
from tfgan_suite.extractors.inception import Inception
from tfgan_suite.run import Run


@dataclasses.dataclass(frozen=True)
class Request:
    """What to measure and how; `None` leaves the choice to the run's config, or else to the data."""

    source: str
    reference: str | None = None
    metrics: str | None = None
    samples: int | None = None
    real_samples: int | None = None
    extractor: str | None = None
    seed: int | None = None
    out: Path | None = None
    checkpoint: str | int = "last"
    reading: words.Reading = words.AS_IT_IS


def evaluate(request: Request, say: Callable[[str], None] = print) -> Path:
    """Measures, prints the table, writes it as JSON, and returns the path of that file.

    Raises:
        UserError: whatever does not fit together, before anything is written.
    """
    run = Run(request.source) if Run(request.source).config_file.is_file() else None
    if not run and request.checkpoint != "last":
        raise UserError(f"--checkpoint: expected a run, which has checkpoints, came {request.source}")
    experiment = run.load(request.checkpoint) if run else None
    wanted = experiment.config.evaluation if run else configs.Evaluation()
    if run:
        samples: Collection = ModelSamples(experiment.model, run.name)
    else:
        samples = words.subject_of(request.source, request.reading)
    if request.reference is not None:
        reference = words.reference_of(request.reference, request.reading)
    elif run:
        reference = DatasetReference(experiment.dataset, wanted.split)
    else:
        raise UserError(
            f"--reference: expected what to measure {request.source} against, mnist or a folder; came none"
        )
    for files in (samples, getattr(reference, "files", None)):
        if isinstance(files, ImageFiles) and files.notice:
            print(files.notice, file=sys.stderr)

    extractor = _extractor(request, wanted, reference) or default_extractor(reference)
    count = request.samples or wanted.samples or _common_count(samples, reference)
    require_comparable(samples, count, reference, extractor)  # before the real examples take their time
    evaluator = Evaluator(
        reference,
        extractor,
        wanted.metrics if request.metrics is None else words.metrics_of(request.metrics),
        count,
        request.real_samples or wanted.real_samples,
        wanted.seed if request.seed is None else request.seed,
        default_cache(),
    )
    subject = evaluator.subject(samples, default_cache())
    evaluation = evaluator.evaluate(subject)
    out = request.out or (
        _evaluation_file(run, request.checkpoint)
        if run
        else Path(f"{request.source.rstrip('/')}.evaluation.json")
    )
    write_json(out, evaluation.as_dict())
    say(evaluation.table())
    say(f"\nwritten     {out}")
    if any(metric.name == "support_size" for metric in evaluator.metrics):
        _show_pairs(evaluator, subject, out.with_suffix(".pairs.png"), say)
    return out


def self_check(request: Request, say: Callable[[str], None] = print) -> bool:
    """Measures again what the extractor should reproduce; whether all of it did."""
    reference = words.reference_of(request.reference, request.reading) if request.reference else None
    dataset = reference.dataset if reference else None
    extractor = words.extractor_of(request.extractor, dataset) if request.extractor else Inception()
    checks = extractor.self_check(dataset)
    if not checks:
        raise UserError(f"--self-check: {type(extractor).__name__} promises no number that could be checked")
    for check in checks:
        verdict = "reproduced" if check.passed else "NOT REPRODUCED"
        expected = f"expected {check.expected:g} +- {check.tolerance:.2g}"
        say(f"{check.name}: {expected}, came {check.measured:g}: {verdict}")
    return all(check.passed for check in checks)


def _evaluation_file(run: Run, checkpoint: str | int) -> Path:
    """evaluation.json is of the last checkpoint; others do not replace it."""
    return run.evaluation_file if checkpoint == "last" else run.directory / f"evaluation-{checkpoint}.json"


def _extractor(request: Request, wanted: configs.Evaluation, reference: Reference) -> Extractor | None:
    if request.extractor is not None:
        return words.extractor_of(request.extractor, reference.dataset)
    if wanted.extractor is None:
        return None
    return configs.build(
        wanted.extractor, "extractors", f"{request.source}: evaluation.extractor", dataset=reference.dataset
    )


def _common_count(samples: Collection, reference: Reference) -> int:
    return min(reference.default_count, samples.size or reference.default_count)


def _show_pairs(evaluator: Evaluator, subject: Subject, path: Path, say: Callable[[str], None]) -> None:
    real = evaluator.real
    if evaluator.floor is not None:  # of a dataset's test split: training images
        real = Subject(evaluator.floor, extract(evaluator.floor, evaluator.extractor, evaluator.cache))
    if draw_closest_pairs(subject, real, path) is not None:
        say(
            f"pairs       {path}: the most similar samples, and beside them the nearest to each of "
            f"{real.examples.count} examples of {real.examples.name}"
        )

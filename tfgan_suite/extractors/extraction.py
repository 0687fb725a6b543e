"""Features of many examples: streamed through an extractor, and kept on disk."""

import contextlib
import json
import math
import os
import shutil
import uuid
from pathlib import Path

import numpy as np

from tfgan_suite.atomic import replacing
from tfgan_suite.cache import VARIABLE
from tfgan_suite.data.dataset import digest
from tfgan_suite.errors import UserError
from tfgan_suite.examples.examples import Examples
from tfgan_suite.extractors.extractor import Extractor, Features

SMALL = 16 * 2**20  # bytes
LARGEST_CACHE = 20 * 2**30  # what was used least recently goes


def extract(examples: Examples, extractor: Extractor, cache: Path | None = None) -> Features:
    """Features and probabilities of all examples, one batch in memory at a time.

    Args:
        cache: folder that keeps the result under a key of (data fingerprint, extractor fingerprint, count);
            what is there already is read, not computed again. The arrays are then memory-mapped files. With
            None, and for a few examples and an extractor that costs nothing, they are only in memory.

    Raises:
        UserError: examples that the extractor does not take, or a cache that cannot be written.
    """
    extractor.describe(examples.example_shape)
    is_small = 4 * examples.count * math.prod(examples.example_shape) <= SMALL
    if cache is None or (is_small and not extractor.is_costly):
        batches = [named(extractor(batch)) for batch in examples.batches(extractor.batch_size)]
        return Features(**{name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]})
    key = digest(examples.fingerprint, extractor.fingerprint, examples.count)
    folder = Path(cache) / "features" / key
    if not folder.is_dir():
        _require_writable(Path(cache))
        _write(examples, extractor, folder)
        _forget_oldest(folder.parent)
    os.utime(folder)
    return Features(**{file.stem: np.load(file, mmap_mode="r") for file in folder.glob("*.npy")})


def named(features: Features) -> dict[str, np.ndarray]:
    """The arrays that there are, by name."""
    return {name: array for name, array in features._asdict().items() if array is not None}


def _write(examples: Examples, extractor: Extractor, folder: Path) -> None:
    """The arrays as .npy files in `folder`, which appears when all of them are complete."""
    about = {"examples": examples.name, "count": examples.count, **extractor.describe(examples.example_shape)}
    try:
        with replacing(folder) as temporary, contextlib.ExitStack() as opened:
            temporary.mkdir()
            files = {}
            for batch in examples.batches(extractor.batch_size):
                for name, array in named(extractor(batch)).items():
                    if name not in files:
                        files[name] = opened.enter_context(open(temporary / f"{name}.npy", "wb"))
                        _write_header(files[name], (examples.count, *array.shape[1:]))
                    files[name].write(np.ascontiguousarray(array, np.float32).data)
            (temporary / "about.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        if not folder.is_dir():  # else another process was faster, with the same result
            raise UserError(f"cache: could not write {folder} ({error})") from error


def _write_header(file, shape: tuple[int, ...]) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _require_writable(cache: Path) -> None:
    probe = cache / f".{uuid.uuid4().hex}"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"cache: expected a folder that can be written, came {cache} ({error.strerror or error}); "
            f"set {VARIABLE} to another one"
        ) from error


def _forget_oldest(folder: Path) -> None:
    """Removes the sets of features that were used least recently, until the rest fits."""
    kept = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    total = 0
    for number, path in enumerate(kept):
        total += sum(file.stat().st_size for file in path.glob("*"))
        if total > LARGEST_CACHE and number > 0:
            shutil.rmtree(path, ignore_errors=True)

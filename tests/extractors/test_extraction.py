"""Features are streamed, kept under their key, and never half-written."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tfgan_suite.cache import default_cache
from tfgan_suite.errors import UserError
from tfgan_suite.examples.examples import Examples
from tfgan_suite.extractors import Pixels, extraction
from tfgan_suite.extractors.extraction import extract
from tfgan_suite.extractors.extractor import Extractor, Features

IMAGES = np.random.default_rng(0).integers(0, 256, size=(25, 4, 4, 1), dtype=np.uint8)


class Halves(Extractor):
    """Means of the rows, and a made-up distribution; counts its calls."""

    fingerprint, batch_size = "halves", 7

    def __init__(self):
        self.sizes = []

    def describe(self, example_shape):
        if example_shape != (4, 4, 1):
            raise UserError(f"extractor: takes 4x4, came {example_shape}")
        return {"extractor": "halves", "resize": "none"}

    def __call__(self, examples):
        self.sizes.append(len(examples))
        share = examples.mean(axis=(1, 2, 3)) / 255
        return Features(
            examples.mean(axis=2)[..., 0].astype(np.float32),
            np.stack([share, 1 - share], 1).astype(np.float32),
        )


def examples(fingerprint="images", images=IMAGES, block=10):
    def read():
        for start in range(0, len(images), block):
            yield images[start : start + block]

    return Examples("images", len(images), images.shape[1:], fingerprint, read)


def test_the_same_with_and_without_a_cache_and_in_any_batches(tmp_path):
    expected = Halves()(IMAGES)
    for cache in (None, tmp_path):
        found = extract(examples(), Halves(), cache)
        for array, wanted in zip(found, expected, strict=True):
            np.testing.assert_array_equal(array, wanted)
            assert array.dtype == np.float32
            assert isinstance(array, np.memmap) == (cache is not None)
    extractor = Halves()
    extract(examples(block=1), extractor)
    assert extractor.sizes == [7, 7, 7, 4]


def test_computed_once_for_each_key(tmp_path):
    extractor = Halves()
    extract(examples(), extractor, tmp_path)
    before = len(extractor.sizes)
    extract(examples(), extractor, tmp_path)
    assert len(extractor.sizes) == before
    extract(examples("other images"), extractor, tmp_path)
    assert len(extractor.sizes) == 2 * before
    extractor.fingerprint = "another extractor"
    extract(examples(), extractor, tmp_path)
    assert len(extractor.sizes) == 3 * before
    extract(examples(images=IMAGES[:14]), extractor, tmp_path)  # another count
    assert len(extractor.sizes) == 3 * before + 2
    (about, *_) = tmp_path.glob("features/*/about.json")
    assert json.loads(about.read_text())["extractor"] == "halves"


def test_an_interrupted_extraction_leaves_nothing(tmp_path):
    class Failing(Halves):
        def __call__(self, images):
            if len(self.sizes) == 2:
                raise KeyboardInterrupt
            return super().__call__(images)

    with pytest.raises(KeyboardInterrupt):
        extract(examples(), Failing(), tmp_path)
    assert list((tmp_path / "features").iterdir()) == []
    assert extract(examples(), Halves(), tmp_path).features.shape == (25, 4)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(extraction, "_write_header", full)
    with pytest.raises(UserError, match="cache: could not write .*No space left"):
        extract(examples(), Halves(), tmp_path)
    assert list((tmp_path / "features").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named_with_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cache: .*file.*TFGAN_SUITE_CACHE"):
        extract(examples(), Halves(), tmp_path / "file" / "cache")
    if os.geteuid() == 0:  # permissions do not bind root
        return
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="TFGAN_SUITE_CACHE"):
        extract(examples(), Halves(), tmp_path / "cache")


def test_examples_of_another_shape_are_refused_before_anything_is_read(tmp_path):
    with pytest.raises(UserError, match="takes 4x4"):
        extract(examples(images=IMAGES[:, :2]), Halves(), tmp_path)
    assert not (tmp_path / "features").exists()


def test_a_few_pixels_are_not_worth_a_file(tmp_path):
    found = extract(examples(), Pixels(), tmp_path)
    assert list(tmp_path.iterdir()) == []
    np.testing.assert_allclose(found.features, IMAGES.reshape(25, -1) / 127.5 - 1, atol=1e-6)
    assert found.probabilities is None


def test_the_oldest_goes_when_the_cache_is_full(tmp_path, monkeypatch):
    for number in range(4):
        extract(examples(f"set {number}"), Halves(), tmp_path)
    folders = sorted((tmp_path / "features").iterdir(), key=lambda p: p.stat().st_mtime)
    for age, folder in enumerate(reversed(folders)):
        os.utime(folder, (0, 1e9 - 1000 * age))
    extract(examples("set 0"), Halves(), tmp_path)  # used again: now the newest
    size = sum(f.stat().st_size for f in folders[0].iterdir())
    monkeypatch.setattr(extraction, "LARGEST_CACHE", 2 * size)
    extract(examples("set 4"), Halves(), tmp_path)
    assert len(list((tmp_path / "features").iterdir())) == 2
    extractor = Halves()
    extract(examples("set 0"), extractor, tmp_path)
    assert extractor.sizes == []


def test_the_cache_is_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv("TFGAN_SUITE_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("TFGAN_SUITE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_cache() == Path("/somewhere/tfgan_suite")

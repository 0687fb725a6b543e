"""Folders of image files as they are found in the wild."""

import numpy as np
import pytest
from PIL import Image

from tfgan_suite.errors import UserError
from tfgan_suite.examples.image_files import ImageFiles


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, size=(12, 6, 5, 3), dtype=np.uint8)
    for i, image in enumerate(pixels):
        path = tmp_path / ("a" if i % 2 else "b/c") / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def all_of(files, **options):
    return np.concatenate(list(ImageFiles(files, **options).choose(None, 0).read()))


def test_every_file_below_the_folder_is_read_as_it_is(folder):
    files = ImageFiles(folder)
    assert (files.size, files.example_shape, files.notice) == (12, (6, 5, 3), None)
    images = all_of(folder)
    assert images.shape == (12, 6, 5, 3)
    np.testing.assert_array_equal(images[0], np.asarray(Image.open(folder / "a/01.png")))


def test_unreadable_files_are_named_counted_and_left_out_or_fatal(folder):
    (folder / "a/broken.png").write_bytes(b"\x89PNG not really")
    whole = (folder / "a/01.png").read_bytes()
    (folder / "a/cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "a/empty.jpg").touch()
    files = ImageFiles(folder)
    assert files.size == 12
    assert "3 of 15 files cannot be read" in files.notice
    for name in ("a/broken.png", "a/cut.png", "a/empty.jpg"):
        assert name in files.notice
    assert len(all_of(folder)) == 12
    with pytest.raises(UserError, match="3 of 15 files cannot be read"):
        all_of(folder, strict=True)


def test_many_unreadable_files_are_not_all_listed(folder):
    for i in range(40):
        (folder / f"bad{i:02d}.png").write_bytes(b"x")
    assert "40 of 52" in ImageFiles(folder).notice
    assert len(ImageFiles(folder).notice) < 1000


def test_mixed_sizes_and_kinds_are_named_and_can_be_made_alike(folder):
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(folder / "grey.png")
    with pytest.raises(UserError, match=r"12 of 6x5x3, 1 of 9x9x1 .*--image-size.*--channels"):
        _ = ImageFiles(folder).example_shape
    assert all_of(folder, image_size=4, channels="rgb").shape == (13, 4, 4, 3)
    assert all_of(folder, image_size=8, channels="grey").shape == (13, 8, 8, 1)


def test_sixteen_bits_are_refused_not_clipped(tmp_path):
    Image.fromarray(np.full((4, 4), 40_000, np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(UserError, match="deep.png .*8 bits"):
        _ = ImageFiles(tmp_path).files


@pytest.mark.parametrize("mode", ["P", "RGBA", "1", "LA", "CMYK"])
def test_other_modes_become_grey_or_rgb(tmp_path, mode):
    suffix = "tif" if mode == "CMYK" else "png"
    Image.new(mode, (4, 4)).save(tmp_path / f"x.{suffix}")
    assert ImageFiles(tmp_path).example_shape == (4, 4, 1 if mode in ("1", "LA") else 3)


def test_the_fingerprint_is_of_the_content_and_the_choice(folder, tmp_path_factory):
    def fingerprint(**options):
        return ImageFiles(folder, **options).choose(5, 0).fingerprint

    first = fingerprint()
    assert first == fingerprint()
    assert first != fingerprint(channels="grey")
    assert first != ImageFiles(folder).choose(5, 1).fingerprint
    whole = ImageFiles(folder).choose(None, 0).fingerprint
    Image.fromarray(np.zeros((6, 5, 3), np.uint8)).save(folder / "a/01.png")
    assert whole != ImageFiles(folder).choose(None, 0).fingerprint


def test_a_folder_without_images_says_so(tmp_path):
    with pytest.raises(UserError, match="expected image files .*came none"):
        _ = ImageFiles(tmp_path).size

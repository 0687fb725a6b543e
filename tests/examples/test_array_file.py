"""Arrays made by anyone: .npy and .npz, images and points, whole or not."""

import io
import zipfile

import numpy as np
import pytest

from tfgan_suite.data import dataset
from tfgan_suite.errors import UserError
from tfgan_suite.examples import array_file
from tfgan_suite.examples.array_file import ArrayFile

IMAGES = np.random.default_rng(0).integers(0, 256, size=(25, 4, 4, 3), dtype=np.uint8)


def all_of(path, **options):
    return np.concatenate(list(ArrayFile(path, **options).choose(None, 0).read()))


@pytest.fixture(params=[3, 1000], autouse=True)
def blocks(request, monkeypatch):
    monkeypatch.setattr(array_file, "BLOCK", request.param)
    assert dataset.BLOCK == 1000


@pytest.mark.parametrize("save", [np.save, np.savez, np.savez_compressed])
def test_uint8_images_as_they_are(tmp_path, save):
    path = tmp_path / f"x.{'npy' if save is np.save else 'npz'}"
    save(path, IMAGES)
    file = ArrayFile(path)
    assert (file.size, file.example_shape) == (25, (4, 4, 3))
    np.testing.assert_array_equal(all_of(path), IMAGES)
    chosen, rest = file.choose(10, seed=3), file.choose(15, seed=3, skip=10)
    together = np.concatenate([*chosen.read(), *rest.read()])
    assert sorted(map(bytes, together)) == sorted(map(bytes, IMAGES))


@pytest.mark.parametrize(
    ("scale", "options"),
    [
        (lambda x: x / 127.5 - 1, {}),
        (lambda x: x / 255, {"value_range": (0, 1)}),
        (lambda x: x.astype(np.float64), {"value_range": (0, 255)}),
        (lambda x: x.astype(np.int64), {"value_range": (0, 255)}),
    ],
)
def test_ranges_can_be_told(tmp_path, scale, options):
    np.save(tmp_path / "x.npy", scale(IMAGES))
    np.testing.assert_array_equal(all_of(tmp_path / "x.npy", **options), IMAGES)


@pytest.mark.parametrize(
    ("array", "options", "message"),
    [
        (IMAGES / 255, {}, r"looks like \[0, 1\]; say --value-range 0 1"),
        (IMAGES.astype(np.float32), {}, r"expected floats in \[-1, 1\], came float32 from 0 to 255"),
        (IMAGES.astype(np.int64), {}, "expected uint8.*came int64"),
        (
            IMAGES / 127.5 - 1,
            {"value_range": (0, 1)},
            "expected values from 0 to 1, came float64 from -1 to 1",
        ),
        (np.where(IMAGES.max() == IMAGES, np.nan, IMAGES), {}, "expected finite numbers"),
        (IMAGES.astype(complex), {}, "expected images .*came complex128"),
        (IMAGES[:0], {}, r"not empty, came uint8 \(0, 4, 4, 3\)"),
        (IMAGES.reshape(-1), {}, r"came uint8 \(1200,\)"),
        (np.asfortranarray(IMAGES), {}, "in Fortran order"),
        (np.array([None, 1]), {}, "came object"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, array, options, message):
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(UserError, match=message):
        all_of(tmp_path / "x.npy", **options)


def test_one_channel_may_go_unsaid_and_points_stay_points(tmp_path):
    np.save(tmp_path / "grey.npy", IMAGES[..., 0])
    assert all_of(tmp_path / "grey.npy").shape == (25, 4, 4, 1)
    points = np.random.default_rng(0).normal(size=(30, 2))
    np.save(tmp_path / "points.npy", points)
    np.testing.assert_array_equal(all_of(tmp_path / "points.npy"), points.astype(np.float32))


def test_one_of_several_arrays(tmp_path):
    np.savez(tmp_path / "two.npz", images=IMAGES, labels=np.arange(25))
    np.testing.assert_array_equal(all_of(tmp_path / "two.npz"), IMAGES)
    np.savez(tmp_path / "odd.npz", x=IMAGES, y=IMAGES[:5])
    assert ArrayFile(f"{tmp_path}/odd.npz:y").size == 5
    for name in (f"{tmp_path}/odd.npz", f"{tmp_path}/odd.npz:z"):
        with pytest.raises(UserError, match="x, y; came"):
            _ = ArrayFile(name).size


def test_damaged_files_are_named(tmp_path):
    np.save(tmp_path / "cut.npy", IMAGES)
    content = (tmp_path / "cut.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(content[:-100])
    with pytest.raises(UserError, match="cut off"):
        all_of(tmp_path / "cut.npy")
    (tmp_path / "text.npy").write_text("hello")
    with pytest.raises(UserError, match="expected a NumPy array"):
        all_of(tmp_path / "text.npy")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(UserError, match=r"expected an \.npz file"):
        all_of(tmp_path / "text.npz")
    with pytest.raises(UserError, match="expected a file, came none"):
        all_of(tmp_path / "missing.npy")
    buffer = io.BytesIO()
    np.save(buffer, IMAGES)
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as archive:
        archive.writestr("arr_0.npy", buffer.getvalue())
    content = bytearray((tmp_path / "bad.npz").read_bytes())
    content[600] ^= 255  # a pixel; the checksum no longer fits
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        all_of(tmp_path / "bad.npz")


def test_the_fingerprint_is_of_the_content_the_choice_and_the_range(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES / 127.5 - 1)
    np.savez_compressed(tmp_path / "x.npz", IMAGES / 127.5 - 1)
    first = ArrayFile(tmp_path / "x.npy").choose(5, 0).fingerprint
    assert first == ArrayFile(tmp_path / "x.npz").choose(5, 0).fingerprint  # the same content
    assert first != ArrayFile(tmp_path / "x.npy").choose(5, 1).fingerprint
    assert first != ArrayFile(tmp_path / "x.npy", (-2, 2)).choose(5, 0).fingerprint
    np.save(tmp_path / "x.npy", -(IMAGES / 127.5 - 1))
    assert first != ArrayFile(tmp_path / "x.npy").choose(5, 0).fingerprint


def test_fewer_than_asked_is_an_error(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    with pytest.raises(UserError, match=r"samples: expected at most the 25 examples of .*x.npy, came 26"):
        ArrayFile(tmp_path / "x.npy").choose(26, 0)

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tfgan_suite.errors import UserError
from tfgan_suite.images import from_uint8, grid, save_png, scatter_png, to_uint8


def test_every_byte_survives_the_round_trip():
    every = np.arange(256, dtype=np.uint8).reshape(2, 8, 16)
    floats = from_uint8(every)
    assert floats.dtype == np.float32
    assert (floats.min(), floats.max()) == (-1.0, 1.0)
    assert np.array_equal(to_uint8(floats), every)
    assert to_uint8(every) is every


def test_rounds_and_clips():
    step = 2 / 255
    values = [-1.0, -1 + 0.4 * step, -1 + 0.6 * step, 1 - 0.4 * step, 1.0, 7.0, -7.0, np.inf, -np.inf]
    assert to_uint8(np.array(values)).tolist() == [0, 0, 1, 255, 255, 255, 0, 255, 0]
    assert to_uint8([[-1.0, 1.0]]).dtype == np.uint8


def test_tensors():
    tf = pytest.importorskip("tensorflow")
    images = tf.constant([[-1.0, 0.0, 1.0]])
    assert to_uint8(images).tolist() == [[0, 128, 255]]
    assert to_uint8(tf.cast(images, tf.bfloat16)).tolist() == [[0, 128, 255]]
    assert from_uint8(tf.constant([0, 255], tf.uint8)).tolist() == [-1.0, 1.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: to_uint8(np.array([0, 255])), "came dtype int64"),
        (lambda: to_uint8(np.array([0.0, np.nan])), "came 1 NaN of 2"),
        (lambda: from_uint8(np.zeros(3)), "expected uint8, came dtype float64"),
        (lambda: grid(np.zeros((4, 4, 3))), r"came shape \(4, 4, 3\)"),
        (lambda: grid(np.zeros((2, 4, 4, 2))), r"came shape \(2, 4, 4, 2\)"),
        (lambda: grid(np.zeros((0, 4, 4, 1))), "not empty"),
        (lambda: grid(np.zeros((2, 4, 4, 1)), columns=0), "columns: expected"),
        (lambda: grid(np.zeros((2, 4, 4, 1)), padding=-1), "padding: expected"),
        (lambda: save_png(np.zeros((2, 4, 4, 1)), "never.png"), "for a batch make a grid"),
        (lambda: save_png(np.zeros((4, 4, 2)), "never.png"), "with 1 or 3 channels"),
        (lambda: save_png(np.zeros((4, 4)), "never.png", scale=1.5), "scale: expected"),
        (lambda: scatter_png(np.zeros((4, 3)), np.zeros((4, 3)), "never.png"), "1 or 2 dimensions, came 3"),
        (lambda: scatter_png(np.zeros((4, 2)), np.zeros(4), "never.png"), "fake_points: expected 2"),
        (lambda: scatter_png(np.zeros(4), [np.nan], "never.png"), "fake_points: expected finite"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(UserError, match=message):
        call()
    assert not os.path.exists("never.png")


@pytest.mark.parametrize("channels", [1, 3])
def test_grid_places_every_image(channels):
    images = np.random.default_rng(0).integers(0, 200, size=(5, 4, 6, channels), dtype=np.uint8)
    picture = grid(images, columns=3, padding=2)
    assert picture.shape == (2 * 4 + 2, 3 * 6 + 2 * 2, channels)
    assert picture.dtype == np.uint8
    expected = np.full_like(picture, 255)
    for k, image in enumerate(images):
        top, left = k // 3 * 6, k % 3 * 8
        expected[top : top + 4, left : left + 6] = image
    assert np.array_equal(picture, expected)


@pytest.mark.parametrize(
    ("count", "layout"), [(1, (1, 1)), (2, (1, 2)), (5, (2, 3)), (16, (4, 4)), (17, (4, 5))]
)
def test_grid_is_nearly_square(count, layout):
    assert grid(np.zeros((count, 3, 3, 1)), padding=0).shape == (layout[0] * 3, layout[1] * 3, 1)


def test_grid_of_floats_is_the_grid_of_their_bytes():
    images = np.random.default_rng(0).uniform(-1, 1, size=(4, 3, 3, 3))
    assert np.array_equal(grid(images), grid(to_uint8(images)))


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1), (3, 4, 3)])
def test_png_reads_back_zoomed(tmp_path, shape):
    image = np.random.default_rng(0).integers(0, 256, size=shape, dtype=np.uint8)
    save_png(image, tmp_path / "new" / "a.png", scale=3)
    read = np.asarray(Image.open(tmp_path / "new" / "a.png"))
    expected = np.kron(image.squeeze(), np.ones((3, 3, 1) if shape[-1] == 3 else (3, 3), dtype=np.uint8))
    assert np.array_equal(read, expected)
    save_png(from_uint8(image), tmp_path / "new" / "a.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "new" / "a.png")), image.squeeze())
    assert os.listdir(tmp_path / "new") == ["a.png"]


def coloured(path):
    """Pixels that are mostly blue (real) and mostly orange (fake)."""
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return (
        np.count_nonzero(pixels[..., 2] > pixels[..., 0] + 30),
        np.count_nonzero(pixels[..., 0] > pixels[..., 2] + 30),
    )


@pytest.mark.parametrize("d", [1, 2])
def test_scatter_shows_both_sides(tmp_path, d):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(500, d)), random.normal(2.0, size=(300, d))
    scatter_png(real, fake, tmp_path / "a.png", title="step 100")
    assert min(coloured(tmp_path / "a.png")) > 500
    # The same points give the same bytes.
    scatter_png(real, fake, tmp_path / "b.png", title="step 100")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("d", [1, 2])
def test_a_diverged_generator_does_not_hide_the_real_points(tmp_path, d):
    real = np.random.default_rng(0).normal(size=(500, d))
    scatter_png(real, real + 1e6, tmp_path / "a.png")
    assert coloured(tmp_path / "a.png")[0] > 500
    scatter_png(np.zeros((5, d)), real, tmp_path / "constant.png")


def test_no_figure_state_and_no_matplotlib_until_needed():
    code = (
        "import sys, tfgan_suite.images as i; assert 'matplotlib' not in sys.modules;"
        "import tempfile; i.scatter_png([0., 1.], [0., 1.], tempfile.mkdtemp() + '/a.png');"
        "assert 'matplotlib.pyplot' not in sys.modules; assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

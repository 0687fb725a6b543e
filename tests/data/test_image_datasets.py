"""Digits, stacked digits, and folders of images."""

import itertools

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from tfgan_suite import data
from tfgan_suite.data.square_resize import resize_square, with_channels
from tfgan_suite.errors import UserError


def test_digits_are_split_without_overlap_and_by_class():
    digits = data.Digits(image_size=8)
    assert (len(digits.train.images), len(digits.test.images)) == (1437, 360)
    share = np.bincount(digits.test.labels) / (
        np.bincount(digits.train.labels) + np.bincount(digits.test.labels)
    )
    assert np.abs(share - 0.2).max() < 0.006
    # At their own size the digits are those of scikit-learn, each once.
    both = np.concatenate([digits.train.images, digits.test.images]).reshape(1797, 64)
    source = np.round(load_digits().data * 255 / 16).astype(np.uint8)
    assert sorted(map(bytes, both)) == sorted(map(bytes, source))


def test_digits_are_white_on_black():
    images = data.Digits(32).examples("test")
    assert images.shape == (360, 32, 32, 1)
    assert (images.min(), images.max()) == (-1, 1)
    assert images[:, :, 0].mean() < -0.9


def test_stacked_digits_decode():
    stacked = data.StackedDigits("digits")
    for split in ("train", "test"):
        images, labels = stacked.examples(split, 50, labels=True)
        singles, single_labels = getattr(stacked.single_digits, split)
        known = {image.tobytes(): label for image, label in zip(singles, single_labels, strict=True)}
        pixels = np.round((images + 1) * 127.5).astype(np.uint8)
        decoded = [[known[image[..., c].tobytes()] for c in range(3)] for image in pixels]
        np.testing.assert_array_equal(decoded @ np.array([100, 10, 1]), labels)
    labels = np.concatenate([y for _, y in stacked.batches(1000, labels=True).take(10).as_numpy_iterator()])
    assert len(np.unique(labels)) > 990
    assert len(stacked.examples("test")) == 10_000


@pytest.mark.parametrize("size", [5, 40])
def test_resize_agrees_with_pillow(size):
    # Of low contrast, because Pillow also clips between its two passes.
    image = np.random.default_rng(0).integers(100, 150, (20, 20, 3)).astype(np.uint8)
    expected = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))
    assert np.abs(resize_square(image, size).numpy().astype(int) - expected).max() <= 1


def test_resize_crops_the_centre():
    wide = np.zeros((4, 10, 1), np.uint8)
    wide[:, 3:7] = 200
    assert (resize_square(wide, 2).numpy() == 200).all()
    assert (resize_square(wide.transpose(1, 0, 2), 2).numpy() == 200).all()


def test_channels():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    rgb = with_channels(grey, "rgb")
    assert rgb.shape == (16, 16, 3)
    np.testing.assert_array_equal(with_channels(rgb, "grey"), grey)
    np.testing.assert_array_equal(with_channels(np.array([[[255, 0, 0]]], np.uint8), "grey"), [[[76]]])


def test_image_folder(image_folder):
    folder = data.ImageFolder(image_folder, image_size=6, test_fraction=0.3)
    assert folder.classes == ["a", "b"]
    train, test = folder.split_files("train"), folder.split_files("test")
    assert sorted(train + test) == folder.files
    assert len(folder.files) == 24
    assert 0 < len(test) < 24
    for files, split in ((train, folder.train), (test, folder.test)):
        numbers = np.array([int(file.stem) for file in files])
        assert split.images.shape == (len(files), 6, 6, 3)
        np.testing.assert_array_equal(split.images[:, 3, 3, 0], 10 * numbers)
        np.testing.assert_array_equal(split.labels, numbers % 2)
    assert data.ImageFolder(image_folder, 6, split_seed=1, test_fraction=0.3).split_files("test") != test


def test_held_out_files_stay_held_out_when_others_come(tmp_path):
    held_out = []
    for i in range(30):
        Image.fromarray(np.zeros((2, 2), np.uint8)).save(tmp_path / f"{i}.png")
        held_out.append(set(data.ImageFolder(tmp_path, 2, channels="grey").split_files("test")))
    assert all(fewer <= more for fewer, more in itertools.pairwise(held_out))
    assert data.ImageFolder(tmp_path, 2).num_classes is None


def test_folder_errors(tmp_path):
    with pytest.raises(UserError, match=r"path must be a folder .*nowhere"):
        data.ImageFolder(tmp_path / "nowhere", 8)
    with pytest.raises(UserError, match=r"path must contain images"):
        data.ImageFolder(tmp_path, 8).batches(4)
    (tmp_path / "broken.png").write_bytes(b"not an image")
    with pytest.raises(UserError, match=r"broken\.png' cannot be read"):
        data.ImageFolder(tmp_path, 8, test_fraction=0.0).batches(4)
    with pytest.raises(UserError, match=r"no test images"):
        data.ImageFolder(tmp_path, 8, test_fraction=0.0).examples("test")


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: data.Digits(7), "image_size must be an integer from 8 to 64, got 7"),
        (lambda: data.Digits("16"), "image_size"),
        (lambda: data.StackedDigits("svhn"), "source must be one of 'mnist', 'digits', got 'svhn'"),
        (lambda: data.ImageFolder(".", 8, channels="auto"), "channels"),
        (lambda: data.ImageFolder(".", 8, test_fraction=1.0), "test_fraction"),
    ],
)
def test_wrong_arguments_are_named(make, named):
    with pytest.raises(UserError, match=named):
        make()

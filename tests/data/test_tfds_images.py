"""Images of tfds: a tiny dataset made here, and real ones where they are prepared."""

import numpy as np
import pytest

from tfgan_suite import data
from tfgan_suite.errors import UserError


def tiny(folder, **options):
    return data.TfdsImages("tiny", data_dir=folder, test_split="validation", **options)


def grey_levels(images):
    return np.round((images[:, 0, 0, 0] + 1) * 127.5).astype(int)


@pytest.mark.parametrize("in_memory", ["always", "never"])
def test_images_and_labels_belong_together(tiny_folder, in_memory):
    dataset = tiny(tiny_folder, in_memory=in_memory)
    assert (dataset.example_shape, dataset.num_classes) == ((12, 16, 3), 3)
    images, labels = next(dataset.batches(40, labels=True, start=2).as_numpy_iterator())
    np.testing.assert_array_equal(grey_levels(images) // 5 % 3, labels)
    images, labels = dataset.examples("train", labels=True)
    assert sorted(grey_levels(images)) == [5 * i for i in range(50)]
    np.testing.assert_array_equal(grey_levels(images) // 5 % 3, labels)
    assert sorted(grey_levels(dataset.examples("test"))) == [5, 10, 15, 20, 25, 30]


def test_streamed_examples_equal_those_in_memory(tiny_folder):
    for count in (None, 9):
        streamed = tiny(tiny_folder, in_memory="never").examples("train", count, seed=1, labels=True)
        held = tiny(tiny_folder, in_memory="always").examples("train", count, seed=1, labels=True)
        np.testing.assert_array_equal(streamed[0], held[0])
        np.testing.assert_array_equal(streamed[1], held[1])


def test_options(tiny_folder):
    assert tiny(tiny_folder, image_size=8).examples("train", 2).shape == (2, 8, 8, 3)
    grey = tiny(tiny_folder, channels="grey", image_size=4)
    assert grey.example_shape == (4, 4, 1)
    inverted = tiny(tiny_folder, channels="grey", image_size=4, invert=True)
    np.testing.assert_allclose(inverted.examples("train"), -grey.examples("train"), atol=1e-6)
    assert len(tiny(tiny_folder, split="train[:20%]").train.images) == 10
    assert tiny(tiny_folder).train.images.dtype == np.uint8


def test_errors(tiny_folder, monkeypatch):
    with pytest.raises(UserError, match=r"no split 'test', only train, validation"):
        data.TfdsImages("tiny", data_dir=tiny_folder).examples("test")
    with pytest.raises(UserError, match=r"download_and_prepare.*download=True.*TFDS_DATA_DIR"):
        data.TfdsImages("mnist", data_dir=tiny_folder).batches(4)
    with pytest.raises(UserError, match=r"label must name a class label of 'tiny', got 'size_free'"):
        tiny(tiny_folder, label="size_free").batches(4)
    free = tiny(tiny_folder)
    monkeypatch.setattr(free.builder.info.features["image"], "_shape", (None, None, 3), raising=False)
    monkeypatch.setattr(type(free.builder.info.features["image"]), "shape", (None, None, 3))
    with pytest.raises(UserError, match=r"image_size must be given for 'tiny'"):
        free.batches(4)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": "mnist", "channels": "gray"}, "channels must be one of 'auto', 'grey', 'rgb', got 'gray'"),
        ({"name": "mnist", "image_size": 0}, "image_size"),
        ({"name": "mnist", "in_memory": True}, "in_memory"),
        ({"name": "mnist", "download": "no"}, "download"),
    ],
)
def test_wrong_arguments_are_named(arguments, named):
    with pytest.raises(UserError, match=named):
        data.TfdsImages(**arguments)


def test_data_dir_of_the_environment(tiny_folder, monkeypatch):
    import tensorflow_datasets as tfds

    # tfds reads TFDS_DATA_DIR once, when it is imported; this is where it keeps the value.
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", tiny_folder)
    assert data.TfdsImages("tiny").example_shape == (12, 16, 3)


def test_real_mnist(prepared_folder):
    mnist = data.TfdsImages("mnist", data_dir=prepared_folder("mnist"))
    assert (mnist.example_shape, mnist.num_classes) == ((28, 28, 1), 10)
    assert (len(mnist.train.images), len(mnist.test.images)) == (60_000, 10_000)
    assert mnist.train.images.mean() / 255 == pytest.approx(0.130660, abs=1e-6)
    streamed = data.TfdsImages("mnist", data_dir=prepared_folder("mnist"), in_memory="never")
    batches = streamed.batches(64, start=940, labels=True)  # 937.5 minibatches are an epoch
    images, labels = next(batches.as_numpy_iterator())
    known = {image.tobytes(): label for image, label in zip(*mnist.train, strict=True)}
    assert [known[np.round((x + 1) * 127.5).astype(np.uint8).tobytes()] for x in images] == labels.tolist()


def test_real_omniglot(prepared_folder):
    folder = prepared_folder("omniglot")
    small = data.TfdsImages("omniglot", 28, "grey", split="small1", data_dir=folder)
    assert (small.example_shape, small.num_classes) == ((28, 28, 1), 1623)
    assert small.train.images.shape == (2720, 28, 28, 1)
    assert small.train.images.mean() / 255 == pytest.approx(0.92375, abs=0.004)  # clipped overshoot
    alphabets = data.TfdsImages("omniglot", 28, "grey", split="small1", label="alphabet", data_dir=folder)
    assert alphabets.num_classes == 50


def test_real_cifar10(prepared_folder):
    cifar = data.TfdsImages("cifar10", data_dir=prepared_folder("cifar10"))
    assert (cifar.example_shape, cifar.num_classes) == ((32, 32, 3), 10)
    means = cifar.test.images.mean(axis=(0, 1, 2)) / 255
    np.testing.assert_allclose(means, [0.494214, 0.485131, 0.450409], atol=1e-6)


def test_real_stacked_mnist(prepared_folder):
    stacked = data.StackedDigits(data_dir=prepared_folder("mnist"))
    images, labels = next(stacked.batches(32, labels=True).as_numpy_iterator())
    assert images.shape == (32, 28, 28, 3)
    assert 0 <= labels.min() <= labels.max() < 1000

"""What holds for the minibatches of every dataset."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import data
from tfgan_suite.data import array_dataset, drawn_dataset, tfds_images
from tfgan_suite.data.array_dataset import minibatch_indices
from tfgan_suite.errors import UserError

MAKERS = {
    "digits": lambda tiny, images: data.Digits(),
    "ring": lambda tiny, images: data.Ring(),
    "grid": lambda tiny, images: data.Grid(),
    "mixture": lambda tiny, images: data.GaussianMixture((0.3, 0.7), [[-1.0], [2.0]], (0.5, 1.0)),
    "swiss_roll": lambda tiny, images: data.SwissRoll(),
    "high": lambda tiny, images: data.HighDimensionalMixture(3, dimension=12, manifold_dimension=5),
    "stacked": lambda tiny, images: data.StackedDigits("digits"),
    "folder": lambda tiny, images: data.ImageFolder(images, image_size=8),
    "tfds": lambda tiny, images: data.TfdsImages("tiny", data_dir=tiny, test_split="validation"),
    "streamed": lambda tiny, images: data.TfdsImages(
        "tiny", data_dir=tiny, test_split="validation", in_memory="never", shuffle_window=7
    ),
}


@pytest.fixture(params=MAKERS, scope="module")
def dataset(request, tiny_folder, image_folder):
    return MAKERS[request.param](tiny_folder, image_folder)


def first(dataset, count, **arguments):
    """The first `count` minibatches of 16 as NumPy arrays."""
    return list(dataset.batches(16, **arguments).take(count).as_numpy_iterator())


def test_every_public_class_is_covered():
    covered = {type(make("unused", ".")).__name__ for make in MAKERS.values()}
    # Minibatches of FewLabels have two parts: tests/data/test_few_labels.py.
    assert covered | {"FewLabels"} == set(data.__all__)


def test_resume_is_exact(dataset):
    labels = dataset.num_classes is not None
    whole = first(dataset, 9, seed=3, labels=labels)
    # 9 minibatches of 16 cross the epochs of the small datasets (20 to 50 images).
    for start in (1, 8):
        resumed = first(dataset, 9 - start, seed=3, start=start, labels=labels)
        tf.nest.map_structure(np.testing.assert_array_equal, resumed, whole[start:])


def test_another_seed_another_order_whatever_the_global_seed(dataset):
    tf.random.set_seed(1)
    one, two, far = (first(dataset, 1, seed=seed) for seed in (0, 1, 256))
    assert not np.array_equal(one, two)
    assert not np.array_equal(one, far)
    tf.random.set_seed(2)
    np.testing.assert_array_equal(one, first(dataset, 1))


def test_shapes_and_range(dataset):
    batches = dataset.batches(16, labels=dataset.num_classes is not None)
    examples = batches.element_spec if dataset.num_classes is None else batches.element_spec[0]
    assert examples.shape == (16, *dataset.example_shape)
    assert examples.dtype == tf.float32
    if dataset.num_classes is not None:
        assert batches.element_spec[1] == tf.TensorSpec((16,), tf.int32)
        labels = np.concatenate([y for _, y in first(dataset, 4, labels=True)])
        assert labels.min() >= 0
        assert labels.max() < dataset.num_classes
    if len(dataset.example_shape) == 3:
        assert np.abs(first(dataset, 1)).max() <= 1


def test_examples_and_labels_are_of_one_subset(dataset):
    examples = dataset.examples("train", 8, seed=5)
    assert examples.shape == (8, *dataset.example_shape)
    assert examples.dtype == np.float32
    if dataset.num_classes is not None:
        again, labels = dataset.examples("train", 8, seed=5, labels=True)
        np.testing.assert_array_equal(again, examples)
        assert labels.shape == (8,)
        assert labels.dtype == np.int32
    assert not np.array_equal(examples, dataset.examples("train", 8, seed=6))


def test_fingerprint_is_stable(request, dataset, tiny_folder, image_folder):
    again = MAKERS[request.node.callspec.params["dataset"]](tiny_folder, image_folder)
    assert dataset.fingerprint == again.fingerprint
    assert len(dataset.fingerprint) == 32


def test_fingerprints_differ(tiny_folder, image_folder):
    prints = {make(tiny_folder, image_folder).fingerprint for make in MAKERS.values()}
    prints |= {data.Ring(std=0.02).fingerprint, data.Digits(image_size=8).fingerprint}
    assert len(prints) == len(MAKERS) + 2


@pytest.mark.parametrize("in_memory", ["always", "never"])
def test_an_epoch_visits_every_image_once(tiny_folder, in_memory):
    tiny = data.TfdsImages("tiny", data_dir=tiny_folder, in_memory=in_memory, shuffle_window=7)
    values = np.concatenate([x[:, 0, 0, 0] for x in tiny.batches(8).take(25).as_numpy_iterator()])
    epochs = np.round((values.reshape(4, 50) + 1) * 127.5 / 5).astype(int)
    np.testing.assert_array_equal(np.sort(epochs), np.tile(np.arange(50), (4, 1)))
    assert len({tuple(epoch) for epoch in epochs}) == 4


@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_epochs_of_tiny_data_are_uniform_permutations(total):
    count = 1200 * total
    order = next(minibatch_indices(total, count, seed=0, start=1).as_numpy_iterator()).reshape(1200, total)
    assert (np.sort(order) == np.arange(total)).all()
    table = np.stack([np.bincount(order[:, place], minlength=total) for place in range(total)])
    chi_square = ((table - 1200 / total) ** 2).sum() * total / 1200
    freedom = (total - 1) ** 2
    assert chi_square <= freedom + 4 * np.sqrt(2 * freedom)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 2.0}, "batch_size"),
        ({"batch_size": 4, "seed": -1}, "seed"),
        ({"batch_size": 4, "seed": 2**31}, "seed"),
        ({"batch_size": 4, "start": True}, "start"),
        ({"batch_size": 4, "labels": 1}, "labels"),
        ({"batch_size": 4, "labels": True}, "has no labels"),
    ],
)
def test_wrong_arguments_are_named(arguments, named):
    with pytest.raises(UserError, match=named):
        data.SwissRoll().batches(**arguments)


def test_wrong_requests_for_examples():
    with pytest.raises(UserError, match="split must be one of 'train', 'test', got 'valid'"):
        data.Digits().examples("valid")
    with pytest.raises(UserError, match="at most 360"):
        data.Digits().examples("test", 361)


def test_streams_hold_what_examples_hold(dataset):
    for split, count in (("train", 9), ("test", 2), ("test", None)):
        blocks = [np.asarray(block) for block in dataset.stream(split, count, seed=5)]
        assert all(block.dtype == np.float32 for block in blocks)
        streamed = np.concatenate(blocks)
        examples = dataset.examples(split, count, seed=5)
        assert streamed.shape == examples.shape
        assert sorted(map(bytes, streamed)) == sorted(map(bytes, examples))


def test_streams_come_in_blocks(dataset, monkeypatch):
    monkeypatch.setattr(array_dataset, "BLOCK", 4)
    monkeypatch.setattr(drawn_dataset, "DEFAULT_COUNT", 4)
    monkeypatch.setattr(tfds_images, "BLOCK", 4)
    assert [len(block) for block in dataset.stream("train", 10)] == [4, 4, 2]
    assert len(dataset.examples("train", 10)) == 10


def test_sizes_and_fingerprints_of_splits(dataset):
    for split in ("train", "test"):
        size = dataset.size(split)
        assert size is None or size == len(dataset.examples(split))
    fingerprints = [dataset.split_fingerprint(split) for split in ("train", "test")]
    assert len(set(fingerprints)) == 2
    assert fingerprints == [dataset.split_fingerprint(split) for split in ("train", "test")]

"""Every dataset: right shapes, minibatches by step, a held-out part, a fingerprint."""

import numpy as np

from tests.conformance.examples import DATASETS, every


@every(DATASETS)
def test_minibatches_have_the_stated_shape_and_depend_on_step_and_seed_alone(example):
    dataset = example()
    first = [x.numpy() for x in dataset.batches(8, seed=1).take(3)]
    assert all(x.shape == (8, *dataset.example_shape) and x.dtype == np.float32 for x in first)
    assert np.isfinite(first).all()
    later = next(iter(example().batches(8, seed=1, start=2))).numpy()
    np.testing.assert_array_equal(later, first[2])
    assert (next(iter(dataset.batches(8, seed=2))).numpy() != first[0]).any()
    assert dataset.batches(8).element_spec.shape == (8, *dataset.example_shape)


@every(DATASETS)
def test_images_fill_their_range_and_labels_belong_to_them(example):
    dataset = example()
    if len(dataset.example_shape) == 3:
        x = dataset.examples("train", 64)
        assert -1 <= x.min() < -0.9
        assert 0.9 < x.max() <= 1
    if dataset.num_classes is not None:
        x, y = dataset.examples("test", 16, seed=3, labels=True)
        assert y.dtype == np.int32
        assert set(y) <= set(range(dataset.num_classes))
        np.testing.assert_array_equal(x, dataset.examples("test", 16, seed=3))


@every(DATASETS)
def test_fingerprint_is_stable(example):
    assert example().fingerprint == example().fingerprint

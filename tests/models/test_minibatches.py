"""Arrays as minibatches."""

import keras
import numpy as np
import pytest

from tests.conformance.examples import MODELS
from tfgan_suite.models.minibatches import as_pipeline, regrouped

X = np.arange(20.0).reshape(10, 2)  # float64
Y = np.arange(10)


def epochs(shuffle_seed, count=2, y=Y):
    """Each epoch's minibatches of 4, as NumPy."""
    dataset, rest, size = as_pipeline(X, y, 4, shuffle_seed, {})
    assert rest is None
    assert size is None
    return [list(dataset.as_numpy_iterator()) for _ in range(count)]


def test_rows_come_in_order_and_the_rest_last():
    for epoch in epochs(None):
        assert [len(x) for x, _ in epoch] == [4, 4, 2]
        np.testing.assert_array_equal(np.concatenate([x for x, _ in epoch]), X)
        np.testing.assert_array_equal(np.concatenate([y for _, y in epoch]), Y)
        assert epoch[0][0].dtype == np.float32
        assert epoch[0][1].dtype == Y.dtype


def test_every_epoch_has_every_row_once_in_an_order_of_its_own():
    orders = [np.concatenate([y for _, y in epoch]).tolist() for epoch in epochs(3)]
    assert orders[0] != orders[1]
    for epoch, order in zip(epochs(3), orders, strict=True):
        assert sorted(order) == Y.tolist()
        np.testing.assert_array_equal(np.concatenate([x for x, _ in epoch]), X[order])


def test_a_seed_gives_its_orders_again():
    def orders(seed):
        return [np.concatenate(epoch).tolist() for epoch in epochs(seed, y=None)]

    assert orders(3) == orders(3) != orders(4)


def test_minibatches_that_fill_have_a_known_size():
    assert as_pipeline(X, None, 5, 0, {})[0].element_spec.shape == (5, 2)


@pytest.mark.parametrize(
    ("x", "more"),
    [(X, {"sample_weight": np.ones(10)}), (X, {"validation_split": 0.2}), (X.tolist(), {}), (X[:3], {})],
)
def test_the_rest_is_left_to_keras(x, more):
    """What Keras does with arrays alone, what is no array, and unequal numbers of rows, which it refuses."""
    assert as_pipeline(x, Y, 4, 0, more) == (x, Y, 4)


@pytest.mark.parametrize(
    ("x", "y", "came"), [(X.tolist(), None, "came list"), (X, Y[:3], r"\(10, 2\) and ndarray \(3,\)")]
)
def test_what_cannot_be_regrouped_is_named(x, y, came):
    with pytest.raises(ValueError, match=came):
        regrouped(x, y, batch_size=2, count=2, shuffle_seed=None)


def test_validation_that_has_its_data_is_not_given_them_again():
    assert as_pipeline(X, Y, 4, None, {"_use_cached_eval_dataset": True}) == (X, Y, 4)


@pytest.mark.parametrize(("shuffle", "seed"), [(True, 7), (False, None)])
def test_fit_shuffles_by_the_seed_of_the_model(shuffle, seed, monkeypatch):
    seen = []
    monkeypatch.setattr(keras.Model, "fit", lambda self, x, *args, **kwargs: seen.append(x))
    model = MODELS["GAN"].make()
    model.seed = 7
    model.compile()
    model.fit(X, batch_size=4, shuffle=shuffle, verbose=0)
    expected, _, _ = as_pipeline(X, None, 4, seed, {})
    for ours, theirs in zip(seen[0], expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)

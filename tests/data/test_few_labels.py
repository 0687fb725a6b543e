"""Few labels: balanced, chosen by a seed, beside minibatches of all examples."""

import numpy as np
import pytest

from tfgan_suite import data
from tfgan_suite.data.few_labels import balanced
from tfgan_suite.errors import UserError


def few(num_labels=20, **options):
    return data.FewLabels(data.Digits(), num_labels, **options)


def test_each_class_has_as_many_labels_and_they_are_the_right_ones():
    x, labels = few().labelled()
    assert np.bincount(labels, minlength=10).tolist() == [2] * 10
    every_x, every_label = data.Digits().examples("train", labels=True)
    for example, label in zip(x, labels, strict=True):
        same = (every_x == example).all(axis=(1, 2, 3))
        assert set(every_label[same]) == {label}
    assert len(np.unique(x.reshape(20, -1), axis=0)) == 20


def test_the_seed_of_the_minibatches_chooses_them_unless_there_is_one_of_their_own():
    assert (few().labelled(seed=1)[0] != few().labelled(seed=2)[0]).any()
    own = few(label_seed=1)
    np.testing.assert_array_equal(own.labelled(seed=2)[0], few().labelled(seed=1)[0])
    assert own.fingerprint != few().fingerprint != few(30).fingerprint


def test_minibatches_hold_labelled_examples_beside_those_of_the_source():
    dataset, steps = few(), 3
    elements = list(dataset.batches(8, seed=1, labels=True).take(steps).as_numpy_iterator())
    known, its_labels = dataset.labelled(seed=1)
    of = {x.tobytes(): label for x, label in zip(known, its_labels, strict=True)}
    source = data.Digits().batches(8, seed=1).take(steps).as_numpy_iterator()
    for (inputs, labels), expected in zip(elements, source, strict=True):
        np.testing.assert_array_equal(inputs["unlabelled"], expected)
        assert [of[x.tobytes()] for x in inputs["labelled"]] == labels.tolist()
    first = np.concatenate([inputs["labelled"] for inputs, _ in elements])[:20]
    assert {x.tobytes() for x in first} == set(of)  # each once before any comes again
    later, labels = next(iter(few().batches(8, seed=1, start=2, labels=True)))
    np.testing.assert_array_equal(later["labelled"], elements[2][0]["labelled"])
    np.testing.assert_array_equal(labels, elements[2][1])


def test_held_out_examples_keep_their_labels():
    for found, expected in zip(
        few().examples("test", labels=True), data.Digits().examples("test", labels=True), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_a_label_set_stays_what_it_is():
    labels = np.arange(12) % 3
    assert sorted(labels[balanced(labels, 6, 3, seed=5)]) == [0, 0, 1, 1, 2, 2]
    assert balanced(labels, 6, 3, seed=5).tolist() == FROZEN


FROZEN = [3, 11, 10, 0, 1, 8]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: few(25), "num_labels must be a multiple of 10.*got 25"),
        (lambda: few(0), "num_labels must be an integer of at least 1"),
        (lambda: few(label_seed=-1), "label_seed must be an integer"),
        (lambda: data.FewLabels(data.SwissRoll(), 10), "source must have labels"),
        (lambda: few(5000).labelled(), "num_labels must leave at most 1[34][0-9] for each class.*got 5000"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(UserError, match=message):
        make()

"""Examples come in batches of any size, and those at given positions can be had."""

import numpy as np
import pytest

from tfgan_suite import data
from tfgan_suite.errors import UserError
from tfgan_suite.examples.dataset_split import DatasetSplit
from tfgan_suite.examples.examples import Examples, chosen_positions


def examples(*sizes, count=None):
    """Points 0, 1, 2, ... that are read in blocks of these sizes."""
    ends = np.cumsum(sizes)

    def read():
        for size, end in zip(sizes, ends, strict=True):
            yield np.arange(end - size, end, dtype=np.float32)[:, None]

    return Examples("numbers", int(ends[-1]) if count is None else count, (1,), "00", read)


@pytest.mark.parametrize("sizes", [(7,), (1, 1, 5), (3, 4), (2, 0, 5), (1,) * 7])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_batches_are_full_whatever_the_blocks(sizes, size):
    batches = list(examples(*sizes).batches(size))
    assert [len(b) for b in batches] == [size] * (7 // size) + ([7 % size] if 7 % size else [])
    np.testing.assert_array_equal(np.concatenate(batches)[:, 0], np.arange(7))


@pytest.mark.parametrize("count", [6, 8])
def test_a_wrong_count_is_noticed(count):
    with pytest.raises(UserError, match=f"numbers: expected {count} examples, came 7"):
        list(examples(3, 4, count=count).batches(2))


def test_examples_at_positions():
    np.testing.assert_array_equal(examples(3, 4).at([5, 0, 5, 2])[:, 0], [5, 0, 5, 2])


def test_positions_are_a_seeded_choice_and_a_second_one_shares_none():
    first = chosen_positions(50, 20, seed=3, skip=0, name="x")
    assert (np.diff(first) > 0).all()
    np.testing.assert_array_equal(first, chosen_positions(50, 20, seed=3, skip=0, name="x"))
    assert set(first) != set(chosen_positions(50, 20, seed=4, skip=0, name="x"))
    second = chosen_positions(50, 30, seed=3, skip=20, name="x")
    assert sorted([*first, *second]) == list(range(50))
    np.testing.assert_array_equal(chosen_positions(5, None, seed=1, skip=0, name="x"), np.arange(5))
    with pytest.raises(UserError, match=r"samples: expected at most the 50 examples of x, came 20 \+ 31"):
        chosen_positions(50, 31, seed=3, skip=20, name="x")


def test_a_split_of_images_is_uint8_and_the_same_set_as_the_datasets():
    digits = data.Digits()
    split = DatasetSplit(digits, "test")
    assert (split.name, split.size, split.example_shape) == ("digits:test", 360, (16, 16, 1))
    chosen = split.choose(100, seed=2)
    read = np.concatenate(list(chosen.read()))
    assert read.dtype == np.uint8
    expected = np.round((digits.examples("test", 100, seed=2) + 1) * 127.5).astype(np.uint8)
    np.testing.assert_array_equal(
        np.sort(read.reshape(100, -1), axis=0), np.sort(expected.reshape(100, -1), axis=0)
    )
    # The choice is part of the fingerprint, unless it is all of them.
    fingerprints = {split.choose(100, seed).fingerprint for seed in (1, 2)} | {
        split.choose(99, 1).fingerprint
    }
    assert len(fingerprints | {DatasetSplit(digits, "train").choose(100, 1).fingerprint}) == 4
    assert split.choose(None, 1).fingerprint == split.choose(360, 2).fingerprint


def test_a_split_of_points_is_float32_and_without_end():
    split = DatasetSplit(data.Ring(), "train")
    assert split.size is None
    assert next(split.choose(7, 0).read()).dtype == np.float32
    with pytest.raises(ValueError, match="count: expected a number"):
        split.choose(None, 0)

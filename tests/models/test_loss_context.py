"""Seeds of one player's step: fresh, in order, the same again, and apart in each thread."""

import threading

import pytest

from tfgan_suite import draws
from tfgan_suite.models.batch_share import BatchShare
from tfgan_suite.models.loss_context import LossContext

SEED, WHOLE = draws.fold(draws.root(11), 0), BatchShare(0, 8, 8)


def taken(stream, count):
    return [tuple(stream.next_seed().numpy()) for _ in range(count)]


def test_stream_hands_out_fresh_seeds_and_starts_again():
    stream = LossContext()
    with stream.of(SEED, WHOLE):
        first = taken(stream, 5)
    with stream.of(SEED, WHOLE):
        assert taken(stream, 5) == first
    with stream.of(draws.root(12), WHOLE):
        other = taken(stream, 5)
    assert len(set(first + other)) == 10


def test_stream_nests():
    stream = LossContext()
    with stream.of(SEED, WHOLE):
        expected = taken(stream, 4)
    with stream.of(SEED, WHOLE):
        seen = taken(stream, 2)
        with stream.of(draws.root(12), WHOLE):
            inner = taken(stream, 3)
        with pytest.raises(KeyError), stream.of(SEED, WHOLE):
            raise KeyError
        seen += taken(stream, 2)
    assert seen == expected
    assert not set(inner) & set(seen)


def outside(stream):
    with pytest.raises(RuntimeError, match="inside its training step"):
        stream.next_seed()


def test_stream_outside_of_a_step():
    stream = LossContext()
    outside(stream)
    with stream.of(SEED, WHOLE):
        stream.next_seed()
    outside(stream)


def test_stream_is_each_threads_own():
    stream, seen = LossContext(), []

    def other():
        outside(stream)
        with stream.of(SEED, WHOLE):
            seen.append(taken(stream, 2))

    with stream.of(SEED, WHOLE):
        expected = taken(stream, 1)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        expected += taken(stream, 1)
    assert seen == [expected]

"""Draws have the distribution they say, follow their seed alone, and are the same under XLA."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf

from tfgan_suite import draws

SEED = draws.root(11)


def compiled(function):
    return tf.function(function, jit_compile=True)


def test_uniform():
    u = draws.uniform((50_000,), SEED).numpy()
    assert u.dtype == np.float32
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert (u * 2.0**24 == np.round(u * 2.0**24)).all()
    assert scipy.stats.kstest(u.astype("float64"), "uniform").pvalue > 0.01


def test_normal():
    z = draws.normal((50_000,), SEED).numpy()
    assert z.dtype == np.float32
    assert scipy.stats.kstest(z.astype("float64"), "norm").pvalue > 0.01


@pytest.mark.parametrize("shape", [(50_000,), (1000, 7, 7)])
def test_noise(shape):
    z = draws.noise(shape, SEED).numpy()
    assert (z.dtype, z.shape) == (np.float32, shape)
    assert scipy.stats.kstest(z.astype("float64").ravel(), "norm").pvalue > 0.01
    # Neither the numbers of a four, nor the halves of a word, nor neighbouring words depend on each other.
    rows = z.reshape(1000, -1).astype("float64")
    for f in (np.array, np.square, np.sign):
        values = f(rows) - f(rows).mean()
        lags = [np.mean(values[:, lag:] * values[:, :-lag]) for lag in range(1, 10)] / np.var(values)
        assert np.abs(lags).max() < 4.5 / np.sqrt(rows[:, 9:].size)


def test_every_four_of_noise(monkeypatch):
    words = np.arange(2**16, dtype=np.uint16).view(np.uint32)  # each place once
    monkeypatch.setattr(draws, "bits", lambda shape, seed: tf.reshape(words, shape))
    fours = draws.noise((1, 2**18), SEED).numpy().reshape(-1, 4).astype("float64")
    exact = scipy.special.ndtri((np.arange(2**16) + 0.5) / 2**16)
    for column in fours.T:
        np.testing.assert_allclose(np.sort(column), exact, rtol=2e-5)
    np.testing.assert_allclose(fours.mean(axis=0), 0.0, atol=1e-6)
    # As little correlated as 65,536 independent fours, also in their sizes; variances are 1.
    np.testing.assert_allclose(np.cov(fours.T), np.eye(4), atol=4 / 2**8)
    np.testing.assert_allclose(np.corrcoef(np.square(fours).T), np.eye(4), atol=4 / 2**8)
    # Nor do three or four of them depend on one another: each of the 4^4 boxes of quarters has its share.
    quarters = (4 * scipy.special.ndtr(fours)).astype(int) @ 4 ** np.arange(4)
    assert scipy.stats.chisquare(np.bincount(quarters, minlength=256)).pvalue > 0.01


def test_ends_of_the_range(monkeypatch):
    ends = tf.constant([0, 2**32 - 1, 2**31, 2**31 - 1], tf.uint32)
    monkeypatch.setattr(draws, "bits", lambda shape, seed: ends)
    np.testing.assert_array_equal(
        draws.uniform((4,), SEED), np.float32([0, 1 - 2.0**-24, 0.5, 0.5 - 2.0**-24])
    )
    z = draws.normal((4,), SEED).numpy()
    assert z[1] == -z[0]
    assert z[2] == -z[3] != 0
    np.testing.assert_allclose(z[1], scipy.special.ndtri(1 - 2.0**-24), rtol=1e-3)
    assert 5.2 < z[1] < 5.3


def test_neighbouring_seeds_are_independent():
    draws_of = np.stack([draws.normal((4000,), draws.root(seed)) for seed in range(8)]).astype("float64")
    correlations = np.corrcoef(draws_of)[np.triu_indices(8, 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(4000)


def test_xla_draws_the_same():
    shape = (200, 3)
    for draw in (draws.bits, draws.uniform, draws.noise):
        np.testing.assert_array_equal(compiled(lambda s, draw=draw: draw(shape, s))(SEED), draw(shape, SEED))
    np.testing.assert_allclose(
        compiled(lambda s: draws.normal(shape, s))(SEED), draws.normal(shape, SEED), atol=1e-5
    )
    np.testing.assert_array_equal(
        compiled(lambda s, p: draws.fold(s, p, 7))(SEED, tf.constant(5)), draws.fold(SEED, 5, 7)
    )
    seed = tf.constant(2**61 + 3, tf.int64)
    np.testing.assert_array_equal(compiled(draws.root)(seed), draws.root(seed))


def test_a_seed_is_one_draw_and_another_another():
    for draw in (draws.uniform, draws.normal):
        np.testing.assert_array_equal(draw((20,), SEED), draw((20,), draws.root(11)))
        assert (draw((20,), SEED) != draw((20,), draws.root(12))).numpy().sum() > 15


# Seeds from seeds


def test_fold_separates_positions():
    seeds = {tuple(draws.fold(SEED, i, j).numpy()) for i in range(-2, 15) for j in range(-2, 15)}
    assert len(seeds) == 17**2
    np.testing.assert_array_equal(draws.fold(draws.fold(SEED, 3), 4), draws.fold(SEED, 3, 4))
    np.testing.assert_array_equal(draws.fold(SEED), SEED)
    for position in (tf.constant(3), tf.constant(3, tf.int64), np.int64(3)):
        np.testing.assert_array_equal(draws.fold(SEED, position), draws.fold(SEED, 3))
    assert draws.fold(SEED, 3).dtype == tf.int32


def test_folded_seeds_draw_independently():
    streams = np.stack([draws.uniform((2000,), draws.fold(SEED, i)) for i in range(12)]).astype("float64")
    assert np.abs(np.corrcoef(streams)[np.triu_indices(12, 1)]).max() < 4.5 / np.sqrt(2000)
    # Also across streams: the first draw of each is uniform.
    drawn = tf.function(lambda i: draws.uniform((1,), draws.fold(SEED, i))[0])
    first = np.array([drawn(i) for i in tf.range(500)], "float64")
    assert scipy.stats.kstest(first, "uniform").pvalue > 0.01
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 4.5 / np.sqrt(500)


LARGE = [
    0,
    1,
    2,
    2**16,
    2**31 - 1,
    2**31,
    2**31 + 1,
    2**32,
    2**32 + 1,
    3 * 2**31,
    2**61,
    2**62 - 2,
    2**62 - 1,
]


def test_roots_of_large_seeds_differ():
    assert len({tuple(draws.root(seed).numpy()) for seed in LARGE}) == len(LARGE)
    for seed in LARGE:
        np.testing.assert_array_equal(draws.root(seed), draws.root(tf.constant(seed, tf.int64)))
        assert (draws.root(seed).numpy() >= 0).all()
    np.testing.assert_array_equal(draws.root(5), draws.root(tf.constant(5, tf.int32)))


def test_no_seed_is_another_one_some_steps_later():
    # `fold` counts on one word of a root: two roots that are neighbours there would share a stream.
    streams = {(s, i): tuple(draws.fold(draws.root(s), i).numpy()) for s in LARGE for i in range(-1, 6)}
    assert len(set(streams.values())) == len(streams)


def test_named_streams():
    seeds = {
        tuple(draws.named(seed, step, stream).numpy())
        for seed in (0, 1, 2**31 - 1)
        for step in (0, 1, 2)
        for stream in ("order", "noise", "")
    }
    assert len(seeds) == 27
    assert draws.named(1, 2, "order").dtype == tf.int64
    np.testing.assert_array_equal(
        draws.named(1, tf.constant(2), "order"), draws.named(1, np.int64(2), "order")
    )
    one, other = (draws.uniform((2000,), draws.named(0, 0, s)).numpy() for s in ("order", "noise"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / np.sqrt(2000)


# Categories and permutations


def test_category():
    probabilities = [0.1, 0.0, 0.25, 0.6, 0.05, 0.0]
    drawn = draws.category(probabilities, 20_000, SEED)
    assert drawn.dtype == tf.int32
    counts = np.bincount(drawn, minlength=6)
    assert counts[1] == counts[5] == 0
    kept = np.array(probabilities) > 0
    assert scipy.stats.chisquare(counts[kept], 20_000 * np.array(probabilities)[kept]).pvalue > 0.01
    assert (draws.category([1.0], 10, SEED).numpy() == 0).all()


def test_category_at_its_edges(monkeypatch):
    # An interval contains its lower end, so that a category of probability 0 is never drawn.
    monkeypatch.setattr(draws, "uniform", lambda shape, seed: tf.constant([0.0, 0.2, 0.25, 0.5, 0.99]))
    np.testing.assert_array_equal(draws.category([0.0, 0.25, 0.25, 0.0, 0.5], 5, SEED), [1, 1, 2, 4, 4])


def test_permutation():
    order = draws.permutation(1000, SEED)
    assert order.dtype == tf.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(1000))
    np.testing.assert_array_equal(order, draws.permutation(tf.constant(1000), SEED))
    np.testing.assert_array_equal(draws.permutation(1, SEED), [0])


@pytest.mark.parametrize("shift", [256, 2**16])
def test_permutations_do_not_come_again(shift):
    # `index_shuffle` repeats itself here.
    seed = draws.named(0, 0, "order")
    order = draws.permutation(1000, seed).numpy()
    for other in (seed + np.array([shift, 0]), seed + np.array([0, shift])):
        assert (draws.permutation(1000, other).numpy() != order).mean() > 0.9


def test_all_permutations_are_equally_likely():
    counts = {}
    drawn = tf.function(lambda step: draws.permutation(3, draws.named(0, step, "order")))
    for step in tf.range(1200):
        order = tuple(drawn(step).numpy())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert scipy.stats.chisquare(list(counts.values())).pvalue > 0.01


# Parts of a batch


@pytest.mark.parametrize("width", [1, 3, 4])
@pytest.mark.parametrize("draw", [draws.bits, draws.uniform, draws.normal, draws.noise])
def test_parts_of_a_batch_are_parts_of_the_draw(draw, width):
    whole = draw((50, width), SEED).numpy()
    begin = 0
    for size in (1, 0, 13, 30, 6):
        part = draw((size, width), draws.at_row(SEED, begin))
        # The bits are equal; the inverse error function may round the last digit another way.
        rtol = 1e-6 if draw is draws.normal else 0
        np.testing.assert_allclose(part, whole[begin : begin + size], rtol=rtol)
        begin += size
    row = tf.constant(17)  # known when the graph runs
    for wrapped in (tf.function, compiled):
        part = wrapped(lambda r: draw((9, width), draws.at_row(SEED, r)))(row)
        np.testing.assert_allclose(part, whole[17:26], atol=1e-5)
    image = draws.bits((3, 2, width), draws.at_row(SEED, 4)).numpy()
    np.testing.assert_array_equal(image, draws.bits((7, 2, width), SEED)[4:])


def test_a_row_goes_along_to_the_seeds_made_from_it():
    seed = draws.at_row(draws.fold(SEED, 1), 5)
    for made in (draws.fold(seed, 3), draws.branch(seed, 3)):
        assert made.row == 5
    np.testing.assert_array_equal(draws.fold(seed, 3).words, draws.fold(draws.fold(SEED, 1), 3))
    np.testing.assert_array_equal(draws.branch(seed, 3).words, draws.branch(draws.fold(SEED, 1), 3))


def test_branches_draw_independently():
    steps = [draws.fold(SEED, step) for step in range(6)]
    seeds = {
        tuple(draws.branch(s, *path).numpy()) for s in steps for path in ((0,), (1,), (0, 1), ("a",), (1, 0))
    }
    assert len(seeds) == 30
    streams = np.stack([draws.uniform((2000,), draws.branch(s, i)) for s in steps for i in range(3)])
    correlations = np.corrcoef(streams.astype("float64"))[np.triu_indices(18, 1)]
    assert np.abs(correlations).max() < 4.8 / np.sqrt(2000)


@pytest.mark.parametrize("seed", [[5, 7], [-5, 7], [5, -7], [-5, -7]])
def test_rows_under_xla_also_of_negative_seeds(seed):
    def draw(seed):
        return draws.bits((4, 3), draws.at_row(seed, 2))

    seed = tf.constant(seed, tf.int32)
    np.testing.assert_array_equal(draw(seed), tf.function(draw, jit_compile=True)(seed))

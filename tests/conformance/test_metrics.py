"""Every metric: finite whatever comes, right where it is known, worse with noise and with dropped modes."""

import numpy as np
import pytest

from tests.conformance.examples import METRICS, MODE_CENTERS, every
from tfgan_suite.evaluation.measurement import BETTER


def points(modes=4, noise=0.0, seed=0, count=200):
    """Examples of a mixture of 4 modes, of which only some are there, with noise on top."""
    random = np.random.default_rng(seed)
    chosen = np.arange(count) % modes  # as many of each: chance in the counts would drown a little noise
    return MODE_CENTERS[chosen] + random.normal(size=(count, 3)) + noise * random.normal(size=(count, 3))


def inputs(example, features):
    """Features as they are, or what a classifier of the modes would say of them."""
    if example.of == "features":
        return features
    logits = -np.sum((features[:, None] - MODE_CENTERS) ** 2, axis=-1) / 16
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def badness(example, real, fake, **options):
    return example.badness(inputs(example, real), inputs(example, fake), **options)


def promising(promise):
    return every({name: example for name, example in METRICS.items() if promise(example)})


@promising(lambda example: example.identical is not None)
def test_the_same_set_is_where_it_should_be(example):
    real = points()
    # A tie of rounding is all that is between a distance and 0.
    assert badness(example, real, real) == pytest.approx(example.identical, abs=1e-6)


@every(METRICS)
def test_symmetry(example):
    real, fake = points(), points(3, 2.0, seed=1)
    forward, backward = badness(example, real, fake), badness(example, fake, real)
    assert (forward == pytest.approx(backward, rel=1e-9)) is example.symmetric


@promising(lambda example: example.sees_noise)
def test_noise_makes_it_worse(example):
    # A classifier is sure again of what lies far out: the weakness of every score by probabilities.
    levels = (0.0, 2.0, 4.0, 8.0) if example.of == "features" else (0.0, 1.0, 2.0, 4.0)
    scores = [badness(example, points(), points(noise=s, seed=1)) for s in levels]
    assert scores == sorted(set(scores))


@promising(lambda example: example.sees_dropped_modes)
def test_dropping_modes_makes_it_worse(example):
    fakes = [points(modes, seed=1) for modes in (4, 3, 2, 1)]
    scores = [badness(example, points(), fake) for fake in fakes]
    assert scores == sorted(set(scores))


@promising(lambda example: not example.draws_examples)  # of another order it draws other subsets
def test_the_order_of_the_examples_does_not_matter(example):
    random, real, fake = np.random.default_rng(3), points(), points(seed=1)
    before = badness(example, real, fake)
    after = badness(example, random.permutation(real), random.permutation(fake))
    assert after == pytest.approx(before, rel=1e-9)


@every(METRICS)
def test_draws_follow_the_seed(example):
    real, fake = points(), points(seed=1)
    if not example.seeded:
        assert badness(example, real, fake) == badness(example, real, fake)
        return
    first = badness(example, real, fake, seed=1)
    assert first == badness(example, real, fake, seed=1)
    assert first != badness(example, real, fake, seed=2)


DEGENERATE = {
    "fewer examples than features": (lambda r: r.normal(size=(20, 50)), lambda r: r.normal(size=(20, 50))),
    "rank deficient": (
        lambda r: r.normal(size=(40, 2)) @ np.ones((2, 6)),
        lambda r: r.normal(size=(40, 1)) @ np.ones((1, 6)),
    ),
    "identical": (lambda r: np.arange(80.0).reshape(40, 2), lambda r: np.arange(80.0).reshape(40, 2)),
    "constant fakes": (lambda r: r.normal(size=(40, 3)), lambda r: np.ones((40, 3))),
    "constant reals": (lambda r: np.ones((40, 3)), lambda r: r.normal(size=(40, 3))),
    "all constant": (lambda r: np.ones((40, 3)), lambda r: np.ones((40, 3))),
    "one image repeated": (
        lambda r: r.normal(size=(40, 3)),
        lambda r: np.repeat(r.normal(size=(2, 3)), 20, 0),
    ),
    "huge": (lambda r: 1e30 * r.normal(size=(40, 3)), lambda r: 1e30 * r.normal(size=(40, 3))),
    "tiny": (lambda r: 1e-30 * r.normal(size=(40, 3)), lambda r: 1e-30 * r.normal(size=(40, 3))),
}


@every(METRICS)
@pytest.mark.parametrize("makers", DEGENERATE.values(), ids=DEGENERATE.keys())
def test_degenerate_features_give_a_finite_number(example, makers):
    random = np.random.default_rng(0)
    real, fake = (make(random) for make in makers)
    if example.draws_examples:  # 80 are enough for the subsets
        real, fake = (np.tile(x, (4, 1)) for x in (real, fake))
    if example.of == "probabilities":  # sure of the largest feature
        real, fake = (np.eye(x.shape[1])[x.argmax(axis=1)] for x in (real, fake))
    if example is METRICS["mode_coverage"]:  # whose centres have three coordinates
        fake = np.resize(fake, (len(fake), 3))
    value = example.badness(real, fake)
    assert type(value) is float
    # Without any sample near a mode the divergence between modes is undefined, and infinite by convention.
    assert np.isfinite(value) or (example is METRICS["mode_coverage"] and value == np.inf)


@every(METRICS)
def test_tensors_and_files_are_taken(example, tmp_path):
    import tensorflow as tf

    real, fake = (inputs(example, points(seed=s)).astype(np.float32) for s in (0, 1))
    expected = example.badness(real, fake)
    assert example.badness(tf.constant(real), tf.constant(fake)) == expected
    np.save(tmp_path / "x.npy", real)
    assert example.badness(np.load(tmp_path / "x.npy", mmap_mode="r"), fake) == expected
    # What float32 cannot hold is all that is lost.
    assert example.badness(real.astype(np.float64), fake.astype(np.float64)) == pytest.approx(
        expected, rel=1e-9
    )


def test_every_direction_that_is_shown_belongs_to_a_metric():
    names = {name.split()[0] for name in METRICS}
    assert {key.partition(".")[0] for key in BETTER} == names

"""Densities of the toys are densities, and their samples follow them."""

import numpy as np
import pytest
from scipy import stats

from tfgan_suite import data
from tfgan_suite.errors import UserError

LINE = data.GaussianMixture((0.2, 0.5, 0.3), [[-2.0], [0.5], [3.0]], (0.3, 0.6, 1.0))
PLANE = data.GaussianMixture((0.4, 0.6), [[-1.0, 0.0], [1.0, 0.5]], (0.3, 0.5))


def plane_integral(toy, low, high, cells=200):
    """Midpoint rule over [low, high]^2, and the cells' probabilities (cells, cells)."""
    width = (high - low) / cells
    middle = low + width * (np.arange(cells) + 0.5)
    points = np.stack(np.meshgrid(middle, middle, indexing="ij"), axis=-1).reshape(-1, 2)
    return (np.exp(toy.log_density(points)) * width**2).reshape(cells, cells)


def test_density_on_the_line_integrates_to_one():
    x = np.linspace(-10, 12, 20001)[:, None]
    assert np.trapezoid(np.exp(LINE.log_density(x)), x[:, 0]) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize(
    ("toy", "low", "high"),
    [
        (PLANE, -4, 4.5),
        (data.Ring(std=0.1), -2, 2),
        (data.Grid(side=3, spacing=1, std=0.1), -2, 2),
        (data.SwissRoll(noise=0.1), -2, 2),
    ],
    ids=["mixture", "ring", "grid", "swiss_roll"],
)
def test_plane_density_integrates_to_one_and_samples_follow_it(toy, low, high):
    cells = plane_integral(toy, low, high)
    assert cells.sum() == pytest.approx(1, abs=2e-4)
    expected = cells.reshape(20, 10, 20, 10).sum(axis=(1, 3)).ravel() * 20_000
    sample = toy.sample(20_000, seed=1)
    observed = np.histogram2d(*sample.T, bins=20, range=[[low, high]] * 2)[0].ravel()
    common = expected > 5
    chi_square = ((observed - expected)[common] ** 2 / expected[common]).sum()
    assert stats.chi2.sf(chi_square, common.sum() - 1) > 1e-3


def test_swiss_roll_density_is_exact():
    """Against plain quadrature with a hundred times as many nodes, also at the ends of the curve."""
    roll = data.SwissRoll(noise=0.05)
    points = np.concatenate([roll.sample(20), [[0.0, -1 / 3], [0.0, 1.0], [0.3, -1.1]]])
    a, b = 1.5 * np.pi, 4.5 * np.pi
    t = a + (b - a) * (np.arange(200_000) + 0.5) / 200_000
    curve = np.stack([t * np.cos(t), t * np.sin(t)], axis=1) / b
    squares = ((points[:, None] - curve) ** 2).sum(axis=-1)
    expected = np.log(np.exp(-squares / (2 * 0.05**2)).mean(axis=1) / (2 * np.pi * 0.05**2))
    np.testing.assert_allclose(roll.log_density(points), expected, atol=1e-7)


def test_line_samples_follow_the_density():
    cumulative = lambda x: sum(  # noqa: E731
        w * stats.norm.cdf(x, m, s)
        for w, m, s in zip(LINE.weights, LINE.centers[:, 0], LINE.stds, strict=True)
    )
    for sample in (LINE.sample(5000, seed=2), LINE.examples("test", 5000)):
        assert stats.kstest(sample[:, 0], cumulative).pvalue > 1e-3


def test_minibatches_follow_the_density():
    points = np.concatenate(list(data.Grid().batches(500).take(20).as_numpy_iterator()))
    squares = ((points[:, None] - data.Grid().centers) ** 2).sum(axis=-1)
    counts = np.bincount(squares.argmin(axis=1), minlength=25)
    assert stats.chisquare(counts).pvalue > 1e-3
    assert np.sqrt(squares.min(axis=1).mean() / 2) == pytest.approx(0.05, rel=0.02)


def test_train_and_test_streams_differ():
    ring = data.Ring()
    np.testing.assert_array_equal(ring.sample(50, seed=4), ring.examples("train", 50, seed=4))
    assert not np.isclose(ring.examples("train", 50), ring.examples("test", 50)).any()


def test_labels_are_the_components():
    points, labels = data.Grid().examples("train", 500, labels=True)
    assert np.abs(points - data.Grid().centers[labels]).max() < 6 * 0.05


def test_centers():
    ring = data.Ring(modes=8, radius=2.0)
    np.testing.assert_allclose(np.hypot(*ring.centers.T), 2)
    np.testing.assert_allclose(ring.centers[[0, 2, 4]], [[2, 0], [0, 2], [-2, 0]], atol=1e-12)
    grid = {tuple(center) for center in data.Grid().centers}
    assert grid == {(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}
    assert (data.Ring().std, data.Grid().std) == (0.01, 0.05)
    np.testing.assert_array_equal(LINE.std, [0.3, 0.6, 1.0])


def test_high_dimensional_mixture_density_against_scipy():
    toy = data.HighDimensionalMixture(3, dimension=6, manifold_dimension=2, std=0.7, noise=0.2)
    points = toy.sample(5)
    expected = 0
    for center, basis in zip(toy.centers, toy.bases.astype(np.float64), strict=True):
        covariance = 0.7**2 * basis @ basis.T + 0.2**2 * np.eye(6)
        expected += stats.multivariate_normal(center, covariance).pdf(points) / 3
    np.testing.assert_allclose(toy.log_density(points), np.log(expected), atol=1e-5)


def test_high_dimensional_mixture_modes():
    toy = data.HighDimensionalMixture(4, dimension=60, manifold_dimension=35)
    points, labels = toy.examples("train", 400, labels=True)
    modes, distances = toy.nearest_mode(points)
    np.testing.assert_array_equal(modes, labels)
    assert distances.mean() == pytest.approx(toy.noise * np.sqrt(60 - 35), rel=0.05)
    of_mode = points[labels == 2] - toy.centers[2]
    assert (of_mode**2).sum(axis=1).mean() == pytest.approx(35, rel=0.1)
    default = data.HighDimensionalMixture()
    assert (default.num_classes, default.example_shape, default.manifold_dimension) == (10, (1200,), 700)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (
            lambda: data.GaussianMixture((0.5, 0.4), [[0.0], [1.0]], (1.0, 1.0)),
            "weights must be positive and sum",
        ),
        (lambda: data.GaussianMixture((1.0,), [[0.0], [1.0]], (1.0,)), "means"),
        (lambda: data.GaussianMixture((1.0,), [[0.0, 0.0, 0.0]], (1.0,)), "means"),
        (lambda: data.GaussianMixture((1.0,), [[0.0]], (0.0,)), "stds"),
        (lambda: data.GaussianMixture((0.5, 0.5), [[0.0], [1.0, 2.0]], (1.0, 1.0)), "means"),
        (lambda: data.GaussianMixture(("a",), [[0.0]], (1.0,)), "weights"),
        (lambda: data.Ring(modes=0), "modes"),
        (lambda: data.Ring(std=-1.0), "std"),
        (lambda: data.Grid(spacing="2"), "spacing"),
        (lambda: data.SwissRoll(noise=0), "noise"),
        (lambda: data.HighDimensionalMixture(dimension=5, manifold_dimension=5), "manifold_dimension"),
        (lambda: data.Ring().log_density(np.zeros((3, 1))), "points"),
    ],
)
def test_wrong_arguments_are_named(make, named):
    with pytest.raises(UserError, match=named):
        make()

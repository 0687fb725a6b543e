import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from tfgan_suite.metrics import distances
from tfgan_suite.metrics.distances import among, between, each_to_others, squared_distances, squared_radii


@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-8])
def test_near_neighbours_keep_their_digits(spread):
    # Tight clusters far apart: the product form alone is wrong in every digit at the smallest spread.
    random = np.random.default_rng(0)
    centers = random.normal(size=(3, 30))
    points = np.repeat(centers, 20, axis=0) + spread * random.normal(size=(60, 30))
    expected = cdist(points, points, "sqeuclidean")
    np.testing.assert_allclose(squared_distances(points, points), expected, rtol=1e-10)


def test_equal_points_are_at_exactly_zero():
    random = np.random.default_rng(0)
    x = random.normal(size=(20, 50)) + 1e6 / 3
    y = x[random.permutation(20)]
    squared = squared_distances(x, y)
    assert np.count_nonzero(squared == 0.0) == 20
    assert (squared >= 0.0).all()


@pytest.fixture(params=[1, 3, 4, 100])
def tile(request, monkeypatch):
    monkeypatch.setattr(distances, "_TILE", request.param)


def test_tiles_hold_every_pair(tile):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(7, 3)), random.normal(size=(10, 3))
    found = np.full((7, 10), np.nan)
    for rows, columns, squared in between(x, y):
        found[rows, columns] = squared
    np.testing.assert_allclose(found, cdist(x, y, "sqeuclidean"))

    expected = cdist(y, y, "sqeuclidean")
    np.fill_diagonal(expected, np.inf)
    found = np.zeros((10, 10))
    for rows, columns, squared in among(y):
        assert rows.start <= columns.start
        found[rows, columns] = squared
        found[columns, rows] = squared.T
    np.testing.assert_allclose(found, expected)

    met = [[] for _ in y]
    for rows, squared in each_to_others(y):
        for i, row in zip(range(rows.start, rows.stop), squared, strict=True):
            met[i].extend(row)
    np.testing.assert_allclose(np.sort(met, axis=1), np.sort(expected, axis=1))


@pytest.mark.parametrize("k", [1, 2, 9])
def test_radii_are_the_kth_smallest_distances(tile, k):
    points = np.random.default_rng(0).normal(size=(10, 2))
    points[3:6] = points[0]  # duplicates are neighbours at 0
    expected = np.sort(cdist(points, points, "sqeuclidean"), axis=1)[:, k]  # the point itself comes first
    np.testing.assert_allclose(squared_radii(points, k), expected, atol=1e-15)


def test_memory_does_not_grow_with_the_square_of_the_count():
    # 12,000 x 12,000 distances would be 1.1 GiB.
    points = np.random.default_rng(0).normal(size=(12_000, 2)).astype(np.float32)
    tracemalloc.start()
    squared_radii(points, 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 256 * 2**20

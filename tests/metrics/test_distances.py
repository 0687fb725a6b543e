import numpy as np
import pytest
from scipy.spatial.distance import cdist

from tfgan_suite.metrics.distances import own_entries, row_blocks, squared_distances


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


def test_blocks_cover_all_rows_once():
    for rows, columns in ((1, 1), (7, 2**30), (10_000, 5000)):
        blocks = list(row_blocks(rows, columns))
        assert np.array_equal(np.concatenate([np.arange(rows)[block] for block in blocks]), np.arange(rows))
    matrix = np.arange(25).reshape(5, 5)
    rows = slice(2, 4)
    assert matrix[rows][own_entries(rows)].tolist() == [matrix[2, 2], matrix[3, 3]]

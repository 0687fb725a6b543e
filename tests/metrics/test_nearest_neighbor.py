import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from tfgan_suite.errors import UserError
from tfgan_suite.metrics import distances, nearest_neighbor_accuracy


def two_sets(n, d, shift, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)), random.normal(shift, 1.3, size=(n, d))


@pytest.mark.parametrize(("d", "shift"), [(1, 0.0), (2, 1.0), (20, 0.5)])
def test_agrees_with_a_leave_one_out_classifier(d, shift):
    real, fake = two_sets(30, d, shift)
    points, is_real = np.concatenate([real, fake]), np.repeat([True, False], 30)
    predicted = cross_val_predict(KNeighborsClassifier(1), points, is_real, cv=LeaveOneOut())
    correct = predicted == is_real
    expected = (correct.mean(), correct[:30].mean(), correct[30:].mean())
    assert nearest_neighbor_accuracy(real, fake) == pytest.approx(expected)


def test_half_for_the_same_distribution_and_one_for_sets_far_apart():
    same = nearest_neighbor_accuracy(*np.random.default_rng(0).normal(size=(2, 800, 2)))
    assert same.total == pytest.approx(0.5, abs=0.05)
    assert nearest_neighbor_accuracy(*two_sets(50, 3, 100.0)) == (1.0, 1.0, 1.0)


def test_copying_the_data_gives_zero():
    real = two_sets(40, 5, 0.0)[0]
    assert nearest_neighbor_accuracy(real, real) == (0.0, 0.0, 0.0)
    # also when the copies are only nearly exact and far from the origin
    assert nearest_neighbor_accuracy(real + 1e5, real[::-1] + 1e5 + 1e-7) == (0.0, 0.0, 0.0)


def test_collapse_lowers_the_real_part_and_raises_the_fake_part():
    # By hand: every fake's neighbour is a fake; reals at +-1 see the fakes at distance 1, at 3 see 1.
    real, fake = np.array([-1.0, 1.0, 3.2]), np.array([0.0, 0.0, 0.0])
    assert nearest_neighbor_accuracy(real, fake) == pytest.approx(((1 / 3 + 1) / 2, 1 / 3, 1.0))


def test_tied_neighbours_count_by_their_share():
    # The real 0 has the real 1 and the fake -1 at distance 1; 1 has 0 (real); -1 has 0 (real); 9 has 1.
    real, fake = np.array([0.0, 1.0]), np.array([-1.0, 9.0])
    assert nearest_neighbor_accuracy(real, fake) == pytest.approx((0.375, 0.75, 0.0))
    # All points equal: each has n - 1 of 2n - 1 neighbours on its own side.
    same = np.full((4, 3), 0.1)
    assert nearest_neighbor_accuracy(same, same) == pytest.approx((3 / 7,) * 3)


def test_rounding_does_not_break_ties():
    # On a lattice every point has up to four neighbours at one distance, in tenths only up to the last bits.
    lattice = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), axis=-1).reshape(64, 2)
    real, fake = np.split(np.random.default_rng(0).permutation(lattice), 2)
    expected = nearest_neighbor_accuracy(real, fake)
    assert nearest_neighbor_accuracy(real * 0.1 + 0.3, fake * 0.1 + 0.3) == pytest.approx(expected)


def test_float32_with_a_large_common_offset():
    real, fake = (np.round(x * 64) / 64 for x in two_sets(60, 3, 0.5))
    shifted = [(x + 1e5).astype(np.float32) for x in (real, fake)]
    assert nearest_neighbor_accuracy(*shifted) == nearest_neighbor_accuracy(real, fake)


def test_independent_of_row_order_blocks_and_shape(monkeypatch):
    real, fake = two_sets(60, 4, 0.5)
    accuracy = nearest_neighbor_accuracy(real, fake)
    random = np.random.default_rng(1)
    assert nearest_neighbor_accuracy(random.permutation(real), random.permutation(fake)) == accuracy
    assert nearest_neighbor_accuracy(real.reshape(60, 2, 2), fake.reshape(60, 2, 2)) == accuracy
    assert nearest_neighbor_accuracy(fake, real) == (accuracy.total, accuracy.fake, accuracy.real)
    monkeypatch.setattr(distances, "_TILE", 17)
    assert nearest_neighbor_accuracy(real, fake) == accuracy


def test_refuses_unequal_sizes():
    with pytest.raises(UserError, match=r"fake_features: expected as many .* \(5\), came 4"):
        nearest_neighbor_accuracy(np.zeros((5, 2)), np.zeros((4, 2)))

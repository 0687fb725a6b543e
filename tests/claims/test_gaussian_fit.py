"""The references of the Gaussian fits: quadrature that stands on its own."""

import numpy as np
import pytest

from tfgan_suite import config as configs
from tfgan_suite import data
from tfgan_suite.claims.gaussian_fit import CONFIG, MixtureGrid, f_divergence, weighted_jensen_shannon
from tfgan_suite.errors import UserError
from tfgan_suite.objectives import divergences

# f-GAN's Table 3: optimal mu, sigma and divergence.
TABLE = {
    "KL": (1.0100, 1.8308, 0.2831),
    "ReverseKL": (1.5782, 1.6319, 0.2480),
    "JensenShannon": (1.3070, 1.7542, 0.1280),
    "Jeffrey": (1.3218, 1.7034, 0.5705),
    "PearsonChi2": (0.5737, 1.9274, 0.6457),
}


@pytest.fixture(scope="module")
def grid():
    config = configs.load(CONFIG)
    return MixtureGrid(configs.build(config.data, "data", config.at("data")))


@pytest.mark.parametrize("name", TABLE)
def test_optima_are_those_of_the_paper(grid, name):
    found = grid.optimum(f_divergence(getattr(divergences, name)()))
    np.testing.assert_allclose(found, TABLE[name], atol=4e-4)


def test_grid_holds_a_density(grid):
    assert np.sum(grid.weights * np.exp(grid.log_p)) == pytest.approx(1.0, abs=1e-9)
    assert grid.mean == pytest.approx(0.67 * 2.0 - 0.33, abs=1e-9)
    assert np.sum(grid.weights * np.exp(grid.log_q(0.3, 0.8))) == pytest.approx(1.0, abs=1e-9)


def test_the_best_gaussian_under_kl_has_the_moments_of_the_data(grid):
    mu, sigma, _ = grid.optimum(f_divergence(divergences.KL()))
    assert mu == pytest.approx(grid.mean, abs=1e-5)
    assert sigma == pytest.approx(grid.std, abs=1e-5)


def test_pi_moves_from_covering_to_seeking(grid):
    half = grid.divergence(weighted_jensen_shannon(0.5), 1.0, 1.5)
    assert half == pytest.approx(
        0.5 * grid.divergence(f_divergence(divergences.JensenShannon()), 1.0, 1.5), rel=1e-9
    )
    small, large = (grid.optimum(weighted_jensen_shannon(pi)) for pi in (1e-6, 1 - 1e-6))
    np.testing.assert_allclose(small[:2], grid.optimum(f_divergence(divergences.KL()))[:2], atol=1e-3)
    np.testing.assert_allclose(large[:2], grid.optimum(f_divergence(divergences.ReverseKL()))[:2], atol=1e-3)


def test_any_mixture_of_one_component_is_its_own_fit():
    grid = MixtureGrid(data.GaussianMixture((1.0,), [[-3.0]], (0.7,)))
    for target in (f_divergence(divergences.Jeffrey()), weighted_jensen_shannon(0.3)):
        mu, sigma, value = grid.optimum(target)
        assert (mu, sigma) == (pytest.approx(-3.0, abs=1e-4), pytest.approx(0.7, abs=1e-4))
        assert value == pytest.approx(0.0, abs=1e-8)


def test_points_in_the_plane_are_refused():
    with pytest.raises(UserError, match=r"line.*\(2,\)"):
        MixtureGrid(data.Ring())

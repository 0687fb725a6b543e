"""Draws have the moments and the places they should, and do not depend on how many are drawn."""

import numpy as np
import pytest

from tests.conformance.examples import PRIORS, every
from tfgan_suite import data, draws, priors

COUNT = 20_000


@every(PRIORS)
def test_rows_do_not_depend_on_the_count_or_the_part(example):
    prior, seed = example(), draws.fold(draws.root(3), 1)
    whole = prior.draw(9, 2, draws.at_row(seed, 0)).numpy()
    # The bits are equal; functions of them may round the last digit another way.
    np.testing.assert_allclose(prior.draw(5, 2, draws.at_row(seed, 0)), whole[:5], rtol=1e-6)
    np.testing.assert_allclose(prior.draw(4, 2, draws.at_row(seed, 5)), whole[5:], rtol=1e-6)
    other = draws.at_row(draws.fold(draws.root(4), 1), 0)
    assert (prior.draw(9, 2, other).numpy() != whole).any()


def test_petals_have_their_components_moments():
    prior = priors.Petals(components=4, radius=3.0, radial_std=0.4, tangential_std=0.1)
    drawn = prior.draw(COUNT, 2, draws.root(0)).numpy()
    # Four petals on the axes do not overlap: turn each back onto the first.
    number = np.rint(np.arctan2(drawn[:, 1], drawn[:, 0]) / (np.pi / 2)).astype(int) % 4
    angle = -number * np.pi / 2
    along = drawn[:, 0] * np.cos(angle) - drawn[:, 1] * np.sin(angle)
    across = drawn[:, 0] * np.sin(angle) + drawn[:, 1] * np.cos(angle)
    for k in range(4):
        mine = number == k
        count = mine.sum()
        # Five standard errors each.
        assert abs(count - COUNT / 4) < 5 * np.sqrt(COUNT * 3 / 16)
        assert abs(along[mine].mean() - 3.0) < 5 * 0.4 / np.sqrt(count)
        assert abs(across[mine].mean()) < 5 * 0.1 / np.sqrt(count)
        assert abs(along[mine].std() / 0.4 - 1) < 5 / np.sqrt(2 * count)
        assert abs(across[mine].std() / 0.1 - 1) < 5 / np.sqrt(2 * count)


def test_swiss_roll_is_that_of_the_data():
    prior, toy = priors.SwissRoll(radius=2.0, noise=0.04), data.SwissRoll(noise=0.02)
    count = 4000  # each density is an integral
    ours, theirs = 0.5 * prior.draw(count, 2, draws.root(0)).numpy(), toy.sample(count, seed=1)
    # Both of the density that `data` states: equal mean log densities, within five standard errors.
    a, b = toy.log_density(ours), toy.log_density(theirs)
    assert abs(a.mean() - b.mean()) < 5 * np.sqrt((a.var() + b.var()) / count)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: priors.Normal(0.0), "Normal: expected std a positive number, came 0.0"),
        (lambda: priors.Petals(0), "Petals: expected components a positive integer, came 0"),
        (lambda: priors.Petals(radial_std=-1.0), "expected radial_std a positive number, came -1.0"),
        (lambda: priors.SwissRoll(noise=float("inf")), "expected noise a positive number, came inf"),
        (lambda: priors.SwissRoll().check_latents(3), "prior: expected latents of 2 dimensions .*came 3"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make()

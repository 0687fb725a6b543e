"""Latents by the name of their distribution."""

import typing

import numpy as np
import pytest
import scipy.stats

from tfgan_suite import cli, draws, latents

SEED = draws.root(5)


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("normal", scipy.stats.norm()),
        ("uniform", scipy.stats.uniform(0.0, 1.0)),
        ("symmetric_uniform", scipy.stats.uniform(-1.0, 2.0)),
    ],
)
def test_each_name_draws_from_what_it_says(name, distribution):
    drawn = latents.draw(name, (5000, 4), SEED).numpy()
    assert drawn.shape == (5000, 4)
    assert drawn.dtype == np.float32
    assert scipy.stats.kstest(drawn.ravel().astype("float64"), distribution.cdf).pvalue > 0.01
    np.testing.assert_array_equal(drawn, latents.draw(name, (5000, 4), SEED))


def test_the_command_line_knows_the_names():
    for name in typing.get_args(latents.LatentDistribution):
        parsed = cli.parser().parse_args(["evaluate", "theirs", "--latents", name])
        assert parsed.latents == name

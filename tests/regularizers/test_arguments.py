"""Arguments outside of their range are named; NaN is outside of every range."""

import math

import pytest

from tfgan_suite import regularizers


@pytest.mark.parametrize("value", [-1.0, math.nan])
@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        (regularizers.GradientPenalty, "weight"),
        (regularizers.GradientPenalty, "target"),
        (regularizers.DRAGAN, "noise"),
        (regularizers.DRAGAN, "weight"),
        (regularizers.R1, "weight"),
        (regularizers.WeightClipping, "limit"),
    ],
)
def test_out_of_range_is_named(kind, argument, value):
    with pytest.raises(ValueError, match=f"{kind.__name__}: expected {argument}.*{value}"):
        kind(**{argument: value})

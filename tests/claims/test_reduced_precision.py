"""What `reduced-precision` trains, and when 16 bits are as good as 32."""

import math

import pytest

from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS

CLAIM = CLAIMS["reduced-precision"]


@pytest.mark.parametrize("preset", ["cpu", "paper"])
def test_only_the_precision_differs(preset):
    trainings = {}
    for name, trial in CLAIM.trials(preset).items():
        resolved = configs.load(trial.config, trial.overrides).resolved()
        assert resolved["training"].pop("precision") == name
        trainings[name] = resolved
    assert set(trainings) == {"float32", "mixed_bfloat16", "mixed_float16"}
    assert all(resolved == trainings["float32"] for resolved in trainings.values())


def judged(*of_16_bits: float) -> dict[str, tuple[float, str]]:
    """Spreads above and verdicts, where 32 bits have distances of 9, 10 and 11: a deviation of 1."""
    results = {"float32": [9.0, 10.0, 11.0], "mixed_bfloat16": of_16_bits, "mixed_float16": [8.0, 8.0, 8.0]}
    rows = CLAIM.rows({p: [{"frechet": d} for d in found] for p, found in results.items()})
    return {row.name.partition(":")[0]: (row.mean, row.verdict) for row in rows if ":" in row.name}


def test_two_standard_deviations_above_are_too_many():
    assert judged(11.0, 12.0, 12.5)["mixed_bfloat16"] == (pytest.approx(5.5 / 3), "reached")
    assert judged(11.5, 12.0, 12.8)["mixed_bfloat16"] == (pytest.approx(2.1), "missed")
    assert judged(9.0, 9.0, 9.0)["mixed_float16"] == (pytest.approx(-2.0), "reached")


def test_a_training_that_diverged_is_not_as_good():
    assert judged(10.0, math.nan, 10.0)["mixed_bfloat16"][1] == "missed"

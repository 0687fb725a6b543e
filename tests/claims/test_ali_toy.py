"""What `ali-toy` measures, on models of which it is known, and whom it holds to what."""

import keras
import numpy as np
import pytest

from tfgan_suite import models, networks
from tfgan_suite.claims import CLAIMS
from tfgan_suite.claims.ali_toy import _measured

CLAIM = CLAIMS["ali-toy"]


def shifting(there, back):
    """A BiGAN in one dimension whose encoder adds `there` and whose generator takes `back` away."""
    examples, latents = keras.Input((1,)), keras.Input((1,))
    encoder = keras.Model(examples, keras.layers.Rescaling(1.0, there)(examples))
    generator = keras.Model(latents, keras.layers.Rescaling(1.0, -back)(latents))
    return models.BiGAN(generator, encoder, networks.mlp_joint_discriminator((1,), 1, 4))


X = np.random.default_rng(0).normal(size=(1000, 1)).astype("float32")


def test_inverses_have_no_error_and_pairs_that_cannot_be_told_apart():
    found = _measured(shifting(0.0, 0.0), X, seed=0)
    assert found["x_error"] == found["z_error"] == 0
    assert abs(found["joint"] - 0.5) < 0.06


def test_inverses_of_another_distribution_are_told_apart():
    found = _measured(shifting(3.0, 3.0), X, seed=0)
    assert found["x_error"] == pytest.approx(0, abs=1e-9)
    assert found["joint"] > 0.8


def test_round_trips_are_squared_distances():
    found = _measured(shifting(0.5, 0.0), X, seed=0)
    assert found["x_error"] == pytest.approx(0.25, rel=1e-4)
    assert found["z_error"] == pytest.approx(0.25, rel=1e-4)


def test_ali_alone_is_held_to_bounds_and_not_to_latents_of_the_mixture():
    measured = {"x_error": 0.06, "z_error": 0.4, "joint": 0.65}
    verdicts = {row.name: row.verdict for row in CLAIM.rows({t: [measured] for t in CLAIM.trials("cpu")})}
    assert [verdicts.pop(f"identity, ALI: {q}") for q in ("round trip of x", "round trip of z")] == [
        "missed"
    ] * 2
    assert verdicts.pop("identity, ALI: accuracy on pairs") == "missed"
    assert verdicts.pop("mixture, ALI: round trip of x") == "missed"
    assert verdicts.pop("mixture, ALI: accuracy on pairs") == "reached"
    assert set(verdicts.values()) == {"reported"}

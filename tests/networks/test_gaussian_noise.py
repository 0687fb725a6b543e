"""Noise: none in inference, that of the model around it in training, an example's own in any part."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import draws, networks
from tfgan_suite.seed_source import seeds_from, side_by_side

SEED = draws.branch(draws.root(3), "noise")


def noisy(x, row=0):
    with seeds_from(lambda: draws.at_row(SEED, row)):
        return networks.GaussianNoise(0.5)(x, training=True).numpy()


def test_inside_a_model_the_noise_is_drawn_from_its_seed_and_parts_draw_their_rows():
    x = np.ones((7, 5), "float32")
    whole = noisy(x)
    np.testing.assert_allclose(whole, 1.0 + 0.5 * draws.noise((7, 5), draws.at_row(SEED, 0)), rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([noisy(x[:3]), noisy(x[3:], row=3)]), whole)


@pytest.mark.parametrize("layer", [networks.GaussianNoise(0.5), networks.Dropout(0.5)])
def test_minibatches_side_by_side_draw_apart_and_their_parts_draw_their_rows(layer):
    x = np.ones((7, 5), "float32")

    def drawn(rows, row=0):
        seeds = iter([SEED, draws.branch(SEED, 1)])
        with seeds_from(lambda: draws.at_row(next(seeds), row)), side_by_side(2):
            both = layer(np.concatenate([rows, rows]), training=True).numpy()
        return np.stack(np.split(both, 2))

    whole = drawn(x)
    assert (whole[0] != whole[1]).any()
    with seeds_from(lambda: draws.at_row(SEED, 0)):
        np.testing.assert_array_equal(layer(x, training=True), whole[0])
    np.testing.assert_array_equal(np.concatenate([drawn(x[:3]), drawn(x[3:], row=3)], axis=1), whole)


def test_inference_is_without_noise_and_outside_of_a_model_there_is_noise_as_well():
    x, layer = tf.ones((4000, 2)), networks.GaussianNoise(0.5)
    np.testing.assert_array_equal(layer(x), x)
    noise = layer(x, training=True) - x
    # The deviation of 8,000 draws is within 4 / sqrt(2 * 8000) of its own size.
    assert abs(np.std(noise) / 0.5 - 1) < 0.032
    assert (layer(x, training=True) != x + noise).numpy().any()


def test_bad_stddev():
    with pytest.raises(ValueError, match="stddev: expected a number >= 0, came -0.5"):
        networks.GaussianNoise(-0.5)

import keras
import numpy as np
import pytest

from tfgan_suite import networks
from tfgan_suite.regularizers import WeightClipping


@pytest.mark.parametrize("limit", [0.01, 0.5])
def test_clips_what_is_outside_and_keeps_the_rest(limit):
    critic = networks.mlp_discriminator((2,), width=16)
    before = [v.numpy() for v in critic.trainable_variables]
    WeightClipping(limit).project(critic.trainable_variables)
    after = [v.numpy() for v in critic.trainable_variables]
    for old, new in zip(before, after, strict=True):
        expected = np.minimum(np.maximum(old, -np.float32(limit)), np.float32(limit))
        np.testing.assert_array_equal(new, expected)
    assert any((np.abs(old) > limit).any() for old in before)
    assert any((np.abs(old[old != 0]) < limit).any() for old in before)


def test_a_projection():
    variable = keras.Variable(np.linspace(-1, 1, 11))
    WeightClipping(0.25).project([variable])
    once = variable.numpy()
    WeightClipping(0.25).project([variable])
    np.testing.assert_array_equal(variable.numpy(), once)


@pytest.mark.parametrize("limit", [0.0, -0.01])
def test_refuses_a_limit(limit):
    with pytest.raises(ValueError, match=f"limit > 0, came {limit}"):
        WeightClipping(limit)

"""Many steps from one element of the data are the steps they would be from many."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES
from tfgan_suite import models, networks, objectives
from tfgan_suite.errors import Diverged
from tfgan_suite.models import adversarial, step_function
from tfgan_suite.models.step_function import BLOCK, in_blocks

BATCH = 4
DATA = np.random.default_rng(0).normal(size=(10, BATCH, 2)).astype("float32")


def minibatches(data=DATA):
    """Of a length that TensorFlow does not know."""
    return tf.data.Dataset.from_generator(lambda: iter(data), output_signature=tf.TensorSpec((BATCH, 2)))


def trained(dataset, steps_per_execution, epochs=1, activation="relu"):
    keras.utils.set_random_seed(0)
    model = models.GAN(
        networks.mlp_generator((2,), latent_dim=2, width=4),
        networks.mlp_discriminator((2,), width=4, activation=activation),
        objectives.NonSaturating(),
    )
    model.compile(jit_compile=False, steps_per_execution=steps_per_execution)
    history = model.fit(dataset, steps_per_epoch=8, epochs=epochs, verbose=0).history
    assert model.steps_per_execution == steps_per_execution
    return model, history


@pytest.fixture
def blocks(monkeypatch):
    """Whether the data of each training were in blocks."""
    seen = []

    def spy(dataset, steps):
        found = in_blocks(dataset, steps)
        seen.append(found is not dataset)
        return found

    monkeypatch.setattr(adversarial, "in_blocks", spy)
    return seen


def test_labels_and_several_minibatches_a_step(blocks):
    example, found = GAMES["GAN with labels"], []
    for count in (1, 4):
        keras.utils.set_random_seed(0)
        model = example.make(discriminator_steps=2)
        model.compile(jit_compile=False, steps_per_execution=count)
        data = example.batch(model, 8 * BATCH * model.minibatches_per_step)
        dataset = tf.data.Dataset.from_tensor_slices(data).batch(BATCH, drop_remainder=True).repeat()
        model.fit(dataset, steps_per_epoch=4, verbose=0)
        found.append(model.get_weights())
    assert blocks == [False, True]
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_and_logs_are_those_of_single_steps(blocks):
    endless = minibatches().repeat()
    (one, log), (many, log_of_many) = trained(endless, 1), trained(endless, 4)
    assert blocks == [False, True]
    for a, b in zip(one.get_weights(), many.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for term, values in log.items():
        np.testing.assert_allclose(log_of_many[term], values, rtol=1e-6)


def test_data_that_end_within_a_block_are_all_taken(blocks):
    model, _ = trained(minibatches(), 4, epochs=2)  # 4, 4, and 2
    assert model.step == len(DATA)
    assert blocks == [True]


def test_the_step_that_diverges_is_named():
    data = DATA.copy()
    data[5] = np.nan
    with pytest.raises(Diverged) as error:
        trained(minibatches(data).repeat(), 4, activation="tanh")
    assert error.value.step == 6
    assert set(error.value.values) == {"discriminator/adversarial", "generator/adversarial"}


def test_a_weight_that_diverges_unseen_is_named_after_its_call():
    def blind(x):
        return tf.nn.relu(tf.where(tf.math.is_nan(x), 0.0, x))

    data = DATA.copy()
    data[5] = np.nan  # the gradient of the first layer's kernel has them
    with pytest.raises(Diverged, match="kernel") as error:
        trained(minibatches(data).repeat(), 4, activation=blind)
    assert error.value.step == 8


def test_what_stays_as_it_is(monkeypatch):
    endless = minibatches().repeat()
    assert set(in_blocks(endless, 4).element_spec) == {BLOCK}
    ragged = tf.data.Dataset.from_tensor_slices(DATA[0]).batch(3).repeat()
    for dataset, steps in ((endless, 1), (ragged, 4)):
        assert in_blocks(dataset, steps) is dataset
    finite = tf.data.Dataset.from_tensor_slices(DATA)
    assert in_blocks(finite, 4) is finite
    monkeypatch.setattr(step_function, "MOST_BYTES", 4 * DATA[0].nbytes - 1)
    assert in_blocks(endless, 4) is endless

"""What a constructor was told survives `get_config` and `from_config`."""

import dataclasses
import typing

import keras
import numpy as np
import pytest

from tests.conformance.examples import (
    CORE,
    DISCRIMINATORS,
    DIVERGENCES,
    ENCODERS,
    GENERATORS,
    JOINT_DISCRIMINATORS,
    LAYERS,
    MODELS,
    OBJECTIVES,
    PRIORS,
    REGULARIZERS,
    every,
)
from tfgan_suite.objectives import divergences


def round_trip(thing):
    return keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(thing))


def another(owner, field):
    """A value for a field that is not the one it has."""
    value = getattr(owner, field.name)
    match value:
        case bool():
            return not value
        case None:
            return 1.5
        case str():
            return next(word for word in typing.get_args(field.type) if word != value)
        case divergences.Divergence():
            return divergences.Alpha(-0.25)
    return value + (1 if isinstance(value, int) else 0.25)


@every(DIVERGENCES | OBJECTIVES | PRIORS | REGULARIZERS)
def test_values_are_equal(example):
    assert round_trip(example()) == example()


@every(DIVERGENCES | OBJECTIVES | PRIORS | REGULARIZERS)
def test_every_field_counts(example):
    thing = example()
    for field in dataclasses.fields(thing):
        changed = dataclasses.replace(thing, **{field.name: another(thing, field)})
        assert round_trip(changed) == changed != thing


@every(LAYERS)
def test_layers_keep_their_config(example):
    layer = example()
    assert round_trip(layer).get_config() == layer.get_config()


@every(GENERATORS | ENCODERS | DISCRIMINATORS | JOINT_DISCRIMINATORS)
def test_networks_compute_the_same(example):
    network = example()
    copy = round_trip(network)
    copy.set_weights(network.get_weights())
    inputs = [np.ones((2, *i.shape[1:]), i.dtype) for i in network.inputs]
    inputs = inputs if len(inputs) > 1 else inputs[0]
    np.testing.assert_array_equal(network(inputs), copy(inputs))


@every(MODELS, default=CORE)
def test_models_keep_their_config(example):
    model = example.make(seed=7)
    copy = round_trip(model)
    assert copy.get_config() == model.get_config()
    assert copy.seed == 7


def test_a_constructor_argument_that_is_no_attribute_is_named():
    from tfgan_suite import models

    class Forgetful(models.GAN):
        def __init__(self, *args, extra=1, **kwargs):
            super().__init__(*args, **kwargs)

    model = MODELS["GAN"].make()
    forgetful = Forgetful(model.generator, model.discriminator, model.objective)
    with pytest.raises(AttributeError, match="extra"):
        forgetful.get_config()

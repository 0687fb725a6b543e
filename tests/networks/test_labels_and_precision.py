"""What all networks share: how labels enter, and in which precision outputs leave."""

import keras
import numpy as np
import pytest

from tests.conformance.examples import (
    DISCRIMINATORS,
    ENCODERS,
    GENERATORS,
    JOINT_DISCRIMINATORS,
    every,
)
from tfgan_suite.networks import LabelEmbedding

LABELS = np.array([0, 4, 2, 2, 1, 3], "int32")
CONDITIONAL_DISCRIMINATORS = {name: e for name, e in DISCRIMINATORS.items() if name.endswith("labels")}
CONDITIONAL_GENERATORS = {name: e for name, e in GENERATORS.items() if name.endswith("labels")}


def examples(network):
    return np.random.default_rng(0).normal(size=(len(LABELS), *network.inputs[0].shape[1:])).astype("float32")


def test_embedding_is_a_look_up():
    layer = LabelEmbedding(5, 3)
    vectors = layer(LABELS)
    np.testing.assert_array_equal(vectors, layer.table.numpy()[LABELS])
    np.testing.assert_array_equal(layer(LABELS.astype("int64")), vectors)
    assert layer.compute_output_shape((6,)) == (6, 3)


@every(CONDITIONAL_DISCRIMINATORS)
def test_labels_add_their_projection_and_nothing_else(example):
    # Miyato and Koyama 2018, eq. 3: logits = <embedding of y, features of x> + psi(features of x)
    network = example()
    inner = keras.Model(
        network.inputs,
        [network.get_layer("projection").input[1], network.get_layer("logits_unconditional").output],
    )
    x = examples(network)
    features, unconditional = (t.numpy() for t in inner([x, LABELS]))
    table = network.get_layer("label_embedding").table.numpy()
    assert features.shape[1] == table.shape[1]
    expected = unconditional + np.sum(table[LABELS] * features, axis=1, keepdims=True)
    np.testing.assert_allclose(network([x, LABELS]), expected, rtol=1e-4, atol=1e-6)
    assert np.abs(expected - unconditional).min() > 0
    # Another label changes the logit by the difference of their projections.
    others = (LABELS + 1) % 5
    difference = network([x, others]) - network([x, LABELS])
    np.testing.assert_allclose(
        difference,
        np.sum((table[others] - table[LABELS]) * features, axis=1, keepdims=True),
        rtol=1e-3,
        atol=1e-6,
    )


@every(CONDITIONAL_GENERATORS)
def test_labels_stand_beside_the_latents(example):
    network = example()
    z = examples(network)
    made = network([z, LABELS]).numpy()
    np.testing.assert_array_equal(network([z, LABELS]), made)
    joined = next(layer for layer in network.layers if isinstance(layer, keras.layers.Concatenate))
    inner = keras.Model(network.inputs, joined.output)
    table = network.get_layer("label_embedding").table.numpy()
    np.testing.assert_array_equal(inner([z, LABELS]), np.concatenate([z, table[LABELS]], axis=1))
    assert (network([z, (LABELS + 1) % 5]).numpy() != made).any(axis=(1, 2, 3)).all()


@every(DISCRIMINATORS | GENERATORS | ENCODERS | JOINT_DISCRIMINATORS)
def test_mixed_precision_leaves_in_float32(example, bfloat16):
    network = example()
    others = [
        LABELS if i.dtype == "int32" else np.ones((len(LABELS), *i.shape[1:]), "float32")
        for i in network.inputs[1:]
    ]
    output = network([examples(network), *others] if others else examples(network))
    assert output.dtype == "float32"
    assert network.output.dtype == "float32"
    assert {v.dtype for v in network.variables} == {"float32"}
    layers = [getattr(layer, "layer", layer) for layer in network.layers]  # inside of wrappers
    hidden = [layer for layer in layers if isinstance(layer, keras.layers.Dense)]
    assert all(layer.compute_dtype == "bfloat16" for layer in hidden)


@pytest.mark.usefixtures("double")
def test_double_precision_leaves_in_float64():
    for example in (DISCRIMINATORS["dcgan_discriminator labels"], GENERATORS["dcgan_generator labels"]):
        network = example()
        assert network([examples(network), LABELS]).dtype == "float64"

"""Points beside their heads, the cost of heads that are close, and refusals."""

import itertools

import keras
import numpy as np
import pytest

from tfgan_suite import networks

HEADS = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]], "float32")  # 5, 1 and sqrt(18) apart


def layer_of(distance):
    latents = keras.Input((5,))
    layer = networks.ClusterHeads(3, distance)
    network = keras.Model(latents, layer(latents))
    network.set_weights([HEADS])
    return network, layer


def test_a_point_is_its_heads_weighted_by_the_category_and_moved_by_the_style():
    network, _ = layer_of(1.0)
    y, z = np.array([[0, 1, 0], [0.5, 0.25, 0.25]], "float32"), np.array([[0.1, -0.2], [1.0, 0.0]], "float32")
    found = network(np.concatenate([y, z], axis=1))
    np.testing.assert_allclose(found, [[3.1, 3.8], [1.75, 1.25]], rtol=1e-6)


@pytest.mark.parametrize("distance", [0.5, 2.0, 6.0])
def test_heads_cost_what_they_are_closer_than_the_distance(distance):
    network, _ = layer_of(distance)
    lengths = [np.linalg.norm(a - b) for a, b in itertools.combinations(HEADS, 2)]
    expected = sum(max(0.0, distance - length) for length in lengths)
    np.testing.assert_allclose(sum(network.losses), expected, rtol=1e-5)


def test_the_cost_alone_drives_heads_apart():
    network, layer = layer_of(3.0)
    layer.heads.assign(1e-3 * HEADS)
    network.compile(keras.optimizers.SGD(0.05), loss=lambda y, x: 0.0 * x)
    network.fit(np.zeros((200, 5)), np.zeros((200, 2)), batch_size=1, verbose=0)
    heads = layer.heads.numpy()
    lengths = [np.linalg.norm(a - b) for a, b in itertools.combinations(heads, 2)]
    assert min(lengths) > 2.85, lengths


def test_a_dense_generator_begins_with_them():
    generator = networks.mlp_generator((4, 4, 1), latent_dim=12, width=8, cluster_heads=10)
    assert generator.get_layer("cluster_heads").output.shape == (None, 2)
    assert generator.output.shape == (None, 4, 4, 1)


def test_refusals():
    for arguments, message in (
        ((1,), "categories.*came 1"),
        ((3, -1.0), "distance.*came -1"),
        ((2.5,), "2.5"),
    ):
        with pytest.raises(ValueError, match=message):
            networks.ClusterHeads(*arguments)
    with pytest.raises(ValueError, match="categories of at least 2, came 0"):
        networks.mlp_generator((2,), latent_dim=5, cluster_heads=0)
    with pytest.raises(ValueError, match="cluster_heads: expected None with num_classes.*came 3"):
        networks.mlp_generator((2,), latent_dim=5, num_classes=4, cluster_heads=3)
    with pytest.raises(ValueError, match="more than 3 categories.*3"):
        networks.ClusterHeads(3)(np.zeros((2, 3)))

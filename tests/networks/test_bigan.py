"""BiGAN's networks against the authors' layers, written once more in NumPy."""

import numpy as np
import pytest

from tfgan_suite import networks

SHAPE, LATENTS, WIDTH, BATCH = (3, 2, 1), 4, 5, 7


def normalized(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture
def arrays():
    random = np.random.default_rng(0)
    examples = random.uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")
    return random.uniform(-1, 1, (BATCH, LATENTS)).astype("float32"), examples


def with_weights(network):
    """Its trainable weights drawn anew, large enough to see every layer; the network and they."""
    random = np.random.default_rng(1)
    for variable in network.trainable_variables:
        variable.assign(random.normal(size=variable.shape))
    return network, [v.numpy() for v in network.trainable_variables]


def test_generator_sees_its_latents_twice(arrays):
    latents, _ = arrays
    network, (first, second, last) = with_weights(networks.bigan_generator(SHAPE, LATENTS, WIDTH))
    hidden = np.maximum(normalized(latents @ first), 0)
    hidden = np.maximum(normalized(hidden @ second[:WIDTH] + latents @ second[WIDTH:]), 0)
    expected = 2 * sigmoid(hidden @ last) - 1
    np.testing.assert_allclose(
        network(latents, training=True).numpy().reshape(BATCH, -1), expected, atol=1e-5
    )


def test_encoder_ends_in_the_range_of_a_uniform_prior(arrays):
    _, examples = arrays
    network, (first, second, last) = with_weights(networks.bigan_encoder(SHAPE, LATENTS, WIDTH))
    hidden = leaky((examples.reshape(BATCH, -1) + 1) / 2 @ first)
    expected = 2 * sigmoid(leaky(normalized(hidden @ second)) @ last) - 1
    np.testing.assert_allclose(network(examples, training=True), expected, atol=1e-5)


def test_discriminator_sees_the_latents_at_its_second_layer(arrays):
    latents, examples = arrays
    network, (first, second, last) = with_weights(networks.bigan_joint_discriminator(SHAPE, LATENTS, WIDTH))
    hidden = leaky((examples.reshape(BATCH, -1) + 1) / 2 @ first)
    expected = leaky(normalized(latents @ second[:LATENTS] + hidden @ second[LATENTS:])) @ last
    np.testing.assert_allclose(network([latents, examples], training=True), expected, atol=1e-5)


def test_the_game_begins_undecided_and_black_is_nothing(arrays):
    latents, examples = arrays
    assert not np.any(networks.bigan_joint_discriminator(SHAPE, LATENTS)([latents, examples], training=True))
    assert not np.any(networks.bigan_encoder(SHAPE, LATENTS)(np.full_like(examples, -1.0)))


def test_sizes_are_the_papers():
    """Of MNIST: two layers of 1,024 and 50 latents, without an offset anywhere."""
    image = (28, 28, 1)
    counts = [
        sum(int(np.prod(v.shape)) for v in network.trainable_variables)
        for network in (
            networks.bigan_generator(image),
            networks.bigan_encoder(image),
            networks.bigan_joint_discriminator(image),
        )
    ]
    units = 1024
    assert counts == [
        50 * units + (units + 50) * units + units * 784,
        784 * units + units * units + units * 50,
        784 * units + (units + 50) * units + units,
    ]


@pytest.mark.parametrize(
    "build", [networks.bigan_generator, networks.bigan_encoder, networks.bigan_joint_discriminator]
)
def test_sizes_below_one_are_refused(build):
    with pytest.raises(ValueError, match="width: expected"):
        build(SHAPE, LATENTS, width=0)
    with pytest.raises(ValueError, match="latent_dim: expected"):
        build(SHAPE, 0)

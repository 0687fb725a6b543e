"""The CIFAR-10 networks have the tables' layers and sizes; maxout and dropout are what they say."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import draws, networks
from tfgan_suite.seed_source import seeds_from

CIFAR = (32, 32, 3)
SEED = draws.branch(draws.root(3), "dropout")


def layer(kernel, inputs, outputs, bias=True, pieces=1):
    """Parameters of a convolution; without a bias, two for each channel of the normalisation behind it."""
    return kernel**2 * inputs * outputs * pieces + (outputs * pieces if bias else 2 * outputs)


# Row by row of the tables: (kernel, feature maps in, out).
SEEN = ((5, 3, 32), (4, 32, 64), (4, 64, 128), (4, 128, 256), (4, 256, 512))
GENERATOR = ((4, 64, 256), (4, 256, 128), (4, 128, 64), (4, 64, 32), (5, 32, 32), (1, 32, 32))
TABLES = {
    "ali_generator": sum(layer(*row, bias=False) for row in GENERATOR) + layer(1, 32, 3),
    "ali_discriminator": sum(layer(*row, pieces=2) for row in (*SEEN, (1, 512, 1024), (1, 1024, 128)))
    + layer(1, 128, 1),
    "ali_encoder": sum(layer(*row, bias=False) for row in (*SEEN, (1, 512, 512))) + layer(1, 512, 128),
    "ali_joint_discriminator": sum(
        layer(*row, pieces=2)
        for row in (*SEEN, (1, 64, 512), (1, 512, 512), (1, 1024, 1024), (1, 1024, 1024))
    )
    + layer(1, 1024, 1),
}


@pytest.mark.parametrize(("name", "count"), TABLES.items(), ids=TABLES)
def test_parameters_are_those_of_the_tables(name, count):
    network = getattr(networks, name)(CIFAR)
    assert sum(np.prod(v.shape) for v in network.trainable_variables) == count


def test_sizes_go_down_and_up_as_in_the_table():
    seen = networks.ali_discriminator(CIFAR, width=1)
    sizes = [seen.get_layer(f"shrink_{i}").output.shape[1] for i in range(5)]
    assert sizes == [28, 13, 10, 4, 1]
    made = networks.ali_generator(CIFAR, 3, width=1)
    assert [made.get_layer(f"grow_{i}").output.shape[1] for i in range(5)] == [4, 10, 13, 28, 32]
    assert [d.rate for d in seen.layers if isinstance(d, networks.Dropout)] == [0.2, *[0.5] * 7]


def test_images_are_in_the_range_of_all_others():
    made = networks.ali_generator(CIFAR, 3, width=2)(10.0 * tf.ones((2, 3))).numpy()
    assert made.shape == (2, *CIFAR)
    assert np.abs(made).max() <= 1


@pytest.mark.parametrize("name", TABLES)
def test_other_sizes_of_images_are_refused(name):
    with pytest.raises(ValueError, match=r"image_shape: expected \(32, 32, channels\), came \(28, 28, 1\)"):
        getattr(networks, name)((28, 28, 1))


def test_maxout_takes_the_largest_of_neighbours():
    x = np.random.default_rng(0).normal(size=(2, 5, 6)).astype("float32")
    np.testing.assert_array_equal(networks.Maxout(3)(x), x.reshape(2, 5, 2, 3).max(axis=-1))
    with pytest.raises(ValueError, match="multiple of 4 channels, came 6"):
        networks.Maxout(4)(x)
    with pytest.raises(ValueError, match="pieces: expected an integer >= 2, came 1"):
        networks.Maxout(1)


def dropped(x, row=0):
    with seeds_from(lambda: draws.at_row(SEED, row)):
        return networks.Dropout(0.3)(x, training=True).numpy()


def test_dropout_is_the_models_draw_and_parts_drop_their_rows():
    x = np.ones((7, 50), "float32")
    whole = dropped(x)
    kept = draws.uniform((7, 50), draws.at_row(SEED, 0)).numpy() >= 0.3
    np.testing.assert_allclose(whole, kept / 0.7, rtol=1e-6)
    np.testing.assert_array_equal(np.concatenate([dropped(x[:3]), dropped(x[3:], row=3)]), whole)


def test_dropout_in_inference_and_outside_of_a_model():
    x, drop = tf.ones((4000, 2)), networks.Dropout(0.25)
    np.testing.assert_array_equal(drop(x), x)
    kept = float(np.mean(drop(x, training=True).numpy() > 0))
    assert abs(kept - 0.75) < 5 * (0.25 * 0.75 / 8000) ** 0.5
    with pytest.raises(ValueError, match=r"rate: expected a number in \[0, 1\), came 1.0"):
        networks.Dropout(1.0)

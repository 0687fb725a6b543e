"""What the plan says."""

import keras
import pytest

from tfgan_suite import networks
from tfgan_suite.execution import choose_plan, forward_operations

DENSE = networks.mlp_generator((2,), latent_dim=2, width=4)
CONVOLUTIONAL = networks.dcgan_generator((16, 16, 1), latent_dim=4, width=2)


@pytest.mark.parametrize(
    ("network", "onednn", "is_said"),
    [(CONVOLUTIONAL, "0", True), (CONVOLUTIONAL, "1", False), (DENSE, "0", False)],
)
def test_slower_convolutions_are_said(network, onednn, is_said, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", onednn)
    assert ("training.exact" in str(choose_plan([network], None, 1e9))) is is_said


@pytest.mark.parametrize(
    ("layer", "products"),
    [
        (keras.layers.Conv2D(5, 3, strides=2, padding="same"), 9 * 2 * 5 * 2 * 3),
        (keras.layers.Conv2DTranspose(5, 3, strides=2, padding="same"), 9 * 2 * 5 * 4 * 6),
        (networks.ResizeConvolution(5, 3), 9 * 2 * 5 * 4 * 6),
        (networks.PooledConvolution(5, 3), 9 * 2 * 5 * 2 * 3),
        (networks.SpectralNormalization(keras.layers.Conv2D(5, 3, padding="same")), 9 * 2 * 5 * 4 * 6),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_operations_are_counted_where_kernels_are_used(layer, products):
    images = keras.Input((4, 6, 2))
    assert forward_operations(keras.Model(images, layer(images))) == 2 * products

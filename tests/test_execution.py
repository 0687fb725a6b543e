"""What the plan says."""

import pytest

from tfgan_suite import networks
from tfgan_suite.execution import choose_plan

DENSE = networks.mlp_generator((2,), latent_dim=2, width=4)
CONVOLUTIONAL = networks.dcgan_generator((16, 16, 1), latent_dim=4, width=2)


@pytest.mark.parametrize(
    ("network", "onednn", "is_said"),
    [(CONVOLUTIONAL, "0", True), (CONVOLUTIONAL, "1", False), (DENSE, "0", False)],
)
def test_slower_convolutions_are_said(network, onednn, is_said, monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", onednn)
    assert ("training.exact" in str(choose_plan([network], None, 1e9))) is is_said

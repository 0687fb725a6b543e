"""An independent implementation to compare with."""

import pytest


@pytest.fixture(scope="session")
def tensorflow_gan_metrics():
    """TF-GAN's metrics, as functions of activations."""
    from tfgan_suite.compat import tensorflow_gan

    return tensorflow_gan.eval

"""What `bigan-mnist` measures, on encoders of which it is known."""

import keras
import numpy as np

from tfgan_suite import networks
from tfgan_suite.claims import CLAIMS
from tfgan_suite.claims.bigan_mnist import before_latents, nearest_neighbor_accuracy

CLAIM = CLAIMS["bigan-mnist"]


def blobs(count, seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, count)
    centers = np.array([[3, 3], [3, -3], [-3, 3], [-3, -3]])
    return (centers[labels] + 0.3 * random.normal(size=(count, 2))).astype("float32"), labels


def test_accuracy_is_that_of_what_the_network_keeps():
    train, test = blobs(400, 0), blobs(200, 1)
    examples = keras.Input((2,))
    for kept, expected in ((examples, 100.0), (examples[:, :1], 50.0), (0.0 * examples, 25.0)):
        found = nearest_neighbor_accuracy(keras.Model(examples, kept), train, test)
        assert abs(found - expected) <= (0 if expected == 100 else 12), expected


def test_scaling_lets_each_output_count_the_same():
    """Two outputs say the label, and one of thousands of times their size nothing."""
    (x, labels), (y, test_labels) = blobs(400, 0), blobs(200, 1)
    random = np.random.default_rng(2)
    train, test = (
        (np.concatenate([a, 1e4 * random.normal(size=(len(a), 1))], axis=1).astype("float32"), b)
        for a, b in ((x, labels), (y, test_labels))
    )
    examples = keras.Input((3,))
    network = keras.Model(examples, 1.0 * examples)
    assert nearest_neighbor_accuracy(network, train, test) < 50
    assert nearest_neighbor_accuracy(network, train, test, is_scaled=True) > 95


def test_features_are_what_the_last_layer_sees():
    encoder = networks.mlp_encoder((2,), 3, width=5, normalization="batch", latent_std=0.5)
    x, _ = blobs(6, 0)
    features = before_latents(encoder)(x)
    assert features.shape == (6, 5)
    kernel, bias = encoder.get_layer("output").get_weights()
    # Before training the moving mean is 0 and the moving variance 1.
    expected = 0.5 * (features @ kernel + bias) / np.sqrt(1 + 1e-5)
    np.testing.assert_allclose(encoder(x), expected, rtol=1e-4, atol=1e-5)


def test_both_are_held_to_the_goal_and_the_untrained_ones_are_not():
    untrained = {"untrained": 97.0, "untrained_latents": 97.0}
    measured = {"latents": 95.0, "features": 97.0, **untrained, "reconstruction": 0.1}
    verdicts = [row.verdict for row in CLAIM.rows({"BiGAN": [measured]})]
    assert verdicts == ["missed", "reached", *["reported"] * 3]

"""What `bigan-mnist` measures, on encoders of which it is known."""

import keras
import numpy as np
import pytest

from tfgan_suite import config as configs
from tfgan_suite import draws, networks
from tfgan_suite.claims import CLAIMS
from tfgan_suite.claims.bigan_mnist import AT_INPUT, AUTHORS, features, latents, nearest_neighbor_accuracy
from tfgan_suite.latents import draw

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


def test_features_are_what_the_last_layer_sees_and_latents_what_it_makes():
    encoder = networks.bigan_encoder((2,), 3, width=5)
    x, _ = blobs(6, 0)
    seen = features(encoder)(x)
    assert seen.shape == (6, 5)
    (kernel,) = encoder.get_layer("output").get_weights()
    made = latents(encoder)(x)
    np.testing.assert_allclose(made, seen @ kernel, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(encoder(x), np.tanh(np.asarray(made) / 2), rtol=1e-4, atol=1e-5)


def test_latents_without_a_tanh_are_the_encoders():
    encoder = networks.mlp_encoder((2,), 3, width=5, normalization="batch", latent_std=0.5)
    assert latents(encoder) is encoder
    assert features(encoder)(blobs(6, 0)[0]).shape == (6, 5)


@pytest.mark.parametrize("name", [AUTHORS, AT_INPUT])
def test_the_encoder_can_give_what_the_prior_draws(name):
    """Else no discriminator can be fooled: with U[0, 1), once the prior here, digits did not come back."""
    trial = CLAIM.trials("cpu")[name]
    model = configs.load(trial.config, trial.overrides).model
    prior = draw(model["latent_distribution"], (20_000, 1), draws.root(0)).numpy()
    if name == AUTHORS:
        x = np.random.default_rng(0).normal(size=(2000, 2)).astype("float32")
        encoder = networks.bigan_encoder((2,), 2, width=5)
        encoder.get_layer("output").set_weights([np.full((5, 2), [1e4, -1e4], "float32")])
        codes = encoder(x).numpy()
        np.testing.assert_allclose([prior.min(), prior.max()], [codes.min(), codes.max()], atol=1e-3)
    else:
        mean_and_std = 0.0, model["encoder"]["latent_std"]
        np.testing.assert_allclose([prior.mean(), prior.std()], mean_and_std, atol=0.01)


def test_the_authors_networks_are_held_to_the_goal_and_nothing_else_is():
    others = {"untrained": 97.0, "untrained_latents": 97.0, "reconstruction": 0.1}
    measured = [{"latents": 95.0, "features": 97.0, **others}]
    rows = CLAIM.rows({AUTHORS: measured, AT_INPUT: measured})
    judged = {row.name: row.verdict for row in rows if row.verdict != "reported"}
    assert judged == {
        f"{AUTHORS}: 1-NN accuracy in the latents, %": "missed",
        f"{AUTHORS}: in the features before them, %": "reached",
    }


def test_pictures_are_of_every_training(tmp_path):
    images = np.zeros((3, 2, 28, 28, 1), np.uint8).tolist()
    (path,) = CLAIM.draw({AUTHORS: [{"images": images}], AT_INPUT: [{"images": images}]}, tmp_path)
    assert keras.utils.load_img(path).height > 2 * 6 * 28  # six rows, at twice their size


def test_the_paper_preset_is_the_authors():
    """Their widths, 400 epochs, one rate for all, and no averages, which the paper does not have."""
    ((name, trial),) = CLAIM.trials("paper").items()
    assert name == AUTHORS
    config = configs.load(trial.config, trial.overrides)
    assert {config.model[player]["width"] for player in ("generator", "encoder", "discriminator")} == {1024}
    assert config.model["ema_decay"] is None
    assert {spec["learning_rate"] for spec in config.optimizers.values()} == {2e-4}
    assert config.training.steps * 128 == 400 * 60_000

"""What `vae-gan-mnist` trains, measures and makes of the results."""

import numpy as np
import pytest
import tensorflow as tf

from tests.claims.planted import planted_classifier
from tests.conformance.examples import every
from tfgan_suite import config as configs
from tfgan_suite.claims import CLAIMS, mnist_features, vae_gan_mnist
from tfgan_suite.claims.claim import lasting
from tfgan_suite.experiment import build_experiment

CLAIM = CLAIMS["vae-gan-mnist"]


@pytest.mark.parametrize("preset", ["cpu", "paper"])
def test_networks_are_the_same_in_all_three(preset):
    specs = {n: configs.load(t.config, t.overrides).model for n, t in CLAIM.trials(preset).items()}
    assert specs["VAE"]["encoder"] == specs["VAEGAN"]["encoder"]
    assert specs["VAE"]["decoder"] == specs["GAN"]["generator"] == specs["VAEGAN"]["decoder"]
    assert specs["GAN"]["discriminator"] == specs["VAEGAN"]["discriminator"]


def test_errors_of_a_planted_reconstruction(monkeypatch):
    planted_classifier(monkeypatch)
    images = np.linspace(-0.95, -0.05, 10)[:, None, None, None] * np.ones((1, 4, 4, 1))
    found = mnist_features.reconstruction(images, images + 0.1)
    assert found["pixels"] == pytest.approx(0.01)
    assert found["features"] == pytest.approx(0.04)
    assert found["agreement"] == pytest.approx(0.5)  # every other one crosses into the next tenth


class Line:
    """A generator whose images are its latents."""

    def draw_latents(self, count, seed):
        return tf.eye(count)

    def __call__(self, latents):
        return latents


def test_a_traversal_goes_from_draw_to_draw_and_stays_as_likely():
    grid = vae_gan_mnist.traversal(Line(), 5, seed=0)
    corners = grid[[0, 0, 4, 4], [0, 4, 0, 4]]
    np.testing.assert_allclose(corners, np.eye(4), atol=1e-6)
    np.testing.assert_allclose(np.sum(grid**2, axis=-1), 1.0, rtol=1e-6)


def measured(**changes):
    """Three seeds on which everything holds, one of them with changes, "TRIAL quantity" to a value."""
    holds = {
        "VAE": {"frechet": 60.0, "pixels": 0.05, "features": 0.4, "agreement": 0.9},
        "GAN": {"frechet": 30.0},
        "VAEGAN": {"frechet": 40.0, "pixels": 0.06, "features": 0.2, "agreement": 0.9},
    }
    changed = {
        trial: found | {k.split()[1]: v for k, v in changes.items() if k.split()[0] == trial}
        for trial, found in holds.items()
    }
    return {trial: [found, changed[trial], found] for trial, found in holds.items()}


def missed(results):
    return [row.name for row in CLAIM.rows(results) if row.verdict == "missed"]


def test_each_goal_is_missed_by_one_seed():
    assert missed(measured()) == []
    assert missed(measured(**{"VAEGAN frechet": 61.0})) == ["Fréchet distance, VAE over VAEGAN"]
    assert missed(measured(**{"VAEGAN pixels": 0.04})) == ["error of pixels, VAEGAN over VAE"]
    assert missed(measured(**{"VAEGAN features": 0.5})) == ["error of features, VAE over VAEGAN"]
    assert missed(measured(**{"GAN frechet": 100.0})) == []  # nothing is said of the GAN
    results = measured()
    results["VAEGAN"][0] = {"diverged": "at step 3"}
    assert len(missed(results)) == 3


@every({n: n for n in ("VAE", "GAN", "VAEGAN")}, default={"VAEGAN"})
def test_a_training_is_measured_and_drawn(example, monkeypatch, tmp_path):
    monkeypatch.setattr(vae_gan_mnist, "COUNT", 30)
    trial = CLAIM.trials("cpu")[example]
    own = ["data={type: Digits, image_size: 28}", "evaluation.samples=20", "training.batch_size=4"]
    experiment = build_experiment(configs.load(trial.config, [*trial.overrides, *own, *lasting(2)]))
    experiment.model.fit(experiment.minibatches(0), steps_per_epoch=2, epochs=1, verbose=0)
    found = CLAIM.measure(example, experiment, None)
    assert np.shape(found["traversal"]) == (vae_gan_mnist.SIDE, vae_gan_mnist.SIDE, 28, 28, 1)
    assert found["frechet"] > 0
    drawn = CLAIM.draw({example: [found]}, tmp_path)
    assert [path.exists() for path in drawn] == [True] * (1 if example == "GAN" else 2)
    if example != "GAN":
        images = experiment.dataset.examples("test", 30, seed=0)
        errors = np.mean(np.square(experiment.model.reconstruct(images) - images))
        assert found["pixels"] == pytest.approx(errors, rel=1e-4)

"""Feature matching: the distance of means, of the layer asked for, beside or in place of the objective."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import MODELS
from tfgan_suite import draws, models, networks, objectives
from tfgan_suite.models.loss_context import LossContext

REAL = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")


def gan(**options):
    return models.GAN(
        networks.mlp_generator((2,), latent_dim=3, width=8),
        networks.mlp_discriminator((2,), width=8),
        objectives.NonSaturating(),
        **options,
    )


def terms_and_fake(model):
    with model._context.of(draws.at_row(draws.root(3), 0), LossContext.share):
        terms = model.generator_losses(tf.constant(REAL))
    with model._context.of(draws.at_row(draws.root(3), 0), LossContext.share):
        return terms, model.generate(6).numpy()


@pytest.mark.parametrize("layer", [None, "activation_0"])
def test_it_is_the_squared_distance_of_mean_features(layer):
    model = gan(feature_matching=0.5, feature_layer=layer)
    terms, fake = terms_and_fake(model)

    def features(x):
        for name in ("dense_0", "dense_1") if layer is None else ("dense_0",):
            kernel, bias = model.discriminator.get_layer(name).get_weights()
            x = np.maximum(x.astype("float64") @ kernel + bias, 0)
        return x

    expected = 0.5 * np.sum((features(REAL).mean(0) - features(fake).mean(0)) ** 2)
    np.testing.assert_allclose(terms["feature_matching"], expected, rtol=1e-5)
    assert set(terms) == {"adversarial", "feature_matching"}


def test_it_can_replace_the_objective():
    weighted, _ = terms_and_fake(gan(feature_matching=1.0, adversarial_weight=0.25))
    alone, _ = terms_and_fake(gan(feature_matching=1.0, adversarial_weight=0.0))
    assert set(alone) == {"feature_matching"}
    model = gan()
    plain, _ = terms_and_fake(model)
    assert set(plain) == {"adversarial"}
    assert set(weighted) == {"adversarial", "feature_matching"}


def test_weight_of_the_objective():
    model = gan(feature_matching=1.0)
    whole, _ = terms_and_fake(model)
    model.adversarial_weight = 0.25
    quarter, _ = terms_and_fake(model)
    np.testing.assert_allclose(quarter["adversarial"], 0.25 * whole["adversarial"], rtol=1e-6)


def test_no_network_is_counted_twice():
    assert len(gan(feature_matching=1.0).variables) == len(gan().variables)
    assert MODELS["GAN matching features"].compiled().couples_examples() == "feature_matching=1.0"


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="feature_matching: expected a number >= 0, came -1"):
        gan(feature_matching=-1)
    with pytest.raises(ValueError, match="feature_layer: expected one of .*dense_0.*came 'dense_9'"):
        gan(feature_matching=1.0, feature_layer="dense_9")
    with pytest.raises(ValueError, match="feature_layer: expected None without feature_matching"):
        gan(feature_layer="dense_0")
    with pytest.raises(ValueError, match="adversarial_weight: expected more than 0"):
        gan(adversarial_weight=0.0)

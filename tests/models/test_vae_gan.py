"""Algorithm 1 of Larsen et al. 2016, written out once more; and clear refusals."""

import keras
import numpy as np
import pytest

from tests.conformance.examples import GAMES, MODELS
from tests.models.losses import SEED, terms_and_gradients
from tfgan_suite import draws, models, networks


def parts(model, x):
    """mean, log_std, x~, x_p, and the features of x and x~, with the draws of one player's losses."""
    first, second = (draws.normal((5, 3), draws.branch(draws.at_row(SEED, 0), n)).numpy() for n in (1, 2))
    mean, log_std = np.split(model.encoder(x).numpy(), 2, axis=1)
    decoded, sampled = model.decoder(mean + np.exp(log_std) * first).numpy(), model.decoder(second).numpy()
    # The last hidden layer of an MLP: what its last dense layer takes.
    hidden = keras.Model(model.discriminator.inputs, model.discriminator.get_layer("score").input)
    return mean, log_std, decoded, sampled, hidden(x).numpy(), hidden(decoded).numpy()


def log_dis(model, x):
    """log Dis(x) and log(1 - Dis(x)), meaned."""
    logits = model.discriminator(x).numpy().astype("float64")
    return -np.logaddexp(0, -logits).mean(), -np.logaddexp(0, logits).mean()


def test_losses_are_algorithm_1():
    model = MODELS["VAEGAN"].compiled(gamma=0.3)
    x = MODELS["VAEGAN"].batch(model, 5)
    mean, log_std, decoded, sampled, real_features, features = parts(model, x)
    l_prior = 0.5 * (np.exp(2 * log_std) + mean**2 - 1 - 2 * log_std).sum(axis=1).mean()
    l_dis = 0.5 * ((real_features - features) ** 2).sum(axis=1).mean()
    l_gan = log_dis(model, x)[0] + log_dis(model, decoded)[1] + log_dis(model, sampled)[1]

    terms, _ = terms_and_gradients(model, "encoder", x)
    np.testing.assert_allclose(terms["kl"], l_prior, rtol=1e-5)
    np.testing.assert_allclose(terms["feature_reconstruction"], l_dis, rtol=1e-5)
    terms, _ = terms_and_gradients(model, "decoder", x)
    np.testing.assert_allclose(terms["feature_reconstruction"], 0.3 * l_dis, rtol=1e-5)
    # log Dis(x) does not depend on the decoder.
    np.testing.assert_allclose(terms["adversarial"], l_gan - log_dis(model, x)[0], rtol=1e-5)
    terms, _ = terms_and_gradients(model, "discriminator", x)
    np.testing.assert_allclose(sum(terms.values()), -l_gan, rtol=1e-5)


def test_non_saturating_decoder():
    model = GAMES["VAEGAN non-saturating"].compiled()
    x = GAMES["VAEGAN non-saturating"].batch(model, 5)
    _, _, decoded, sampled, _, _ = parts(model, x)
    terms, _ = terms_and_gradients(model, "decoder", x)
    expected = -log_dis(model, decoded)[0] - log_dis(model, sampled)[0]
    np.testing.assert_allclose(terms["adversarial"], expected, rtol=1e-5)


def test_a_feature_layer_by_name():
    example = MODELS["VAEGAN"]
    losses = {}
    for layer in (None, "activation_1", "activation_0"):
        model = example.compiled(feature_layer=layer)
        losses[layer], _ = terms_and_gradients(model, "encoder", example.batch(model, 5))
    assert losses[None] == losses["activation_1"]
    assert losses[None] != losses["activation_0"]


def build(**changes):
    arguments = {
        "encoder": networks.mlp_encoder((2,), latent_dim=3, width=4, stochastic=True),
        "decoder": networks.mlp_generator((2,), latent_dim=3, width=4),
        "discriminator": networks.mlp_discriminator((2,), width=4),
    }
    return models.VAEGAN(**arguments | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": networks.mlp_encoder((2,), 3, 4)}, r"encoder: expected .*\(6,\), means"),
        ({"discriminator": networks.mlp_discriminator((3,), 4)}, r"discriminator: expected examples \(2,\)"),
        ({"discriminator": networks.mlp_discriminator((2,), 4, outputs=2)}, r"discriminator: .*\(1,\), came"),
        ({"feature_layer": "dense_7"}, "feature_layer: expected one of .*came 'dense_7'"),
        ({"gamma": -1.0}, "gamma: expected a number >= 0, came -1"),
        ({"decoder_loss": "hinge"}, "decoder_loss: expected .*came 'hinge'"),
    ],
)
def test_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)

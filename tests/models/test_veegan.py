"""The paper's objective, written out once more; pairs, latents of examples, and clear refusals."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES, IMAGE, POINT
from tests.models.losses import SEED, terms_and_gradients
from tfgan_suite import draws, images, models, networks, objectives
from tfgan_suite.export import export


def test_losses_are_the_papers():
    model = GAMES["VEEGAN"].compiled(noise=0.5)
    x = tf.constant(GAMES["VEEGAN"].batch(model, 5))
    z = draws.normal((5, 3), draws.branch(draws.at_row(SEED, 0), 1))
    noise = draws.normal((5, 3), draws.branch(draws.at_row(SEED, 0), 2))
    fake, back = model.generator(z), model.reconstructor(x) + 0.5 * noise
    # The paper's D is high on (z, G(z)); ours is high on (F(x), x).
    on_fake = -model.discriminator([z, fake]).numpy()
    on_real = -model.discriminator([back, x]).numpy()
    o_lr = -np.mean(np.log(1 / (1 + np.exp(-on_fake)))) - np.mean(np.log(1 - 1 / (1 + np.exp(-on_real))))
    reconstruction = np.mean(np.sum((z - model.reconstructor(fake).numpy()) ** 2, axis=1))
    terms, _ = terms_and_gradients(model, "discriminator", x)
    np.testing.assert_allclose(terms["adversarial"], o_lr, rtol=1e-5)
    terms, _ = terms_and_gradients(model, "generator", x)
    np.testing.assert_allclose(terms["adversarial"], np.mean(on_fake), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(terms["reconstruction"], reconstruction, rtol=1e-5)


def test_reconstructor_follows_the_reconstruction_alone():
    gradients = {}
    for weight in (1.0, 2.0):
        keras.utils.set_random_seed(0)
        model = GAMES["VEEGAN"].compiled(reconstruction_weight=weight)
        _, gradients[weight] = terms_and_gradients(model, "generator", GAMES["VEEGAN"].batch(model, 5))
    count = len(model.generator.trainable_variables)
    for once, twice in zip(gradients[1.0][count:], gradients[2.0][count:], strict=True):
        np.testing.assert_allclose(2 * once, twice, rtol=1e-5)
    # The generator follows both.
    assert not np.allclose(2 * gradients[1.0][0], gradients[2.0][0], rtol=1e-2)


def test_any_objective_takes_the_pairs():
    model = GAMES["VEEGAN"].compiled(objective=objectives.Relativistic(), noise=0.0)
    x = tf.constant(GAMES["VEEGAN"].batch(model, 5))
    z = draws.normal((5, 3), draws.branch(draws.at_row(SEED, 0), 1))
    real = model.discriminator([model.reconstructor(x), x])
    fake = model.discriminator([z, model.generator(z)])
    terms, gradients = terms_and_gradients(model, "generator", x)
    np.testing.assert_allclose(
        terms["adversarial"], objectives.Relativistic().generator_loss(fake, real), rtol=1e-5
    )
    assert all(g is not None for g in gradients)


def test_a_penalty_sees_the_whole_pair():
    """R1 of a discriminator that is linear in (z, x): half the squares of all its weights."""
    from tfgan_suite import regularizers

    latents, examples = keras.Input((3,)), keras.Input(POINT)
    score = keras.layers.Dense(1)(keras.layers.Concatenate()([latents, examples]))
    model = models.VEEGAN(
        networks.mlp_generator(POINT, 3, 4),
        networks.mlp_encoder(POINT, 3, 4),
        keras.Model([latents, examples], score),
        regularizers=[regularizers.R1(1.0)],
    )
    model.compile(jit_compile=False)
    terms, _ = terms_and_gradients(model, "discriminator", np.ones((5, 2), "float32"))
    expected = 0.5 * np.sum(model.discriminator.get_weights()[0] ** 2)
    np.testing.assert_allclose(terms["r1"], expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["VEEGAN", "VEEGAN dcgan"])
def test_encode_and_reconstruct(name, tmp_path):
    example = GAMES[name]
    model = example.compiled(eagerly=True)
    x = example.batch(model, 7)
    model.fit(x, batch_size=4, verbose=0)
    latents = model.encode(x, batch_size=3)
    encoder = model.averaged("encoder")
    np.testing.assert_allclose(latents, encoder(x, training=False), rtol=1e-4, atol=1e-5)
    # Where there are moving averages, they encode and draw.
    np.testing.assert_allclose(
        model.reconstruct(x, batch_size=3), model.sampler(latents, training=False), rtol=1e-4, atol=1e-5
    )
    served = tf.saved_model.load(str(export(model, tmp_path / "name"))).signatures["encode"]
    edge = images.to_uint8(x) if example.example_shape == IMAGE else x
    inputs = images.from_uint8(edge) if example.example_shape == IMAGE else x
    (argument,) = served.structured_input_signature[1]
    np.testing.assert_allclose(
        served(**{argument: tf.constant(edge)})["latents"], model.encode(inputs), rtol=1e-4, atol=1e-5
    )


def build(**changes):
    arguments = {
        "generator": networks.mlp_generator((2,), latent_dim=3, width=4),
        "reconstructor": networks.mlp_encoder((2,), latent_dim=3, width=4),
        "discriminator": networks.mlp_joint_discriminator((2,), latent_dim=3, width=4),
    }
    return models.VEEGAN(**arguments | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"discriminator": networks.mlp_discriminator((2,), 4)}, r"discriminator.*\[latents, examples\]"),
        ({"discriminator": networks.mlp_joint_discriminator((2,), 4)}, r"\(3,\).*came.*\(4,\)"),
        ({"reconstructor": networks.mlp_encoder((3,), 3)}, "reconstructor: expected examples"),
        ({"reconstructor": networks.mlp_encoder((2,), 2)}, r"reconstructor.*came \[\(2,\), \(2,\)\]"),
        ({"reconstruction_weight": -1.0}, "reconstruction_weight.*-1"),
        ({"noise": float("nan")}, "noise: expected a number >= 0, came nan"),
        ({"num_classes": 4}, "num_classes: expected None"),
    ],
)
def test_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)

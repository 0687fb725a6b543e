import keras
import numpy as np
import pytest

from tfgan_suite.networks import (
    dcgan_encoder,
    mlp_discriminator,
    mlp_encoder,
    mlp_generator,
    mlp_joint_discriminator,
)


@pytest.mark.parametrize("shape", [(2,), (1,), (4, 3), (6, 5, 2)])
@pytest.mark.parametrize("depth", [1, 3])
def test_any_shape(shape, depth):
    generator = mlp_generator(shape, latent_dim=3, width=7, depth=depth)
    discriminator = mlp_discriminator(shape, width=7, depth=depth)
    examples = generator(np.ones((5, 3), "float32"))
    assert examples.shape == (5, *shape)
    assert discriminator(examples).shape == (5, 1)
    for network in (generator, discriminator):
        units = [layer.units for layer in network.layers if isinstance(layer, keras.layers.Dense)]
        assert units[:-1] == [7] * depth


def test_is_the_formula():
    network = mlp_discriminator((2, 2), width=5, depth=2)
    network.set_weights([w + 0.1 for w in network.get_weights()])
    x = np.random.default_rng(0).normal(size=(6, 2, 2)).astype("float32")
    hidden = x.reshape(6, 4)
    *layers, (kernel, bias) = np.array(network.get_weights(), dtype=object).reshape(-1, 2)
    for k, b in layers:
        hidden = np.maximum(0.0, hidden @ k + b)
    np.testing.assert_allclose(network(x), hidden @ kernel + bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [mlp_generator, mlp_discriminator])
@pytest.mark.parametrize(
    ("argument", "value"),
    [("width", 0), ("depth", -1), ("depth", 2.0), ("num_classes", 0), ("normalization", "instance")],
)
def test_refuses(make, argument, value):
    with pytest.raises(ValueError, match=f"{argument}: expected .* came {value!r}"):
        make((2,), **{argument: value})


def test_refuses_what_is_the_generators_own():
    for argument, value in (("normalization", "spectral"), ("latent_dim", 0), ("output_activation", "tan")):
        with pytest.raises(ValueError, match=f"{argument}: expected .* came {value!r}"):
            mlp_generator((2,), **{argument: value})


def test_encoder_and_joint_discriminator_are_the_formulas():
    encoder, joint = mlp_encoder((2, 2), 3, width=5), mlp_joint_discriminator((2, 2), 3, width=5)
    random = np.random.default_rng(0)
    x, z = random.normal(size=(6, 2, 2)).astype("float32"), random.normal(size=(6, 3)).astype("float32")
    for network, inputs, hidden in (
        (encoder, x, x.reshape(6, 4)),
        (joint, [z, x], np.concatenate([z, x.reshape(6, 4)], axis=1)),
    ):
        *layers, (kernel, bias) = np.array(network.get_weights(), dtype=object).reshape(-1, 2)
        for k, b in layers:
            hidden = np.maximum(0.0, hidden @ k + b)
        np.testing.assert_allclose(network(inputs), hidden @ kernel + bias, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [mlp_discriminator, mlp_joint_discriminator])
def test_biases_of_the_first_layer_can_begin_apart(make):
    first, *others = make((2,), width=500, first_bias=0.5).get_weights()[1::2]
    assert -0.5 <= first.min() < -0.45
    assert 0.45 < first.max() <= 0.5
    assert abs(first.mean()) < 0.1  # 7 standard deviations
    assert not any(map(np.any, others))
    assert not any(map(np.any, make((2,), width=5).get_weights()[1::2]))
    with pytest.raises(ValueError, match="first_bias: expected a number >= 0, came -1"):
        make((2,), first_bias=-1)


def test_encoders_refuse():
    for make in (mlp_encoder, mlp_joint_discriminator):
        with pytest.raises(ValueError, match="latent_dim: expected .* came 0"):
            make((2,), latent_dim=0)
    with pytest.raises(ValueError, match="normalization: expected .* came 'spectral'"):
        mlp_encoder((2,), normalization="spectral")


def test_a_judge_sees_what_all_of_a_minibatch_share():
    """Batch normalisation of the first layer would hide a pixel that is white in all fakes."""
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 6, 4)).astype("float32")
    settings = {"width": 16, "normalization": "batch"}
    judge, joint = mlp_discriminator((4,), **settings), mlp_joint_discriminator((4,), 4, **settings)
    encoder, shift = mlp_encoder((4,), 3, **settings), np.float32([5, 0, 0, 0])
    for network, inputs, shifted in (
        (judge, x, x + shift),
        (encoder, x, x + shift),
        (joint, [z, x], [z + shift, x]),
    ):
        assert np.abs(network(shifted, training=True) - network(inputs, training=True)).max() > 0.1


@pytest.mark.parametrize("make", [mlp_encoder, dcgan_encoder])
def test_latents_of_a_standard_deviation(make):
    encoder = make((16, 16, 1), latent_dim=3, width=4, latent_std=0.5)
    x = np.random.default_rng(0).normal(size=(64, 16, 16, 1)).astype("float32")
    latents = encoder(x, training=True).numpy()
    np.testing.assert_allclose(latents.mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(latents.std(axis=0), 0.5, rtol=0.01)
    for given in ({"latent_std": 0.0}, {"latent_std": "free"}, {"latent_std": 1.0, "stochastic": True}):
        with pytest.raises(ValueError, match="latent_std: expected .* came"):
            make((16, 16, 1), **given)


@pytest.mark.parametrize("make", [mlp_encoder, dcgan_encoder])
def test_latents_of_a_learned_mean_and_standard_deviation(make):
    encoder = make((16, 16, 1), latent_dim=3, width=4, latent_std="learned")
    x = np.random.default_rng(0).normal(size=(64, 16, 16, 1)).astype("float32")
    scale, offset = np.float32([2.0, 0.5, 1.0]), np.float32([0.0, -1.0, 3.0])
    at_first = encoder(x, training=True).numpy()
    layer = encoder.get_layer("latents_bn")
    layer.gamma.assign(scale)
    layer.beta.assign(offset)
    learned = encoder(x, training=True).numpy()
    for latents, mean, std in ((at_first, 0.0, 1.0), (learned, offset, scale)):
        np.testing.assert_allclose(latents.mean(axis=0), mean, atol=1e-5)
        np.testing.assert_allclose(latents.std(axis=0), std * np.ones(3), rtol=0.01)
    trained = {v.path for v in encoder.trainable_variables}
    assert {layer.gamma.path, layer.beta.path} <= trained
    with pytest.raises(ValueError, match="latent_std: expected None with stochastic=True, came 'learned'"):
        make((16, 16, 1), latent_std="learned", stochastic=True)


def test_noise_is_on_the_examples_and_in_training_alone():
    encoder = mlp_encoder((2,), 2, width=4, depth=1, input_noise=0.5)
    for layer, kernel in (
        (encoder.get_layer("dense_0"), np.eye(2, 4)),
        (encoder.get_layer("output"), np.eye(4, 2)),
    ):
        layer.kernel.assign(kernel)
    x = np.full((20_000, 2), 10.0, "float32")  # far from the kink: the network gives what it takes
    np.testing.assert_allclose(encoder(x), x)
    noise = encoder(x, training=True) - x
    assert np.mean(noise) == pytest.approx(0.0, abs=0.01)
    assert np.std(noise) == pytest.approx(0.5, rel=0.02)

"""The rules of Radford et al. 2016 (section 3), read off the layers."""

import itertools

import keras
import numpy as np
import pytest

from tfgan_suite.networks import (
    BatchNormalization,
    GatedActivation,
    LayerNormalization,
    SpectralNormalization,
)
from tfgan_suite.networks.dcgan import (
    dcgan_discriminator,
    dcgan_encoder,
    dcgan_generator,
    dcgan_joint_discriminator,
    resolutions,
)

SIZES = [16, 17, 28, 32, 33, 64, 105, 128]
WEIGHTED = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose)


def weighted(network):
    return [layer for layer in network.layers if isinstance(getattr(layer, "layer", layer), WEIGHTED)]


def after(network, layer):
    """The layer that takes this one's output, cropping and reshaping aside."""
    following = network.layers[network.layers.index(layer) + 1]
    passive = keras.layers.Cropping2D | keras.layers.Reshape | keras.layers.Flatten
    return after(network, following) if isinstance(following, passive) else following


@pytest.mark.parametrize("size", range(16, 129))
def test_resolutions(size):
    sizes = resolutions((size, size, 3))
    assert sizes[0] == size
    assert 4 <= sizes[-1] <= 7
    assert all(large in (2 * small - 1, 2 * small) for large, small in itertools.pairwise(sizes))
    assert all(s > 7 for s in sizes[:-1])


def test_resolutions_by_hand():
    assert resolutions((28, 28, 1)) == [28, 14, 7]
    assert resolutions((64, 64, 3)) == [64, 32, 16, 8, 4]
    assert resolutions((105, 105, 1)) == [105, 53, 27, 14, 7]


@pytest.mark.parametrize("size", SIZES)
def test_sizes(size):
    shape, sizes = (size, size, 3), resolutions((size, size, 3))
    generator = dcgan_generator(shape, latent_dim=4, width=2)
    discriminator = dcgan_discriminator(shape, width=2)
    images = generator(np.random.default_rng(0).normal(size=(2, 4)).astype("float32"))
    assert images.shape == (2, *shape)
    assert discriminator(images).shape == (2, 1)
    # As many strided convolutions as halvings, through every resolution, with twice the channels each.
    grown, shrunk = weighted(generator)[1:], weighted(discriminator)[:-1]
    assert [layer.name for layer in grown] == [f"grow_{s}" for s in sizes[-2::-1]]
    assert [layer.output.shape[1] for layer in shrunk] == sizes[1:]
    assert all(layer.strides == (2, 2) for layer in grown + shrunk)
    assert [layer.filters for layer in shrunk] == [2 * 2**i for i in range(len(shrunk))]
    assert [layer.filters for layer in grown[:-1]] == [2 * 2**i for i in range(len(grown) - 1)][::-1]
    for network in (generator, discriminator):
        kinds = " ".join(type(layer).__name__ for layer in network.layers)
        assert "Pool" not in kinds
        assert "UpSampling" not in kinds
        dense = [layer.name for layer in network.layers if isinstance(layer, keras.layers.Dense)]
        assert dense == [{"generator": "project", "discriminator": "score"}[network.name]]


@pytest.mark.parametrize("size", [16, 17, 64])
@pytest.mark.parametrize(
    ("normalization", "cls"), [("batch", BatchNormalization), ("layer", LayerNormalization)]
)
def test_normalisation_everywhere_but_at_the_image_and_the_score(size, normalization, cls):
    generator = dcgan_generator((size, size, 1), 4, 2, normalization=normalization)
    discriminator = dcgan_discriminator((size, size, 1), 2, normalization=normalization)
    *hidden, output = weighted(generator)
    first, *middle, _ = weighted(discriminator)
    for network, layers, activation in (
        (generator, hidden, keras.layers.ReLU),
        (discriminator, middle, keras.layers.LeakyReLU),
    ):
        assert sum(isinstance(layer, cls) for layer in network.layers) == len(layers)
        for layer in layers:
            assert isinstance(after(network, layer), cls)
            assert isinstance(after(network, after(network, layer)), activation)
            assert not layer.use_bias  # the normalisation's offset follows
    assert after(generator, output).activation is keras.activations.tanh
    assert output.use_bias
    assert isinstance(after(discriminator, first), keras.layers.LeakyReLU)
    assert first.use_bias
    leaky = [layer for layer in discriminator.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert {layer.negative_slope for layer in leaky} == {0.2}


def test_spectral_and_no_normalisation():
    spectral = dcgan_discriminator((32, 32, 1), 2, normalization="spectral")
    assert all(isinstance(layer, SpectralNormalization) for layer in weighted(spectral))
    assert all(layer.layer.use_bias for layer in weighted(spectral))
    for make in (dcgan_discriminator, dcgan_generator):
        plain = make((32, 32, 1), width=2, normalization="none")
        assert all(layer.use_bias for layer in weighted(plain))
        assert not any("Normalization" in type(layer).__name__ for layer in plain.layers)


def test_initial_weights():
    for network in (
        dcgan_generator((32, 32, 1), width=16),
        dcgan_discriminator((32, 32, 1), width=16),
        dcgan_discriminator((32, 32, 1), width=16, normalization="spectral"),
    ):
        for layer in weighted(network):
            kernel = getattr(layer, "layer", layer).kernel.numpy()
            assert kernel.std() == pytest.approx(0.02, rel=5 / np.sqrt(2 * kernel.size))
            assert abs(kernel.mean()) < 5 * 0.02 / np.sqrt(kernel.size)
        gammas = [layer.gamma.numpy() for layer in network.layers if isinstance(layer, BatchNormalization)]
        if gammas:
            gammas = np.concatenate(gammas)
            assert gammas.mean() == pytest.approx(1.0, abs=0.01)
            assert 0.01 < gammas.std() < 0.03


@pytest.mark.parametrize("size", [28, 32, 64])
def test_hard_architectures_by_hand(size):
    """WGAN-GP's: constant width, no normalisation, tanh, gates. Weights counted by hand."""
    steps, low, k, n = len(resolutions((size, size, 3))) - 1, resolutions((size, size, 3))[-1], 5 * 5, 6
    project, last = (10 + 1) * low * low * n, (k * n + 1) * 3
    between = (steps - 1) * (k * n * n + n)
    options = {"width": n, "constant_width": True, "normalization": "none"}
    generator = dcgan_generator((size, size, 3), 10, **options, activation="tanh")
    assert generator.count_params() == project + between + last
    assert generator(np.zeros((2, 10), "float32")).shape == (2, size, size, 3)
    # Behind a gate there are n channels, before it 2 n.
    gated = dcgan_generator((size, size, 3), 10, **options, activation="gated")
    assert gated.count_params() == 2 * project + 2 * between + last
    assert gated(np.zeros((2, 10), "float32")).shape == (2, size, size, 3)

    first, score = (k * 3 + 1) * n, low * low * n + 1
    critic = dcgan_discriminator((size, size, 3), **options, activation="tanh")
    assert critic.count_params() == first + between + score
    gated = dcgan_discriminator((size, size, 3), **options, activation="gated")
    assert gated.count_params() == 2 * first + 2 * between + score
    assert gated(np.zeros((2, size, size, 3), "float32")).shape == (2, 1)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "gated"])
@pytest.mark.parametrize("make", [dcgan_generator, dcgan_discriminator])
def test_an_activation_is_everywhere(make, activation):
    network = make((32, 32, 1), width=2, activation=activation)
    ending = f"_{activation.removeprefix('leaky_')}"
    kinds = [type(layer).__name__ for layer in network.layers if layer.name.endswith(ending)]
    expected = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "tanh": "Activation", "gated": "GatedActivation"}
    assert kinds == [expected[activation]] * 3


def test_gates_multiply():
    x = np.random.default_rng(0).normal(size=(2, 3, 8))
    expected = 1.0 / (1.0 + np.exp(-x[..., :4])) * np.tanh(x[..., 4:])
    np.testing.assert_allclose(GatedActivation()(x.astype("float32")), expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="inputs: expected an even number of channels, came 3"):
        GatedActivation()(np.zeros((2, 3)))


def test_outputs_use_their_range():
    latents = 50.0 * np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    for activation, low, high in (("tanh", -1, 1), ("sigmoid", 0, 1)):
        generator = dcgan_generator((16, 16, 1), 4, 8, output_activation=activation)
        generator.set_weights([10.0 * w for w in generator.get_weights()])
        images = generator(latents).numpy()
        assert low <= images.min() < low + 0.1
        assert high - 0.1 < images.max() <= high
    linear = dcgan_generator((16, 16, 1), 4, 8, output_activation="linear")
    linear.set_weights([10.0 * w for w in linear.get_weights()])
    assert np.abs(linear(latents)).max() > 2.0


BOTH = pytest.mark.parametrize("make", [dcgan_generator, dcgan_discriminator])


@BOTH
@pytest.mark.parametrize(
    "shape", [(28, 32, 1), (15, 15, 1), (129, 129, 1), (28, 28), (28, 28, 0), (2, 28, 28, 1), (28,)]
)
def test_refuses_image_shapes(make, shape):
    with pytest.raises(ValueError, match=r"image_shape: expected \(size, size, channels\)"):
        make(shape)


@BOTH
@pytest.mark.parametrize("argument", ["width", "kernel_size", "num_classes"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True])
def test_refuses_numbers(make, argument, value):
    with pytest.raises(ValueError, match=f"{argument}: expected a positive integer, came {value}"):
        make((16, 16, 1), **{argument: value})


@BOTH
def test_refuses_an_activation(make):
    with pytest.raises(ValueError, match=r"activation: expected one of 'relu', .* came 'relu6'"):
        make((16, 16, 1), activation="relu6")


@BOTH
def test_refuses_a_normalization(make):
    with pytest.raises(ValueError, match=r"normalization: expected one of 'batch', .* came 'btach'"):
        make((16, 16, 1), normalization="btach")


def test_refuses_what_is_the_generators_own():
    with pytest.raises(ValueError, match=r"normalization: expected one of .* came 'spectral'"):
        dcgan_generator((16, 16, 1), normalization="spectral")
    with pytest.raises(ValueError, match="latent_dim: expected a positive integer, came 0"):
        dcgan_generator((16, 16, 1), latent_dim=0)
    with pytest.raises(ValueError, match=r"output_activation: expected one of 'tanh', .* came 'tanhh'"):
        dcgan_generator((16, 16, 1), output_activation="tanhh")


def test_encoder_and_joint_discriminator():
    """The discriminator's convolutions, and then latents, or latents beside them."""
    shape = (28, 28, 1)
    encoder, joint = dcgan_encoder(shape, 3, width=2), dcgan_joint_discriminator(shape, 3, 2, joint_width=8)
    convolutions = [
        (layer.name, layer.filters)
        for layer in dcgan_discriminator(shape, width=2).layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    for network in (encoder, joint):
        found = [(v.name, v.filters) for v in network.layers if isinstance(v, keras.layers.Conv2D)]
        assert found == convolutions
    random = np.random.default_rng(0)
    z, x = random.normal(size=(2, 3)).astype("float32"), random.normal(size=(2, *shape)).astype("float32")
    assert encoder(x).shape == (2, 3)
    logits = joint([z, x]).numpy()
    assert logits.shape == (2, 1)
    # Each score depends on the latents and on the image, and on no other pair's.
    assert (joint([z[::-1], x]).numpy() != logits).all()
    assert (joint([z, x[::-1]]).numpy() != logits).all()
    np.testing.assert_allclose(joint([z[::-1], x[::-1]]), logits[::-1], rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="joint_width: expected .* came 0"):
        dcgan_joint_discriminator(shape, joint_width=0)

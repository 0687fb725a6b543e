"""What is refused, what is bounded, and what configs can name."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import config, models, networks, objectives, regularizers
from tfgan_suite.objectives import divergences

POINT, IMAGE = (2,), (16, 16, 1)


def gan(objective, discriminator):
    return models.GAN(networks.mlp_generator(POINT, 3, width=4), discriminator, objective)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: objectives.WeightedJensenShannon(0.0), "pi above 0 and below 1, came 0"),
        (lambda: objectives.WeightedJensenShannon(1.0), "came 1"),
        (lambda: objectives.WeightedJensenShannon(-0.5), "came -0.5"),
        (lambda: objectives.WeightedJensenShannon(float("nan")), "came nan"),
        (lambda: objectives.WeightedJensenShannon(sampling="huszar"), "sampling one of 'weighted', 'biased'"),
        (lambda: objectives.WeightedJensenShannon(generator="x"), "generator one of"),
        (lambda: objectives.LeastSquares(a=1.0, b=1.0), "different labels"),
        (lambda: objectives.MetricLearning(weight=0.0), "weight > 0"),
        (lambda: objectives.MetricLearning(reduction="max"), "reduction one of"),
        (lambda: regularizers.CenterPenalty(reduction="max"), "reduction one of"),
        (lambda: objectives.FGAN(divergences.KL(), generator="saturating"), "generator one of"),
        (lambda: objectives.FGAN(divergences.KL(), bound=0.0), "bound > 0 or None, came 0"),
        (lambda: divergences.Alpha(float("inf")), "finite alpha, came inf"),
        (lambda: divergences.PearsonChi2(smallest_ratio=0.0), "smallest_ratio"),
        (
            lambda: objectives.DensityRatio(divergences.TotalVariation(), divergences.KL()),
            "expected a discriminator divergence that gives a density ratio, came TotalVariation()",
        ),
        (
            lambda: objectives.DensityRatio(divergences.KL(), divergences.TotalVariation(), "divergence"),
            "kink",
        ),
        (lambda: networks.mlp_discriminator(POINT, num_classes=3, outputs=2), "outputs: expected 1 with num"),
        (lambda: networks.dcgan_discriminator(IMAGE, 4, num_classes=3, outputs=2), "outputs: expected 1"),
        (lambda: networks.mlp_discriminator(POINT, outputs=0), "outputs: expected a positive integer"),
    ],
)
def test_refused_with_a_reason(make, message):
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)


def test_vectors_and_scalars_are_not_exchanged():
    scalar, vector = networks.mlp_discriminator(POINT, 4), networks.mlp_discriminator(POINT, 4, outputs=5)
    with pytest.raises(ValueError, match=r"Hinge: expected .* one logit .* came shape \(None, 5\)"):
        gan(objectives.Hinge(), vector)
    with pytest.raises(ValueError, match=r"MetricLearning: expected .* a vector .* came shape \(None, 1\)"):
        gan(objectives.MetricLearning(), scalar)
    gan(objectives.MetricLearning(), vector)


@pytest.mark.parametrize("shape", [(None,), (None, 1), (None, 4, 4, 1), (None, 4, 4)])
def test_maps_of_logits_are_scalar_outputs(shape):
    objectives.Relativistic().check_outputs(shape)
    with pytest.raises(ValueError, match="MetricLearning"):
        objectives.MetricLearning().check_outputs(shape)


@pytest.mark.parametrize(
    "objective",
    [
        objectives.FGAN(divergences.JensenShannon()),
        objectives.DensityRatio(divergences.GANDivergence(), divergences.Alpha(0.0)),
        objectives.Relativistic(),
        objectives.WeightedJensenShannon(0.3, sampling="biased"),
    ],
    ids=lambda o: type(o).__name__,
)
def test_losses_of_logit_maps_are_scalars(objective):
    real, fake = tf.random.stateless_normal((2, 6, 4, 4, 1), (0, 1))
    assert objective.discriminator_loss(real, fake).shape == ()
    assert objective.generator_loss(fake, real).shape == ()


def test_the_generators_loss_sees_the_real_batch():
    model = gan(objectives.MetricLearning(), networks.mlp_discriminator(POINT, 4, outputs=5))
    model.compile()
    real = np.ones((4, 2), "float32")
    terms = [model.evaluate(x, verbose=0, return_dict=True) for x in (real, 5 * real)]
    assert terms[0]["generator/adversarial"] != terms[1]["generator/adversarial"]


SEVERE = [
    divergences.KL(),
    divergences.ReverseKL(),
    divergences.Neyman(),
    divergences.SquaredHellinger(),
    divergences.Jeffrey(),
    divergences.Alpha(2.0),
]


@pytest.mark.parametrize("divergence", SEVERE, ids=repr)
@pytest.mark.parametrize("make", [objectives.FGAN, lambda d, **k: objectives.DensityRatio(d, d, **k)])
def test_a_bound_makes_every_loss_and_gradient_finite_and_changes_nothing_inside(divergence, make):
    free, bound = make(divergence), make(divergence, bound=20.0)
    assert "bound=20.0" in repr(bound)
    inside, outside = tf.constant([[-3.0], [0.5], [4.0]]), tf.constant([[-1e3], [0.0], [1e3]])
    for loss in ("discriminator_loss", "generator_loss"):
        np.testing.assert_allclose(
            getattr(bound, loss)(inside, -inside), getattr(free, loss)(inside, -inside), rtol=1e-6
        )
    for loss in (lambda v: bound.discriminator_loss(v, -v), bound.generator_loss):
        with tf.GradientTape() as tape:
            tape.watch(outside)
            value = loss(outside)
        assert np.isfinite(value)
        assert np.isfinite(tape.gradient(value, outside)).all()
    # Without it they are not: the documentation says so, and this keeps it true.
    assert not np.isfinite(objectives.FGAN(divergence).discriminator_loss(outside, outside))


def test_beyond_the_bound_gradients_do_not_vanish():
    v = tf.constant([[-30.0], [30.0]])
    with tf.GradientTape() as tape:
        tape.watch(v)
        loss = objectives.FGAN(divergences.KL(), bound=5.0).discriminator_loss(tf.zeros_like(v), v)
    np.testing.assert_allclose(tape.gradient(loss, v), np.exp([[-6.0], [4.0]]) / 2, rtol=1e-5)


TEXT = """
data: {type: Ring}
model:
  type: GAN
  objective: OBJECTIVE
  generator: {type: mlp_generator, latent_dim: 2, width: 4}
  discriminator: {type: mlp_discriminator, width: 4}
"""


@pytest.fixture
def load(tmp_path):
    def load(objective, text=TEXT):
        path = tmp_path / "gan.yaml"
        path.write_text(text.replace("OBJECTIVE", objective))
        return config.load(path)

    return load


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{type: FGAN, divergence: KL}", objectives.FGAN(divergences.KL())),
        (
            "{type: FGAN, divergence: {type: Alpha, alpha: 0}, bound: 30}",
            objectives.FGAN(divergences.Alpha(0.0), bound=30.0),
        ),
        (
            "{type: DensityRatio, discriminator: GANDivergence, generator: {type: Alpha, alpha: -3}}",
            objectives.DensityRatio(divergences.GANDivergence(), divergences.Alpha(-3.0)),
        ),
        (
            "{type: DensityRatio, discriminator: KL, generator: KL, gradient: divergence}",
            objectives.DensityRatio(divergences.KL(), divergences.KL(), "divergence"),
        ),
        ("{type: WeightedJensenShannon, pi: 0.1}", objectives.WeightedJensenShannon(0.1)),
    ],
)
def test_configs_name_divergences(load, text, expected):
    loaded = load(text)
    model = config.build(loaded.model, "models", loaded.at("model"), example_shape=(2,))
    assert model.objective == expected
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(expected)) == expected


def test_configs_of_vector_objectives(load):
    text = TEXT.replace("discriminator, width: 4", "discriminator, width: 4, outputs: 5").replace(
        "  generator:", "  regularizers: [CenterPenalty]\n  generator:"
    )
    loaded = load("{type: MetricLearning, weight: 1}", text)
    model = config.build(loaded.model, "models", loaded.at("model"), example_shape=(2,))
    assert model.discriminator.output.shape == (None, 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{type: FGAN, divergence: Kl}", "not in objectives.divergences"),
        ("{type: FGAN}", "objective.divergence: missing key"),
        ("{type: FGAN, divergence: KL, generator: hinge}", "one of minimax, non_saturating"),
        ("{type: FGAN, divergence: {type: Alpha, beta: 1}}", "unknown key"),
    ],
)
def test_mistakes_in_configs_are_named(load, text, message):
    with pytest.raises(config.ConfigError, match=message):
        load(text)

"""What is particular to GAN: fresh minibatches, averages, labels, and clear refusals."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import MODELS
from tfgan_suite import draws, models, networks, objectives, regularizers
from tfgan_suite.errors import Diverged
from tfgan_suite.models.batch_share import BatchShare


def recorded(model, seen):
    """Makes the model's losses append the real batch that each sees to `seen`, in order."""
    for player in ("discriminator", "generator"):
        own = getattr(model, f"{player}_losses")

        def losses(batch, own=own, player=player):
            seen.append((player, batch.numpy().ravel()[:4].tolist()))
            return own(batch)

        object.__setattr__(model, f"{player}_losses", losses)


@pytest.mark.parametrize("kind", ["array", "dataset", "ragged dataset"])
def test_each_discriminator_step_sees_a_fresh_minibatch_of_the_stated_size(kind):
    model = MODELS["GAN of 3 discriminator steps"].make()
    model.compile(run_eagerly=True)
    x = np.arange(2 * 24 + 2, dtype="float32").reshape(-1, 2)  # 25 points, 4 a minibatch
    seen = []
    recorded(model, seen)
    dataset = tf.data.Dataset.from_tensor_slices(x).batch(4)
    if kind == "array":
        model.fit(x[:24], batch_size=4, shuffle=False, verbose=0)
    else:
        model.fit(dataset if kind == "ragged dataset" else dataset.take(6), verbose=0)
    firsts = [first for _, (first, *_) in seen]
    assert [player for player, _ in seen] == ["discriminator"] * 3 + ["generator"] + ["discriminator"] * 3 + [
        "generator"
    ]
    # Minibatch i starts at 8 i; the generator sees the last of its step.
    assert firsts == [0, 8, 16, 16, 24, 32, 40, 40]


def test_no_step_happens_when_the_data_run_out():
    """Keras finds the end of a dataset of unknown length inside a step: nothing may move there."""
    model = MODELS["GAN"].compiled()
    dataset = tf.data.Dataset.from_tensor_slices(np.ones((12, 2), "float32")).batch(4).filter(lambda x: True)
    model.fit(dataset, epochs=3, verbose=0)
    assert model.step == 9
    assert [int(o.iterations) for o in model.optimizers.values()] == [9, 9]


def test_average_follows_the_generator_by_the_stated_formula():
    example = MODELS["GAN dcgan"]
    model = example.compiled()
    assert model.ema_decay == 0.9
    trainable = [any(w is v for v in model.generator.trainable_variables) for w in model.generator.weights]
    # Batch statistics are in test_averages.py.
    expected = list(itertools.compress(model.generator.get_weights(), trainable))
    x = example.batch(model, 4)
    for step in range(12):
        model.fit(x, batch_size=4, verbose=0)
        decay = min(0.9, (1 + step) / (10 + step))
        now = itertools.compress(model.generator.get_weights(), trainable)
        expected = [decay * mean + (1 - decay) * weight for mean, weight in zip(expected, now, strict=True)]
    for a, b in zip(expected, itertools.compress(model.ema_generator.get_weights(), trainable), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    latents = model.draw_latents(3, draws.root(0))
    np.testing.assert_array_equal(model(latents), model.ema_generator(latents))
    np.testing.assert_array_equal(model(latents, training=False), model.sample(3, seed=0))


def test_labels_reach_both_networks():
    model = MODELS["GAN with labels"].compiled()
    zeros, ones = model.sample(4, labels=[0] * 4), model.sample(4, labels=[1] * 4)
    assert (zeros != ones).any()
    np.testing.assert_array_equal(model.sample(4), model.sample(4, labels=[0, 1, 2, 3]))
    for wrong in ([0, 1, 2, 4], [0, 1, -1, 2], [0, 1]):
        with pytest.raises(ValueError, match="labels: expected 4 from 0 to 3"):
            model.sample(4, labels=wrong)
    with pytest.raises(ValueError, match="not conditional"):
        MODELS["GAN"].compiled().sample(4, labels=[0] * 4)


def test_weight_decay_of_a_users_network_becomes_a_term():
    decayed = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.5))],
        name="discriminator",
    )
    model = models.GAN(networks.mlp_generator((2,)), decayed, objectives.Hinge())
    model.compile({p: keras.optimizers.SGD(0.0) for p in model.players()})
    history = model.fit(np.ones((4, 2), "float32"), verbose=0).history
    expected = 0.5 * np.square(decayed.layers[-1].kernel).sum()
    np.testing.assert_allclose(history["discriminator/network_losses"], [expected], rtol=1e-6)


def test_a_loss_that_is_not_finite_stops_with_step_and_term():
    model = MODELS["GAN"].compiled()
    x = np.ones((20, 2), "float32")
    x[13] = np.inf
    with pytest.raises(Diverged, match="step 4: discriminator/adversarial is nan") as error:
        model.fit(x, batch_size=4, shuffle=False, verbose=0)
    assert error.value.step == 4
    assert set(error.value.values) == {"discriminator/adversarial", "generator/adversarial"}


def test_history_holds_means_over_the_epoch():
    model = MODELS["GAN"].compiled()
    values = []
    step = keras.callbacks.LambdaCallback()
    own = type(model).train_step

    class Recording(type(model)):
        def train_step(self, data):
            logs = own(self, data)
            values.append(float(logs["generator/adversarial"]))
            return logs

    model = Recording(model.generator, model.discriminator, model.objective)
    model.compile(run_eagerly=True)
    history = model.fit(np.ones((12, 2), "float32"), batch_size=4, verbose=0, callbacks=step).history
    np.testing.assert_allclose(history["generator/adversarial"], [np.mean(values)], rtol=1e-6)


def build(**changes):
    arguments = {
        "generator": networks.mlp_generator((2,), latent_dim=3, width=4),
        "discriminator": networks.mlp_discriminator((2,), width=4),
        "objective": objectives.NonSaturating(),
    }
    return models.GAN(**arguments | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generator": networks.mlp_generator((3,), width=4)}, r"\(3,\).*\(2,\)"),
        ({"discriminator_steps": 0}, "discriminator_steps.*0"),
        ({"latent_distribution": "cauchy"}, "latent_distribution.*cauchy"),
        ({"num_classes": 4}, "generator: expected 2 input"),
        ({"ema_decay": 1.5}, "ema_decay.*1.5"),
        ({"regularizers": [regularizers.R1(), regularizers.R1(1.0)]}, "regularizers.*r1"),
    ],
)
def test_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


@pytest.mark.parametrize(
    ("optimizers", "message"),
    [
        ({"generator": keras.optimizers.Adam()}, "discriminator.*came.*generator"),
        (keras.optimizers.Adam(), "dict.*Adam"),
    ],
)
def test_compile_names_what_is_wrong(optimizers, message):
    with pytest.raises(ValueError, match=message):
        build().compile(optimizers)
    with pytest.raises(ValueError, match=r"jit_compile.*yes"):
        build().compile(jit_compile="yes")
    shared = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="one instance for several"):
        build().compile({"discriminator": shared, "generator": shared})


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((4, 2), "uint8"), "floats.*uint8"),
        (np.ones((4, 3), "float32"), "shape"),
    ],
)
def test_fit_names_what_is_wrong_with_the_data(x, message):
    model = build()
    model.compile(run_eagerly=True)
    with pytest.raises(ValueError, match=message):
        model.fit(x, verbose=0)


def test_fit_of_a_conditional_model_needs_labels():
    model = MODELS["GAN with labels"].compiled()
    with pytest.raises(ValueError, match="labels"):
        model.fit(np.ones((4, 2), "float32"), verbose=0)


def test_draws_outside_of_a_step_are_refused():
    with pytest.raises(RuntimeError, match="sample"):
        build().generate(4)


@pytest.mark.parametrize("name", ["GAN", "GAN with labels", "GAN dcgan"])
def test_real_and_fake_together_are_the_same_but_for_batch_statistics(name):
    example = MODELS[name]
    apart, together = example.compiled(), example.compiled(joint_forward=True)
    together.set_weights(apart.get_weights())
    batch = tf.nest.map_structure(tf.constant, example.batch(apart, 4))
    terms = [model.minimize("discriminator", batch, draws.root(1)) for model in (apart, together)]
    values = [float(t["discriminator/adversarial"]) for t in terms]
    if name == "GAN dcgan":  # batch normalisation
        assert abs(values[0] - values[1]) > 1e-4
        return
    assert values[0] == pytest.approx(values[1], rel=1e-6)
    for a, b in zip(apart.get_weights(), together.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", [networks.GaussianNoise(0.5), networks.Dropout(0.5)])
def test_real_and_fake_together_have_noise_of_their_own(layer):
    """Of one layer the draws of two minibatches come in the same order, together or apart."""
    x = keras.Input((2,))
    discriminator = keras.Model(x, keras.layers.Dense(1)(layer(x)))
    generator = networks.mlp_generator((2,), 3, width=4)
    values = []
    for joint in (False, True):
        gan = models.GAN(generator, discriminator, objectives.NonSaturating(), joint_forward=joint)
        gan.compile(jit_compile=False)
        with gan._context.of(draws.at_row(draws.root(1), 0), BatchShare(0, 6, 6)):
            values.append(float(gan.discriminator_losses(tf.ones((6, 2)))["adversarial"]))
    assert values[0] == pytest.approx(values[1], rel=1e-6)


def test_features_together_are_those_apart():
    example = MODELS["GAN matching features"]
    apart, together = example.compiled(), example.compiled(joint_forward=True)
    together.set_weights(apart.get_weights())
    batch = tf.constant(example.batch(apart, 4))
    terms = [model.minimize("generator", batch, draws.root(1)) for model in (apart, together)]
    distances = [float(t["generator/feature_matching"]) for t in terms]
    assert distances[0] > 0
    assert distances[0] == pytest.approx(distances[1], rel=1e-5)


def test_a_layer_of_the_whole_batch_is_refused_on_replicas():
    model = MODELS["GAN of minibatches"].compiled()
    share = BatchShare(row=0, size=2, total=4, replicas=2)
    with (
        model._context.of(draws.at_row(draws.root(0), 0), share),
        pytest.raises(ValueError, match="minibatch_discrimination: this layer sees the .*one device"),
    ):
        model._refuse_layers_of_the_batch()
    assert model.couples_examples() == "minibatch_discrimination"

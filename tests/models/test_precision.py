"""16 bits: where they compute, what keeps 32, and how losses are scaled for each player by itself."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import tiny
from tfgan_suite import checkpoint, draws, models, networks, objectives, regularizers
from tfgan_suite import config as configs
from tfgan_suite.experiment import build_experiment
from tfgan_suite.precision import networks_in, precision_of

LossScale = keras.optimizers.LossScaleOptimizer
X = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")


def gan(precision, penalty=(), activation="relu", **optimizers):
    keras.utils.set_random_seed(0)
    with networks_in(precision):
        model = models.GAN(
            networks.mlp_generator((2,), width=16, activation=activation),
            networks.mlp_discriminator((2,), width=16, activation=activation),
            objectives.NonSaturating(),
            regularizers=penalty,
        )
    model.compile({p: optimizers.get(p) or keras.optimizers.SGD(0.1) for p in model.players()})
    return model


def step(model, player="discriminator"):
    """How far one step moves the player's trainable variables."""
    variables = model.players()[player].trainable_variables
    before = [v.numpy() for v in variables]
    model.minimize(player, tf.constant(X), draws.root(1))
    return [v.numpy() - b for v, b in zip(variables, before, strict=True)]


def norm(arrays):
    return np.sqrt(sum(np.sum(a.astype("float64") ** 2) for a in arrays))


@pytest.mark.parametrize(("precision", "bits"), [("mixed_float16", 11), ("mixed_bfloat16", 8)])
@pytest.mark.parametrize("penalty", [(), (regularizers.GradientPenalty(),)], ids=["", "penalty"])
def test_gradients_are_those_of_32_bits_up_to_rounding(precision, bits, penalty):
    def moved(precision):
        # Smooth, so that rounding does not switch units; a scale at which no gradient overflows.
        own = {"mixed_float16": LossScale(keras.optimizers.SGD(0.1), initial_scale=256.0)}.get(precision)
        return step(gan(precision, penalty, "tanh", discriminator=own))

    exact, rounded = moved("float32"), moved(precision)
    # Each of 3 layers rounds weights, inputs and outputs, forward and back; a penalty does so twice.
    roundings = 18 * (2 if penalty else 1)
    error = norm([a - b for a, b in zip(exact, rounded, strict=True)]) / norm(exact)
    assert 0 < error < roundings * 2.0**-bits


def test_scaling_saves_gradients_that_float16_has_no_numbers_for():
    def with_small_head(precision, scale=None):
        own = LossScale(keras.optimizers.SGD(0.1), initial_scale=scale) if scale else None
        model = gan(precision, discriminator=own)
        head = model.discriminator.trainable_variables[-2]
        head.assign(1e-6 * head)
        return step(model)[0]  # of the first layer

    exact, scaled = with_small_head("float32"), with_small_head("mixed_float16")
    unscaled = with_small_head("mixed_float16", scale=1.0)
    assert norm([exact]) > 0
    assert norm([exact - scaled]) < 0.05 * norm([exact])
    assert norm([exact - unscaled]) > 0.5 * norm([exact])


def test_an_overflow_stops_one_player_for_one_step():
    too_large = LossScale(keras.optimizers.SGD(0.1), initial_scale=2.0**40)
    model = gan("mixed_float16", discriminator=too_large)
    history = model.fit(X, batch_size=64, verbose=0).history
    assert np.isfinite([history[term] for term in history]).all()
    assert float(model.optimizers["discriminator"].dynamic_scale) == 2.0**39
    assert float(model.optimizers["generator"].dynamic_scale) == 2.0**15
    assert norm(step(model)) == 0
    assert norm(step(model, "generator")) > 0
    assert [int(model.optimizers[p].iterations) for p in ("discriminator", "generator")] == [0, 2]
    model.optimizers["discriminator"].dynamic_scale.assign(2.0**10)
    assert norm(step(model)) > 0


def test_gradients_are_clipped_at_their_true_size():
    clipped = gan("mixed_float16", discriminator=keras.optimizers.SGD(1.0, global_clipnorm=1e-3))
    assert norm(step(clipped)) == pytest.approx(1e-3, rel=1e-3)


def test_scales_are_saved_and_resumed(tmp_path):
    def fit(model, start, end):
        model.fit(X[start * 4 : end * 4], batch_size=4, shuffle=False, verbose=0)

    def fresh():
        adam = LossScale(keras.optimizers.Adam(1e-3), initial_scale=2.0**22, dynamic_growth_steps=2)
        return gan("mixed_float16", generator=adam)

    whole, restored = fresh(), fresh()
    fit(whole, 0, 4)
    path = checkpoint.save(whole, tmp_path)
    whole.save(tmp_path / "model.keras")
    fit(whole, 4, 8)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    checkpoint.restore(restored, path)
    for model in (restored, loaded):
        fit(model, 4, 8)
        for a, b in zip(checkpoint.state(whole).values(), checkpoint.state(model).values(), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert float(whole.optimizers["generator"].dynamic_scale) != 2.0**22


def test_a_users_network_that_ends_in_16_bits_is_widened():
    with networks_in("mixed_bfloat16"):
        layers = [keras.layers.Dense(8, "relu"), keras.layers.Dense(2)]
        generator = keras.Sequential([keras.Input((2,)), *layers])
        discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert generator(tf.constant(X)).dtype == tf.bfloat16
    model = models.GAN(generator, discriminator, objectives.NonSaturating())
    assert model.discriminate(tf.constant(X)).dtype == model(tf.constant(X)).dtype == tf.float32
    assert model.sample(3).dtype == np.float32
    model.compile()
    assert np.isfinite(model.fit(X, verbose=0).history["generator/adversarial"]).all()


def test_power_iteration_is_in_32_bits():
    def sigma_and_u(precision):
        keras.utils.set_random_seed(0)
        with networks_in(precision):
            layer = networks.SpectralNormalization(keras.layers.Dense(12, use_bias=False))
        outputs = layer(tf.eye(16), training=True)
        assert outputs.dtype == ("float32" if precision == "float32" else "bfloat16")
        return outputs.numpy().astype("float64"), layer.u.numpy()

    (exact, u), (rounded, rounded_u) = sigma_and_u("float32"), sigma_and_u("mixed_bfloat16")
    np.testing.assert_allclose(rounded_u, u, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(rounded, exact, rtol=2.0**-8)  # the kernel over sigma, rounded once


def test_float16_is_refused_on_several_replicas():
    model = gan("mixed_float16")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model), "distribute_strategy", type("Two", (), {"num_replicas_in_sync": 2})())
        with pytest.raises(ValueError, match="2 replicas.*discriminator, generator.*mixed_bfloat16"):
            model._require_one_replica_to_scale()


def test_a_config_says_the_precision(tmp_path):
    config = configs.load(tiny.write(tmp_path, tiny.TINY_RING), ["training.precision=mixed_bfloat16"])
    model = build_experiment(config).model
    assert precision_of([model.generator]) == precision_of([model.discriminator]) == "bfloat16"
    assert model.execution.startswith("bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    assert {v.dtype for v in model.generator.variables} == {"float32"}
    plain = build_experiment(configs.load(tiny.write(tmp_path, tiny.TINY_RING))).model
    assert plain.execution.startswith("float32")
    with pytest.raises(configs.ConfigError, match="precision"):
        configs.load(tiny.write(tmp_path, tiny.TINY_RING), ["training.precision=half"])

"""Both players on one batch of fakes, against the algorithm written out once more; one pass; refusals."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import draws, models, networks, objectives, regularizers

POINT, BATCH, RATE, DECAY = (2,), 6, 0.05, 0.01


def model_of(normalization="batch", generator=None, kind=models.GAN, **options):
    keras.utils.set_random_seed(0)
    generator = generator or networks.mlp_generator(
        POINT, 3, 8, activation="tanh", normalization=normalization
    )
    model = kind(
        generator,
        networks.mlp_discriminator(POINT, 8, activation="tanh"),
        objectives.NonSaturating(),
        [regularizers.R1(0.5)],
        share_fakes=True,
        **options,
    )
    optimizers = {player: keras.optimizers.SGD(RATE) for player in model.players()}
    model.compile(optimizers, jit_compile=False)
    return model


def decayed():
    generator = networks.mlp_generator(POINT, 3, 8, activation="tanh", normalization="batch")
    generator.get_layer("output").kernel_regularizer = keras.regularizers.L2(DECAY)
    return keras.models.clone_model(generator)


def examples(count):
    return np.random.default_rng(0).normal(size=(count, *POINT)).astype("float32")


def latents_of(model, step, position=1):
    """Those that the step's shared fakes are made of."""
    seed = draws.fold(draws.root(model.seed), step)
    return model.draw_latents(BATCH, draws.branch(draws.at_row(draws.branch(seed, "fakes"), 0), position))


def step_by_hand(generator, discriminator, real, latents):
    """Weights of both after a step of the discriminator, and one of the generator on the same fakes."""
    fake = generator(latents, training=True)
    with tf.GradientTape() as tape:
        with tf.GradientTape() as inner:
            inner.watch(real)
            logits = discriminator(real)
        norms = tf.reduce_sum(tf.square(inner.gradient(logits, real)), axis=1)
        loss = tf.reduce_mean(tf.nn.softplus(-logits)) + tf.reduce_mean(tf.nn.softplus(discriminator(fake)))
        loss += 0.5 * 0.5 * tf.reduce_mean(norms)
    _descend(tape, loss, discriminator)
    statistics = [v.numpy() for v in generator.non_trainable_variables]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.softplus(-discriminator(generator(latents, training=True))))
        loss += DECAY * tf.reduce_sum(tf.square(generator.get_layer("output").kernel))
    _descend(tape, loss, generator)
    for variable, value in zip(generator.non_trainable_variables, statistics, strict=True):
        variable.assign(value)  # those of one pass


def _descend(tape, loss, network):
    weights = network.trainable_variables
    for weight, gradient in zip(weights, tape.gradient(loss, [w.value for w in weights]), strict=True):
        weight.assign_sub(RATE * gradient)


@pytest.mark.parametrize("eagerly", [True, False])
def test_both_players_step_on_the_same_fakes(eagerly):
    model = model_of(generator=decayed())
    model.run_eagerly = eagerly
    generator, discriminator = (keras.models.clone_model(n) for n in (model.generator, model.discriminator))
    for copy, network in ((generator, model.generator), (discriminator, model.discriminator)):
        copy.set_weights(network.get_weights())
    x = examples(2 * BATCH)
    model.fit(x, batch_size=BATCH, shuffle=False, verbose=0)
    for step in range(2):
        real = tf.constant(x[BATCH * step : BATCH * (step + 1)])
        step_by_hand(generator, discriminator, real, latents_of(model, step))
    for copy, network in ((generator, model.generator), (discriminator, model.discriminator)):
        for expected, found in zip(copy.get_weights(), network.get_weights(), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("steps", "passes"), [(1, 1), (3, 3)])
def test_the_generator_passes_once_less(steps, passes):
    model = model_of(discriminator_steps=steps)
    model.run_eagerly = True
    made = []
    own = model.generate
    model.generate = lambda *arguments: made.append(own(*arguments)) or made[-1]
    seen, terms = [], model.discriminator_terms
    model.discriminator_terms = lambda real, *others: seen.append(real) or terms(real, *others)
    x = examples(steps * BATCH)
    model.fit(x, batch_size=BATCH, shuffle=False, verbose=0)
    np.testing.assert_array_equal(np.concatenate(seen), x)
    assert len(made) == passes
    assert len({fakes.numpy().tobytes() for fakes in made}) == passes  # earlier steps have fresh ones


def test_refusals():
    critic = networks.mlp_discriminator(POINT, 8)
    with pytest.raises(ValueError, match="share_fakes: expected False with UnrolledGAN.*generator_losses"):
        model_of("none", kind=models.UnrolledGAN)
    latents = keras.Input((3,))
    active = keras.layers.Dense(2, activity_regularizer="l2", name="busy")(latents)
    with pytest.raises(ValueError, match="share_fakes: expected False with busy in the generator"):
        models.GAN(keras.Model(latents, active), critic, objectives.NonSaturating(), share_fakes=True)

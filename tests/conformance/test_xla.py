"""XLA changes the speed, not the numbers; and nothing compiles twice."""

import numpy as np
import tensorflow as tf

from tests.conformance.examples import CORE, GAMES, MODELS, OBJECTIVES, REGULARIZERS, every

# Compiling takes XLA seconds on a CPU: objectives are compiled alone, below.
COMPILED = MODELS | {f"GAN with {name}": GAMES[f"GAN with {name}"] for name in REGULARIZERS}
COMPILED |= {name: GAMES[name] for name in ("UnrolledGAN zero-sum", "GAN sharing fakes")}
# No operation that is not in another one, or so many that XLA takes very long.
LIKE_OTHERS = {"UnrolledGAN", "BiGAN", "HierarchicalALI", "PostHocEncoder", "LatentReconstruction", "VAEGAN"}
LIKE_OTHERS |= {"GAN dcgan", "SemiSupervisedGAN", "AdversarialAutoencoder", "CategoricalAutoencoder", "ALI"}
FIRST = CORE - LIKE_OTHERS | {"GAN with GradientPenalty"}


def three_steps(example, jit_compile):
    model = example.compiled(jit_compile, eagerly=not jit_compile)
    dataset = (
        tf.data.Dataset.from_tensors(example.batch(model, 4 * model.minibatches_per_step)).repeat(3).unbatch()
    )
    history = model.fit(dataset.batch(4), shuffle=False, verbose=0).history
    return history, model.get_weights()


@every(COMPILED, default=FIRST)
def test_xla_equals_eager(example):
    (plain_history, plain), (xla_history, xla) = three_steps(example, False), three_steps(example, True)
    for term, value in plain_history.items():
        np.testing.assert_allclose(xla_history[term], value, rtol=1e-4, atol=1e-6, err_msg=term)
    for a, b in zip(plain, xla, strict=True):
        # Adam divides by the gradient's own size: rounding of a gradient near zero moves a weight visibly.
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)


@every(MODELS, default={"GAN", "GAN with labels", "VEEGAN"})
def test_second_epoch_and_second_fit_do_not_retrace(example, monkeypatch):
    model = example.compiled()
    traces = []
    name, player = next(iter(model.players().items()))
    own = getattr(type(model), f"{name}_losses")
    monkeypatch.setattr(type(model), f"{name}_losses", lambda *a: traces.append(1) or own(*a))
    batch = example.batch(model, 8 * model.minibatches_per_step)
    arrays = batch if isinstance(batch, tuple) else (batch,)
    model.fit(*arrays, batch_size=4, epochs=1, verbose=0)
    after_first = len(traces)
    model.fit(*arrays, batch_size=4, epochs=2, verbose=0)
    assert after_first == len(traces) == player.steps * model.plan.batch_parts


@every(OBJECTIVES)
def test_objectives_under_xla_and_at_large_logits(example):
    objective = example()
    real, fake = tf.constant([[-0.5], [0.14], [1.0]]), tf.constant([[1.0], [0.4], [-0.55]])
    if objective.outputs == "vector":
        real, fake = (tf.concat([x, 0.5 * x], axis=1) for x in (real, fake))
    for loss in (objective.discriminator_loss, lambda r, f: objective.generator_loss(f, r)):

        def value_and_gradients(real, fake, loss=loss):
            with tf.GradientTape() as tape:
                tape.watch([real, fake])
                value = loss(real, fake)
            gradients = tape.gradient(value, [real, fake], unconnected_gradients="zero")
            return value, gradients

        under_xla = tf.function(value_and_gradients, jit_compile=True)
        for scale in (1.0, 1e3):
            value, gradients = value_and_gradients(scale * real, scale * fake)
            assert value.shape == ()
            assert all(np.isfinite(x).all() for x in (value, *gradients))
            compiled, of_compiled = under_xla(scale * real, scale * fake)
            np.testing.assert_allclose(compiled, value, rtol=1e-5)
            for plain, xla in zip(gradients, of_compiled, strict=True):
                np.testing.assert_allclose(xla, plain, rtol=1e-4, atol=1e-6)

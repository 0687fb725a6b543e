"""Packs: what goes together, what the discriminator sees, and what is refused."""

import numpy as np
import pytest
import tensorflow as tf

from tests import tiny
from tests.conformance.examples import MODELS
from tfgan_suite import config as configs
from tfgan_suite import draws, models, networks, objectives, regularizers
from tfgan_suite.experiment import build_experiment
from tfgan_suite.models.loss_context import LossContext
from tfgan_suite.models.packing import pack, packed_shape


def packed_gan(packing, objective=None, **options):
    return models.GAN(
        networks.mlp_generator((2,), latent_dim=3, width=8),
        networks.mlp_discriminator((int(2 * packing) or 2,), width=8),
        objective or objectives.NonSaturating(),
        packing=packing,
        **options,
    )


def test_vectors_stand_one_after_the_other():
    x = tf.reshape(tf.range(12.0), (6, 2))
    np.testing.assert_array_equal(pack(x, 3), np.arange(12.0).reshape(2, 6))
    assert pack(x, 1) is x


def test_images_become_channels():
    x = np.random.default_rng(0).normal(size=(4, 5, 5, 3)).astype("float32")
    packs = pack(tf.constant(x), 2).numpy()
    assert packs.shape == (2, 5, 5, 6) == (2, *packed_shape((5, 5, 3), 2))
    for i in range(2):
        np.testing.assert_array_equal(packs[i], np.concatenate([x[2 * i], x[2 * i + 1]], axis=-1))


def test_losses_are_those_of_packs():
    model = packed_gan(2)
    real = tf.constant(np.random.default_rng(0).normal(size=(8, 2)).astype("float32"))
    with model._context.of(draws.at_row(draws.root(3), 0), LossContext.share):
        loss = model.discriminator_losses(real)["adversarial"]
    with model._context.of(draws.at_row(draws.root(3), 0), LossContext.share):
        fake = model.generate(8)
    logits = [model.discriminator(np.reshape(x, (4, 4))) for x in (real, fake)]
    np.testing.assert_allclose(loss, model.objective.discriminator_loss(*logits), rtol=1e-6)


def test_a_packed_discriminator_sees_collapse_that_one_of_examples_cannot():
    """Real +1 or -1; fakes all +1: as many of each as real ones, one by one, would need a mixture."""
    model = packed_gan(2)
    rng = np.random.default_rng(0)
    real = rng.choice([-1.0, 1.0], size=(4000, 1)).astype("float32")
    mixed = rng.permutation(real)
    collapsed = np.repeat(rng.choice([-1.0, 1.0], size=(2000, 1)), 2, axis=0).astype("float32")
    # One by one, the distributions are equal; in packs, a collapsed generator never has different signs.
    assert abs(real.mean() - collapsed.mean()) < 0.06
    differ = [np.mean(np.prod(pack(tf.constant(x), 2), axis=1) < 0) for x in (real, mixed, collapsed)]
    assert differ[0] == pytest.approx(0.5, abs=0.04)
    assert differ[1] == pytest.approx(0.5, abs=0.04)
    assert differ[2] == 0
    assert model.couples_examples() == "packing=2"


def test_a_batch_that_packing_does_not_divide():
    model = packed_gan(4)
    model.compile()
    x = np.zeros((12, 2), "float32")
    with pytest.raises(ValueError, match="packing: expected minibatches of a multiple of 4 .*came one of 6"):
        model.fit(x, batch_size=6, verbose=0)
    with pytest.raises(ValueError, match="multiple of 4 .*came one of 2"):
        model.fit(x[:10], batch_size=8, verbose=0)
    with pytest.raises(ValueError, match="multiple of 4 .*came one of 6"):
        model.fit(tf.data.Dataset.from_tensor_slices(x).batch(6), verbose=0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="packing_needs_minibatches_of_a_multiple_of_4"):
        model.fit(tf.data.Dataset.from_tensor_slices(x[:10]).batch(8), verbose=0)


def test_mistakes_are_named():
    for wrong in (0, True, 2.0):
        with pytest.raises(ValueError, match="packing: expected a positive integer"):
            packed_gan(1).__class__(
                networks.mlp_generator((2,)),
                networks.mlp_discriminator((2,)),
                objectives.Hinge(),
                packing=wrong,
            )
    with pytest.raises(ValueError, match=r"\(2,\), packed \(6,\), discriminator takes \(2,\)"):
        models.GAN(
            networks.mlp_generator((2,)), networks.mlp_discriminator((2,)), objectives.Hinge(), packing=3
        )
    with pytest.raises(ValueError, match="packing: expected 1 with num_classes"):
        models.GAN(
            networks.mlp_generator((2,), num_classes=3),
            networks.mlp_discriminator((4,), num_classes=3),
            objectives.Hinge(),
            num_classes=3,
            packing=2,
        )


@pytest.mark.parametrize("model", ["GAN", "VEEGAN"])
def test_a_config_says_packing_once(tmp_path, model):
    text = tiny.TINY_RING.replace("type: GAN", f"type: {model}\n  packing: 2")
    if model == "VEEGAN":
        text = text.replace("mlp_discriminator, width: 8", "mlp_joint_discriminator, width: 8, latent_dim: 8")
        text = text.replace(
            "  generator: {type: mlp_generator, width: 8}",
            "  generator: {type: mlp_generator, width: 8, latent_dim: 4}\n"
            "  reconstructor: {type: mlp_encoder, width: 8, latent_dim: 4}",
        )
    built = build_experiment(configs.load(tiny.write(tmp_path, text))).model
    assert [tuple(i.shape[1:]) for i in built.discriminator.inputs][-1] == (4,)
    assert tuple(built.generator.outputs[0].shape[1:]) == (2,)


def test_pairs_of_veegan_are_packed_side_by_side():
    model = models.VEEGAN(
        networks.mlp_generator((2,), latent_dim=3, width=8),
        networks.mlp_encoder((2,), latent_dim=3, width=8),
        networks.mlp_joint_discriminator((4,), latent_dim=6, width=8),
        regularizers=[regularizers.GradientPenalty()],
        packing=2,
    )
    pairs = tf.reshape(tf.range(20.0), (4, 5))
    latents, examples = model._unpaired(pack(pairs, 2))
    np.testing.assert_array_equal(latents, [[0, 1, 2, 5, 6, 7], [10, 11, 12, 15, 16, 17]])
    np.testing.assert_array_equal(examples, [[3, 4, 8, 9], [13, 14, 18, 19]])
    model.compile()
    history = model.fit(np.zeros((8, 2), "float32"), batch_size=4, verbose=0).history
    assert np.isfinite(history["discriminator/gradient_penalty"]).all()


def test_penalties_draw_one_point_for_each_pack():
    model = MODELS["GAN of packs"].compiled()
    real = tf.constant(MODELS["GAN of packs"].batch(model, 4))
    with model._context.of(draws.at_row(draws.root(3), 2), LossContext.share):
        assert model._seed_of_packs().row == 1
        assert model.discriminator_losses(real)["gradient_penalty"].shape == ()

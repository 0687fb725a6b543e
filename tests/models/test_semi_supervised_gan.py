"""The semi-supervised GAN: its losses against the paper's formulas, its data, what it learns, bad input."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite import models, networks, objectives
from tfgan_suite.export import export
from tfgan_suite.models.semi_supervised_gan import logit_of_real

POINT, CLASSES = (2,), 3


def model_of(outputs=CLASSES, **options):
    model = models.SemiSupervisedGAN(
        networks.mlp_generator(POINT, latent_dim=3, width=8),
        networks.mlp_discriminator(POINT, width=16, outputs=outputs),
        **options,
    )
    model.compile(jit_compile=False)
    return model


def softmax(logits):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def examples_and_labels(count=12, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(count, *POINT)).astype("float32"), random.integers(0, CLASSES, count)


def test_the_discriminators_probability_is_z_over_z_plus_1():
    logits = 2.0 * np.random.default_rng(0).normal(size=(20, 5))
    z = np.exp(logits).sum(axis=1, keepdims=True)
    v = logit_of_real(tf.constant(logits))
    np.testing.assert_allclose(tf.nn.softplus(-v), -np.log(z / (z + 1)), rtol=1e-12)
    np.testing.assert_allclose(tf.nn.softplus(v), -np.log(1 / (z + 1)), rtol=1e-12)


def test_k_outputs_are_k_plus_1_with_the_last_at_zero_and_only_differences_count():
    logits = np.random.default_rng(0).normal(size=(20, 5))
    explicit = np.concatenate([logits, np.zeros((20, 1))], axis=1)
    for shift in (0.0, 3.0):
        found = logit_of_real(tf.constant(explicit + shift), explicit_fake=True)
        np.testing.assert_allclose(found, logit_of_real(tf.constant(logits)), rtol=1e-12, atol=1e-12)
        p = softmax(explicit + shift)
        real = p[:, :-1].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(found, np.log(real / p[:, -1:]), rtol=1e-12, atol=1e-12)


def test_large_logits_do_not_overflow():
    v = logit_of_real(tf.constant([[1e4, 0.0], [-1e4, -2e4]]))
    np.testing.assert_array_equal(v, [[1e4], [-1e4]])


@pytest.mark.parametrize(("explicit", "joint"), [(False, False), (True, False), (False, True)])
def test_terms_are_the_papers(explicit, joint):
    """Against NumPy: cross entropy of p(y | x, real), - E log D - E log(1 - D), feature matching."""
    model = model_of(CLASSES + explicit, explicit_fake=explicit, unsupervised_weight=0.5, joint_forward=joint)
    last = model.generator.get_layer("output")
    last.kernel.assign(tf.zeros_like(last.kernel))  # every fake is the bias
    last.bias.assign([0.3, -0.7])
    known, labels = examples_and_labels(6)
    unlabelled, _ = examples_and_labels(6, seed=1)
    element = ({"labelled": known, "unlabelled": unlabelled}, labels.astype("int32"))
    terms = model.evaluate(
        tf.data.Dataset.from_tensors(element).repeat(2), steps=1, verbose=0, return_dict=True
    )

    def probabilities(x):
        logits = model.discriminator(x).numpy()
        return softmax(logits if explicit else np.concatenate([logits, np.zeros((len(x), 1))], axis=1))

    p = probabilities(known)
    of_label = p[np.arange(6), labels] / p[:, :-1].sum(axis=1)
    fake = np.tile([[0.3, -0.7]], (6, 1)).astype("float32")
    game = -np.log(1 - probabilities(unlabelled)[:, -1]).mean() - np.log(probabilities(fake)[:, -1]).mean()
    assert terms["discriminator/supervised"] == pytest.approx(-np.log(of_label).mean(), rel=1e-5)
    assert terms["discriminator/unsupervised"] == pytest.approx(0.5 * game, rel=1e-5)
    features = keras.Model(model.discriminator.input, model.discriminator.get_layer("activation_1").output)
    distance = features(unlabelled).numpy().mean(axis=0) - features(fake).numpy().mean(axis=0)
    assert terms["generator/feature_matching"] == pytest.approx(np.sum(distance**2), rel=1e-4)
    assert terms["error"] == pytest.approx(np.mean(p[:, :-1].argmax(axis=1) != labels))


def test_examples_that_pass_together_must_be_as_many():
    model = model_of(joint_forward=True)
    (known, labels), (unlabelled, _) = examples_and_labels(3), examples_and_labels(6)
    element = ({"labelled": known, "unlabelled": unlabelled}, labels.astype("int32"))
    with pytest.raises(ValueError, match=r"joint_forward: expected minibatches of one size, came \[3, 6, "):
        model.fit(tf.data.Dataset.from_tensors(element).repeat(2), steps_per_epoch=1, verbose=0)


def test_examples_without_a_label_add_nothing_to_the_supervised_term():
    model = model_of()
    x, labels = examples_and_labels(8)
    logits = model.discriminator(x)
    some = np.where(np.arange(8) < 3, labels, -1)
    found = 8 * model.cross_entropy(tf.constant(some), logits)
    assert float(found) == pytest.approx(3 * float(model.cross_entropy(tf.constant(labels[:3]), logits[:3])))


def test_fit_takes_every_example_once_as_unlabelled_and_those_with_a_label_again_and_again():
    model = model_of()
    x, labels = examples_and_labels(10)
    some = np.where(np.arange(10) < 4, labels, -1)
    elements = list(model._minibatches_of(x, some, 3, shuffle=True).as_numpy_iterator())
    unlabelled = np.concatenate([inputs["unlabelled"] for inputs, _ in elements])
    known = np.concatenate([inputs["labelled"] for inputs, _ in elements])
    assert sorted(map(tuple, unlabelled)) == sorted(map(tuple, x))
    of = {tuple(example): label for example, label in zip(x[:4], labels[:4], strict=True)}
    assert [of[tuple(example)] for example in known] == np.concatenate([y for _, y in elements]).tolist()
    assert {tuple(example) for example in known[:4]} == set(of)


def test_two_labels_a_class_are_enough_for_clusters():
    """Three clusters, of which the labels alone, at the inner edges, tell little."""
    random = np.random.default_rng(0)
    labels = np.arange(600) % 3
    angle = 2 * np.pi * labels / 3
    x = (np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.15 * random.normal(size=(600, 2))).astype(
        "float32"
    )
    model = model_of(unsupervised_weight=0.5, ema_decay=0.9)
    rates = {name: keras.optimizers.Adam(3e-3, beta_1=0.5) for name in model.players()}
    model.compile(rates, jit_compile=False)
    model.fit(x, np.where(np.arange(600) < 6, labels, -1), batch_size=50, epochs=15, verbose=0)
    error = np.mean(model.classify(x) != labels)
    assert error < 0.02
    assert model.evaluate(x, labels, batch_size=100, verbose=0, return_dict=True)["error"] == pytest.approx(
        error
    )


def test_the_average_of_the_discriminator_classifies():
    model = model_of(ema_decay=0.9)
    x, labels = examples_and_labels()
    before = model.discriminator.get_weights()
    model.fit(x, labels, batch_size=12, verbose=0)
    decay = 0.1  # (1 + step) / (10 + step) at the first
    for old, new, mean in zip(
        before, model.discriminator.get_weights(), model.ema_discriminator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mean, decay * old + (1 - decay) * new, rtol=1e-5, atol=1e-7)
    expected = model.ema_discriminator(x).numpy().argmax(axis=1)
    np.testing.assert_array_equal(model.classify(x, batch_size=5), expected)


@pytest.mark.parametrize("explicit", [False, True])
def test_the_export_classifies(tmp_path, explicit):
    model = model_of(CLASSES + explicit, explicit_fake=explicit)
    x, _ = examples_and_labels()
    served = tf.saved_model.load(str(export(model, tmp_path / "name"))).signatures["classify"]
    found = served(samples=tf.constant(x))
    np.testing.assert_array_equal(found["classes"], model.classify(x))
    expected = softmax(model.discriminator(x).numpy()[:, :CLASSES])
    np.testing.assert_allclose(found["probabilities"], expected, rtol=1e-5)


X, Y = examples_and_labels()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outputs": 1}, r"discriminator: expected a logit for each of at least 2 classes, came"),
        ({"outputs": 2, "explicit_fake": True}, "2 classes and one of fakes"),
        ({"num_classes": 3}, "num_classes: expected None"),
        ({"packing": 2}, "packing: expected 1"),
        ({"unsupervised_weight": -1.0}, "unsupervised_weight: expected a number >= 0, came -1.0"),
        ({"feature_layer": "none_such"}, "feature_layer: expected one of"),
        (
            {"objective": objectives.MetricLearning()},
            "MetricLearning: expected a discriminator with a vector",
        ),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        model_of(**options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X,), "expected .examples, labels., with -1 for no label"),
        ((X, np.full(12, -1)), "not all -1"),
        ((X, Y[:5]), "one label for each of 12 examples"),
        ((X, Y + 1), "labels from 0 to 2, or -1 for none; came 1 to 3"),
        ((X, Y - 2), "came -2 to 0"),
    ],
)
def test_bad_data(arguments, message):
    with pytest.raises(ValueError, match=message):
        model_of().fit(*arguments, verbose=0)


@pytest.mark.parametrize("wrong", [3, -2])
def test_a_dataset_with_a_label_of_no_class_is_refused(wrong):
    labels = np.where(np.arange(12) == 9, wrong, Y)
    dataset = tf.data.Dataset.from_tensor_slices((X, labels)).batch(4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected labels from 0 to 2, or -1 for none"):
        model_of().fit(dataset, verbose=0)

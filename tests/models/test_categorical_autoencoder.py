"""The phases written out once more, the prior, labels in both forms, what it learns, clear refusals."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tests.models.losses import SEED
from tfgan_suite import config as configs
from tfgan_suite import draws, models, networks, objectives
from tfgan_suite.export import export
from tfgan_suite.models.batch_share import BatchShare

EXAMPLE, CATEGORIES, STYLE = (4,), 3, 2


def model_of(labelled=True, width=8, **options):
    latents = CATEGORIES + STYLE
    keras.utils.set_random_seed(0)
    model = models.CategoricalAutoencoder(
        networks.mlp_encoder(EXAMPLE, latents, width),
        networks.mlp_generator(EXAMPLE, latents, width),
        networks.mlp_discriminator((CATEGORIES,), width),
        networks.mlp_discriminator((STYLE,), width),
        labelled,
        **options,
    )
    model.compile(jit_compile=False)
    return model


def examples(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, *EXAMPLE)).astype("float32")


def terms_of(model, player, batch):
    """What a player minimises; its n-th draw is at position n of SEED."""
    batch, who = tf.nest.map_structure(tf.constant, batch), model.players()[player]
    count = len(tf.nest.flatten(batch)[0])
    terms, gradients, _ = model._terms_and_gradients(player, who, batch, SEED, BatchShare(0, count, count))
    assert all(np.abs(g).max() > 0 for g in gradients[:-1])  # a critic's last bias may have none
    return {term: float(value) for term, value in terms.items()}


def code(model, x):
    """q(y | x) and z."""
    outputs = model.encoder(x).numpy()
    return softmax(outputs[:, :CATEGORIES]), outputs[:, CATEGORIES:]


def softmax(logits):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def prior(count, seed):
    """One-hot categories and styles, by inverting the distribution of a uniform and of a normal draw."""
    uniform = draws.uniform((count,), draws.branch(seed, "category")).numpy()
    style = draws.normal((count, STYLE), draws.branch(seed, "style")).numpy()
    return np.eye(CATEGORIES, dtype="float32")[(uniform * CATEGORIES).astype(int)], style


def test_each_player_minimises_its_phase_of_the_paper():
    model, x = model_of(labelled=False, likelihood_std=0.5), examples(6)
    category, style = code(model, x)
    rebuilt = model.decoder(np.concatenate([category, style], axis=1))
    expected = -stats.norm.logpdf(x, rebuilt, 0.5).sum(axis=1).mean()
    np.testing.assert_allclose(terms_of(model, "autoencoder", x)["reconstruction"], expected, rtol=1e-5)

    reals = prior(6, draws.branch(draws.at_row(SEED, 0), 1))
    for name, real, fake in zip(("category", "style"), reals, (category, style), strict=True):
        judge = getattr(model, f"{name}_discriminator")
        v, w = judge(real).numpy(), judge(fake).numpy()
        # - log D(real) - log(1 - D(fake)), and - log D(fake)
        expected = np.logaddexp(0, -v).mean() + np.logaddexp(0, w).mean()
        found = terms_of(model, f"{name}_discriminator", x)["adversarial"]
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        fooled = terms_of(model, "encoder", x)[name]
        np.testing.assert_allclose(fooled, np.logaddexp(0, -w).mean(), rtol=1e-5)


def test_an_objective_that_compares_gets_the_priors_logits():
    model, x = model_of(labelled=False, objective=objectives.Relativistic(average=False)), examples(6)
    reals = prior(6, draws.branch(draws.at_row(SEED, 0), 1))
    terms = terms_of(model, "encoder", x)
    for name, real, fake in zip(("category", "style"), reals, code(model, x), strict=True):
        judge = getattr(model, f"{name}_discriminator")
        v, w = judge(real).numpy(), judge(fake).numpy()
        np.testing.assert_allclose(terms[name], np.logaddexp(0, v - w).mean(), rtol=1e-5)


def test_labels_are_learnt_by_their_cross_entropy_and_minus_one_adds_nothing():
    model, x, labels = model_of(), examples(5), np.array([2, -1, 0, -1, 1], "int32")
    p = code(model, x)[0]
    expected = -(np.log(p[0, 2]) + np.log(p[2, 0]) + np.log(p[4, 1])) / 5
    found = terms_of(model, "classifier", (x, labels))["cross_entropy"]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_labelled_examples_are_classified_and_unlabelled_ones_take_all_else():
    model, known, x = model_of(), examples(4), examples(4, seed=1)
    labels = np.array([0, 1, 2, 0], "int32")
    batch = {"labelled": known, "unlabelled": x}, labels
    found = terms_of(model, "classifier", batch)
    assert found == terms_of(model, "classifier", (known, labels))
    for player in ("autoencoder", "category_discriminator", "style_discriminator", "encoder"):
        assert terms_of(model, player, batch) == terms_of(model, player, (x, labels))
    history = model.fit({"labelled": known, "unlabelled": x}, labels, batch_size=2, verbose=0).history
    assert {term.split("/")[0] for term in history} == set(model.players())


def test_the_prior_is_uniform_and_normal_and_independent():
    count = 30_000
    drawn = model_of().draw_latents(count, draws.root(3)).numpy()
    category, style = drawn[:, :CATEGORIES], drawn[:, CATEGORIES:]
    assert set(np.unique(category)) == {0, 1}
    np.testing.assert_array_equal(category.sum(axis=1), 1)
    # Five standard errors, here and below.
    p = 1 / CATEGORIES
    np.testing.assert_allclose(category.mean(axis=0), p, atol=5 * np.sqrt(p * (1 - p) / count))
    for dimension in style.T:
        assert stats.kstest(dimension, "norm").pvalue > 1e-6
    correlations = np.corrcoef(drawn[:, 1:].T)  # without the first: categories sum to one
    of_both = correlations[: CATEGORIES - 1, CATEGORIES - 1 :]
    assert np.abs(of_both).max() < 5 / np.sqrt(count)
    assert np.abs(correlations[-1, -2]) < 5 / np.sqrt(count)


def test_samples_decode_one_hot_categories_and_encoding_gives_probabilities():
    model, x = model_of(), examples(7)
    made = model.decoder(np.concatenate(prior(5, draws.root(2)), axis=1))
    np.testing.assert_allclose(model.sample(5, seed=2), made, rtol=1e-5, atol=1e-6)
    latents = np.concatenate(code(model, x), axis=1)
    np.testing.assert_allclose(model.encode(x, batch_size=3), latents, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(model.classify(x, batch_size=3), latents[:, :CATEGORIES].argmax(axis=1))


def blobs(count):
    """Three Gaussians, 8 standard deviations apart, and which one each of the examples is from."""
    labels = np.arange(count) % CATEGORIES
    centres = 3 * np.eye(*(CATEGORIES, *EXAMPLE))
    noise = np.random.default_rng(0).normal(size=(count, *EXAMPLE))
    return (centres[labels] + 0.5 * noise).astype("float32"), labels


@pytest.fixture(scope="module")
def trained():
    """On two labels a class. Over 8 seeds the error was 0.2 % at most."""
    x, labels = blobs(600)
    model = model_of(width=32, likelihood_std=0.5, ema_decay=0.9)
    rates = {player: keras.optimizers.Adam(1e-3, beta_1=0.5) for player in model.players()}
    model.compile(rates, jit_compile=False)
    model.fit(x, np.where(np.arange(600) < 6, labels, -1), batch_size=100, epochs=30, verbose=0)
    return model, x, labels


def test_two_labels_a_class_are_enough_for_blobs(trained):
    model, x, labels = trained
    error = np.mean(model.classify(x) != labels)
    assert error < 0.05
    found = model.evaluate(x, labels, batch_size=100, verbose=0, return_dict=True)["error"]
    assert found == pytest.approx(error)


def test_the_export_classifies_and_encodes_by_the_averages(trained, tmp_path):
    model, x, _ = trained
    served = tf.saved_model.load(str(export(model, tmp_path / "name"))).signatures
    found = served["classify"](samples=tf.constant(x))
    np.testing.assert_array_equal(found["classes"], model.classify(x))
    p = softmax(model.ema_encoder(x).numpy()[:, :CATEGORIES])
    np.testing.assert_allclose(found["probabilities"], p, rtol=1e-4, atol=1e-6)
    latents = served["encode"](samples=tf.constant(x))["latents"]
    np.testing.assert_allclose(latents[:, :CATEGORIES], p, rtol=1e-4, atol=1e-6)
    made = served["reconstruct"](samples=tf.constant(x))["samples"]
    np.testing.assert_allclose(made, model.ema_generator(latents), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(made, model.reconstruct(x), rtol=1e-4, atol=1e-5)
    made = served["interpolate"](first=tf.constant(x[:3]), second=tf.constant(x[3:6]), steps=tf.constant(5))
    between = model.interpolate(x[:3], x[3:6], steps=5)
    np.testing.assert_allclose(made["samples"], between, rtol=1e-4, atol=1e-5)
    halfway = (latents[:3] + latents[3:6]) / 2
    np.testing.assert_allclose(between[:, 2], model.ema_generator(halfway), rtol=1e-4, atol=1e-5)


def test_a_config_keeps_the_datas_shape_from_the_discriminators():
    spec = {
        "type": "CategoricalAutoencoder",
        "labelled": True,
        "encoder": {"type": "mlp_encoder", "latent_dim": 12, "width": 4},
        "decoder": {"type": "mlp_generator", "latent_dim": 12, "width": 4},
        "category_discriminator": {"type": "mlp_discriminator", "example_shape": [10], "width": 4},
        "style_discriminator": {"type": "mlp_discriminator", "example_shape": [2], "width": 4},
    }
    model = configs.build(spec, "models", "model", example_shape=(8, 8, 1))
    assert (model.categories, model.latent_dim, model.label_classes) == (10, 12, 10)


def build(**changes):
    arguments = {
        "encoder": networks.mlp_encoder((2,), 5, 4),
        "decoder": networks.mlp_generator((2,), 5, 4),
        "category_discriminator": networks.mlp_discriminator((3,), 4),
        "style_discriminator": networks.mlp_discriminator((2,), 4),
    }
    return models.CategoricalAutoencoder(**arguments | changes)


def critic(*shape, **options):
    return networks.mlp_discriminator(shape, 4, **options)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": networks.mlp_encoder((2,), 4, 4)}, r"encoder: expected .* \(5,\), came .*\(4,\)"),
        (
            {"encoder": networks.mlp_encoder((2,), 5, 4, stochastic=True)},
            r"encoder: expected .* \(5,\), came .*\(10,\)",
        ),
        ({"category_discriminator": critic(1)}, r"category_discriminator: expected .* 2 .*came \[\(1,\)\]"),
        ({"category_discriminator": critic(5)}, r"category_discriminator: .*the 5 latents, came \[\(5,\)\]"),
        ({"category_discriminator": critic(3, 2)}, r"category_discriminator: .*came \[\(3, 2\)\]"),
        ({"style_discriminator": critic(3)}, r"style_discriminator: expected styles \(2,\).*came \[\(3,\)\]"),
        ({"objective": objectives.MetricLearning()}, "MetricLearning: expected a discriminator"),
        ({"likelihood": "laplace"}, "likelihood: expected .*came 'laplace'"),
    ],
)
def test_constructor_names_what_is_wrong(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


X, Y = examples(6), np.arange(6) % CATEGORIES


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X,), "expected .examples, labels., with -1 for no label; came examples alone"),
        ((X, np.full(6, -1)), "not all -1"),
        ((X, Y[:5]), "one label for each of 6 examples"),
        ((X, Y + 1), "labels from 0 to 2, or -1 for none; came 1 to 3"),
        (({"labelled": X, "unlabelled": X}, Y + 1), "came 1 to 3"),
        ((X.astype("uint8"), Y), "expected examples as floats"),
    ],
)
def test_bad_data(arguments, message):
    with pytest.raises(ValueError, match=message):
        model_of().fit(*arguments, verbose=0)


def test_embedding_is_each_examples_head_moved_by_its_style(tmp_path):
    model, x = model_of(labelled=False), examples(6)
    with pytest.raises(ValueError, match="decoder: expected one with ClusterHeads"):
        model.embed(x)
    decoder = networks.mlp_generator(EXAMPLE, CATEGORIES + STYLE, 8, cluster_heads=CATEGORIES)
    model = models.CategoricalAutoencoder(
        model.encoder, decoder, model.category_discriminator, model.style_discriminator, ema_decay=0.5
    )
    model.compile(jit_compile=False)
    heads = np.array([[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]], "float32")
    model.averaged("generator").get_layer("cluster_heads").set_weights([heads])
    category, style = code(model, x)
    np.testing.assert_allclose(model.embed(x), category @ heads + style, rtol=1e-4, atol=1e-5)
    served = tf.saved_model.load(str(export(model, tmp_path / "name"))).signatures["embed"]
    np.testing.assert_allclose(served(samples=tf.constant(x))["points"], model.embed(x), rtol=1e-5, atol=1e-6)
    # The autoencoder keeps heads apart beside its reconstruction; no other player does.
    decoder.get_layer("cluster_heads").set_weights([heads])
    expected = sum(max(0.0, 6.0 - np.linalg.norm(heads[i] - heads[j])) for i in range(3) for j in range(i))
    found = {player: terms_of(model, player, x) for player in model.players()}
    np.testing.assert_allclose(found["autoencoder"].pop("network_losses"), expected, rtol=1e-5)
    assert not any("network_losses" in terms for terms in found.values())

"""Generators as SavedModels that any TensorFlow program loads."""

from pathlib import Path

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.latent_attributes import LatentAttributes
from tfgan_suite.models.categorical_autoencoder import CategoricalAutoencoder
from tfgan_suite.models.classifying import ClassifyingModel
from tfgan_suite.models.encoding import EncodingModel
from tfgan_suite.models.generative import GenerativeModel, with_labels
from tfgan_suite.models.hierarchical_ali import HierarchicalALI
from tfgan_suite.saved_model import save_next_version

CHUNK = 256  # examples that the `sample` signature generates at once


def serving_signatures(model: GenerativeModel) -> dict[str, tf.types.experimental.PolymorphicFunction]:
    """A generator in inference mode, as two functions; more where the model has an encoder or a classifier.

    `serving_default`: latents, float32 (any, latent_dim), and int32 labels (any,) for a conditional model.
    `sample`: count, int32 scalar, and seed, int64 scalar; a conditional model takes its classes in turn.

    Both return `images`, uint8 (n, height, width, channels), or for data that are not images `samples`,
    float32 (n, ...). `encode` takes what they return, by the same name, and returns `latents`, float32
    (n, latent_dim); `reconstruct` takes and returns it; `interpolate` takes two, `first` and `second`, and
    `steps`, int32 scalar, and returns (n, steps, ...); each takes `labels` too where the model is
    conditional. With two levels of latents these are of the lower one, and `encode_top` and
    `reconstruct_from_top` of the upper one. `classify` takes examples too, and returns `classes`, int32
    (n,), and `probabilities`, float32 (n, classes); `embed` takes them where there are cluster heads, and
    returns `points`, float32 (n, style).
    """
    latents = tf.TensorSpec((None, model.latent_dim), tf.float32, "latents")
    labels = _spec_of_labels(model)

    # AutoGraph takes seconds to convert what has no loop over tensors: here it sees that of `sample` alone.
    draw_latents = tf.autograph.experimental.do_not_convert(model.draw_latents)

    @tf.function(input_signature=[latents, *labels], autograph=False)
    def generate(latents, labels=None):
        return _at_the_edge(model(with_labels(latents, labels), training=False))

    @tf.function(input_signature=[tf.TensorSpec((), tf.int32, "count"), tf.TensorSpec((), tf.int64, "seed")])
    def sample(count, seed):
        inputs = [draw_latents(count, draws.root(seed))]
        if model.num_classes is not None:
            inputs.append(tf.range(count) % model.num_classes)
        ((name, output),) = generate.get_concrete_function().structured_outputs.items()
        chunks = tf.maximum((count + CHUNK - 1) // CHUNK, 1)  # one, empty, for a count of 0
        parts = tf.TensorArray(output.dtype, size=chunks, infer_shape=False, element_shape=output.shape)
        for i in tf.range(chunks):
            parts = parts.write(i, generate(*(x[i * CHUNK : (i + 1) * CHUNK] for x in inputs))[name])
        return {name: parts.concat()}

    signatures = {"serving_default": generate, "sample": sample}
    if isinstance(model, EncodingModel):
        signatures |= _encoder_signatures(model)
    if isinstance(model, HierarchicalALI):
        signatures |= _top_signatures(model)
    if isinstance(model, ClassifyingModel):
        signatures["classify"] = _classify(model)
    if isinstance(model, CategoricalAutoencoder) and model.cluster_heads is not None:
        signatures["embed"] = _embed(model)
    return signatures


def _classify(model: ClassifyingModel) -> tf.types.experimental.PolymorphicFunction:
    spec = _spec_of_examples(model.classifier)

    @tf.function(input_signature=[spec], autograph=False)
    def classify(examples):
        return model.classes_and_probabilities(_inside(examples))

    return classify


def _embed(model: CategoricalAutoencoder) -> tf.types.experimental.PolymorphicFunction:
    @tf.function(input_signature=[_spec_of_examples(model.encoder)], autograph=False)
    def embed(examples):
        return {"points": model.cluster_heads(model.latents_of(_inside(examples)))}

    return embed


def _encoder_signatures(model: EncodingModel) -> dict[str, tf.types.experimental.PolymorphicFunction]:
    spec, labels = _spec_of_examples(model.encoder), _spec_of_labels(model)
    two = [_spec_of_examples(model.encoder, name) for name in ("first", "second")]

    @tf.function(input_signature=[spec, *labels], autograph=False)
    def encode(examples, labels=None):
        return {"latents": tf.cast(model.latents_of(_inside(examples), labels), tf.float32)}

    @tf.function(input_signature=[spec, *labels], autograph=False)
    def reconstruct(examples, labels=None):
        return _at_the_edge(model.rebuilt(_inside(examples), labels))

    @tf.function(input_signature=[*two, tf.TensorSpec((), tf.int32, "steps"), *labels], autograph=False)
    def interpolate(first, second, steps, labels=None):
        ((name, made),) = _at_the_edge(model.between(_inside(first), _inside(second), steps, labels)).items()
        return {name: tf.reshape(made, tf.concat([[tf.shape(first)[0], steps], tf.shape(made)[1:]], 0))}

    return {"encode": encode, "reconstruct": reconstruct, "interpolate": interpolate}


def _top_signatures(model: HierarchicalALI) -> dict[str, tf.types.experimental.PolymorphicFunction]:
    spec = _spec_of_examples(model.encoder)

    @tf.function(input_signature=[spec], autograph=False)
    def encode_top(examples):
        return {"latents": tf.cast(model.top_latents_of(_inside(examples)), tf.float32)}

    @tf.function(input_signature=[spec], autograph=False)
    def reconstruct_from_top(examples):
        latents = model.latents_below(model.top_latents_of(_inside(examples)))
        return _at_the_edge(model(latents, training=False))

    return {"encode_top": encode_top, "reconstruct_from_top": reconstruct_from_top}


def _attribute_signatures(found: LatentAttributes) -> dict[str, tf.types.experimental.PolymorphicFunction]:
    model, size = found.model, len(found.directions)
    wanted, changes = (tf.TensorSpec((None, size), tf.float32, name) for name in ("attributes", "changes"))

    @tf.function(input_signature=[wanted, tf.TensorSpec((), tf.int64, "seed")], autograph=False)
    def generate_with_attributes(attributes, seed):
        return _at_the_edge(model(found.draw_latents(attributes, draws.root(seed)), training=False))

    @tf.function(input_signature=[_spec_of_examples(model.encoder), changes], autograph=False)
    def change_attributes(examples, changes):
        return _at_the_edge(model(found.changed_latents(_inside(examples), changes), training=False))

    return {
        "generate_with_attributes": generate_with_attributes,
        "change_attributes": change_attributes,
    }


def _spec_of_labels(model: GenerativeModel) -> list[tf.TensorSpec]:
    """What signatures of a conditional model take besides."""
    return [] if model.num_classes is None else [tf.TensorSpec((None,), tf.int32, "labels")]


def _spec_of_examples(network: keras.Model, name: str | None = None) -> tf.TensorSpec:
    """What a signature takes for a network of examples: uint8 images, or float32 samples."""
    shape = network.inputs[0].shape
    kind, plural = (tf.uint8, "images") if len(shape) == 4 else (tf.float32, "samples")
    return tf.TensorSpec(shape, kind, name or plural)


def _inside(examples: tf.Tensor) -> tf.Tensor:
    """Examples from the edge, as tfgan_suite.images.from_uint8 does."""
    return tf.cast(examples, tf.float32) / 127.5 - 1.0 if examples.dtype == tf.uint8 else examples


def _at_the_edge(examples: tf.Tensor) -> dict[str, tf.Tensor]:
    examples = tf.cast(examples, tf.float32)
    if examples.shape.rank != 4:
        return {"samples": examples}
    # Rounded and clipped exactly as tfgan_suite.images.to_uint8 does.
    pixels = tf.round(tf.clip_by_value(examples, -1.0, 1.0) * 127.5 + 127.5)
    return {"images": tf.cast(pixels, tf.uint8)}


def export(
    model: GenerativeModel,
    directory: Path,
    about: dict | None = None,
    attributes: LatentAttributes | None = None,
) -> Path:
    """Writes the next version, `<directory>/<version>/`, whole or not at all, and returns its path.

    `about` is written with it, and how latents are drawn, as `assets.extra/tfgan_suite.json`. With
    `attributes` of the model there are two signatures more. `generate_with_attributes`: `attributes`,
    float32 (n, attributes), and `seed`, int64 scalar, to examples. `change_attributes`: examples and
    `changes`, float32 (n, attributes), to examples.
    """
    if attributes is not None and attributes.model is not model:
        raise ValueError("attributes: expected those of this model; came those of another one")
    latents = {"latent_distribution": model.latent_source, "num_classes": model.num_classes}
    weights = [variable for network in model.serving_networks for variable in network.variables]
    signatures = serving_signatures(model) | ({} if attributes is None else _attribute_signatures(attributes))
    return save_next_version(directory, weights, signatures, latents | (about or {}))

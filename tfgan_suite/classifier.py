"""A small classifier: its probabilities and features score samples where Inception is not at hand."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.data.dataset import Dataset
from tfgan_suite.errors import UserError
from tfgan_suite.networks.normalization import BatchNormalization
from tfgan_suite.saved_model import save_next_version

FEATURES, LOGITS = "features", "logits"
BATCH = 128
LARGEST_SHIFT = 0.07  # of an image's side: the augmentation, which digits and photographs both bear


def small_classifier(image_shape: tuple[int, int, int], num_classes: int, width: int = 32) -> keras.Model:
    """Images in [-1, 1] to (features, logits): three convolutions, and features of 4 * width numbers."""
    images = x = keras.Input(image_shape, name="images")
    for i, channels in enumerate((width, 2 * width, 4 * width)):
        x = keras.layers.Conv2D(channels, 3, padding="same", activation="relu", name=f"convolution_{i}")(x)
        x = BatchNormalization(name=f"normalization_{i}")(x)
        x = keras.layers.MaxPooling2D(name=f"pooling_{i}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    features = keras.layers.Dense(4 * width, activation="relu", name=FEATURES)(x)
    return keras.Model(images, [features, keras.layers.Dense(num_classes, name=LOGITS)(features)])


def train_classifier(
    dataset: Dataset,
    directory: Path,
    epochs: int = 10,
    width: int = 32,
    seed: int = 0,
    data: dict | None = None,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains a classifier of the labels and writes `<directory>/<version>/`, a SavedModel.

    Its `serving_default` takes uint8 `images` (any, height, width, channels) and returns float32 `features`
    (any, 4 * width) and `logits` (any, classes). The held-out accuracy is written down with it.

    Args:
        data: what describes the dataset in a config, to be written down.

    Raises:
        UserError: the data have no labels.
    """
    if dataset.num_classes is None:
        raise UserError(f"classifier: expected data with labels, came {dataset.name}")
    keras.utils.set_random_seed(seed)
    network = small_classifier(dataset.example_shape, dataset.num_classes, width)
    _fit(network, dataset, epochs, seed, say)
    images, labels = dataset.examples("test", labels=True)
    about = {
        "classifier_of": dataset.name,
        "data": data,
        "data_fingerprint": dataset.fingerprint,
        "image_shape": list(dataset.example_shape),
        "classes": dataset.num_classes,
        "accuracy": accuracy(lambda x: network(x)[1], images, labels),
        "held_out": len(labels),
        "width": width,
        "epochs": epochs,
        "seed": seed,
    }
    path = save_next_version(directory, network.variables, {"serving_default": _serving(network)}, about)
    say(f"accuracy    {about['accuracy']:.4f} on {len(labels)} held-out images")
    return path


def accuracy(logits: Callable, images: np.ndarray, labels: np.ndarray) -> float:
    """Share of the images whose largest logit is that of their label."""
    batches = range(0, len(images), 500)
    found = [np.argmax(logits(images[i : i + 500]), axis=-1) for i in batches]
    return float(np.mean(np.concatenate(found) == labels))


def _fit(network: keras.Model, dataset: Dataset, epochs: int, seed: int, say) -> None:
    steps = dataset.size("train") // BATCH
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps * epochs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trained = keras.Model(network.inputs, network.outputs[1])
    trained.compile(keras.optimizers.Adam(rate), loss)

    def shift(step, batch):
        images, labels = batch
        return _shifted(images, draws.named(seed, step, "shift")), labels

    def tell(epoch, logs):
        say(f"epoch {epoch + 1:>2}/{epochs}  loss {logs['loss']:.4f}")

    batches = dataset.batches(BATCH, seed=seed, labels=True).enumerate().map(shift)
    callback = keras.callbacks.LambdaCallback(on_epoch_end=tell)
    trained.fit(batches, epochs=epochs, steps_per_epoch=steps, verbose=0, callbacks=[callback], shuffle=False)


def _shifted(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Each image moved by a few pixels of its own; what comes in at the edge mirrors what is there."""
    count, height, width = images.shape[:3]
    reach = max(1, round(LARGEST_SHIFT * height))
    padded = tf.pad(images, [(0, 0), (reach, reach), (reach, reach), (0, 0)], "SYMMETRIC")
    offsets = tf.cast(draws.bits((2, count), seed) % tf.constant(2 * reach + 1, tf.uint32), tf.int32)
    rows, columns = offsets[0][:, None] + tf.range(height), offsets[1][:, None] + tf.range(width)
    return tf.gather(tf.gather(padded, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)


def _serving(network: keras.Model):
    spec = tf.TensorSpec((None, *network.inputs[0].shape[1:]), tf.uint8, "images")

    @tf.function(input_signature=[spec], autograph=False)
    def classify(images):
        features, logits = network(tf.cast(images, tf.float32) / 127.5 - 1.0, training=False)
        return {FEATURES: features, LOGITS: logits}

    return classify

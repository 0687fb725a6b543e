"""A small classifier: its probabilities and features score samples where Inception is not at hand."""

import json
from pathlib import Path

import keras
import numpy as np

from tfgan_suite.atomic import replacing, write_json
from tfgan_suite.data.dataset import Dataset
from tfgan_suite.errors import UserError
from tfgan_suite.networks.normalization import BatchNormalization

FEATURES = "features"


def small_classifier(image_shape: tuple[int, int, int], num_classes: int, width: int = 32) -> keras.Model:
    """Images in [-1, 1] to class probabilities, through a layer "features" of 4 * width numbers."""
    images = x = keras.Input(image_shape, name="images")
    for i, channels in enumerate((width, 2 * width, 4 * width)):
        x = keras.layers.Conv2D(channels, 3, padding="same", activation="relu", name=f"convolution_{i}")(x)
        x = BatchNormalization(name=f"normalization_{i}")(x)
        x = keras.layers.MaxPooling2D(name=f"pooling_{i}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    x = keras.layers.Dense(4 * width, activation="relu", name=FEATURES)(x)
    return keras.Model(images, keras.layers.Dense(num_classes, activation="softmax", name="probabilities")(x))


def trained_classifier(dataset: Dataset, path: Path, epochs: int, seed: int = 0) -> tuple[keras.Model, float]:
    """A classifier of the labels and its accuracy on held-out data; trained once, then read from `path`.

    Raises:
        UserError: the data have no labels.
    """
    if dataset.num_classes is None:
        raise UserError(f"classifier: expected data with labels, came {dataset.name}")
    accuracy = Path(path).with_suffix(".json")
    if not accuracy.is_file():
        keras.utils.set_random_seed(seed)
        model = small_classifier(dataset.example_shape, dataset.num_classes)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(*dataset.examples("train", labels=True), batch_size=128, epochs=epochs, verbose=0)
        with replacing(path) as temporary:
            model.save(temporary)
        held_out = dataset.examples("test", labels=True)
        write_json(accuracy, model.evaluate(*held_out, batch_size=512, verbose=0)[1])  # last: all is written
    return keras.saving.load_model(path), json.loads(accuracy.read_text())


def probabilities_and_features(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, classes) and (n, features) of images in [-1, 1]."""
    both = keras.Model(model.inputs, [model.outputs[0], model.get_layer(FEATURES).output])
    return tuple(both.predict(images, batch_size=512, verbose=0))

"""The small classifiers of this package: features and class probabilities without any download."""

import sys
from functools import cached_property
from importlib import metadata
from pathlib import Path

from tfgan_suite.cache import default_cache
from tfgan_suite.data.dataset import Dataset, digest
from tfgan_suite.errors import UserError
from tfgan_suite.extractors.extractor import Extractor, Features, SelfCheck
from tfgan_suite.saved_model import folder_digest, newest_version, read_about


class Classifier(Extractor):
    """A classifier made by `tfgan-suite train-classifier`; those of MNIST and of scikit-learn's digits ship.

    Args:
        model: the name of a dataset ("mnist", "digits"), or the folder of a SavedModel that takes uint8
            `images` and returns `features` and `logits`. None is the one of the data that is measured; where
            there is none yet, it is trained, once.
        per_channel: the classifier takes one channel and sees each channel of an image by itself (stacked
            digits): features side by side, and the joint probabilities of all combinations of classes.
        dataset: the data that is measured.
    """

    def __init__(self, model: str | None = None, per_channel: bool = False, dataset: Dataset | None = None):
        if model is None and dataset is None:
            raise UserError("model: expected the name of a dataset or a folder, since no dataset is given")
        self.model, self.per_channel, self.dataset = model, per_channel, dataset

    @cached_property
    def folder(self) -> Path:
        """Of the SavedModel."""
        given = newest_version(self.model) if self.model is not None else None
        return given or find_classifier(self.model or self.dataset.name) or self._trained()

    @cached_property
    def about(self) -> dict:
        """What was written down when it was trained: its data, its accuracy."""
        return read_about(self.folder)

    @property
    def name(self) -> str:
        name = self.about.get("classifier_of", self.folder.name)
        return f"classifier of {name}" + (" per channel" if self.per_channel else "")

    @cached_property
    def fingerprint(self) -> str:
        return digest(folder_digest(self.folder), self.per_channel)

    def describe(self, example_shape: tuple[int, ...]) -> dict[str, str]:
        height, width, channels = self._image_shape
        if len(example_shape) != 3 or example_shape[2] != (3 if self.per_channel else channels):
            raise UserError(
                f"extractor: the {self.name} takes images of {channels} channel(s), came {example_shape}"
            )
        same = tuple(example_shape[:2]) == (height, width)
        return {
            "extractor": f"{self.name} {self.fingerprint[:12]}",
            "resize": "none" if same else f"bicubic to {height}, antialiased",
        }

    def __call__(self, examples) -> Features:
        import tensorflow as tf

        from tfgan_suite.data.square_resize import resize_square

        images = tf.constant(examples)
        if tuple(images.shape[1:3]) != self._image_shape[:2]:
            images = resize_square(images, self._image_shape[0])
        if not self.per_channel:
            features, probabilities = self._classify(images)
            return Features(features.numpy(), probabilities.numpy())
        parts = [self._classify(channel) for channel in tf.split(images, images.shape[-1], axis=-1)]
        joint = parts[0][1]
        for _, probabilities in parts[1:]:  # class 100 a + 10 b + c for digits a, b, c
            joint = tf.reshape(joint[:, :, None] * probabilities[:, None, :], (len(images), -1))
        return Features(tf.concat([features for features, _ in parts], axis=1).numpy(), joint.numpy())

    def self_check(self, dataset: Dataset | None = None) -> list[SelfCheck]:
        from tfgan_suite import config as configs
        from tfgan_suite.classifier import accuracy

        if dataset is None:
            if not self.about.get("data"):
                raise UserError(f"self-check: {self.folder} does not say which data it was trained on")
            dataset = configs.build(self.about["data"], "data", f"{self.folder}: data")
        images, labels = dataset.examples("test", labels=True)
        measured = accuracy(lambda x: self._outputs(images=_as_pixels(x))["logits"], images, labels)
        name = f"accuracy on {len(labels)} held-out images of {dataset.name}"
        return [SelfCheck(name, self.about["accuracy"], 1.5 / len(labels), measured)]

    @cached_property
    def _outputs(self):
        import tensorflow as tf

        self._loaded = tf.saved_model.load(str(self.folder))  # kept: functions hold their variables weakly
        signature = self._loaded.signatures.get("serving_default")
        specs = signature.structured_input_signature[1] if signature else {}
        if set(specs) != {"images"} or not {"features", "logits"} <= set(signature.structured_outputs):
            raise UserError(
                f"model: expected a SavedModel whose serving_default takes images and returns features and "
                f"logits, came {self.folder}"
            )
        return signature

    @cached_property
    def _image_shape(self) -> tuple[int, int, int]:
        shape = self._outputs.structured_input_signature[1]["images"].shape
        return tuple(shape[1:])

    def _classify(self, images):
        import tensorflow as tf

        outputs = self._outputs(images=images)
        return outputs["features"], tf.nn.softmax(outputs["logits"])

    def _trained(self) -> Path:
        """The classifier of the data that is measured, from the cache or trained now."""
        if self.model is not None or self.dataset.num_classes is None:
            raise UserError(
                f"model: expected a dataset with a classifier, or a folder, came "
                f"{self.model or self.dataset.name!r}; `tfgan-suite train-classifier DATASET` makes one"
            )
        # Of this content: another folder of images may have the same name.
        folder = default_cache() / f"{self.dataset.name}-{self.dataset.fingerprint[:8]}-classifier"
        trained = newest_version(folder)
        if trained is not None:
            return trained
        from tfgan_suite.classifier import train_classifier

        def say(line):
            print(line, file=sys.stderr, flush=True)

        say(f"classifier  there is none of {self.dataset.name} yet: training one, once")
        return train_classifier(self.dataset, folder, say=say)


def find_classifier(name: str) -> Path | None:
    """The newest version of `<name>-classifier` in ./savedmodels, or among those that ship."""
    places = [Path("savedmodels"), *shipped_folders()]
    found = (newest_version(place / f"{name}-classifier") for place in places)
    return next((path for path in found if path is not None), None)


def shipped_folders() -> list[Path]:
    """Where the SavedModels that ship are: in a checkout, and as installed."""
    folders = [Path(__file__).parents[2] / "savedmodels"]
    try:
        files = metadata.files("tfgan-suite") or []
    except metadata.PackageNotFoundError:
        files = []
    # Installed beside the package: .../share/tfgan_suite/savedmodels/mnist-classifier/1/saved_model.pb
    return folders + [Path(file.locate()).parents[2] for file in files if file.name == "saved_model.pb"][:1]


def _as_pixels(images):
    import tensorflow as tf

    from tfgan_suite.images import to_uint8

    return tf.constant(to_uint8(images))

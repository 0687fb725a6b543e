"""Images of any tfds dataset: from memory when they fit, from the record files when they do not."""

from functools import cached_property
from typing import Literal

from tfgan_suite.data import arguments
from tfgan_suite.data.array_dataset import ArrayDataset, LabelledImages, to_signed_unit
from tfgan_suite.data.dataset import BLOCK, Split, digest, subset
from tfgan_suite.errors import UserError
from tfgan_suite.untuned import untuned

LARGEST_IN_MEMORY = 4 * 2**30


class TfdsImages(ArrayDataset):
    """Images of a prepared TensorFlow Datasets (tfds) dataset, as mnist, cifar10, celeb_a, lsun/bedroom.

    At most 4 GiB of training pixels are held in memory and permuted anew each epoch. More are streamed: each
    epoch shuffles the order of the files and each window of records. Nothing is downloaded unless `download`
    is true.

    Args:
        name: as tfds knows it, "mnist" or "lsun/bedroom" or "mnist:3.0.1".
        image_size: height and width in pixels (centre crop, then antialiased bicubic); None keeps them.
        channels: "grey" makes one channel, "rgb" three, "auto" keeps what there is.
        split: to train on; also a slice such as "train[:90%]".
        test_split: held out; celeb_a has "test", lsun has "validation".
        label: key of the class label among the dataset's features; data without it has no labels.
        invert: whether to swap black and white (Omniglot is black on white).
        in_memory: "always", "never", or "auto" for whatever is at most 4 GiB.
        data_dir: folder of the prepared data; None for TFDS_DATA_DIR, or else tfds' own default.
        download: whether data that is not prepared may be downloaded.
        shuffle_window: when streaming, so many consecutive records are permuted.
    """

    def __init__(
        self,
        name: str,
        image_size: int | None = None,
        channels: Literal["auto", "grey", "rgb"] = "auto",
        split: str = "train",
        test_split: str = "test",
        label: str = "label",
        invert: bool = False,
        in_memory: Literal["auto", "always", "never"] = "auto",
        data_dir: str | None = None,
        download: bool = False,
        shuffle_window: int = 8192,
    ):
        self.name = arguments.text("name", name)
        self.image_size = None if image_size is None else arguments.integer("image_size", image_size, 1, 4096)
        self.channels = arguments.one_of("channels", channels, ("auto", "grey", "rgb"))
        self.split = arguments.text("split", split)
        self.test_split = arguments.text("test_split", test_split)
        self.label = arguments.text("label", label)
        self.invert = arguments.flag("invert", invert)
        self.in_memory = arguments.one_of("in_memory", in_memory, ("auto", "always", "never"))
        self.data_dir = None if data_dir is None else arguments.text("data_dir", data_dir)
        self.download = arguments.flag("download", download)
        self.shuffle_window = arguments.integer("shuffle_window", shuffle_window, 1)

    @cached_property
    def builder(self):
        """The tfds builder of the prepared data."""
        from tfgan_suite.data.tfds_records import prepared_builder

        return prepared_builder(self.name, self.data_dir, self.download)

    @cached_property
    def example_shape(self) -> tuple[int, ...]:
        """(height, width, channels); needs the dataset's description, not its images."""
        height, width, present = self.builder.info.features[self._image_key].shape
        channels = {"grey": 1, "rgb": 3, "auto": present}[self.channels]
        if self.image_size is not None:
            return (self.image_size, self.image_size, channels)
        if height is None or width is None:
            raise UserError(
                f"image_size must be given for {self.name!r}, whose images differ in size; got None"
            )
        return (height, width, channels)

    @cached_property
    def num_classes(self) -> int | None:
        """Number of classes of the feature named by `label`, or None."""
        return None if self._label_key is None else self.builder.info.features[self._label_key].num_classes

    @cached_property
    def is_in_memory(self) -> bool:
        """Whether the images are held in memory."""
        if self.in_memory != "auto":
            return self.in_memory == "always"
        return self._pixels(self._records("train").count) <= LARGEST_IN_MEMORY

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the training images and labels, or of the description of data that is streamed."""
        if self.is_in_memory:
            return digest(self.name, self.train.images, self.train.labels)
        info, files = self.builder.info, self._records("train").files
        shards = [(file.skip, file.take, file.examples_in_shard) for file in files]
        options = (self.example_shape, self.split, self.label, self.invert, self.shuffle_window)
        return digest(info.full_name, info.splits[self.split.split("[")[0]].num_bytes, shards, options)

    def _load(self, split: Split) -> LabelledImages:
        import numpy as np

        records = self._records(split)
        images = np.empty((records.count, *self.example_shape), np.uint8)
        labels = np.empty(records.count, np.int32)
        position = 0
        for some, some_labels in untuned(self._decoded(records.in_order()).batch(256)).as_numpy_iterator():
            images[position : position + len(some)] = some
            labels[position : position + len(some)] = some_labels
            position += len(some)
        return LabelledImages(images, None if self.num_classes is None else labels)

    def _minibatches(self, batch_size: int, seed: int, start: int, labels: bool):
        if self.is_in_memory:
            return super()._minibatches(batch_size, seed, start, labels)
        records = self._records("train").shuffled(seed, start * batch_size, self.shuffle_window)
        minibatches = self._decoded(records).batch(batch_size, drop_remainder=True)
        return minibatches.map(lambda x, y: (to_signed_unit(x), y) if labels else to_signed_unit(x))

    def size(self, split: Split) -> int:
        """Number of images in a split; needs the dataset's description, not its images."""
        return self._records(split).count

    def split_fingerprint(self, split: Split) -> str:
        if self.is_in_memory:
            return super().split_fingerprint(split)
        return digest(self.fingerprint, self.test_split if split == "test" else split)

    def _examples(self, split: Split, count: int | None, seed: int):
        if self.is_in_memory:
            return super()._examples(split, count, seed)
        import numpy as np

        chosen = self._chosen(split, count, seed)
        if self.in_memory == "auto" and self._pixels(len(chosen)) > LARGEST_IN_MEMORY:
            raise UserError(
                f"count must be given: {len(chosen)} images of {self.name!r} do not fit into memory"
            )
        images = np.empty((len(chosen), *self.example_shape), np.float32)
        labels = np.empty(len(chosen), np.int32)
        order = np.argsort(chosen)
        picked = untuned(self._picked(split, chosen[order])).as_numpy_iterator()
        for place, (image, label) in zip(order, picked, strict=True):
            images[place] = image.astype(np.float32) / np.float32(127.5) - np.float32(1.0)
            labels[place] = label
        return images, None if self.num_classes is None else labels

    def _stream(self, split: Split, count: int | None, seed: int):
        if self.is_in_memory:
            yield from super()._stream(split, count, seed)
            return
        chosen = sorted(self._chosen(split, count, seed))
        picked = self._picked(split, chosen).map(lambda image, label: to_signed_unit(image))
        yield from untuned(picked.batch(BLOCK)).as_numpy_iterator()

    def _chosen(self, split: Split, count: int | None, seed: int):
        """Numbers of a random subset of the split's records, in random order."""
        return subset(self._records(split).count, count, seed, f"the {split} split of {self.name!r}")

    def _picked(self, split: Split, ascending):
        """The decoded records with these numbers: the files are read in order, and only those are decoded."""
        return self._decoded(_only(self._records(split).in_order(), ascending))

    def _records(self, split: Split):
        from tfgan_suite.data.tfds_records import TfdsRecords

        name = self.split if split == "train" else self.test_split
        return TfdsRecords(self.builder, name, self._image_key, self._label_key)

    def _decoded(self, records):
        """Serialized examples as uint8 images of `example_shape` and int32 labels, in the same order."""
        import tensorflow as tf

        from tfgan_suite.data.square_resize import resize_square, with_channels

        source, shape = self._records("train"), self.example_shape

        def decode(record):
            image, label = source.decode(record)
            image = with_channels(image, self.channels)
            if self.image_size is not None:
                image = resize_square(image, self.image_size)
            if self.invert:
                image = 255 - image
            return tf.ensure_shape(image, shape), label

        return records.map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)

    def _pixels(self, count: int) -> int:
        height, width, channels = self.example_shape
        return count * height * width * channels

    @cached_property
    def _image_key(self) -> str:
        import numpy as np
        import tensorflow_datasets as tfds

        features = self.builder.info.features
        keys = [key for key, feature in features.items() if isinstance(feature, tfds.features.Image)]
        key = "image" if "image" in keys else (keys[0] if len(keys) == 1 else None)
        if key is None:
            raise UserError(
                f"name must be a dataset with one image per example, got {self.name!r} with {keys}"
            )
        if features[key].np_dtype != np.uint8:
            raise UserError(f"images must be uint8, got {features[key].np_dtype} from {self.name!r}")
        return key

    @cached_property
    def _label_key(self) -> str | None:
        import tensorflow_datasets as tfds

        features = self.builder.info.features
        if self.label in features and isinstance(features[self.label], tfds.features.ClassLabel):
            return self.label
        if self.label != "label":
            raise UserError(
                f"label must name a class label of {self.name!r}, got {self.label!r}; it has {[*features]}"
            )
        return None


def _only(records, chosen):
    """The records with the given ascending numbers."""
    import tensorflow as tf

    wanted = tf.constant(chosen, tf.int64)

    def is_wanted(number, record):
        place = tf.searchsorted(wanted, number[tf.newaxis])[0]
        return tf.gather(wanted, tf.minimum(place, len(chosen) - 1)) == number

    return records.take(int(chosen[-1]) + 1).enumerate().filter(is_wanted).map(lambda number, record: record)

"""The record files of one split of a prepared tfds dataset, read without shuffling by tfds."""

from functools import cached_property

from tfgan_suite.errors import UserError


def prepared_builder(name: str, data_dir: str | None, download: bool):
    """The tfds builder of data that is on disk; it is downloaded only with `download=True`.

    Raises:
        UserError: when the data is not there, with the command that prepares it.
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.read_only_builder import builder_from_files

    try:
        # From its files alone: `tfds.builder` of data that is not prepared asks a server about it.
        return builder_from_files(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError:
        pass
    if download:
        builder = tfds.builder(name, data_dir=data_dir)
        builder.download_and_prepare()
        return builder
    place = data_dir or tfds.core.constants.DATA_DIR
    option = f", data_dir={data_dir!r}" if data_dir else ""
    command = f"import tensorflow_datasets as tfds; tfds.builder({name!r}{option}).download_and_prepare()"
    raise UserError(
        f'dataset {name!r} is not prepared in {place}. To download and prepare it: python -c "{command}" '
        "or give download=True; or point data_dir (or the environment variable TFDS_DATA_DIR) to a folder "
        "that has it"
    )


class TfdsRecords:
    """Serialized examples of one split and how to decode their image and label.

    Args:
        builder: of prepared data.
        split: its name, or a slice such as "train[:90%]".
        image: key of the image feature.
        label: key of the class label, or None.
    """

    def __init__(self, builder, split: str, image: str, label: str | None):
        if not _has_split(builder, split):
            raise UserError(
                f"dataset {builder.info.name!r} has no split {split!r}, only {', '.join(builder.info.splits)}"
            )
        if builder.info.file_format.value != "tfrecord":
            raise UserError(
                f"dataset {builder.info.name!r} must be prepared with file_format 'tfrecord', got "
                f"{builder.info.file_format.value!r}"
            )
        self.builder, self.split, self.image, self.label = builder, split, image, label
        self.files = builder.info.splits[split].file_instructions
        self.count = sum(file.take for file in self.files)

    @cached_property
    def features(self):
        """The image and label alone, so that nothing else is decoded."""
        import tensorflow_datasets as tfds

        wanted = [self.image] if self.label is None else [self.image, self.label]
        return tfds.features.FeaturesDict({key: self.builder.info.features[key] for key in wanted})

    def decode(self, record):
        """One serialized example as (uint8 image, int32 label); the label is 0 where there is none."""
        import tensorflow as tf

        example = self.features.deserialize_example(record)
        label = tf.constant(0) if self.label is None else tf.cast(example[self.label], tf.int32)
        return example[self.image], label

    def in_order(self):
        """A tf.data.Dataset of serialized examples in the order of the files."""
        import tensorflow as tf

        return self._files().flat_map(
            lambda name, skip, take: tf.data.TFRecordDataset(name).skip(skip).take(take)
        )

    def shuffled(self, seed: int, start: int, window: int):
        """An endless tf.data.Dataset of serialized examples from number `start` on, epoch after epoch.

        In each epoch the files come in a random order and interleaved, and every `window` consecutive records
        are permuted, all as a function of (seed, epoch). Skipped epochs cost nothing, skipped records are
        only read.
        """
        import tensorflow as tf

        first_epoch, position = divmod(start, self.count)
        epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
        return epochs.flat_map(lambda epoch: self._epoch(seed, epoch, window)).skip(position)

    def _epoch(self, seed: int, epoch, window: int):
        import tensorflow as tf

        from tfgan_suite import draws

        def permuted(number, records):
            # Epoch and window share one number of the key: there are fewer than 2^24 windows.
            key = draws.named(seed, epoch * 2**24 + number, "record order")
            return tf.gather(records, draws.permutation(tf.size(records), key))

        files = self._files(draws.permutation(len(self.files), draws.named(seed, epoch, "file order")))
        records = files.interleave(
            lambda name, skip, take: tf.data.TFRecordDataset(name).skip(skip).take(take),
            cycle_length=min(16, len(self.files)),
            block_length=16,
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        return records.batch(window).enumerate().map(permuted).unbatch()

    def _files(self, order=None):
        """A tf.data.Dataset of (file name, records to skip, records to take)."""
        import tensorflow as tf

        columns = (
            tf.constant([str(file.filename) for file in self.files]),
            tf.constant([file.skip for file in self.files], tf.int64),
            tf.constant([file.take for file in self.files], tf.int64),
        )
        if order is not None:
            columns = tuple(tf.gather(column, order) for column in columns)
        return tf.data.Dataset.from_tensor_slices(columns)


def _has_split(builder, split: str) -> bool:
    try:
        return builder.info.splits[split].num_examples > 0
    except (KeyError, ValueError):
        return False

"""Three digits stacked as the colour channels of one image: a thousand modes."""

from functools import cached_property
from typing import Literal

from tfgan_suite.data import arguments
from tfgan_suite.data.array_dataset import ArrayDataset, to_signed_unit
from tfgan_suite.data.dataset import Split, digest
from tfgan_suite.data.drawn_dataset import DrawnDataset


class StackedDigits(DrawnDataset):
    """Three random digits as the channels of one RGB image: 1,000 modes, label 100 a + 10 b + c.

    Drawn afresh at each step, uniformly over triples of images; test images are made of held-out digits.
    Source: "stacked MNIST" of Metz et al., "Unrolled GANs", 2017.

    Args:
        source: "mnist" (prepared tfds data) or "digits" (inside scikit-learn, nothing to download).
        image_size: height and width in pixels; None for 28 with "mnist", 16 with "digits".
        data_dir: folder of the prepared data, as in `TfdsImages`; only for "mnist".
        download: whether "mnist" may be downloaded where it is not prepared.
    """

    name = "stacked_digits"
    num_classes = 1000

    def __init__(
        self,
        source: Literal["mnist", "digits"] = "mnist",
        image_size: int | None = None,
        data_dir: str | None = None,
        download: bool = False,
    ):
        self.source = arguments.one_of("source", source, ("mnist", "digits"))
        default_size = 28 if source == "mnist" else 16
        self.image_size = arguments.integer(
            "image_size", default_size if image_size is None else image_size, 8, 64
        )
        self.data_dir = None if data_dir is None else arguments.text("data_dir", data_dir)
        self.download = arguments.flag("download", download)
        self.example_shape = (self.image_size, self.image_size, 3)

    @cached_property
    def single_digits(self) -> ArrayDataset:
        """The dataset whose images are stacked."""
        from tfgan_suite.data.digits import Digits
        from tfgan_suite.data.tfds_images import TfdsImages

        if self.source == "digits":
            return Digits(image_size=self.image_size)
        size = None if self.image_size == 28 else self.image_size  # 28 is MNIST's own
        return TfdsImages("mnist", image_size=size, data_dir=self.data_dir, download=self.download)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the single digits."""
        return digest(self.name, self.single_digits.fingerprint)

    def _prepare(self, split: Split) -> None:
        _ = self.single_digits.train if split == "train" else self.single_digits.test

    def _draw(self, count: int, seed: int, step, stream: str):
        import tensorflow as tf

        from tfgan_suite import draws

        images, labels = self.single_digits.test if stream == "test" else self.single_digits.train
        # Made outside of the graph, which then captures the arrays instead of copying them into itself.
        with tf.init_scope(), tf.device("CPU:0"):
            images, labels = tf.constant(images), tf.constant(labels)
        total = tf.constant(images.shape[0], tf.uint32)
        bits = draws.bits((count, 3), self._key(seed, step, stream, "digits"))
        chosen = tf.cast(tf.math.floormod(bits, total), tf.int32)  # favours no digit by more than 2^-15
        stacked = tf.transpose(
            tf.gather(images, chosen)[..., 0], (0, 2, 3, 1)
        )  # (n, 3, h, w) to (n, h, w, 3)
        code = tf.reduce_sum(tf.gather(labels, chosen) * tf.constant([100, 10, 1]), axis=1)
        return to_signed_unit(stacked), code

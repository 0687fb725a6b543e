"""Small data for these tests, made on the spot; and the real data sets, where they are prepared."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TINY_COUNT = 50


def tiny_image(i: int) -> np.ndarray:
    """uint8 (12, 16, 3): image i of the tiny dataset has the value 5 i everywhere."""
    return np.full((12, 16, 3), 5 * i, np.uint8)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory) -> str:
    """A tfds folder with `tiny`: 50 training images in 4 files, label i mod 3; test split "validation"."""
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core.utils import gcs_utils

    class Tiny(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = {
                "image": tfds.features.Image(shape=(12, 16, 3)),
                "label": tfds.features.ClassLabel(num_classes=3),
                "size_free": tfds.features.Text(),
            }
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

        def _split_generators(self, _):
            return {
                "train": self._generate_examples(0, TINY_COUNT),
                "validation": self._generate_examples(1, 7),
            }

        def _generate_examples(self, first, last):
            for i in range(first, last):
                yield i, {"image": tiny_image(i), "label": i % 3, "size_free": "unused"}

    folder = str(tmp_path_factory.mktemp("tfds"))
    config = tfds.download.DownloadConfig(num_shards=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gcs_utils, "_is_gcs_disabled", True)  # else tfds asks a server about "tiny"
        Tiny(data_dir=folder).download_and_prepare(download_config=config)
    return folder


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory) -> Path:
    """24 PNG files of 20 x 10 pixels in the sub-folders "a" and "b"; file i has the grey value 10 i."""
    folder = tmp_path_factory.mktemp("images")
    for i in range(24):
        (folder / "ab"[i % 2]).mkdir(exist_ok=True)
        Image.fromarray(np.full((10, 20, 3), 10 * i, np.uint8)).save(folder / "ab"[i % 2] / f"{i:02}.png")
    return folder

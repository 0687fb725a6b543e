"""A folder of image files."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Literal

from tfgan_suite.data import arguments
from tfgan_suite.data.array_dataset import ArrayDataset, LabelledImages
from tfgan_suite.data.dataset import MAX_SEED, Split
from tfgan_suite.data.image_file import SUFFIXES, read_image
from tfgan_suite.errors import UserError


class ImageFolder(ArrayDataset):
    """Every image file below a folder, in sorted order, held in memory.

    Classes are the folder's sub-folders, in sorted order; there are none when an image lies directly in the
    folder. Whether a file is held out is decided by a hash of its path below the folder and of `split_seed`.

    Args:
        path: the folder.
        image_size: height and width in pixels (centre crop to a square, then antialiased bicubic).
        channels: "rgb" or "grey".
        test_fraction: expected share of held-out files, in [0, 1).
        split_seed: chooses the held-out files.
    """

    def __init__(
        self,
        path: str,
        image_size: int,
        channels: Literal["grey", "rgb"] = "rgb",
        test_fraction: float = 0.1,
        split_seed: int = 0,
    ):
        self.path = Path(path)
        if not self.path.is_dir():
            raise UserError(f"path must be a folder of images, got {str(path)!r}, which is not a folder")
        self.name = self.path.resolve().name
        self.image_size = arguments.integer("image_size", image_size, 1, 4096)
        self.channels = arguments.one_of("channels", channels, ("grey", "rgb"))
        self.test_fraction = arguments.fraction("test_fraction", test_fraction)
        self.split_seed = arguments.integer("split_seed", split_seed, 0, MAX_SEED)
        self.example_shape = (self.image_size, self.image_size, 1 if channels == "grey" else 3)

    @cached_property
    def files(self) -> list[Path]:
        """Paths of all images, relative to the folder, sorted."""
        found = [
            file.relative_to(self.path) for file in self.path.rglob("*") if file.suffix.lower() in SUFFIXES
        ]
        if not found:
            raise UserError(
                f"path must contain images ({', '.join(SUFFIXES)}), got {str(self.path)!r} with none"
            )
        return sorted(found, key=Path.as_posix)

    @cached_property
    def classes(self) -> list[str]:
        """Names of the sub-folders, sorted; empty when an image lies directly in the folder."""
        if any(len(file.parts) == 1 for file in self.files):
            return []
        return sorted({file.parts[0] for file in self.files})

    @property
    def num_classes(self) -> int | None:
        """Number of classes, or None."""
        return len(self.classes) or None

    def split_files(self, split: Split) -> list[Path]:
        """The files of one split."""
        return [file for file in self.files if self._is_held_out(file) == (split == "test")]

    def _is_held_out(self, file: Path) -> bool:
        hashed = hashlib.sha256(f"{self.split_seed}/{file.as_posix()}".encode()).digest()
        return int.from_bytes(hashed[:8], "big") < self.test_fraction * 2**64

    def _load(self, split: Split) -> LabelledImages:
        import numpy as np

        files = self.split_files(split)
        images = np.empty((len(files), *self.example_shape), np.uint8)
        with ThreadPoolExecutor() as pool:
            for place, image in enumerate(pool.map(self._read, files)):
                images[place] = image
        if self.num_classes is None:
            return LabelledImages(images, None)
        number = {name: i for i, name in enumerate(self.classes)}
        return LabelledImages(images, np.array([number[file.parts[0]] for file in files], np.int32))

    def _read(self, file: Path):
        """uint8 array of `example_shape`."""
        try:
            return read_image(self.path / file, self.channels, self.image_size)
        except (OSError, ValueError, SyntaxError) as error:
            raise UserError(f"image file {str(self.path / file)!r} cannot be read: {error}") from None

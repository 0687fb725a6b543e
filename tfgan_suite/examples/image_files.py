"""A folder of image files made by anyone."""

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from tfgan_suite.data.dataset import BLOCK, digest
from tfgan_suite.data.image_file import SUFFIXES, read_image
from tfgan_suite.errors import UserError
from tfgan_suite.examples.examples import Collection, Examples, chosen_positions


class _File(NamedTuple):
    """One file that can be read: its path, the digest of its bytes, the shape of its image."""

    path: Path
    digest: str
    shape: tuple[int, ...]


class ImageFiles(Collection):
    """Every image file below a folder. Files that cannot be read are left out, and named in `notice`.

    Args:
        path: the folder.
        image_size: height and width in pixels (centre crop to a square, then antialiased bicubic); None keeps
            the images as they are, which must then all have one size.
        channels: "grey" makes one channel, "rgb" three, "auto" keeps what there is.
        strict: whether a file that cannot be read is an error.
    """

    def __init__(
        self,
        path: Path,
        image_size: int | None = None,
        channels: Literal["auto", "grey", "rgb"] = "auto",
        strict: bool = False,
    ):
        self.path, self.image_size, self.channels, self.strict = Path(path), image_size, channels, strict
        self.name = str(path)

    @cached_property
    def files(self) -> list[_File]:
        """Those that can be read; each was decoded once.

        Raises:
            UserError: there is none, or `strict` and one of them cannot be read.
        """
        paths = sorted(p for p in self.path.rglob("*") if p.suffix.lower() in SUFFIXES)
        if not paths:
            raise UserError(f"{self.path}: expected image files ({', '.join(SUFFIXES)}), came none")
        with ThreadPoolExecutor() as pool:
            looked_at = list(pool.map(self._look_at, paths))
        good = [found for found in looked_at if isinstance(found, _File)]
        self._bad = [found for found in looked_at if isinstance(found, str)]
        if not good or (self.strict and self._bad):
            raise UserError(self._complaint(len(paths)))
        return good

    @property
    def notice(self) -> str | None:
        """A line that counts and names the files that cannot be read; None without any."""
        total = len(self.files)
        return self._complaint(total + len(self._bad)) + "; they are left out" if self._bad else None

    def _complaint(self, total: int) -> str:
        named = ", ".join(self._bad[:5]) + (", ..." if len(self._bad) > 5 else "")
        return f"{self.path}: {len(self._bad)} of {total} files cannot be read: {named}"

    @property
    def size(self) -> int:
        return len(self.files)

    @cached_property
    def example_shape(self) -> tuple[int, ...]:
        shapes: dict[tuple, int] = {}
        for file in self.files:
            shapes[file.shape] = shapes.get(file.shape, 0) + 1
        if len(shapes) > 1:
            most = sorted(shapes.items(), key=lambda item: -item[1])[:5]
            listed = ", ".join(f"{count} of {'x'.join(map(str, shape))}" for shape, count in most)
            raise UserError(
                f"{self.path}: expected images of one size and kind, came {listed} "
                "(--image-size N and --channels grey or rgb make them alike)"
            )
        return next(iter(shapes))

    def choose(self, count: int | None, seed: int, skip: int = 0) -> Examples:
        shape = self.example_shape
        chosen = [self.files[i] for i in chosen_positions(self.size, count, seed, skip, self.name)]

        def read() -> Iterator[np.ndarray]:
            with ThreadPoolExecutor() as pool:
                for start in range(0, len(chosen), BLOCK):
                    yield np.stack(list(pool.map(self._image, chosen[start : start + BLOCK])))

        content = digest(*(file.digest for file in chosen), self.image_size, self.channels)
        return Examples(self.name, len(chosen), shape, content, read)

    def _look_at(self, path: Path) -> _File | str:
        """The file, or its name and why it cannot be read."""
        try:
            content = path.read_bytes()
            shape = self._decode(content).shape
        except (OSError, ValueError, SyntaxError) as error:
            return f"{path.relative_to(self.path).as_posix()} ({error})"
        return _File(path, hashlib.sha256(content).hexdigest()[:32], shape)

    def _image(self, file: _File) -> np.ndarray:
        return self._decode(file.path.read_bytes())

    def _decode(self, content: bytes) -> np.ndarray:
        return read_image(io.BytesIO(content), self.channels, self.image_size)

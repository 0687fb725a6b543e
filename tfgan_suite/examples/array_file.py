"""Images or points in a NumPy file made by anyone."""

import contextlib
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tfgan_suite.data.dataset import BLOCK, digest
from tfgan_suite.errors import UserError
from tfgan_suite.examples.examples import Collection, Examples, chosen_positions
from tfgan_suite.images import to_uint8

USUAL_NAMES = ("images", "samples", "arr_0")

_CORRUPT = (ValueError, EOFError, OSError, KeyError, zipfile.BadZipFile, zlib.error)


class _Content(NamedTuple):
    """What one pass over the file found."""

    digest: str
    lowest: float
    highest: float


class ArrayFile(Collection):
    """The array in an `.npy` file, or one of those in an `.npz` file, read in blocks.

    uint8 images (n, height, width, channels), or floats in `value_range`; (n, height, width) is one channel.
    Points are floats (n, dimension).

    Args:
        path: `FILE.npy`, `FILE.npz`, or `FILE.npz:NAME`; without a name the only array is taken, or else one
            called images, samples or arr_0.
        value_range: what black and white are in floats; (-1, 1), or (0, 1), or (0, 255).
    """

    def __init__(self, path: str | Path, value_range: tuple[float, float] | None = None):
        file, colon, member = str(path).rpartition(":")
        self.path, self._member = (
            (Path(file), member) if colon and file.endswith(".npz") else (Path(path), None)
        )
        self.name, self.value_range = str(path), value_range

    @property
    def size(self) -> int:
        return self._layout[0][0]

    @property
    def example_shape(self) -> tuple[int, ...]:
        shape = self._layout[0][1:]
        return (*shape, 1) if len(shape) == 2 else shape

    def choose(self, count: int | None, seed: int, skip: int = 0) -> Examples:
        positions = chosen_positions(self.size, count, seed, skip, self.name)
        self._check_values()

        def read() -> Iterator[np.ndarray]:
            start = 0
            for block in self._blocks():
                here = positions[
                    np.searchsorted(positions, start) : np.searchsorted(positions, start + len(block))
                ]
                if len(here):
                    yield self._as_examples(block[here - start])
                start += len(block)

        fingerprint = digest(self._content.digest, positions, self.value_range)
        return Examples(self.name, len(positions), self.example_shape, fingerprint, read)

    def _as_examples(self, block: np.ndarray) -> np.ndarray:
        block = block.reshape(len(block), *self.example_shape)
        if block.ndim == 2:
            return block.astype(np.float32)
        if block.dtype == np.uint8:
            return block
        low, high = self.value_range or (-1.0, 1.0)
        return to_uint8((block.astype(np.float32) - low) * (2.0 / (high - low)) - 1.0)

    def _check_values(self) -> None:
        dtype, (_, low, high) = self._layout[1], self._content
        if not (np.isfinite(low) and np.isfinite(high)):
            raise UserError(f"{self.name}: expected finite numbers, came NaN or infinity")
        if len(self.example_shape) == 1 or dtype == np.uint8:
            return
        found = f"came {dtype} from {low:g} to {high:g}"
        if self.value_range is not None:
            darkest, brightest = self.value_range
            if low < darkest or high > brightest:
                raise UserError(f"{self.name}: expected values from {darkest:g} to {brightest:g}, {found}")
        elif not np.issubdtype(dtype, np.floating):
            raise UserError(
                f"{self.name}: expected uint8, or floats in [-1, 1], {found}; say --value-range 0 255"
            )
        elif low < -1.0 or high > 1.0:
            raise UserError(
                f"{self.name}: expected floats in [-1, 1], {found} (--value-range LOW HIGH says so)"
            )
        elif low >= 0.0:
            raise UserError(
                f"{self.name}: expected floats in [-1, 1], {found}, which looks like [0, 1]; "
                "say --value-range 0 1, or --value-range -1 1 if it is not"
            )

    @cached_property
    def _content(self) -> _Content:
        sha, lowest, highest = hashlib.sha256(repr(self._layout).encode()), np.inf, -np.inf
        for block in self._blocks():
            sha.update(np.ascontiguousarray(block).data)
            # Written so that a NaN stays one.
            lowest, highest = np.minimum(lowest, block.min()), np.maximum(highest, block.max())
        return _Content(sha.hexdigest()[:32], float(lowest), float(highest))

    @cached_property
    def _layout(self) -> tuple[tuple[int, ...], np.dtype]:
        """Shape and dtype, from the file's header."""
        with self._opened() as file:
            shape, fortran_order, dtype = self._header(file)
        if dtype.kind not in "uif" or fortran_order or len(shape) not in (2, 3, 4) or 0 in shape:
            order = " in Fortran order" if fortran_order else ""
            raise UserError(
                f"{self.name}: expected images (n, height, width, channels) or points (n, dimension), "
                f"not empty, came {dtype} {shape}{order}"
            )
        return shape, dtype

    def _blocks(self) -> Iterator[np.ndarray]:
        """The rows in order, so that a compressed file is read once and never whole."""
        shape, dtype = self._layout
        width = int(np.prod(shape[1:]))
        with self._opened() as file:
            self._header(file)
            for start in range(0, shape[0], BLOCK):
                rows = min(BLOCK, shape[0] - start)
                content = self._read(file, rows * width * dtype.itemsize)
                yield np.frombuffer(content, dtype).reshape(rows, *shape[1:])

    def _read(self, file, size: int) -> bytes:
        try:
            content = file.read(size)
        except _CORRUPT as error:
            raise UserError(f"{self.name}: expected a whole file, came a damaged one ({error})") from error
        if len(content) < size:
            raise UserError(f"{self.name}: expected {self.size} rows, came a file that is cut off")
        return content

    def _header(self, file) -> tuple[tuple[int, ...], bool, np.dtype]:
        try:
            version = np.lib.format.read_magic(file)
            reader = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }
            return reader[version](file)
        except _CORRUPT as error:
            raise UserError(f"{self.name}: expected a NumPy array, came {error}") from error

    @contextlib.contextmanager
    def _opened(self):
        """The array as an open binary file."""
        if not self.path.is_file():
            raise UserError(f"{self.name}: expected a file, came none")
        if self.path.suffix != ".npz":
            with open(self.path, "rb") as file:
                yield file
            return
        try:
            archive = zipfile.ZipFile(self.path)
        except _CORRUPT as error:
            raise UserError(f"{self.name}: expected an .npz file, came {error}") from error
        with archive, archive.open(f"{self._chosen_member(archive)}.npy") as file:
            yield file

    def _chosen_member(self, archive: zipfile.ZipFile) -> str:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        usual = [name for name in USUAL_NAMES if name in names]
        member = self._member or (names[0] if len(names) == 1 else usual[0] if usual else None)
        if member not in names:
            raise UserError(
                f"{self.name}: expected the name of one of its arrays, {self.path}:NAME of "
                f"{', '.join(names)}; came {member or 'none'}"
            )
        return member

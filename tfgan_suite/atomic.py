"""Files that are either the old or the new one, never half of the new one."""

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from tfgan_suite.errors import UserError


@contextlib.contextmanager
def replacing(path) -> Iterator[Path]:
    """Give a temporary path to write to; on success it takes the place of `path`, on an exception it goes.

    The temporary lies in the same directory (a rename is atomic only within a file system) and its name ends
    with the target's whole name, so that `np.savez`, PIL and Keras (`.weights.h5`) choose the right format.
    Missing parent directories are made. A link is followed: what it points to is replaced. The body may make
    a directory instead of a file, provided that `path` does not exist yet.

    Raises:
        UserError: `path` is an existing directory: that cannot be replaced in one step.
        FileNotFoundError: the body wrote nothing.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise UserError(
            f"path: expected a file or a directory that does not exist yet, came directory {path}"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid.uuid4().hex[:12]}.{target.name}")
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, target)
        # The rename itself is an entry of the parent directory, which a power cut can lose.
        _fsync(target.parent)
    finally:
        _remove(temporary)  # gone already after a success


def write_text(path, text: str) -> None:
    """Replace the file at `path` by `text` in UTF-8, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path, value) -> None:
    """Replace the file at `path` by `value` as indented JSON, atomically; NumPy numbers and arrays are taken.

    A diverged run has results too: NaN and infinities are written as Python's json reads them back (`NaN`,
    `Infinity`), although strict JSON has no such numbers.

    Raises:
        TypeError: a value that JSON does not have. The old file stays.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_plain)
    write_text(path, text + "\n")


def _plain(value):
    # NumPy scalars and arrays, without importing NumPy here.
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"value: expected something JSON can hold, came {type(value).__name__}")


def _flush(path: Path) -> None:
    """fsync a file, or a directory with everything in it."""
    for folder, _, names in os.walk(path):
        for name in names:
            _fsync(Path(folder, name))
        _fsync(Path(folder))
    if not path.is_dir():  # os.walk of a file gives nothing
        _fsync(path)


def _fsync(path: Path) -> None:
    if os.name == "nt":  # no fsync of directories, nor through a descriptor opened for reading
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

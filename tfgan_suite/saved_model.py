"""SavedModels as folders: numbered versions, written whole or not at all, with a note of what they are."""

import hashlib
import json
from pathlib import Path

from tfgan_suite.atomic import replacing
from tfgan_suite.errors import UserError

ABOUT = Path("assets.extra") / "tfgan_suite.json"  # servers ignore it


def save_next_version(directory: Path, weights, signatures: dict, about: dict) -> Path:
    """Writes `<directory>/<version>/` with nothing but the variables and the signatures; returns its path.

    Args:
        weights: Keras variables that the signatures use.
        signatures: `tf.function`s by name.
        about: kept beside the graph, for `read_about`.
    """
    import tensorflow as tf

    versions = [int(p.name) for p in Path(directory).glob("*") if p.is_dir() and p.name.isdigit()]
    path = Path(directory) / str(max(versions, default=0) + 1)
    # A module with nothing but the variables: no Keras object goes into the file, and each weight once.
    module = tf.Module()
    module.weights = [variable.value for variable in weights]
    with replacing(path) as temporary:
        tf.saved_model.save(module, str(temporary), signatures=signatures)
        (temporary / ABOUT).parent.mkdir()
        (temporary / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return path


def newest_version(folder: Path) -> Path | None:
    """`folder` where it is a SavedModel, else its highest numbered sub-folder that is one, else None."""
    folder = Path(folder)
    if (folder / "saved_model.pb").is_file():
        return folder
    versions = [p for p in folder.glob("*") if p.name.isdigit() and (p / "saved_model.pb").is_file()]
    return max(versions, key=lambda p: int(p.name), default=None)


def read_about(folder: Path) -> dict:
    """What was written down with a SavedModel; empty for those of others."""
    file = Path(folder) / ABOUT
    try:
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except json.JSONDecodeError as error:
        raise UserError(f"{file}: expected JSON, came {error}") from error


def folder_digest(folder: Path) -> str:
    """32 hexadecimal digits that change with the graph or the weights of a SavedModel."""
    folder, sha = Path(folder), hashlib.sha256()
    for file in sorted([folder / "saved_model.pb", *(folder / "variables").glob("*")]):
        sha.update(f"{file.relative_to(folder).as_posix()};".encode())
        with open(file, "rb") as opened:
            while chunk := opened.read(2**22):
                sha.update(chunk)
    return sha.hexdigest()[:32]

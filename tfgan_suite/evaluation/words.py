"""What a user types, on the command line, to the objects it means."""

import dataclasses
from pathlib import Path
from typing import Literal

from tfgan_suite import config as configs
from tfgan_suite.config import yaml_text
from tfgan_suite.config.catalogue import PACKAGE
from tfgan_suite.data.dataset import Dataset
from tfgan_suite.errors import UserError
from tfgan_suite.evaluation.reference import DatasetReference, FilesReference, Reference
from tfgan_suite.examples.array_file import ArrayFile
from tfgan_suite.examples.examples import Collection
from tfgan_suite.examples.image_files import ImageFiles
from tfgan_suite.extractors.extractor import Extractor
from tfgan_suite.latents import LatentDistribution


@dataclasses.dataclass(frozen=True)
class Reading:
    """How files made by others are read; the options of `ImageFiles`, `ArrayFile` and `samples_of`."""

    image_size: int | None = None
    channels: Literal["auto", "grey", "rgb"] = "auto"
    strict: bool = False
    value_range: tuple[float, float] | None = None
    latents: LatentDistribution | None = None


AS_IT_IS = Reading()


def data_spec(text: str) -> dict:
    """ "digits", "StackedDigits", "mnist", a config, "{type: ImageFolder, ...}": as a config describes data.

    A name that no public dataset has is one of tensorflow_datasets.
    """
    if text.strip().startswith("{"):
        return yaml_text.parse(text, "data")
    if text.endswith((".yaml", ".yml")):
        return dict(configs.load(text).data)
    public = {name.lower(): name for name in PACKAGE.components("data")}
    name = public.get(text.replace("_", "").lower())
    return {"type": name} if name else {"type": "TfdsImages", "name": text}


def dataset_of(text: str, option: str) -> Dataset:
    """The dataset that `data_spec` describes; `option` is named in errors."""
    return configs.build(data_spec(text), "data", option)


def reference_of(text: str, reading: Reading = AS_IT_IS) -> Reference:
    """A dataset as in `data_spec`, with ":train" or ":test" behind it; a folder of images; an array."""
    files = files_of(text, reading)
    if files is not None:
        return FilesReference(files)
    name, colon, split = text.rpartition(":")
    if not colon or split not in ("train", "test"):
        name, split = text, "test"
    return DatasetReference(dataset_of(name, "--reference"), split)


def subject_of(text: str, reading: Reading = AS_IT_IS) -> Collection:
    """A run, a SavedModel, a folder of images or an array."""
    from tfgan_suite.sampling import samples_of

    path = Path(text)
    if not _is_array(text) and not path.is_dir():
        raise UserError(
            f"{text}: expected a run, a SavedModel, a folder of images, or an .npy or .npz file; came none"
        )
    return files_of(text, reading) or samples_of(path, reading.latents)


def files_of(text: str, reading: Reading) -> Collection | None:
    """A folder of images or an array, or None for anything else."""
    from tfgan_suite.saved_model import newest_version

    path = Path(text)
    if _is_array(text):
        return ArrayFile(text, reading.value_range)
    if not path.is_dir() or (path / "config.yaml").is_file() or newest_version(path) is not None:
        return None
    return ImageFiles(path, reading.image_size, reading.channels, reading.strict)


def extractor_of(text: str, dataset: Dataset | None) -> Extractor:
    """A name from extractors, in any case, or "{type: Inception, ...}"."""
    names = {name.lower(): name for name in PACKAGE.components("extractors")}
    spec = names.get(text.lower()) or yaml_text.parse(text, "--extractor")
    return configs.build(spec, "extractors", "--extractor", dataset=dataset)


def metrics_of(text: str) -> list:
    """ "frechet_distance, {type: kernel_distance, subsets: 100}" as a list of names and mappings."""
    return yaml_text.parse(f"[{text}]", "--metrics")


def _is_array(text: str) -> bool:
    file = text.rpartition(":")[0] if ".npz:" in text else text
    return file.endswith((".npy", ".npz"))

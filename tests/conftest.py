"""What all tests share: a quiet TensorFlow, a fresh seed for each test, and where real data are."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tfgan_suite.quiet import choose_kernels

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
choose_kernels(exact=True)  # as the command line does

# Features of tests do not go into the user's own cache.
os.environ["TFGAN_SUITE_CACHE"] = tempfile.mkdtemp(prefix="tfgan_suite_tests_")
atexit.register(shutil.rmtree, os.environ["TFGAN_SUITE_CACHE"], ignore_errors=True)


# They start processes and wait for them, half a minute each: at the end one worker would wait for another.
EARLY = ("test_multi_worker.py", "test_replicas.py", "test_checkpoint.py", "test_reproduce.py")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in EARLY)


@pytest.fixture(autouse=True)
def _seeded():
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture
def double():
    """Everything built in float64, inputs too: a float32 `Input` would round the gradients on their way."""
    import keras

    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)


@pytest.fixture
def prepared_folder():
    """A function: the folder that holds the tfds data of a name; it skips the test when there is none."""

    def find(name: str) -> str:
        beside = Path(__file__).resolve().parents[2] / "shared" / "tensorflow_datasets"
        for folder in filter(None, (os.environ.get("TFDS_DATA_DIR"), beside)):
            if (Path(folder) / name).is_dir():
                return str(folder)
        pytest.skip(f"{name} is not in TFDS_DATA_DIR or ../shared/tensorflow_datasets; tests never download")

    return find

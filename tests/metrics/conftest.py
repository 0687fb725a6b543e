"""An independent implementation to compare with."""

import importlib.util
import os
import sys
import types

import pytest


@pytest.fixture(scope="session")
def tensorflow_gan_metrics():
    """`tensorflow_gan`'s metrics module, whose package itself does not import on TensorFlow 2.21."""
    # Its __init__ needs tf.estimator, which is gone; bare packages let the leaf module import without it.
    spec = importlib.util.find_spec("tensorflow_gan")
    if spec is None:
        pytest.skip("tensorflow_gan is not installed")
    root = spec.submodule_search_locations[0]
    bare = {"tensorflow_gan": root, "tensorflow_gan.python": os.path.join(root, "python")}
    for name, folder in bare.items():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [folder]
    try:
        return importlib.import_module("tensorflow_gan.python.eval.classifier_metrics")
    finally:
        for name in bare:
            del sys.modules[name]

"""Generative adversarial networks for TensorFlow and Keras."""

import importlib

__version__ = "0.1.0"

_SUBPACKAGES = ("callbacks", "data", "metrics", "models", "networks", "objectives", "priors", "regularizers")
__all__ = [*_SUBPACKAGES, "__version__"]


def __getattr__(name: str):
    # Sub-packages load on first use: `import tfgan_suite` costs no TensorFlow import.
    if name in _SUBPACKAGES:
        return importlib.import_module(f"tfgan_suite.{name}")
    raise AttributeError(f"module 'tfgan_suite' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

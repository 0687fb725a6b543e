"""Strict YAML configs, checked without importing TensorFlow, and the objects that they describe."""

from tfgan_suite.config.building import build, build_optimizer
from tfgan_suite.config.config import Config, Evaluation, Training, dump, load
from tfgan_suite.config.errors import ConfigError, unknown_key
from tfgan_suite.config.schema import INJECTED

__all__ = [
    "INJECTED",
    "Config",
    "ConfigError",
    "Evaluation",
    "Training",
    "build",
    "build_optimizer",
    "dump",
    "load",
    "unknown_key",
]

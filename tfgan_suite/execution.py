"""How a model's steps are executed: decided per device and network, and told to the user."""

from collections.abc import Iterable
from typing import Literal

import keras
import tensorflow as tf


def choose_xla(networks: Iterable[keras.Model], request: bool | Literal["auto"]) -> tuple[bool, str]:
    """Whether XLA compiles losses and gradients, and a line that says so and why.

    The rule behind "auto" was measured; docs/platform.md has the numbers.
    """
    if request not in (True, False, "auto"):
        raise ValueError(f'jit_compile: expected True, False or "auto", came {request!r}')
    if request != "auto":
        return request, f"XLA {'on' if request else 'off'}: asked for"
    layers = [layer for network in networks for layer in network._flatten_layers()]
    if any(getattr(layer, "synchronized", False) for layer in layers):
        return False, "XLA off: synchronized batch normalisation does not run inside XLA"
    if tf.config.list_logical_devices("GPU"):
        return True, "XLA on: GPU"
    return False, "XLA off: on this CPU TensorFlow's own kernels train as fast or faster"

"""In which floating-point numbers networks compute: 32 bits, or 16 where weights and losses keep 32."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Literal

import keras
import tensorflow as tf

Precision = Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"]


@contextlib.contextmanager
def networks_in(precision: Precision) -> Iterator[None]:
    """Networks that are built inside compute in this precision; "auto" is Keras' own policy, 32 bits."""
    before = keras.config.dtype_policy()
    if precision != "auto":
        keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def precision_of(networks: Iterable[keras.Model]) -> str:
    """The narrowest type that a layer computes in: "float16", "bfloat16", "float32" or "float64"."""
    computed = {
        layer.compute_dtype for network in networks for layer in network._flatten_layers(include_self=False)
    }
    return next((dtype for dtype in ("float16", "bfloat16", "float32") if dtype in computed), "float64")


def wide(tensor: tf.Tensor) -> tf.Tensor:
    """At least 32 bits: means, logarithms and norms lose too much in 16."""
    return tf.cast(tensor, tf.float32) if tensor.dtype.is_floating and tensor.dtype.size < 4 else tensor


def scaling_its_loss(
    optimizer: keras.optimizers.Optimizer, networks: Iterable[keras.Model]
) -> keras.optimizers.Optimizer:
    """The optimizer for a player that moves these networks.

    Gradients in float16 vanish below 6e-8. So the loss is scaled up and the gradients down again, by a factor
    of the player's own that halves when its gradients overflow, in which case that player waits one step
    (Micikevicius et al. 2018, section 3.2).
    """
    is_needed = precision_of(networks) == "float16"
    if not is_needed or isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)

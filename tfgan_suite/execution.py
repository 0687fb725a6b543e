"""How a model's steps are executed: decided per device and network, and told to the user."""

import dataclasses
import math
import os
from collections.abc import Iterable
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.networks import ResizeConvolution
from tfgan_suite.precision import precision_of

# Floating-point operations in a second that training reaches, roughly: only to choose steps per call.
_CPU_CORE, _GPU = 9e10, 5e12
_SECONDS_PER_CALL = 0.5
_MOST_STEPS = 100
# Layers that use their kernel at each place of their input; others do at each of their output.
_TRANSPOSED = keras.layers.Conv1DTranspose | keras.layers.Conv2DTranspose | ResizeConvolution


@dataclasses.dataclass(frozen=True)
class Plan:
    """How training steps are run, and why.

    Attributes:
        xla: whether XLA compiles each player's losses and gradients.
        batch_parts: parts of a minibatch that are computed side by side, one a core.
        steps_per_call: at most so many steps without leaving the graph.
        reasons: one for each of the three, the precision, and what else could be faster, for people.
    """

    xla: bool
    batch_parts: int
    steps_per_call: int
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.reasons)


def choose_plan(
    networks: Iterable[keras.Model],
    couples_examples: str | None,
    step_operations: float,
    jit_compile: bool | Literal["auto"] = "auto",
    batch_parts: int | Literal["auto"] = "auto",
    steps_per_execution: int | Literal["auto"] = "auto",
) -> Plan:
    """The plan for a model on this machine. The rules behind "auto" were measured (docs/performance.md).

    Args:
        networks: of all players.
        couples_examples: what makes a loss more than a mean over examples (batch normalisation), or None.
        step_operations: floating-point operations of a training step, roughly.
        jit_compile, batch_parts, steps_per_execution: what the user asks for.
    """
    networks = list(networks)
    xla, why_xla = choose_xla(networks, jit_compile)
    parts, why_parts = _choose_parts(couples_examples, xla, batch_parts)
    steps, why_steps = _choose_steps(step_operations, steps_per_execution)
    reasons = precision_of(networks), why_xla, why_parts, why_steps, _price_of_equal_bits(networks)
    return Plan(xla, parts, steps, tuple(filter(None, reasons)))


def choose_xla(networks: list[keras.Model], request: bool | Literal["auto"]) -> tuple[bool, str]:
    """Whether XLA compiles losses and gradients, and a line that says so and why."""
    if request not in (True, False, "auto"):
        raise ValueError(f'jit_compile: expected True, False or "auto", came {request!r}')
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    layers = [layer for network in networks for layer in network._flatten_layers()]
    synchronized = next((x for x in layers if replicas > 1 and getattr(x, "synchronized", False)), None)
    if request is True and synchronized is not None:
        raise ValueError(
            f"jit_compile: expected False or 'auto' on {replicas} replicas with {synchronized.name}, whose "
            "moments over all replicas cannot be taken inside XLA; or another normalisation, or "
            "BatchNormalization(synchronized=False)"
        )
    if request != "auto":
        return request, f"XLA {'on' if request else 'off'}: asked for"
    if synchronized is not None:
        return False, "XLA off: synchronized batch normalisation does not run inside XLA"
    if tf.config.list_logical_devices("GPU"):
        return True, "XLA on: GPU"
    return False, "XLA off: on this CPU TensorFlow's own kernels train as fast or faster"


def _price_of_equal_bits(networks: Iterable[keras.Model]) -> str | None:
    """That convolutions would be faster with oneDNN, where it was switched off."""
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0" or tf.config.list_logical_devices("GPU"):
        return None
    kernels = (getattr(layer, "kernel", None) for network in networks for layer in network._flatten_layers())
    if any(kernel is not None and len(kernel.shape) > 2 for kernel in kernels):
        return "oneDNN off: equal bits from run to run, slower convolutions (training.exact)"
    return None


def threads() -> tuple[int, int]:
    """How many threads one operation may use, and how many operations may run at once."""
    return tuple(
        chosen or int(os.environ.get(variable, 0)) or os.cpu_count() or 1
        for chosen, variable in (
            (tf.config.threading.get_intra_op_parallelism_threads(), "TF_NUM_INTRAOP_THREADS"),
            (tf.config.threading.get_inter_op_parallelism_threads(), "TF_NUM_INTEROP_THREADS"),
        )
    )


def forward_operations(network: keras.Model) -> float:
    """Of one example through the network: two for each weight and place where it is used."""
    return sum(
        forward_operations(layer) if isinstance(layer, keras.Model) else _layer_operations(layer)
        for layer in network.layers
    )


def _layer_operations(layer: keras.layers.Layer) -> float:
    """Of a layer and what it wraps, as if all of its kernels were used at each place of its output."""
    operations = 0.0
    for inner in layer._flatten_layers():
        kernel = getattr(inner, "kernel", None)
        if kernel is not None:
            is_transposed = isinstance(inner, _TRANSPOSED)
            operations += (
                2.0 * math.prod(kernel.shape) * _places(layer, "input" if is_transposed else "output")
            )
    return operations


def _places(layer: keras.layers.Layer, end: Literal["input", "output"]) -> int:
    is_in_graph = bool(layer._inbound_nodes)
    return math.prod(getattr(layer, end).shape[1:-1]) if is_in_graph else 1


def _choose_parts(coupled, xla, request) -> tuple[int, str]:
    in_operation, at_once = threads()
    if request != "auto":
        if not isinstance(request, int) or request < 1:
            raise ValueError(f'batch_parts: expected a positive integer or "auto", came {request!r}')
        if request > 1 and coupled is not None:
            raise ValueError(
                f"batch_parts: expected 1 with {coupled}, which sees the whole batch, came {request}"
            )
        return request, f"batch in {request} part{'s' if request > 1 else ''}: asked for"
    is_spread = xla or tf.distribute.get_strategy().num_replicas_in_sync > 1
    if is_spread or tf.config.list_logical_devices("GPU") or at_once == 1:
        return 1, "batch whole"
    if coupled is not None:
        return 1, f"batch whole: {coupled} sees all of it"
    if in_operation > 1:
        return 1, f"batch whole: each operation has {in_operation} threads"
    return at_once, f"batch in {at_once} parts: each operation has one thread"


def _choose_steps(operations, request) -> tuple[int, str]:
    if request != "auto":
        if not isinstance(request, int) or request < 1:
            raise ValueError(f'steps_per_execution: expected a positive integer or "auto", came {request!r}')
        return request, f"{request} steps a call: asked for"
    speed = _GPU if tf.config.list_logical_devices("GPU") else _CPU_CORE * (os.cpu_count() or 1)
    steps = int(min(max(_SECONDS_PER_CALL * speed / max(operations, 1.0), 1), _MOST_STEPS))
    return steps, f"up to {steps} step{'s' if steps > 1 else ''} a call"

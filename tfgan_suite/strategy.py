"""On which devices a run trains: one, all of this machine, or those of several machines."""

import json
import os
from typing import Literal

import tensorflow as tf

from tfgan_suite.errors import UserError

EXAMPLE = '\'{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}\''
StrategyName = Literal["auto", "mirrored", "multi_worker", "none"]


def choose_strategy(name: StrategyName = "auto") -> tf.distribute.Strategy:
    """TensorFlow's own strategy; results do not depend on which one, up to rounding.

    Args:
        name: "mirrored" for all GPUs of this machine; "multi_worker" for the machines in `TF_CONFIG`, each of
            which runs the same command; "none" for one device; "auto" for what is there.

    Raises:
        UserError: `TF_CONFIG` is missing, or is not what TensorFlow expects.
    """
    if name == "auto":
        # Physical ones: asking for logical devices starts TensorFlow, too early for several workers.
        several = len(tf.config.list_physical_devices("GPU")) > 1
        name = "multi_worker" if _workers() > 1 else "mirrored" if several else "none"
    if name == "multi_worker":
        if _workers() < 1:
            raise UserError(
                f"--strategy multi_worker: expected the variable TF_CONFIG, as {EXAMPLE}, came none"
            )
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "mirrored":
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process writes the run's files: the first worker does."""
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.cluster_spec() or resolver.task_id in (0, None)


def description(strategy: tf.distribute.Strategy) -> str:
    """For people."""
    replicas = strategy.num_replicas_in_sync
    if replicas == 1:
        return "one device"
    workers = _workers() if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) else 1
    return f"{replicas} replicas" + (f" on {workers} workers" if workers > 1 else "")


def _workers() -> int:
    """In `TF_CONFIG`."""
    text = os.environ.get("TF_CONFIG")
    if not text:
        return 0
    try:
        cluster = json.loads(text)["cluster"]
        return len(cluster["worker"]) + len(cluster.get("chief", []))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"TF_CONFIG: expected JSON with a cluster of workers, came {text!r}") from error

"""An optional bound on what goes into exponentials."""

import tensorflow as tf


def check_bound(owner: object, bound: float | None) -> None:
    """Raises ValueError unless the bound is positive, or None."""
    if bound is not None and not bound > 0:
        raise ValueError(f"{type(owner).__name__}: expected bound > 0 or None, came {bound!r}")


def bounded(x: tf.Tensor, bound: float | None) -> tf.Tensor:
    """`x` clipped to [-bound, bound], with the gradient still passing: a term goes on along its tangent.

    Beyond the bound a loss then has its value and its slope at the bound, so that no gradient is infinite and
    none vanishes. `None` changes nothing.
    """
    return x if bound is None else x + tf.stop_gradient(tf.clip_by_value(x, -bound, bound) - x)

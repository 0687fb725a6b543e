"""What every f-divergence is: functions of the log density ratio, and what a raw output says about it."""

import dataclasses
from typing import ClassVar

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Divergence:
    """D_f(P||Q) = E_Q f(p/q) with f convex (Nowozin et al. 2016, arXiv:1606.00709, eq. 2).

    P is the data, Q the model, u = p/q; v is a discriminator's raw output and T = g_f(v).

    A subclass gives three functions of l = log u, in which nothing overflows before the result does:

        f_of_log(l)          f(e^l)
        slope_of_log(l)      f'(e^l), the best T where the ratio is e^l (eq. 5)
        conjugate_of_log(l)  f*(f'(e^l)) = u f'(u) - f(u), what the best T costs on fakes

    and `log_ratio(v)`, which makes g_f: activation(v) = f'(exp(log_ratio(v))). All work elementwise on
    tensors of any shape, in float32 and float64.
    """

    # f'(1): data is called real where T is above it (the paper's Table 2).
    threshold: ClassVar[float] = 0.0
    # Whether T determines the ratio; only then can a discriminator be read as a density-ratio estimator.
    gives_log_ratio: ClassVar[bool] = True

    def f_of_log(self, log_u: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define f_of_log")

    def slope_of_log(self, log_u: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define slope_of_log")

    def conjugate_of_log(self, log_u: tf.Tensor) -> tf.Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define conjugate_of_log")

    def log_ratio(self, v: tf.Tensor) -> tf.Tensor:
        """log(p/q) implied by a raw output: the inverse of T* = f'(p/q) (Poole et al. 2016, eq. 7)."""
        raise NotImplementedError(f"{type(self).__name__} must define log_ratio")

    def conjugate(self, t: tf.Tensor) -> tf.Tensor:
        """f*(t) = sup over u > 0 of u t - f(u), for t in its domain."""
        raise NotImplementedError(f"{type(self).__name__} must define conjugate")

    def f(self, u: tf.Tensor) -> tf.Tensor:
        """f(u) for u > 0."""
        return self.f_of_log(tf.math.log(u))

    def f_prime(self, u: tf.Tensor) -> tf.Tensor:
        """f'(u) for u > 0."""
        return self.slope_of_log(tf.math.log(u))

    def activation(self, v: tf.Tensor) -> tf.Tensor:
        """g_f(v): an increasing function onto the values that f' takes."""
        return self.slope_of_log(self.log_ratio(v))

    def conjugate_of_activation(self, v: tf.Tensor) -> tf.Tensor:
        """f*(g_f(v)) as one function: the two in sequence lose digits and overflow."""
        return self.conjugate_of_log(self.log_ratio(v))

    def get_config(self) -> dict:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_config(cls, config: dict) -> "Divergence":
        return cls(**config)

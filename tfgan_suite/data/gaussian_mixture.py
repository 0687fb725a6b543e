"""Mixtures of round Gaussians."""

import math

from tfgan_suite.data import arguments
from tfgan_suite.data.toy import Toy
from tfgan_suite.errors import UserError


class GaussianMixture(Toy):
    """A mixture of round Gaussians on a line or in the plane, p(x) = sum_k w_k N(x; m_k, s_k^2 I).

    Labels are the numbers of the components.

    Args:
        weights: w_k, positive, summing to one within 1e-6.
        means: m_k, one list of 1 or 2 coordinates per component.
        stds: s_k, positive.
    """

    name = "gaussian_mixture"

    def __init__(self, weights: tuple[float, ...], means: list[list[float]], stds: tuple[float, ...]):
        self.weights = arguments.numbers("weights", weights)
        self.centers = arguments.numbers("means", means)
        self.stds = arguments.numbers("stds", stds)
        self._check()
        self.parameters = (self.weights.tolist(), self.centers.tolist(), self.stds.tolist())
        self.num_classes = len(self.weights)
        self.example_shape = (self.centers.shape[1],)
        self.std = float(self.stds[0]) if (self.stds == self.stds[0]).all() else self.stds

    def log_density(self, points):
        from scipy.special import logsumexp

        points = self._points(points)
        dimension = points.shape[1]
        squares = ((points[:, None, :] - self.centers) ** 2).sum(axis=-1)
        # log N(x; m, s^2 I) = -|x - m|^2 / (2 s^2) - d log(s sqrt(2 pi))
        log_normal = [
            -squares[:, k] / (2 * std**2) - dimension * math.log(std * math.sqrt(2 * math.pi))
            for k, std in enumerate(self.stds)
        ]
        return logsumexp(log_normal, b=self.weights[:, None], axis=0)

    def _draw(self, count: int, seed: int, step, stream: str):
        import tensorflow as tf

        from tfgan_suite import draws

        component = draws.category(self.weights, count, self._key(seed, step, stream, "component"))
        noise = draws.normal((count, *self.example_shape), self._key(seed, step, stream, "noise"))
        means, stds = tf.constant(self.centers, tf.float32), tf.constant(self.stds[:, None], tf.float32)
        return tf.gather(means, component) + tf.gather(stds, component) * noise, component

    def _check(self) -> None:
        modes = self.weights.size
        if self.weights.ndim != 1 or modes == 0:
            raise UserError(f"weights must be a list of numbers, got {self.weights.tolist()!r}")
        if self.centers.ndim != 2 or len(self.centers) != modes or self.centers.shape[1] not in (1, 2):
            raise UserError(
                f"means must be {modes} lists (as many as weights) of 1 or 2 numbers, "
                f"got {self.centers.tolist()!r}"
            )
        if self.stds.shape != (modes,) or (self.stds <= 0).any():
            raise UserError(
                f"stds must be {modes} positive numbers (as many as weights), got {self.stds.tolist()!r}"
            )
        if (self.weights <= 0).any() or abs(self.weights.sum() - 1.0) > 1e-6:
            raise UserError(
                f"weights must be positive and sum to one within 1e-6, got {self.weights.tolist()!r} "
                f"with sum {self.weights.sum():.9g}"
            )

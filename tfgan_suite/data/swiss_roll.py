"""A spiral in the plane."""

import math

from tfgan_suite.data import arguments
from tfgan_suite.data.toy import Toy

T_START, T_END = 1.5 * math.pi, 4.5 * math.pi


class SwissRoll(Toy):
    """A noisy spiral, x = (t cos t, t sin t) / (4.5 pi) + noise e, with t uniform in [1.5 pi, 4.5 pi].

    The curve of scikit-learn's `make_swiss_roll` without its third coordinate, scaled to end at radius one.

    Args:
        noise: standard deviation of the noise, in each direction.
    """

    name = "swiss_roll"
    num_classes = None
    example_shape = (2,)

    def __init__(self, noise: float = 0.02):
        self.std = arguments.positive("noise", noise)
        self.parameters = (self.std,)

    def log_density(self, points):
        """log p(x) in float64, (n,), by Gauss-Legendre quadrature along the curve.

        p(x) = 1/(b - a) int_a^b N(x; c(t), noise^2 I) dt, in panels no longer than one noise width of arc,
        with eight nodes each: exact to rounding.
        """
        import numpy as np
        from scipy.special import logsumexp

        points = self._points(points)
        curve, weights = self._quadrature()
        log_normalizer = math.log(2 * math.pi * self.std**2)
        log_density = np.empty(len(points))
        for first in range(0, len(points), 256):  # bounds the (points, nodes) table
            some = points[first : first + 256]
            squares = ((some[:, None, :] - curve) ** 2).sum(axis=-1)
            log_density[first : first + 256] = (
                logsumexp(-squares / (2 * self.std**2), b=weights, axis=1) - log_normalizer
            )
        return log_density

    def _quadrature(self):
        """Points of the curve (nodes, 2) and weights (nodes,) that sum to one."""
        import numpy as np

        longest_arc = (
            (T_END - T_START) * math.sqrt(1 + T_END**2) / T_END
        )  # speed |c'(t)| = sqrt(1 + t^2) / T_END
        panels = max(8, math.ceil(longest_arc / self.std))
        nodes, node_weights = np.polynomial.legendre.leggauss(8)
        edges = np.linspace(T_START, T_END, panels + 1)
        half = (T_END - T_START) / (2 * panels)
        t = ((edges[:-1] + edges[1:])[:, None] / 2 + half * nodes).ravel()
        curve = np.stack([t * np.cos(t), t * np.sin(t)], axis=1) / T_END
        return curve, np.tile(node_weights / (2 * panels), panels)

    def _draw(self, count: int, seed: int, step, stream: str):
        import tensorflow as tf

        from tfgan_suite import draws

        t = T_START + (T_END - T_START) * draws.uniform((count,), self._key(seed, step, stream, "arc"))
        curve = tf.stack([t * tf.cos(t), t * tf.sin(t)], axis=1) / T_END
        return curve + self.std * draws.normal((count, 2), self._key(seed, step, stream, "noise")), None

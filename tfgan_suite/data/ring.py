"""Gaussians on a circle."""

import math

from tfgan_suite.data import arguments
from tfgan_suite.data.gaussian_mixture import GaussianMixture


class Ring(GaussianMixture):
    """Equal Gaussians evenly spaced on a circle: mode k lies at angle 2 pi k / modes.

    Source: Metz et al., "Unrolled GANs", 2017, section 3.1 (radius 2, std 0.02: twice the size).

    Args:
        modes: number of Gaussians.
        radius: of the circle.
        std: of each Gaussian, in each direction.
    """

    name = "ring"

    def __init__(self, modes: int = 8, radius: float = 1.0, std: float = 0.01):
        arguments.integer("modes", modes, 1)
        arguments.positive("radius", radius)
        arguments.positive("std", std)
        angles = [2 * math.pi * k / modes for k in range(modes)]
        centers = [[radius * math.cos(angle), radius * math.sin(angle)] for angle in angles]
        super().__init__([1 / modes] * modes, centers, [std] * modes)

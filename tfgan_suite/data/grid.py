"""Gaussians on a square grid."""

from tfgan_suite.data import arguments
from tfgan_suite.data.gaussian_mixture import GaussianMixture


class Grid(GaussianMixture):
    """Equal Gaussians on a square grid around the origin; by default at {-4, -2, 0, 2, 4}^2.

    Source: Srivastava et al., "VEEGAN", 2017, and Lin et al., "PacGAN", 2018 (25 modes). Published standard
    deviations differ between papers and code: set `std` to that of the comparison.

    Args:
        side: Gaussians per side.
        spacing: distance between neighbours.
        std: of each Gaussian, in each direction.
    """

    name = "grid"

    def __init__(self, side: int = 5, spacing: float = 2.0, std: float = 0.05):
        arguments.integer("side", side, 1)
        arguments.positive("spacing", spacing)
        arguments.positive("std", std)
        line = [spacing * (i - (side - 1) / 2) for i in range(side)]
        centers = [[x, y] for x in line for y in line]
        super().__init__([1 / side**2] * side**2, centers, [std] * side**2)

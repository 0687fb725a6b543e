"""Points with a known density."""

from tfgan_suite.data import arguments
from tfgan_suite.data.dataset import MAX_SEED, digest
from tfgan_suite.data.drawn_dataset import DrawnDataset
from tfgan_suite.errors import UserError


class Toy(DrawnDataset):
    """Points drawn from a known density; a subclass gives `parameters`, `_draw` and `log_density`.

    Attributes:
        centers: float64 (modes, dimension), or None where there are no modes.
        std: standard deviation of one mode in each direction, to count modes by; (modes,) where they differ.
    """

    centers = None
    std: float
    parameters: tuple

    @property
    def fingerprint(self) -> str:
        """Digest of the parameters."""
        return digest(self.name, self.parameters)

    def sample(self, count: int, seed: int = 0):
        """float32 (count, dimension); equal to `examples("train", count, seed)`."""
        arguments.integer("seed", seed, 0, MAX_SEED)
        return self.examples("train", count, seed)

    def log_density(self, points):
        """log p(x) in float64, (n,), of points (n, dimension)."""
        raise NotImplementedError

    def _points(self, points):
        import numpy as np

        points = np.asarray(points, np.float64)
        if points.ndim != 2 or points.shape[1:] != self.example_shape:
            raise UserError(f"points must have shape (n, {self.example_shape[0]}), got {points.shape}")
        return points

"""Gaussians on random low-dimensional subspaces of a high-dimensional space."""

import math
from functools import cached_property

from tfgan_suite.data import arguments
from tfgan_suite.data.dataset import MAX_SEED
from tfgan_suite.data.toy import Toy
from tfgan_suite.errors import UserError


class HighDimensionalMixture(Toy):
    """Ten 700-dimensional Gaussians on random flats of 1,200 dimensions, x = m_k + A_k z + noise e.

    From the paper (Srivastava et al., "VEEGAN", 2017, section 4): a mixture of ten 700-dimensional Gaussians
    embedded in 1,200 dimensions. The rest is our choice: A_k has orthonormal columns (a uniformly random
    subspace), z ~ N(0, std^2 I), m_k is uniform in [-1, 1]^dimension, the weights are equal, and a little
    noise e ~ N(0, I) in all directions makes the density exist. Labels are the numbers of the modes.

    Args:
        modes: number of Gaussians.
        dimension: of the space.
        manifold_dimension: of each Gaussian; less than `dimension`.
        std: within the subspace, in each direction.
        noise: standard deviation of the noise, in each direction of the space.
        geometry_seed: chooses the subspaces and the centres.
    """

    name = "high_dimensional_mixture"

    def __init__(
        self,
        modes: int = 10,
        dimension: int = 1200,
        manifold_dimension: int = 700,
        std: float = 1.0,
        noise: float = 0.01,
        geometry_seed: int = 0,
    ):
        self.num_classes = arguments.integer("modes", modes, 1)
        self.dimension = arguments.integer("dimension", dimension, 2)
        self.manifold_dimension = arguments.integer("manifold_dimension", manifold_dimension, 1)
        if manifold_dimension >= dimension:
            raise UserError(
                f"manifold_dimension must be less than dimension ({dimension}), got {manifold_dimension}"
            )
        self.std = arguments.positive("std", std)
        self.noise = arguments.positive("noise", noise)
        self.geometry_seed = arguments.integer("geometry_seed", geometry_seed, 0, MAX_SEED)
        self.example_shape = (self.dimension,)
        self.parameters = (modes, dimension, manifold_dimension, self.std, self.noise, geometry_seed)

    @cached_property
    def centers(self):
        """m_k, float64 (modes, dimension)."""
        import numpy as np

        # RandomState's streams are frozen by NumPy: the geometry stays what it is.
        return np.random.RandomState(self.geometry_seed).uniform(-1, 1, (self.num_classes, self.dimension))

    @cached_property
    def bases(self):
        """A_k, float32 (modes, dimension, manifold_dimension) with orthonormal columns."""
        import numpy as np

        random = np.random.RandomState(self.geometry_seed + 1)
        shape = (self.dimension, self.manifold_dimension)
        return np.stack(
            [np.linalg.qr(random.normal(size=shape))[0].astype(np.float32) for _ in range(self.num_classes)]
        )

    def nearest_mode(self, points):
        """(mode int64 (n,), distance float64 (n,)) of the nearest affine hull m_k + span(A_k).

        A point of the data itself lies about noise * sqrt(dimension - manifold_dimension) from its own hull.
        """
        import numpy as np

        distances = np.sqrt(self._squares(points)[1])
        nearest = distances.argmin(axis=1)
        return nearest, distances[np.arange(len(nearest)), nearest]

    def log_density(self, points):
        """log p(x) in float64, (n,).

        The variance of mode k is std^2 + noise^2 within its subspace and noise^2 across it.
        """
        from scipy.special import logsumexp

        within, across = self._squares(points)
        wide, narrow = self.std**2 + self.noise**2, self.noise**2
        inner, outer = self.manifold_dimension, self.dimension - self.manifold_dimension
        log_determinant = inner * math.log(2 * math.pi * wide) + outer * math.log(2 * math.pi * narrow)
        exponents = -0.5 * (within / wide + across / narrow + log_determinant)
        return logsumexp(exponents, axis=1) - math.log(self.num_classes)

    def _squares(self, points):
        """Squared lengths of x - m_k within and across subspace k, each float64 (n, modes)."""
        import numpy as np

        points = self._points(points)
        within, across = np.empty((2, len(points), self.num_classes))
        for k, (center, basis) in enumerate(zip(self.centers, self.bases, strict=True)):
            offset = points - center
            inside = offset @ basis
            within[:, k] = (inside**2).sum(axis=1)
            # The residual vector, not |offset|^2 - |inside|^2, which would cancel to nothing but rounding.
            across[:, k] = ((offset - inside @ basis.T) ** 2).sum(axis=1)
        return within, across

    def _prepare(self, split) -> None:
        _ = self._embeddings

    @cached_property
    def _embeddings(self):
        """Each A_k transposed: tensors (manifold_dimension, dimension)."""
        import tensorflow as tf

        with tf.device("CPU:0"):
            return [tf.constant(basis.T) for basis in self.bases]

    def _draw(self, count: int, seed: int, step, stream: str):
        import tensorflow as tf

        from tfgan_suite import draws

        equal = [1 / self.num_classes] * self.num_classes
        component = draws.category(equal, count, self._key(seed, step, stream, "mode"))
        z = draws.normal((count, self.manifold_dimension), self._key(seed, step, stream, "manifold"))
        noise = draws.normal((count, self.dimension), self._key(seed, step, stream, "noise"))
        # A product for each mode with its own rows: one for all would be of mostly zeros.
        rows = [tf.where(component == k)[:, 0] for k in range(self.num_classes)]
        parts = [tf.gather(z, own) @ embedding for own, embedding in zip(rows, self._embeddings, strict=True)]
        inside = tf.gather(tf.concat(parts, axis=0), tf.argsort(tf.concat(rows, axis=0)))
        centers = tf.gather(tf.constant(self.centers, tf.float32), component)
        return centers + self.std * inside + self.noise * noise, component

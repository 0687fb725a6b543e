"""Fréchet distance between two feature sets, as in the Fréchet Inception Distance."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from tfgan_suite.metrics.inputs import feature_pair

# The quick way is taken when its rounding cannot move the result by more than this, relatively.
_ALLOWED_ROUNDING = 1e-6

_NUMBERS_PER_BLOCK = 2**22  # 32 MiB of float64


def frechet_distance(real_features, fake_features) -> float:
    """Fréchet distance of two Gaussians fitted to the features; lower is better (FID on Inception features).

    Heusel et al. 2017 (arXiv:1706.08500), equation 6; Dowson and Landau 1982:

        d^2 = |mu_r - mu_g|^2 + Tr(C_r + C_g - 2 (C_r C_g)^(1/2))

    It is the *squared* distance, as everybody reports it, with unbiased covariances (n - 1). It is biased
    upwards in the number of examples: compare only numbers with the same counts.

    Args:
        real_features: (n_real, ...), at least 2 examples, flattened per example.
        fake_features: (n_fake, ...), at least 2 examples of the same size.
    Returns:
        A finite float, at least 0, in squared units of the features; also for n <= d and constant features.
    Raises:
        UserError: NaN or infinite, empty, fewer than two examples, different numbers of features.
    """
    real, fake = feature_pair(real_features, fake_features, at_least=2)
    mean_real, mean_fake = (x.mean(axis=0, dtype=np.float64) for x in (real, fake))
    means = float(np.sum((mean_real - mean_fake) ** 2))
    if min(len(real), len(fake)) > real.shape[1]:
        quick = _from_covariances(_covariance(real, mean_real), _covariance(fake, mean_fake))
        if quick is not None and quick.rounding <= _ALLOWED_ROUNDING * (means + quick.distance):
            return means + quick.distance
    return means + _from_factors(_covariance_factor(real, mean_real), _covariance_factor(fake, mean_fake))


class _Rounded(NamedTuple):
    """Tr(C_r + C_g - 2 (C_r C_g)^(1/2)), and how far rounding may have moved it."""

    distance: float
    rounding: float


def _from_covariances(real: np.ndarray, fake: np.ndarray) -> _Rounded | None:
    """The covariance part from C_r, C_g (d, d), or None where C_r is not positive definite."""
    # The eigenvalues of C_r C_g are those of the symmetric L^T C_g L, where C_r = L L^T.
    lower, failed = lapack.dpotrf(real, lower=1)
    if failed:
        return None
    product, _ = lapack.dsygst(fake, lower, itype=2, lower=1)
    eigenvalues = np.maximum(np.linalg.eigvalsh(product), 0.0)
    # Each eigenvalue is off by a few units in the last place of the largest: its root by e / root or root(e).
    error = 8.0 * np.finfo(float).eps * eigenvalues[-1]
    rounding = 2.0 * np.sum(error / np.sqrt(np.maximum(eigenvalues, error))) if error > 0.0 else 0.0
    distance = np.trace(real) + np.trace(fake) - 2.0 * np.sum(np.sqrt(eigenvalues))
    return _Rounded(max(float(distance), 0.0), float(rounding))


def _from_factors(real: np.ndarray, fake: np.ndarray) -> float:
    """The covariance part from A and B with C_r = A^T A, C_g = B^T B; exact for singular covariances, too."""
    # The eigenvalues of C_r C_g = A^T A B^T B are those of (A B^T)(A B^T)^T, so Tr (C_r C_g)^(1/2) is the sum
    # of the singular values of A B^T. Nothing is inverted and no root of a noisy eigenvalue is taken.
    trace_of_root = np.sum(np.linalg.svd(real @ fake.T, compute_uv=False))
    distance = float(np.sum(real**2) + np.sum(fake**2) - 2.0 * trace_of_root)
    return max(distance, 0.0)  # what falls below 0 is rounding


def _covariance(features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The unbiased covariance (d, d) of (n, d)."""
    total = sum(block.T @ block for block in _centered(features, mean))
    return total / (len(features) - 1)


def _covariance_factor(features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """A (min(n, d), d) with A^T A = C; C itself, with its squared condition number, is not formed."""
    n, d = features.shape
    if n <= d:
        factor = features - mean  # the centred data are such a factor,
    else:
        factor = np.zeros((0, d))
        for block in _centered(features, mean):  # and so is the triangular factor of any other one
            factor = np.linalg.qr(np.concatenate([factor, block]), mode="r")
    return factor / math.sqrt(n - 1)


def _centered(features: np.ndarray, mean: np.ndarray) -> Iterator[np.ndarray]:
    """The rows less their mean, in order, as float64 blocks of 32 MiB; the next one overwrites the last."""
    # One buffer for all: memory that is new each time costs a third of the whole distance.
    n, d = features.shape
    buffer = np.empty((min(max(1, _NUMBERS_PER_BLOCK // d), n), d))
    for start in range(0, n, len(buffer)):
        rows = features[start : start + len(buffer)]
        yield np.subtract(rows, mean, out=buffer[: len(rows)])

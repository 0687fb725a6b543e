"""Fréchet distance between two feature sets, as in the Fréchet Inception Distance."""

import math

import numpy as np

from tfgan_suite.metrics.inputs import feature_pair


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
    mean_real, mean_fake = real.mean(axis=0), fake.mean(axis=0)
    # C = A^T A for these factors.
    factor_real = _covariance_factor(real - mean_real)
    factor_fake = _covariance_factor(fake - mean_fake)
    means = np.sum((mean_real - mean_fake) ** 2)
    covariances = (
        np.sum(factor_real**2) + np.sum(factor_fake**2) - 2.0 * _trace_of_root(factor_real, factor_fake)
    )
    # The exact value is never negative; what falls below 0 is rounding.
    return float(means + max(covariances, 0.0))


def _covariance_factor(centered: np.ndarray) -> np.ndarray:
    """A (min(n, d), d) with A^T A = C, the unbiased covariance of the centred examples (n, d)."""
    n, d = centered.shape
    # The data is such a factor; its triangular factor is a smaller one when n > d. The covariance itself,
    # with its squared condition number, is never formed.
    factor = np.linalg.qr(centered, mode="r") if n > d else centered
    return factor / math.sqrt(n - 1)


def _trace_of_root(factor_real: np.ndarray, factor_fake: np.ndarray) -> float:
    # With C_r = A^T A and C_g = B^T B, the eigenvalues of C_r C_g = A^T A B^T B are those of
    # (A B^T)(A B^T)^T, so Tr (C_r C_g)^(1/2) = sum of the singular values of A B^T. Nothing is inverted and
    # no root of a noisy eigenvalue is taken: singular matrices need no epsilon and nothing becomes complex.
    return float(np.sum(np.linalg.svd(factor_real @ factor_fake.T, compute_uv=False)))

"""Known densities on grids, every divergence's textbook formulas, and expectations by quadrature."""

import dataclasses
from unittest import mock

import numpy as np
import tensorflow as tf
from scipy.special import logsumexp

from tfgan_suite.objectives import divergences

LOG_2 = np.log(2.0)


def log_normal(x, mean=0.0, std=1.0):
    return -0.5 * ((x - mean) / std) ** 2 - np.log(std) - 0.5 * np.log(2 * np.pi)


def log_mixture(x, *parts):
    return logsumexp([np.log(weight) + log_normal(x, mean, std) for weight, mean, std in parts], axis=0)


@dataclasses.dataclass(frozen=True)
class Pair:
    """Log densities of data and model on an even grid."""

    log_p: np.ndarray
    log_q: np.ndarray
    step: float

    @property
    def log_ratio(self):
        return self.log_p - self.log_q

    def real(self, values):
        return float(np.sum(np.exp(self.log_p) * values) * self.step)

    def fake(self, values):
        return float(np.sum(np.exp(self.log_q) * values) * self.step)


def pair(log_p, log_q, low, high, points=4001):
    x = np.linspace(low, high, points)
    return Pair(log_p(x), log_q(x), x[1] - x[0])


PAIRS = {
    "near": pair(log_normal, lambda x: log_normal(x, 0.5, 1.0), -12, 12),
    # 0.3 % of the area in common; the ratio runs from e^-114 to e^114
    "nearly disjoint": pair(log_normal, lambda x: log_normal(x, 6.0), -16, 22),
    "mixture and one Gaussian": pair(
        lambda x: log_mixture(x, (0.3, -1.5, 0.6), (0.7, 1.0, 0.8)),
        lambda x: log_normal(x, 0.3, 1.2),
        -10,
        10,
    ),
}


@dataclasses.dataclass(frozen=True)
class Case:
    """A divergence beside its formulas as the papers print them, in NumPy."""

    divergence: divergences.Divergence
    f: object  # of u
    f_prime: object  # of u
    activation: object  # of v
    conjugate: object  # of t
    domain: tuple[float, float]  # of the conjugate
    best_v: object = None  # the raw output at which the log ratio is l


def alpha_case(alpha):
    c = alpha * (alpha - 1)
    return Case(
        divergences.Alpha(float(alpha)),
        lambda u: (u**alpha - 1 - alpha * (u - 1)) / c,
        lambda u: (u ** (alpha - 1) - 1) / (alpha - 1),
        lambda v: (np.exp((alpha - 1) * v) - 1) / (alpha - 1),
        lambda t: ((1 + (alpha - 1) * t) ** (alpha / (alpha - 1)) - 1) / alpha,
        (-1 / (alpha - 1) if alpha > 1 else -np.inf, 1 / (1 - alpha) if alpha < 1 else np.inf),
        lambda log_u: log_u,
    )


def softplus(x):
    return np.logaddexp(0, x)


CASES = {
    "KL": Case(
        divergences.KL(),
        lambda u: u * np.log(u),
        lambda u: np.log(u) + 1,
        lambda v: v,
        lambda t: np.exp(t - 1),
        (-np.inf, np.inf),
        lambda log_u: log_u + 1,
    ),
    "ReverseKL": Case(
        divergences.ReverseKL(),
        lambda u: -np.log(u),
        lambda u: -1 / u,
        lambda v: -np.exp(-v),
        lambda t: -1 - np.log(-t),
        (-np.inf, 0.0),
        lambda log_u: log_u,
    ),
    "PearsonChi2": Case(
        divergences.PearsonChi2(),
        lambda u: (u - 1) ** 2,
        lambda u: 2 * (u - 1),
        lambda v: v,
        lambda t: t**2 / 4 + t,
        (-2.0, np.inf),  # where it is the supremum over u > 0
        lambda log_u: 2 * np.expm1(log_u),
    ),
    "Neyman": Case(
        divergences.Neyman(),
        lambda u: (1 - u) ** 2 / u,
        lambda u: 1 - u**-2,
        lambda v: 1 - np.exp(-v),
        lambda t: 2 - 2 * np.sqrt(1 - t),
        (-np.inf, 1.0),
        lambda log_u: 2 * log_u,
    ),
    "SquaredHellinger": Case(
        divergences.SquaredHellinger(),
        lambda u: (np.sqrt(u) - 1) ** 2,
        lambda u: 1 - u**-0.5,
        lambda v: 1 - np.exp(-v),
        lambda t: t / (1 - t),
        (-np.inf, 1.0),
        lambda log_u: log_u / 2,
    ),
    "JensenShannon": Case(
        divergences.JensenShannon(),
        lambda u: -(u + 1) * np.log((1 + u) / 2) + u * np.log(u),
        lambda u: np.log(2 * u / (1 + u)),
        lambda v: LOG_2 - softplus(-v),
        lambda t: -np.log(2 - np.exp(t)),
        (-np.inf, LOG_2),
        lambda log_u: log_u,
    ),
    "GANDivergence": Case(
        divergences.GANDivergence(),
        lambda u: u * np.log(u) - (u + 1) * np.log(u + 1),
        lambda u: np.log(u / (1 + u)),
        lambda v: -softplus(-v),
        lambda t: -np.log(1 - np.exp(t)),
        (-np.inf, 0.0),
        lambda log_u: log_u,
    ),
    "Jeffrey": Case(
        divergences.Jeffrey(),
        lambda u: (u - 1) * np.log(u),
        lambda u: np.log(u) + 1 - 1 / u,
        lambda v: v,
        None,  # Lambert's W: by scipy, in its own test
        (-np.inf, np.inf),
        lambda log_u: log_u + 1 - np.exp(-log_u),
    ),
    "GANStandard": Case(
        divergences.GANStandard(),
        lambda u: np.log(1 + 1 / u),
        lambda u: -1 / (u * (u + 1)),
        lambda v: -np.exp(-v) / (1 + np.exp(v)),
        None,
        (-np.inf, 0.0),
        lambda log_u: log_u,
    ),
    "TotalVariation": Case(
        divergences.TotalVariation(),
        lambda u: np.abs(u - 1) / 2,
        lambda u: np.sign(u - 1) / 2,
        lambda v: np.tanh(v) / 2,
        lambda t: t,
        (-0.5, 0.5),
        lambda log_u: 40 * np.sign(log_u),
    ),
    "Alpha 0": Case(
        divergences.Alpha(0.0),
        lambda u: u - 1 - np.log(u),
        lambda u: 1 - 1 / u,
        lambda v: 1 - np.exp(-v),
        lambda t: -np.log(1 - t),
        (-np.inf, 1.0),
        lambda log_u: log_u,
    ),
    "Alpha 1": Case(
        divergences.Alpha(1.0),
        lambda u: u * np.log(u) - u + 1,
        np.log,
        lambda v: v,
        lambda t: np.exp(t) - 1,
        (-np.inf, np.inf),
        lambda log_u: log_u,
    ),
    **{f"Alpha {alpha}": alpha_case(alpha) for alpha in (-3, -1, 0.3, 0.5, 0.9, 2)},
}
RATIO_CASES = {name: case for name, case in CASES.items() if case.divergence.gives_log_ratio}


def double(x):
    return tf.constant(np.asarray(x), tf.float64)


def pointwise(loss, *logits):
    """What `loss` takes the mean of, before it does."""
    with mock.patch.object(tf, "reduce_mean", tf.identity):
        return loss(*logits)


def discriminator_loss(objective, pair, v):
    """The discriminator's loss in expectation, raw outputs `v` on the pair's grid.

    For a loss A(real) + B(fake) it is E_P loss(v, 0) + E_Q loss(0, v) - loss(0, 0).
    """
    v, zero = double(v), tf.zeros_like(double(v))
    real, fake, both = (
        pointwise(objective.discriminator_loss, *logits).numpy()
        for logits in ((v, zero), (zero, v), (zero[:1], zero[:1]))
    )
    return pair.real(real - both) + pair.fake(fake - both) + both[0]

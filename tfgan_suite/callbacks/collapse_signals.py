"""What a training that goes wrong looks like, in numbers that cost little and need no classifier.

Each signal is a pure function; `FAILURES` says from which value on it means trouble, and what usually helps.
The thresholds lie between what healthy and failing trainings showed: `python -m benchmarks.collapse_alarm`
measures both, docs/stability.md has the numbers.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from scipy.cluster.vq import kmeans2

from tfgan_suite.metrics.distances import nearest, squared_distances
from tfgan_suite.objectives.objective import Objective

CLUSTERS = 20  # of the real examples; a mode of the toys or a class of digits is at least one
REACHED = 0.2  # a cluster is covered by this part of its share of the real examples
AT_BOUND = 0.99  # of the limit
LEAST_INDIFFERENCE = 0.05  # a discriminator's loss without knowledge, where that has a meaning


class RealExamples:
    """Real examples, and what the signals compare with, computed once.

    Args:
        points: (n, d), images as vectors of their pixels.
    """

    def __init__(self, points: np.ndarray):
        self.points = np.asarray(points, np.float64)
        _, squared = nearest(self.points)
        self.gap = float(np.sqrt(np.median(squared)))
        self.spread = float(np.sqrt(self.points.var(axis=0).sum()))
        count = min(CLUSTERS, len(self.points) // 2)
        self.centers, _ = kmeans2(self.points, count, minit="++", seed=0, missing="warn")
        self.shares = self._shares(self.points)

    def signals(self, fakes: np.ndarray) -> dict[str, float | None]:
        """All of them; None for diversity where most real examples are there twice."""
        if not np.isfinite(fakes).all():
            return {"diversity": None, "coverage": None, "distance": np.inf}
        return {
            "diversity": self.diversity(fakes) if self.gap > 0 else None,
            "coverage": self.coverage(fakes),
            "distance": self.distance(fakes),
        }

    def diversity(self, fakes: np.ndarray) -> float:
        """The median distance from a fake to its nearest other, over that among as many real ones."""
        _, squared = nearest(np.asarray(fakes, np.float64))
        return float(np.sqrt(np.median(squared))) / self.gap

    def coverage(self, fakes: np.ndarray) -> float:
        """The share of real examples in clusters that the fakes reach."""
        reached = self._shares(np.asarray(fakes, np.float64)) >= REACHED * self.shares
        return float(self.shares[reached].sum())

    def distance(self, fakes: np.ndarray) -> float:
        """The median distance from a fake to the nearest real example, over the spread of the real ones."""
        _, squared = nearest(np.asarray(fakes, np.float64), self.points)
        return float(np.sqrt(np.median(squared))) / self.spread

    def _shares(self, points: np.ndarray) -> np.ndarray:
        nearest_center = squared_distances(points, self.centers).argmin(axis=1)
        return np.bincount(nearest_center, minlength=len(self.centers)) / len(points)


def indifference(objective: Objective) -> float | None:
    """The least loss of a discriminator that cannot tell; None where 0 is no bound, as for critics.

    A critic's loss is -(E D(x) - E D(G(z))), and -D_f for f-GAN: 0 without knowledge, without end below.
    """
    if objective.outputs != "scalar":
        return None
    constants = (tf.fill((2, 1), float(c)) for c in np.linspace(-4.0, 4.0, 65))
    least = min(float(objective.discriminator_loss(c, c)) for c in constants)
    return least if least > LEAST_INDIFFERENCE else None


def share_at_bound(weights: Sequence[np.ndarray], limit: float) -> float:
    """The share of weights within 1 % of -limit or limit."""
    flat = np.concatenate([np.ravel(w) for w in weights])
    return float((np.abs(flat) >= AT_BOUND * limit).mean())


class GradientProbe:
    """How large the gradient of a network's outputs is at each of its layers with a kernel, on its way back.

    The measure of Gulrajani et al. 2017, figure 1b: the norm of the gradient in the layer's output. In the
    kernels it need not show: where weights are small, what comes forward shrinks as what goes back does.
    """

    def __init__(self, network: keras.Model):
        layers = [x for x in network.layers if any(len(v.shape) > 1 for v in x.trainable_variables)]
        self.network, self.count = network, len(layers)
        self.outputs = keras.Model(network.inputs, [layer.output for layer in layers] + network.outputs)

    def norms(self, inputs: Sequence[tf.Tensor]) -> list[float]:
        """The norm in the output of each layer that counts, first layer first; the examples' mean."""
        with tf.GradientTape() as tape:
            values = self.outputs(inputs if len(inputs) > 1 else inputs[0], training=False)
            hidden, total = values[: self.count], tf.add_n([tf.reduce_sum(v) for v in values[self.count :]])
        gradients = [g for g in tape.gradient(total, hidden) if g is not None]
        return [float(tf.reduce_mean(tf.norm(tf.reshape(g, (len(g), -1)), axis=1))) for g in gradients]

    def ratio(self, inputs: Sequence[tf.Tensor]) -> float:
        """The norm where it is largest over that where it is least.

        Above 1 where the larger one is nearer the input: the gradient explodes. Else the inverse, below 1.
        """
        return ratio_of_norms(self.norms(inputs))


def ratio_of_norms(norms: Sequence[float]) -> float:
    """Most over least, or its inverse where the first of the two in order is the lesser."""
    norms = np.asarray(norms)
    if len(norms) < 2 or norms.max() == 0.0:
        return 1.0 if len(norms) < 2 else 0.0
    ratio = norms.max() / max(norms.min(), np.finfo(np.float32).tiny)
    return float(ratio if norms.argmax() < norms.argmin() else 1.0 / ratio)


class Failure(NamedTuple):
    """When a signal means trouble.

    Attributes:
        signal: its name in the measurements; a player's is `<player>/<signal>`.
        is_bad: whether a value is.
        sees: what to say, with {value} and {player} in it.
        helps: what usually does.
    """

    signal: str
    is_bad: Callable[[float], bool]
    sees: str
    helps: str


# Each lies between what was measured (docs/stability.md): healthy trainings from step 500 on | failing ones.
LOW_DIVERSITY = 0.1  # 0.9 or more | 0 for a constant
LOW_COVERAGE = 0.7  # 0.94 or more | 0.52 or less where half of the ring's modes are missing
FAR_AWAY = 1.25  # 0.78 or less, images; 0.2, points | above 200, points whose generator grew tenfold
SATURATED = 0.95  # 0.25 or less, with R1 | 0.95 to 1 without opponent
MOST_AT_BOUND = 0.8  # | 0.93 after 900 steps at 0.01
EXPLODING = 1e4  # 60 or less | above 1e17, 12 layers clipped at 0.5
VANISHING = 1e-4  # 1 or more | below 1e-10, 12 layers clipped at 0.01

_DIVERSE = "packing or minibatch statistics, a Wasserstein critic with gradient penalty, unrolling"
FAILURES = {
    "no diversity": Failure(
        "diversity",
        lambda value: value < LOW_DIVERSITY,
        "samples lie {value:.2g} times as far apart as real examples",
        _DIVERSE,
    ),
    "missing modes": Failure(
        "coverage",
        lambda value: value < LOW_COVERAGE,
        "samples reach {value:.0%} of the real examples",
        _DIVERSE,
    ),
    "far from the data": Failure(
        "distance",
        lambda value: value > FAR_AWAY,
        "samples lie {value:.2g} spreads of the data away from it",
        "lower learning rates, R1 or a gradient penalty",
    ),
    "saturated discriminator": Failure(
        "saturation",
        lambda value: value > SATURATED,
        "the discriminator tells {value:.1%} of what there is to tell",
        "R1 or a gradient penalty, a lower learning rate of the discriminator",
    ),
    "weights at the bound": Failure(
        "at_bound",
        lambda value: value > MOST_AT_BOUND,
        "{value:.0%} of the critic's weights lie at the clipping bound",
        "GradientPenalty in place of WeightClipping",
    ),
    "exploding gradients": Failure(
        "gradient_ratio",
        lambda value: value > EXPLODING,
        "gradients grow {value:.1g} times on their way back through the {player}",
        "normalisation, GradientPenalty in place of WeightClipping, a smaller clipping limit",
    ),
    "vanishing gradients": Failure(
        "gradient_ratio",
        lambda value: value < VANISHING,
        "gradients shrink to {value:.1g} on their way back through the {player}",
        "normalisation, GradientPenalty in place of WeightClipping, fewer layers",
    ),
}


def failures_in(signals: dict[str, float | None]) -> list[tuple[str, str]]:
    """(name of a failure, the signal that shows it) for each that the signals show."""
    return [
        (name, key)
        for name, failure in FAILURES.items()
        for key, value in signals.items()
        if key.rpartition("/")[2] == failure.signal and value is not None and failure.is_bad(value)
    ]


def said(found: Sequence[tuple[str, str]], signals: dict[str, float]) -> str:
    """One line: what is seen, and what usually helps."""
    sees = [
        f"{name}: {FAILURES[name].sees.format(value=signals[key], player=key.partition('/')[0])}"
        for name, key in found
    ]
    helps = dict.fromkeys(FAILURES[name].helps for name, _ in found)
    return f"{'; '.join(sees)}. What usually helps: {'; '.join(helps)}."

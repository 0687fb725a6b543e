"""The discriminator learns a metric."""

import dataclasses
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class MetricLearning(Objective):
    """MLGAN: each kind close together, the two kinds far apart (Dou 2017, eq. 7 to 10).

    L_D = L_intra - weight L_inter and L_G = L_inter, on vectors d = D(x) of shape (batch, size):
    L_intra is the sum of ||d_i - d_j||_2^2 over all ordered pairs of real ones and of fake ones, L_inter
    that of ||D(x_i) - D(G(z_i))||_1.

    The paper: weight 1/2 and 64 outputs for the vanilla form and with `WeightClipping(0.01)`; weight 1 and
    5 outputs with `CenterPenalty`.

    Args:
        weight: the paper's lambda.
        reduction: "sum", the paper's; or "mean", the paper's sums over m examples divided by m: the same
            game, and the same weight, with losses m times smaller.
    """

    weight: float = 0.5
    reduction: Literal["mean", "sum"] = "mean"

    outputs = "vector"
    needs_real_logits = True
    couples_examples = True

    def __post_init__(self):
        if self.weight <= 0:
            raise ValueError(f"MetricLearning: expected weight > 0, came {self.weight}")
        self._check_choice("reduction", ("mean", "sum"))

    def discriminator_loss(self, real_logits, fake_logits):
        intra = sum_of_pairs(real_logits) + sum_of_pairs(fake_logits)
        return self._reduce(intra, real_logits) - self.weight * self.generator_loss(fake_logits, real_logits)

    def generator_loss(self, fake_logits, real_logits=None):
        return self._reduce(tf.reduce_sum(tf.abs(real_logits - fake_logits)), real_logits)

    def _reduce(self, total, vectors):
        return total if self.reduction == "sum" else total / tf.cast(tf.shape(vectors)[0], total.dtype)


def sum_of_pairs(vectors: tf.Tensor) -> tf.Tensor:
    """The sum of ||d_i - d_j||^2 over all i and j of `vectors`, shape (m, size), in O(m)."""
    # 2 m sum ||d_i||^2 - 2 ||sum d_i||^2 = 2 m sum ||d_i - mean||^2, and the latter cancels nothing.
    centred = vectors - tf.reduce_mean(vectors, axis=0)
    return 2.0 * tf.cast(tf.shape(vectors)[0], vectors.dtype) * tf.reduce_sum(tf.square(centred))

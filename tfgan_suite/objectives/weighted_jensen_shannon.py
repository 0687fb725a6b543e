"""The original game with unequal weights of real and fake."""

import dataclasses
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class WeightedJensenShannon(Objective):
    """The pi-weighted Jensen-Shannon divergence (Creswell and Bharath 2016, section 4 and Algorithm 1).

    J_D = -1/2 (pi E_P log D + (1 - pi) E_Q log(1 - D)). At D* = pi p / (pi p + (1 - pi) q), -2 J_D is
    pi log pi + (1 - pi) log(1 - pi) + JS_pi(P||Q), and JS_pi / pi -> KL(P||Q) as pi -> 0,
    JS_pi / (1 - pi) -> KL(Q||P) as pi -> 1. Algorithm 1 misprints the discriminator's update as one of
    theta_G; section 1.4 names the two limits in the wrong order.

    Args:
        pi: the weight of real data, above 0 and below 1.
        generator: "non_saturating" minimises -E_Q log D, as Algorithm 1. That is not the derivative of JS_pi:
            at D* it is E_Q log(1 + (1-pi)/pi q/p), which tends to *reverse* KL as pi -> 0. "minimax"
            minimises E_Q log(1 - D) / pi, which at D* has the derivative of JS_pi / (pi (1 - pi)): of
            KL(P||Q) in one limit, of KL(Q||P) in the other, and of ordinary size in both.
        sampling: "weighted", as above, or "biased": Huszar's alternative (2015, arXiv:1511.05101), an
            unweighted loss on a batch with real and fake in the proportion pi : 1 - pi. The larger part is
            the whole minibatch; of the other the first examples are taken, rounded to a whole number and at
            least one. The discriminator's batch statistics, where it has any, still see both minibatches.
    """

    pi: float = 0.5
    generator: Literal["non_saturating", "minimax"] = "non_saturating"
    sampling: Literal["weighted", "biased"] = "weighted"

    def __post_init__(self):
        if not 0 < self.pi < 1:
            raise ValueError(f"WeightedJensenShannon: expected pi above 0 and below 1, came {self.pi}")
        self._check_choice("generator", ("non_saturating", "minimax"))
        self._check_choice("sampling", ("weighted", "biased"))

    @property
    def couples_examples(self):
        return self.sampling == "biased"  # which examples are left out depends on their place in the batch

    def discriminator_loss(self, real_logits, fake_logits):
        pi = self.pi
        if self.sampling == "biased":
            real_logits, fake_logits, pi = self._biased_batch(real_logits, fake_logits)
        # -log sigma(v) = softplus(-v)
        real = pi * tf.reduce_mean(tf.nn.softplus(-real_logits))
        return 0.5 * (real + (1.0 - pi) * tf.reduce_mean(tf.nn.softplus(fake_logits)))

    def generator_loss(self, fake_logits, real_logits=None):
        if self.generator == "minimax":
            return -tf.reduce_mean(tf.nn.softplus(fake_logits)) / self.pi
        return tf.reduce_mean(tf.nn.softplus(-fake_logits))

    def _biased_batch(self, real, fake):
        """The logits that are kept, and the share of real ones among them."""
        shares = self.pi / max(self.pi, 1.0 - self.pi), (1.0 - self.pi) / max(self.pi, 1.0 - self.pi)
        real, fake = (_first(share, logits) for share, logits in zip(shares, (real, fake), strict=True))
        counts = [tf.cast(tf.shape(logits)[0], logits.dtype) for logits in (real, fake)]
        return real, fake, counts[0] / (counts[0] + counts[1])


def _first(share: float, logits: tf.Tensor) -> tf.Tensor:
    count = tf.cast(tf.round(share * tf.cast(tf.shape(logits)[0], tf.float32)), tf.int32)
    return logits[: tf.maximum(count, 1)]

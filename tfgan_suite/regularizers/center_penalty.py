"""Real and fake each near a centre of their own."""

import dataclasses
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.regularizers.regularizer import Penalty


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class CenterPenalty(Penalty):
    """Keeps a discriminator's vectors near two centres (Dou 2017, MLGAN, eq. 11 and 12).

    weight (sum ||D(x_i) - real_center||^2 + sum ||D(G(z_i)) - fake_center||^2). Eq. 11 prints x and G(z) in
    place of D(x) and D(G(z)), which the text means. It runs the discriminator once more.

    Args:
        weight: the paper's beta, 10 or 20.
        real_center: every component of the centre of real data; None is the paper's 1/size.
        fake_center: every component of the centre of fakes.
        reduction: "sum", the paper's, or "mean", that over the number of examples; as in `MetricLearning`.
    """

    weight: float = 10.0
    real_center: float | None = None
    fake_center: float = 0.0
    reduction: Literal["mean", "sum"] = "mean"

    name = "center_penalty"

    @property
    def couples_examples(self):
        return self.reduction == "sum"

    def __post_init__(self):
        if self.reduction not in ("mean", "sum"):
            raise ValueError(
                f"CenterPenalty: expected reduction one of 'mean', 'sum', came {self.reduction!r}"
            )

    def __call__(self, discriminate, real, fake, seed):
        real, fake = discriminate(real), discriminate(fake)
        center = 1.0 / real.shape[-1] if self.real_center is None else self.real_center
        total = tf.reduce_sum(tf.square(real - center)) + tf.reduce_sum(tf.square(fake - self.fake_center))
        count = 1.0 if self.reduction == "sum" else tf.cast(tf.shape(real)[0], total.dtype)
        return self.weight * total / count

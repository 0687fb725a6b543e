"""Any f-divergence through its variational bound."""

import dataclasses
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.objectives.bound import bounded, check_bound
from tfgan_suite.objectives.divergences import Divergence
from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class FGAN(Objective):
    """Minimises D_f(P||Q) through its lower bound (Nowozin et al. 2016, arXiv:1606.00709, eq. 6 and 7).

    Args:
        divergence: f, with its conjugate and output activation g_f. The discriminator estimates
            T = g_f(v); at its best T* = f'(p/q) its loss is -D_f(P||Q).
        generator: "minimax" minimises the bound itself, as the paper's Algorithm 1; "non_saturating"
            maximises T on fakes, the trick of the paper's section 3.2.
        bound: limits |v| in exponentials (see `bound.bounded`). Without it the divergences that have
            exponentials overflow in float32 for |v| from about 90 on, as the mathematics does; each
            divergence says where. GANDivergence, JensenShannon, PearsonChi2 and TotalVariation never do.
    """

    divergence: Divergence
    generator: Literal["minimax", "non_saturating"] = "minimax"
    bound: float | None = None

    def __post_init__(self):
        self._check_choice("generator", ("minimax", "non_saturating"))
        check_bound(self, self.bound)

    def discriminator_loss(self, real_logits, fake_logits):
        # -(E_P g_f(v) - E_Q f*(g_f(v)))
        real, fake = bounded(real_logits, self.bound), bounded(fake_logits, self.bound)
        conjugate = tf.reduce_mean(self.divergence.conjugate_of_activation(fake))
        return conjugate - tf.reduce_mean(self.divergence.activation(real))

    def generator_loss(self, fake_logits, real_logits=None):
        fake = bounded(fake_logits, self.bound)
        if self.generator == "non_saturating":
            return -tf.reduce_mean(self.divergence.activation(fake))
        return -tf.reduce_mean(self.divergence.conjugate_of_activation(fake))

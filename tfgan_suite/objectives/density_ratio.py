"""The discriminator estimates the density ratio with one f; the generator minimises another f of it."""

import dataclasses
from typing import Literal

import keras
import tensorflow as tf

from tfgan_suite.objectives.bound import bounded, check_bound
from tfgan_suite.objectives.divergences import Divergence
from tfgan_suite.objectives.fgan import FGAN
from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class DensityRatio(Objective):
    """E_Q f_G(p/q), the ratio read off a discriminator trained with f_D (Poole et al. 2016, eq. 8).

    The paper, arXiv:1612.02780, writes q for the data and p for the model, the opposite of here. Its section
    4 misprints g_f(v) = -log(1 + exp(v)); Appendix A has -log(1 + exp(-v)).

    Args:
        discriminator: f_D, any divergence that gives a log ratio.
        generator: f_G. GANStandard with GANDivergence as f_D is the generator of practice, -log D (the
            paper's section 3).
        gradient: what the generator follows; its loss has the same value either way.
            "fixed_ratio": eq. 8 as it stands, differentiated through the samples with the ratio a fixed
            function. At the best discriminator that is the derivative of E_{Q'} f_G(p/q) in Q' alone, which
            is the derivative of D_fG for reverse KL only. Where f_G rises (KL, and alpha > 0, at u > 1) it
            drives samples away from where the model has too few.
            "divergence": E_Q[f_G(u) - u f_G'(u)] in the derivative's place: at the best discriminator the
            derivative of D_fG itself, for every f_G that has f_G'.
        bound: limits |v| in the discriminator's exponentials and |log ratio| in the generator's (see
            `bound.bounded`). Without it, what is exponential in v overflows in float32 from about 90 on.
    """

    discriminator: Divergence
    generator: Divergence
    gradient: Literal["fixed_ratio", "divergence"] = "fixed_ratio"
    bound: float | None = None

    def __post_init__(self):
        name = type(self).__name__
        if not self.discriminator.gives_log_ratio:
            raise ValueError(
                f"{name}: expected a discriminator divergence that gives a density ratio, "
                f"came {self.discriminator}"
            )
        self._check_choice("gradient", ("fixed_ratio", "divergence"))
        if self.gradient == "divergence" and not self.generator.gives_log_ratio:
            raise ValueError(
                f"{name}: {self.generator} has a kink at ratio 1; expected gradient='fixed_ratio' with it"
            )
        check_bound(self, self.bound)

    def discriminator_loss(self, real_logits, fake_logits):
        return FGAN(self.discriminator, bound=self.bound).discriminator_loss(real_logits, fake_logits)

    def generator_loss(self, fake_logits, real_logits=None):
        log_ratio = bounded(self.log_ratio(fake_logits), self.bound)
        value = self.generator.f_of_log(log_ratio)
        if self.gradient == "divergence":
            # f_G(u) - u f_G'(u) = -f_G*(f_G'(u)), with the value of f_G(u)
            slope = -self.generator.conjugate_of_log(log_ratio)
            value = slope + tf.stop_gradient(value - slope)
        return tf.reduce_mean(value)

    def log_ratio(self, logits: tf.Tensor) -> tf.Tensor:
        """log(p/q) as the discriminator has it."""
        return self.discriminator.log_ratio(logits)

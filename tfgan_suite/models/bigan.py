"""Generator and encoder, each the way back of the other, learnt from one discriminator of pairs."""

from typing import ClassVar, Literal

import keras
import tensorflow as tf

from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.generative import with_labels
from tfgan_suite.models.joint import JointGAN, pairs
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide


@keras.saving.register_keras_serializable("tfgan_suite")
class BiGAN(JointGAN):
    """The discriminator tells (E(x), x) of data from (z, G(z)) of samples (Donahue et al. 2017).

    arXiv:1605.09782, eq. 2 and 3, the same model as ALI (`ALI`: its encoder is stochastic):

        min over G, E, max over D:  E_x log D(x, E(x)) + E_z log(1 - D(G(z), z))

    At the best D this is 2 JSD(q(x, z) || p(x, z)) - log 4: where the two joint distributions are one, E
    inverts G. Generator and encoder are one player, as the papers update them together.

    Conditional, with `num_classes`, all three networks take the label y beside their other inputs, and the
    two joint distributions are q(x, z | y) and p(x, z | y), as Dumoulin et al. 2017 do with attributes of
    faces. Latents are then what a label leaves open: `reconstruct(..., new_labels=...)` keeps them.

    Args:
        generator: latents (batch, latent_dim) to examples; G.
        encoder: examples to latents (batch, latent_dim); E.
        discriminator: [latents, examples] to logits; pairs of data are its real ones. With `packing`, of that
            many times larger sizes.
        num_classes: given, the networks take [latents, labels], [examples, labels] and [latents, examples,
            labels], and `fit` takes (examples, labels).
        objective: of the game over pairs.
        fooling: what generator and encoder minimise on logits v of data and w of samples.
            "exchanged": the discriminator's loss of (w, v) in place of (v, w), each kind to be taken for the
            other (Dumoulin et al. 2017, Algorithm 1; Donahue et al. 2017, section 3.4).
            "minimax": minus the discriminator's loss: the equation above as it stands.
            "mirrored": the generator's loss of the objective, of w and of -v; for an objective whose two
            sides differ, such as `DensityRatio`, and with logits whose sign says which kind it is.
        **kwargs: as for `GAN`.
    """

    knows_labels = True
    is_encoder_stochastic: ClassVar[bool | None] = False  # None: either

    def __init__(
        self,
        generator: keras.Model,
        encoder: keras.Model,
        discriminator: keras.Model,
        objective: Objective = NonSaturating(),  # noqa: B008 - frozen
        fooling: Literal["exchanged", "minimax", "mirrored"] = "exchanged",
        **kwargs,
    ):
        super().__init__(generator, discriminator, objective, **kwargs)
        self.encoder, self.fooling = encoder, fooling
        self.check_encoder(stochastic=self.is_encoder_stochastic)
        _check_fooling(fooling, objective)
        self.start_averages("encoder")

    def players(self):
        return super().players() | {"generator": Player((self.generator, self.encoder))}

    def discriminator_losses(self, batch):
        real, fake, labels = self.real_fake_and_labels(batch)
        return self.discriminator_terms(tf.stop_gradient(real), tf.stop_gradient(fake), labels)

    def generator_losses(self, batch):
        return self.generator_terms(*self.real_fake_and_labels(batch))

    def fooling_loss(self, fake_logits, real_logits=None):
        if self.fooling == "minimax":
            return -self.objective.discriminator_loss(real_logits, fake_logits)
        if self.fooling == "mirrored":
            of_samples = self.objective.generator_loss(fake_logits, real_logits)
            return of_samples + self.objective.generator_loss(-real_logits, -fake_logits)
        return self.objective.discriminator_loss(fake_logits, real_logits)

    @property
    def fooling_needs_real(self) -> bool:
        return True

    def real_fake_and_labels(self, batch):
        """Pairs (z ~ q(z | x), x) of data, (z, G(z)) of z ~ p(z), and the labels of both."""
        examples, labels = self.examples_and_labels(batch)
        latents = self.draw_latents(tf.shape(examples)[0], self.next_seed())
        fake = pairs(latents, self._made(latents, labels))
        real = pairs(self._encoded(examples, labels), tf.cast(examples, fake.dtype))
        return real, fake, labels

    def _made(self, latents: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """G(z), in training mode."""
        return wide(self.generator(with_labels(latents, labels), training=True))

    def _encoded(self, examples: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """z ~ q(z | x), in training mode."""
        if self.is_stochastic:
            return self.posterior(examples, labels).draw(self.next_seed())
        return wide(self.encoder(with_labels(examples, labels), training=True))


def _check_fooling(fooling: str, objective: Objective) -> None:
    choices = ("exchanged", "minimax", "mirrored")
    if fooling not in choices:
        raise ValueError(f"fooling: expected one of {', '.join(choices)}, came {fooling!r}")
    if fooling == "mirrored" and not _is_mirrored(objective):
        raise ValueError(
            f'fooling: expected "exchanged" or "minimax" with {objective}, for which a logit of -v does not '
            'say of fakes what v says of real ones; came "mirrored"'
        )


def _is_mirrored(objective: Objective) -> bool:
    """Whether the discriminator's game is the same with the kinds exchanged and the logits negated."""
    v, w = tf.constant([[0.3], [1.1]]), tf.constant([[-0.4], [0.7]])
    game, mirrored = objective.discriminator_loss(v, w), objective.discriminator_loss(-w, -v)
    return abs(float(game - mirrored)) < 1e-5

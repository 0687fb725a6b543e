"""Learning to classify from few labels, with a generator's help."""

import keras
import tensorflow as tf

from tfgan_suite.models.classifying import ClassifyingModel
from tfgan_suite.models.gan import GAN
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective


@keras.saving.register_keras_serializable("tfgan_suite")
class SemiSupervisedGAN(ClassifyingModel, GAN):
    """A discriminator that is a classifier, with one more class for fakes (Salimans et al. 2016, section 5).

    Its logits l_1 .. l_K give p(y | x, real) = softmax(l), and with Z = sum_k exp(l_k) the probability of
    being real D(x) = Z / (Z + 1): the logit of fakes may be 0, since a number added to all K + 1 changes
    nothing. So the logit of D is log Z, and all that GAN does with logits holds: objectives, penalties.

        discriminator   supervised      - E log p(y | x, real)                        of labelled examples
                        unsupervised    - E log D(x) - E log(1 - D(G(z)))             of unlabelled ones
        generator       || E f(x) - E f(G(z)) ||^2                                    feature matching

    `fit` takes labels as `ClassifyingModel` says; the supervised term is a mean over the labelled examples.

    Args:
        generator: latents (batch, latent_dim) to examples.
        discriminator: examples to logits (batch, K), or (batch, K + 1) where the last is that of fakes.
        objective: what discriminator and generator minimise as a function of log Z.
        explicit_fake: whether the discriminator has a logit of fakes.
        unsupervised_weight: of the objective in the discriminator's loss (the paper: 1, its code: 1/2). With
            0 it learns from the labels alone.
        feature_matching, adversarial_weight: of `GAN`, but the generator matches features and no more.
        **kwargs: of `GAN`. `ema_decay` averages the discriminator as well, and the average classifies.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        objective: Objective = NonSaturating(),  # noqa: B008  a value: it cannot change
        explicit_fake: bool = False,
        unsupervised_weight: float = 1.0,
        feature_matching: float = 1.0,
        adversarial_weight: float = 0.0,
        **kwargs,
    ):
        self.explicit_fake, self.unsupervised_weight = explicit_fake, unsupervised_weight
        super().__init__(
            generator,
            discriminator,
            objective,
            feature_matching=feature_matching,
            adversarial_weight=adversarial_weight,
            **kwargs,
        )
        self.start_averages("discriminator")

    def discriminator_losses(self, batch):
        _, examples, labels = self.parts_of(batch)
        real, fake, _ = self.real_fake_and_labels(batch)
        fake = tf.stop_gradient(fake)
        known, *outputs = self.of_each(self._outputs, examples, real, fake)
        logits = (logit_of_real(of_kind, self.explicit_fake) for of_kind in outputs)
        game = self.adversarial(self.objective.discriminator_loss, *logits)
        return {
            "supervised": self.cross_entropy(labels, known),
            "unsupervised": self.unsupervised_weight * game,
            **self.penalties(real, fake, None),
        }

    def discriminate(self, examples, labels=None):
        """The logit of D, (batch, 1), in training mode."""
        return logit_of_real(self._outputs(examples), self.explicit_fake)

    def _outputs(self, examples: tf.Tensor, labels: None = None) -> tf.Tensor:
        """All logits, (batch, K or K + 1), in training mode."""
        return super().discriminate(examples, labels)

    @property
    def classifier(self) -> keras.Model:
        """The discriminator that classifies: the moving average where there is one."""
        return self.averaged("discriminator")

    @property
    def classes(self):
        return self.discriminator.outputs[0].shape[-1] - self.explicit_fake

    @property
    def logits_shape(self):
        return (None, 1)

    def _check(self):
        if self.num_classes is not None:
            raise ValueError(
                "num_classes: expected None, for the discriminator's outputs are the classes and the "
                f"generator takes no labels; came {self.num_classes}"
            )
        if self.packing != 1:
            raise ValueError(f"packing: expected 1, since labels are of single examples; came {self.packing}")
        if not 0 <= self.unsupervised_weight < float("inf"):
            raise ValueError(
                f"unsupervised_weight: expected a number >= 0, came {self.unsupervised_weight!r}"
            )
        shape = self.discriminator.outputs[0].shape
        if len(shape) != 2 or self.classes < 2:
            fakes = " and one of fakes" if self.explicit_fake else ""
            raise ValueError(
                f"discriminator: expected a logit for each of at least 2 classes{fakes}, came shape {shape}"
            )
        super()._check()


def logit_of_real(logits: tf.Tensor, explicit_fake: bool = False) -> tf.Tensor:
    """log D / (1 - D), (batch, 1), of logits (batch, K), or (batch, K + 1) with that of fakes."""
    if not explicit_fake:
        return tf.reduce_logsumexp(logits, axis=-1, keepdims=True)  # log Z
    return tf.reduce_logsumexp(logits[:, :-1], axis=-1, keepdims=True) - logits[:, -1:]

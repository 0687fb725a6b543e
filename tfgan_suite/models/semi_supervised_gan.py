"""Learning to classify from few labels, with a generator's help."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.models.gan import GAN
from tfgan_suite.objectives.non_saturating import NonSaturating
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.precision import wide

LABELLED, UNLABELLED = "labelled", "unlabelled"


@keras.saving.register_keras_serializable("tfgan_suite")
class SemiSupervisedGAN(GAN):
    """A discriminator that is a classifier, with one more class for fakes (Salimans et al. 2016, section 5).

    Its logits l_1 .. l_K give p(y | x, real) = softmax(l), and with Z = sum_k exp(l_k) the probability of
    being real D(x) = Z / (Z + 1): the logit of fakes may be 0, since a number added to all K + 1 changes
    nothing. So the logit of D is log Z, and all that GAN does with logits holds: objectives, penalties.

        discriminator   supervised      - E log p(y | x, real)                        of labelled examples
                        unsupervised    - E log D(x) - E log(1 - D(G(z)))             of unlabelled ones
        generator       || E f(x) - E f(G(z)) ||^2                                    feature matching

    `fit` takes arrays (examples, labels), with -1 where there is no label. All examples are unlabelled ones;
    those with a label are labelled ones as well, and come again and again. Or it takes a `tf.data.Dataset` of
    ({"labelled": x, "unlabelled": u}, labels of x) with as many x as u, as `data.FewLabels` makes it, or of
    (examples, labels), whose rows are both x and u; the supervised term is then a mean over all of them in
    which those without a label are zero. `evaluate` adds the `error`: the share misclassified.

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

    # Training

    def discriminator_losses(self, batch):
        _, examples, labels = self._parts_of(batch)
        terms = super().discriminator_losses(batch)
        return {
            "supervised": self.cross_entropy(labels, wide(self.discriminator(examples, training=True))),
            "unsupervised": self.unsupervised_weight * terms.pop("adversarial"),
            **terms,
        }

    def discriminate(self, examples, labels=None):
        """The logit of D, (batch, 1), in training mode."""
        return logit_of_real(super().discriminate(examples, labels), self.explicit_fake)

    def cross_entropy(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """The mean of - log p(y | x, real), to which an example without a label (-1) adds zero."""
        log_p = tf.nn.log_softmax(logits[:, : self.label_classes])
        return -tf.reduce_mean(tf.reduce_sum(tf.one_hot(labels, self.label_classes) * log_p, axis=-1))

    def examples_and_labels(self, batch):
        """The unlabelled examples: neither network takes labels."""
        return super().examples_and_labels(self._parts_of(batch)[0])

    def fit(self, x=None, y=None, batch_size=None, callbacks=None, **kwargs):
        if y is not None:
            x = self._minibatches_of(
                np.asarray(x), np.asarray(y), batch_size or 32, kwargs.get("shuffle", True)
            )
            y = batch_size = None
        return super().fit(x, y, batch_size, callbacks, **kwargs)

    # What it learned

    @property
    def classifier(self) -> keras.Model:
        """The discriminator that classifies: the moving average where there is one."""
        return self.averaged("discriminator")

    @property
    def serving_networks(self):
        return (*super().serving_networks, self.classifier)

    @property
    def label_classes(self):
        return self.discriminator.outputs[0].shape[-1] - self.explicit_fake

    @property
    def logits_shape(self):
        return (None, 1)

    def classes_and_probabilities(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """`classes`, int32 (n,), and `probabilities` p(y | x, real), (n, K), in inference mode."""
        logits = wide(self.classifier(examples, training=False))[:, : self.label_classes]
        classes = tf.argmax(logits, axis=-1, output_type=tf.int32)
        return {"classes": classes, "probabilities": tf.nn.softmax(logits)}

    def classify(self, examples: Sequence, batch_size: int = 256) -> np.ndarray:
        """The most probable class of each example, int32 (n,)."""
        batches = [examples[i : i + batch_size] for i in range(0, len(examples), batch_size)]
        return np.concatenate([self.classes_and_probabilities(batch)["classes"] for batch in batches])

    def test_metrics(self, batch):
        _, examples, labels = self._parts_of(batch)
        is_known = labels >= 0
        is_wrong = is_known & (
            self.classes_and_probabilities(examples)["classes"] != tf.cast(labels, tf.int32)
        )
        wrong, known = (tf.reduce_sum(tf.cast(x, tf.float32)) for x in (is_wrong, is_known))
        return {"error": tf.math.divide_no_nan(wrong, known)}

    # Data

    def _parts_of(self, batch) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """A batch's unlabelled examples, its labelled ones, and their labels."""
        if not isinstance(batch, tuple):
            raise ValueError("fit: expected (examples, labels), with -1 for no label; came examples alone")
        examples, labels = batch
        if isinstance(examples, dict):
            return examples[UNLABELLED], examples[LABELLED], labels
        return examples, examples, labels

    def _minibatches_of(self, examples, labels, batch_size, shuffle) -> tf.data.Dataset:
        """Minibatches of all examples, each with as many labelled ones."""
        is_known = labels >= 0
        if labels.shape != (len(examples),) or not is_known.any():
            raise ValueError(
                f"fit: expected one label for each of {len(examples)} examples, not all -1; "
                f"came shape {labels.shape}, {is_known.sum()} labels"
            )
        if labels.min() < -1 or labels.max() >= self.label_classes:
            raise ValueError(
                f"fit: expected labels from 0 to {self.label_classes - 1}, or -1 for none; "
                f"came {labels.min()} to {labels.max()}"
            )
        unlabelled = tf.data.Dataset.from_tensor_slices(examples)
        labelled = tf.data.Dataset.from_tensor_slices((examples[is_known], labels[is_known].astype(np.int32)))
        if shuffle:
            unlabelled = unlabelled.shuffle(len(examples), seed=self.seed)
            labelled = labelled.shuffle(len(examples), seed=self.seed + 1)
        pairs = tf.data.Dataset.zip(labelled.repeat(), unlabelled).batch(batch_size)
        return pairs.map(lambda known, u: ({LABELLED: known[0], UNLABELLED: u}, known[1]))

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
        if len(shape) != 2 or self.label_classes < 2:
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

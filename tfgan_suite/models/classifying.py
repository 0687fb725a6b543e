"""What every model that learns to classify can do, from few labels."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite.models.generative import GenerativeModel
from tfgan_suite.models.minibatches import minibatches_of
from tfgan_suite.precision import wide

LABELLED, UNLABELLED = "labelled", "unlabelled"


class ClassifyingModel(GenerativeModel):
    """A generative model with a classifier.

    `fit` takes arrays (examples, labels), with -1 where there is no label. All examples are unlabelled ones;
    those with a label are labelled ones as well, and come again and again. Or it takes ({"labelled": x,
    "unlabelled": u}, labels of x) with as many x as u, such as the elements of a `tf.data.Dataset` that
    `data.FewLabels` makes; or elements (examples, labels), whose rows are both x and u: the cross entropy is
    then a mean over all of them in which those without a label are zero. `evaluate` adds the `error`: the
    share misclassified.

    Attributes:
        classifier: examples to outputs (batch, ...), the first of them the logits of `classes` classes.
        classes: how many it tells apart.
        labelled: whether it learns from labels; without them, examples come alone.
    """

    classifier: keras.Model
    classes: int
    labelled: bool = True

    @property
    def label_classes(self):
        return self.classes if self.labelled else None

    @property
    def serving_networks(self):
        return (*super().serving_networks, self.classifier)

    def cross_entropy(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """The mean of - log p(y | x), to which an example without a label (-1) adds zero."""
        log_p = tf.nn.log_softmax(logits[:, : self.classes])
        return -tf.reduce_mean(tf.reduce_sum(tf.one_hot(labels, self.classes) * log_p, axis=-1))

    def classes_and_probabilities(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """`classes`, int32 (n,), and `probabilities` p(y | x), (n, classes), in inference mode."""
        logits = wide(self.classifier(examples, training=False))[:, : self.classes]
        classes = tf.argmax(logits, axis=-1, output_type=tf.int32)
        return {"classes": classes, "probabilities": tf.nn.softmax(logits)}

    def classify(self, examples: Sequence, batch_size: int = 256) -> np.ndarray:
        """The most probable class of each example, int32 (n,)."""
        batches = [examples[i : i + batch_size] for i in range(0, len(examples), batch_size)]
        return np.concatenate([self.classes_and_probabilities(batch)["classes"] for batch in batches])

    def test_metrics(self, batch):
        if not self.labelled:
            return super().test_metrics(batch)
        _, examples, labels = self.parts_of(batch)
        is_known = labels >= 0
        is_wrong = is_known & (
            self.classes_and_probabilities(examples)["classes"] != tf.cast(labels, tf.int32)
        )
        wrong, known = (tf.reduce_sum(tf.cast(x, tf.float32)) for x in (is_wrong, is_known))
        return {"error": tf.math.divide_no_nan(wrong, known)}

    # Data

    def examples_and_labels(self, batch):
        """The unlabelled examples: no network takes labels."""
        return super().examples_and_labels(self.parts_of(batch)[0] if self.labelled else batch)

    def parts_of(self, batch) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """A batch's unlabelled examples, its labelled ones, and their labels."""
        if not isinstance(batch, tuple):
            raise ValueError("fit: expected (examples, labels), with -1 for no label; came examples alone")
        examples, labels = batch
        if isinstance(examples, dict):
            return examples[UNLABELLED], examples[LABELLED], labels
        return examples, examples, labels

    def train_step(self, data):
        with tf.control_dependencies(self._label_checks(data) if self.labelled else []):
            return super().train_step(data)

    def _label_checks(self, data) -> list[tf.Operation]:
        """Assertions that every label is of a class, or -1: any other would count as none, silently.

        `fit` has checked arrays by now, and says more; what a `tf.data.Dataset` holds shows here.
        """
        labels = [tf.reshape(self.parts_of(batch)[2], [-1]) for batch in minibatches_of(data)]
        labels = tf.cast(tf.concat(labels, axis=0), tf.int64)
        message = f"fit: expected labels from 0 to {self.classes - 1}, or -1 for none"
        checks = (
            tf.debugging.assert_greater_equal(labels, tf.constant(-1, tf.int64), message),
            tf.debugging.assert_less(labels, tf.constant(self.classes, tf.int64), message),
        )
        return [check for check in checks if check is not None]  # eagerly there is nothing to wait for

    def fit(self, x=None, y=None, batch_size=None, callbacks=None, **kwargs):
        if self.labelled and y is not None:
            y = self._checked(np.asarray(y), len(tf.nest.flatten(x)[0]))
            if not isinstance(x, dict):
                x = self._minibatches_of(np.asarray(x), y, batch_size or 32, kwargs.get("shuffle", True))
                y = batch_size = None
        return super().fit(x, y, batch_size, callbacks, **kwargs)

    def _checked(self, labels: np.ndarray, count: int) -> np.ndarray:
        """Labels of `count` examples, int32.

        Raises:
            ValueError: there are not as many, all are -1, or one is of no class.
        """
        known = (labels >= 0).sum()
        if labels.shape != (count,) or not known:
            raise ValueError(
                f"fit: expected one label for each of {count} examples, not all -1; "
                f"came shape {labels.shape}, {known} labels"
            )
        if labels.min() < -1 or labels.max() >= self.classes:
            raise ValueError(
                f"fit: expected labels from 0 to {self.classes - 1}, or -1 for none; "
                f"came {labels.min()} to {labels.max()}"
            )
        return labels.astype(np.int32)

    def _minibatches_of(self, examples, labels, batch_size, shuffle) -> tf.data.Dataset:
        """Minibatches of all examples, each with as many labelled ones."""
        is_known = labels >= 0
        unlabelled = tf.data.Dataset.from_tensor_slices(examples)
        labelled = tf.data.Dataset.from_tensor_slices((examples[is_known], labels[is_known]))
        if shuffle:
            unlabelled = unlabelled.shuffle(len(examples), seed=self.seed)
            labelled = labelled.shuffle(len(examples), seed=self.seed + 1)
        pairs = tf.data.Dataset.zip(labelled.repeat(), unlabelled).batch(batch_size)
        return pairs.map(lambda known, u: ({LABELLED: known[0], UNLABELLED: u}, known[1]))

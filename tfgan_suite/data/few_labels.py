"""Examples of which few have a label."""

from tfgan_suite.data import arguments
from tfgan_suite.data.array_dataset import minibatch_indices
from tfgan_suite.data.dataset import MAX_SEED, Dataset, Split, digest
from tfgan_suite.errors import UserError


class FewLabels(Dataset):
    """Another dataset with labels for few of its training examples, as many of each class.

    With labels, an element of `batches` is ({"labelled": x, "unlabelled": u}, labels of x): a minibatch of
    the labelled examples, which come again and again, and as large a one of all. Without, it is a minibatch
    of all. Held-out examples keep their labels.

    Args:
        source: where the examples and labels come from.
        num_labels: how many of the training examples have a label: a multiple of the number of classes.
        label_seed: chooses them; None: the seed of the minibatches, which in a run is `training.seed`.
    """

    def __init__(self, source: Dataset, num_labels: int, label_seed: int | None = None):
        self.source = source
        if source.num_classes is None:
            raise UserError(f"source must have labels, got {source.name!r}")
        self.num_labels = arguments.integer("num_labels", num_labels, 1)
        if num_labels % source.num_classes:
            raise UserError(
                f"num_labels must be a multiple of {source.num_classes}, the number of classes of "
                f"{source.name!r}, got {num_labels}"
            )
        self.label_seed = (
            None if label_seed is None else arguments.integer("label_seed", label_seed, 0, MAX_SEED)
        )
        self.name, self.example_shape = source.name, source.example_shape
        self.num_classes = source.num_classes

    @property
    def fingerprint(self) -> str:
        """Digest of the source, and of what chooses the labelled examples."""
        return digest(self.source.fingerprint, self.num_labels, self.label_seed)

    def size(self, split: Split) -> int | None:
        return self.source.size(split)

    def split_fingerprint(self, split: Split) -> str:
        return self.source.split_fingerprint(split)

    def labelled(self, seed: int = 0):
        """The labelled training examples, float32 (num_labels, ...), and their labels, int32 (num_labels,).

        Args:
            seed: of the minibatches; chooses them where there is no `label_seed`.
        """
        examples, labels = self.source.examples("train", labels=True)
        chosen = balanced(
            labels, self.num_labels, self.num_classes, seed if self.label_seed is None else self.label_seed
        )
        return examples[chosen], labels[chosen]

    def _minibatches(self, batch_size: int, seed: int, start: int, labels: bool):
        import tensorflow as tf

        unlabelled = self.source._minibatches(batch_size, seed, start, False)
        if not labels:
            return unlabelled
        known, classes = map(tf.constant, self.labelled(seed))

        def element(unlabelled, chosen):
            return {"labelled": tf.gather(known, chosen), "unlabelled": unlabelled}, tf.gather(
                classes, chosen
            )

        chosen = minibatch_indices(self.num_labels, batch_size, seed, start)
        return tf.data.Dataset.zip(unlabelled, chosen).map(element)

    def _examples(self, split: Split, count: int | None, seed: int):
        return self.source._examples(split, count, seed)

    def _stream(self, split: Split, count: int | None, seed: int):
        return self.source._stream(split, count, seed)


def balanced(labels, count: int, num_classes: int, seed: int):
    """Indices of `count` examples, as many of each class, in random order.

    Raises:
        UserError: a class has too few.
    """
    import numpy as np

    # RandomState's stream is frozen by NumPy: a label set stays what it is.
    random, each = np.random.RandomState(seed), count // num_classes
    members = [random.permutation(np.flatnonzero(labels == label)) for label in range(num_classes)]
    fewest = min(map(len, members))
    if fewest < each:
        raise UserError(
            f"num_labels must leave at most {fewest} for each class, as many as there are, got {count}"
        )
    return random.permutation(np.concatenate([some[:each] for some in members]))

"""Data without end: every example is drawn afresh."""

from tfgan_suite.data.dataset import Dataset, Split

DEFAULT_COUNT = 10_000


class DrawnDataset(Dataset):
    """Each minibatch is drawn afresh from (seed, step); a subclass gives `_draw`."""

    def _draw(self, count: int, seed: int, step, stream: str):
        """Tensors float32 examples (count, ...) and int32 labels (count,), or None; a pure function.

        Training minibatches, training examples and test examples come from `stream`s of different names.
        """
        raise NotImplementedError

    def _key(self, seed: int, step, stream: str, purpose: str):
        from tfgan_suite import draws

        return draws.named(seed, step, f"{stream}/{purpose}")

    def _prepare(self, split: Split) -> None:
        """Called before `_draw`, outside of any graph, to load what it needs."""

    def _minibatches(self, batch_size: int, seed: int, start: int, labels: bool):
        import tensorflow as tf

        self._prepare("train")

        @tf.autograph.experimental.do_not_convert
        def minibatch(step):
            examples, its_labels = self._draw(batch_size, seed, step, "train")
            return (examples, its_labels) if labels else examples

        steps = tf.data.Dataset.range(start, tf.int64.max)
        return steps.map(minibatch, num_parallel_calls=tf.data.AUTOTUNE)

    def size(self, split: Split) -> None:
        return None

    def _examples(self, split: Split, count: int | None, seed: int):
        import numpy as np

        examples, labels = zip(*self._blocks(split, count, seed), strict=True)
        return np.concatenate(examples), None if labels[0] is None else np.concatenate(labels)

    def _stream(self, split: Split, count: int | None, seed: int):
        for examples, _ in self._blocks(split, count, seed):
            yield examples

    def _blocks(self, split: Split, count: int | None, seed: int):
        """(examples, labels) of the split, at most 10,000 at once; the labels may be None."""
        import tensorflow as tf

        self._prepare(split)
        stream, count = "train examples" if split == "train" else "test", count or DEFAULT_COUNT
        for step, start in enumerate(range(0, count, DEFAULT_COUNT)):
            with tf.device("CPU:0"):
                examples, labels = self._draw(min(DEFAULT_COUNT, count - start), seed, step, stream)
            yield examples.numpy(), None if labels is None else labels.numpy()

"""The best checkpoint by a metric, beside the newest ones: training that collapses late has lost nothing."""

from pathlib import Path

import keras

from tfgan_suite import checkpoint
from tfgan_suite.callbacks.evaluate import Evaluate
from tfgan_suite.evaluation.measurement import badness


class BestCheckpoint(keras.callbacks.Callback):
    """Keeps the whole training state of the step at which `evaluate` measured the best value.

    Place it behind `evaluate`. What is on disk already counts: a resumed training knows the best so far, also
    one of a later step than it resumes from, which is a state of the same training.

    Args:
        evaluate: measures; between its measurements nothing is saved.
        directory: where `best-<step>.npz` goes, and `best.json`, which names it and its value.
        metric: `metric` or `metric.field`, one that says which way is better.

    Raises:
        UserError: `evaluate` does not measure that, or no way is better.
    """

    def __init__(self, evaluate: Evaluate, directory: Path, metric: str):
        super().__init__()
        evaluate.evaluator.check_best(metric)
        self.evaluate, self.directory, self.metric = evaluate, Path(directory), metric

    def on_epoch_end(self, epoch, logs=None):
        step, values = self.evaluate.latest
        if step != self.model.step:
            return
        best = self.best
        if best is None or badness(self.metric, values[self.metric]) < badness(self.metric, best["value"]):
            checkpoint.save_best(self.model, self.directory, self.metric, values[self.metric])

    @property
    def best(self) -> dict | None:
        """`step`, `metric`, `value` and `file` of the best so far, None before the first."""
        return checkpoint.read_best(self.directory)

"""Quality in numbers while training goes on."""

import time
from pathlib import Path

import keras
import tensorflow as tf

from tfgan_suite import json_lines
from tfgan_suite.evaluation import Evaluator
from tfgan_suite.examples.samples import ModelSamples


class Evaluate(keras.callbacks.Callback):
    """Measures samples at the end of every epoch whose last step is a multiple of `every`, if time allows.

    An evaluation that would bring the time spent on evaluations above its share is left out, and takes place
    at a later multiple; only the first, whose cost is not known, may exceed it. Each appends one line: the
    step, the seconds it took, and every number of the metrics. Training is not touched: equal seeds give
    equal weights with and without it.

    Args:
        evaluator: what to measure against, and by what.
        path: of the JSON-lines file.
        every: steps between evaluations.
        share: of the whole time since training began, in (0, 1).
        writer: of TensorBoard events, if the numbers shall be there too.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        path: Path,
        every: int,
        share: float = 0.1,
        writer: tf.summary.SummaryWriter | None = None,
    ):
        super().__init__()
        if not 0.0 < share < 1.0:
            raise ValueError(f"share: expected a number in (0, 1), came {share!r}")
        self.evaluator, self.path, self.every = evaluator, Path(path), every
        self.share, self.writer = share, writer
        self.spent = self.cost = 0.0
        self.latest: tuple[int | None, dict[str, float]] = None, {}  # step, and every number by its name

    def on_train_begin(self, logs=None):
        self.began = time.perf_counter()
        self.spent = 0.0

    def on_epoch_end(self, epoch, logs=None):
        if self.model.step % self.every == 0 and self.is_affordable():
            self.evaluate()

    def is_affordable(self) -> bool:
        """Whether another evaluation, as long as the last one, stays within the share of the time."""
        elapsed = time.perf_counter() - self.began
        return self.spent + self.cost <= self.share * (elapsed + self.cost)

    def evaluate(self) -> None:
        """Measures now, and appends the line."""
        start, step = time.perf_counter(), self.model.step
        evaluation = self.evaluator.measure(ModelSamples(self.model, self.model.name))
        values = {m.name: m.value for m in evaluation.measurements}
        self.latest = step, values
        self.cost = time.perf_counter() - start
        self.spent += self.cost
        json_lines.append(self.path, {"step": step, "seconds": round(self.cost, 3), **values})
        if self.writer is not None:
            with self.writer.as_default(step=step):
                for name, value in values.items():
                    tf.summary.scalar(f"evaluation/{name}", value)
            self.writer.flush()

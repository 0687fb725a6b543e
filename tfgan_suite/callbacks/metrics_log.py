"""Loss terms as JSON lines and TensorBoard scalars."""

import time
from pathlib import Path

import keras
import tensorflow as tf

from tfgan_suite import json_lines


class MetricsLog(keras.callbacks.Callback):
    """Appends one line for each epoch: step, seconds per step, and each term's mean over the epoch.

    Args:
        path: of the JSON-lines file.
        writer: of TensorBoard events, if these are wanted too.
    """

    def __init__(self, path: Path, writer: tf.summary.SummaryWriter | None = None):
        super().__init__()
        self.path, self.writer = Path(path), writer

    def on_epoch_begin(self, epoch, logs=None):
        self.began, self.first = time.perf_counter(), self.model.step

    def on_epoch_end(self, epoch, logs=None):
        step = self.model.step
        seconds = (time.perf_counter() - self.began) / max(step - self.first, 1)
        json_lines.append(self.path, {"step": step, "seconds_per_step": round(seconds, 6), **logs})
        if self.writer is not None:
            with self.writer.as_default(step=step):
                for name, value in logs.items():
                    tf.summary.scalar(name, value)
            self.writer.flush()

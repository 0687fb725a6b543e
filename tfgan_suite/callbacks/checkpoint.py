"""Checkpoints at a fixed interval of steps."""

from pathlib import Path

import keras

from tfgan_suite import checkpoint


class Checkpoint(keras.callbacks.Callback):
    """Saves the whole training state at the end of every epoch whose last step is a multiple of `every`.

    Place it last: what the other callbacks write for a step is then on disk before the step's checkpoint is.

    Args:
        directory: where `step-<step>.npz` go.
        every: steps between checkpoints; the last step is always saved.
        keep: newest checkpoints kept.
    """

    def __init__(self, directory: Path, every: int, keep: int = 3):
        super().__init__()
        self.directory, self.every, self.keep = Path(directory), every, keep

    def on_epoch_end(self, epoch, logs=None):
        if self.model.step % self.every == 0:
            checkpoint.save(self.model, self.directory, self.keep)

    def on_train_end(self, logs=None):
        checkpoint.save(self.model, self.directory, self.keep)

"""Pictures of what the generator makes of the same latents, over time."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite import images


class SampleGrid(keras.callbacks.Callback):
    """Writes `step-<step>.png` from fixed latents every `every` steps and at the end.

    Images become a grid; points of one or two dimensions a plot over `real`.

    Args:
        directory: where the pictures go.
        every: steps between pictures; checked at the end of each epoch.
        count: samples in each picture.
        real: real points to plot beneath, for data that are not images.
        writer: of TensorBoard events, if the pictures shall be there too.
    """

    def __init__(
        self,
        directory: Path,
        every: int,
        count: int = 64,
        seed: int = 0,
        real: np.ndarray | None = None,
        writer: tf.summary.SummaryWriter | None = None,
    ):
        super().__init__()
        self.directory, self.every, self.count, self.seed = Path(directory), every, count, seed
        self.real, self.writer, self.drawn_at = real, writer, None

    def on_train_begin(self, logs=None):
        self.draw()

    def on_epoch_end(self, epoch, logs=None):
        if self.model.step % self.every == 0:
            self.draw()

    def on_train_end(self, logs=None):
        self.draw()

    def draw(self) -> None:
        """Writes the picture of this step, once."""
        step = self.model.step
        if step == self.drawn_at:
            return
        self.drawn_at = step
        path = self.directory / f"step-{step:08d}.png"
        drawn = images.draw_samples(self.model.sample(self.count, seed=self.seed), path, self.real)
        if drawn and self.writer is not None:
            with self.writer.as_default(step=step):
                tf.summary.image("samples", tf.io.decode_png(path.read_bytes(), channels=3)[None])
            self.writer.flush()

"""Loss terms as running means over the epoch, and a stop where one is not finite."""

import math

import keras

from tfgan_suite.errors import Diverged


class TermMeans(keras.callbacks.Callback):
    """Turns each batch's losses into means over the epoch so far; raises `Diverged` where one is not finite.

    `AdversarialModel.fit` puts it in front of all other callbacks, which then see what it makes.
    """

    def on_train_begin(self, logs=None):
        self.step = self.model.step

    def on_epoch_begin(self, epoch, logs=None):
        self.sums, self.count = {}, 0

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        bad = {name: value for name, value in logs.items() if not math.isfinite(value)}
        if bad:
            raise Diverged(self.step, bad)
        self.count += 1
        for name, value in logs.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        logs.update(self.means())

    def on_epoch_end(self, epoch, logs=None):
        logs.update(self.means())

    def means(self) -> dict[str, float]:
        return {name: total / self.count for name, total in self.sums.items()}

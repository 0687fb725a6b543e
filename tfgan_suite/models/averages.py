"""Moving averages of networks, from which all that is not training is done."""

import keras
import tensorflow as tf


class Averages:
    """What a model with `ema_decay` and `train_steps` does with them.

    Attributes:
        ema_decay: of the averages; None: there are none.
        train_steps: training steps taken.
    """

    ema_decay: float | None
    train_steps: keras.Variable
    _averaged: tuple[str, ...] = ()  # the networks that have an average

    def start_averages(self, *names: str) -> None:
        """Gives the model an `ema_<name>` of each of these networks; None where `ema_decay` asks for none."""
        for name in names:
            setattr(self, f"ema_{name}", self._average_of(getattr(self, name)))
        if self.ema_decay is not None:
            self._averaged += names

    def averaged(self, name: str) -> keras.Model:
        """The moving average of a network where there is one, else the network."""
        return getattr(self, f"ema_{name}" if name in self._averaged else name)

    def _average_of(self, network: keras.Model) -> keras.Model | None:
        if self.ema_decay is None:
            return None
        average = keras.models.clone_model(network)
        average.set_weights(network.get_weights())
        average.trainable = False
        return average

    def move_averages(self) -> None:
        """Once a training step, whatever players move a network: the memory counts training steps."""
        step = tf.cast(self.train_steps, tf.float32)
        for name in self._averaged:
            # Short at first, so that the average forgets the initial weights.
            decay = tf.minimum(self.ema_decay, (1.0 + step) / (10.0 + step))
            move_average(self.averaged(name), getattr(self, name), decay)


def move_average(average: keras.Model, network: keras.Model, decay: tf.Tensor) -> None:
    """One step of the exponential moving average of a network's weights; what is not trained is copied."""
    trainable = {id(v) for v in network.trainable_variables}
    for mean, variable in zip(average.weights, network.weights, strict=True):
        if id(variable) in trainable:
            mean.assign(mean + (1.0 - decay) * (variable - mean))
        else:
            mean.assign(variable)

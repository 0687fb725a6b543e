"""Moving averages of networks, from which all that is not training is done."""

from typing import Any

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.models.batch_share import BatchShare

STATISTICS = ("moving_mean", "moving_variance")  # of a batch normalisation


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

    def move_averages(self, batch: Any, seed: draws.Seed, share: BatchShare) -> None:
        """Once a training step, whatever players move a network: the memory counts training steps.

        Args:
            batch: one of this step, which the averages' batch normalisation sees.
            seed: of the draws beside it.
            share: of this replica in it.
        """
        if not self._averaged:
            return
        step = tf.cast(self.train_steps, tf.float32)
        # A short memory at first, so that the average forgets the initial weights.
        rate = 1.0 - tf.minimum(self.ema_decay, (1.0 + step) / (10.0 + step))
        pairs = [(self.averaged(name), getattr(self, name)) for name in self._averaged]
        for average, network in pairs:
            move_average(average, network, rate)
        if normalizations := [both for pair in pairs for both in normalizations_of(*pair)]:
            self._move_statistics(normalizations, rate, batch, seed, share)

    def _move_statistics(self, normalizations, rate, batch, seed, share) -> None:
        """Batch statistics of what an average itself computes: its network's would not fit its weights.

        The averages pass every few steps, so that statistics remember half as many steps as the weights do.
        """
        momentum = max(layer.momentum for layer, _ in normalizations)
        every = tf.maximum(tf.cast((1.0 - momentum) / (2.0 * rate), tf.int64), 1)
        is_due = tf.convert_to_tensor(self.train_steps) % every == 0
        means, variables = zip(
            *((getattr(mean, s), getattr(own, s)) for mean, own in normalizations for s in STATISTICS),
            strict=True,
        )

        def kept():
            return [tf.convert_to_tensor(mean) for mean in means]

        def moved():
            return self._statistics_at_averages(variables, batch, seed, share)

        if share.replicas == 1:
            values = tf.cond(is_due, moved, kept)
        else:  # inside a condition replicas cannot exchange moments
            values = [tf.where(is_due, *either) for either in zip(moved(), kept(), strict=True)]
        for mean, value in zip(means, values, strict=True):
            mean.assign(value)

    def _statistics_at_averages(self, statistics, batch, seed, share) -> list[tf.Tensor]:
        """What a pass in training mode makes of these statistics where networks have their averages' weights.

        The pass is that of the losses of all players that move an average; what only the losses need is
        never computed in a graph.
        """
        networks = {name: getattr(self, name) for name in self._averaged}
        mapping = [
            (variable, tf.convert_to_tensor(mean))
            for name, network in networks.items()
            for variable, mean in zip(network.weights, self.averaged(name).weights, strict=True)
        ]
        with keras.StatelessScope(mapping) as scope, self.drawing(seed, share):
            for name, player in self.players().items():
                if any(network in player.networks for network in networks.values()):
                    getattr(self, f"{name}_losses")(batch)
            return [tf.convert_to_tensor(scope.get_current_value(s)) for s in statistics]


def normalizations_of(average: keras.Model, network: keras.Model) -> list[tuple]:
    """(layer of the average, layer of the network) of each batch normalisation."""
    layers = zip(average._flatten_layers(), network._flatten_layers(), strict=True)
    return [both for both in layers if isinstance(both[0], keras.layers.BatchNormalization)]


def move_average(average: keras.Model, network: keras.Model, rate: tf.Tensor) -> None:
    """One step of the exponential moving average of a network's weights.

    What is not trained is copied, but for batch statistics, which stay.
    """
    trainable = {id(v) for v in network.trainable_variables}
    statistics = {id(getattr(mean, s)) for mean, _ in normalizations_of(average, network) for s in STATISTICS}
    for mean, variable in zip(average.weights, network.weights, strict=True):
        if id(variable) in trainable:
            mean.assign(mean + rate * (variable - mean))
        elif id(mean) not in statistics:
            mean.assign(variable)

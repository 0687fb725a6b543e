"""One batch of fakes for both players of a step: the generator passes once, and is differentiated later."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from tfgan_suite.models.batch_share import BatchShare


class SharedFakes(NamedTuple):
    """A minibatch and the fakes that both players take for it."""

    batch: Any
    fake: tf.Tensor


class GeneratorPass:
    """The generator's pass on a minibatch, whose gradients are asked for when the discriminator has moved.

    The generator itself has not moved in between, so they are those of a pass made then.

    Attributes:
        fake: what it made, in training mode.
        states: what its state (batch statistics) becomes, by index of its non-trainable variables.
    """

    def __init__(self, model, batch: Any, seed, share: BatchShare):
        player = model.players()["generator"]
        self._values = [tf.convert_to_tensor(v.value) for v in player.trainable_variables]

        def make(values, batch, seed):
            mapping = zip(player.trainable_variables, values, strict=True)
            made = []
            with keras.StatelessScope(mapping) as scope:
                for part, its_share in model.parts_of_batch(batch, share):
                    with model.drawing(seed, its_share):
                        made.append(model.fresh_fakes(part))
            states = [scope.get_current_value(v) for v in player.non_trainable_variables]
            return tf.concat(made, axis=0), {i: s for i, s in enumerate(states) if s is not None}

        with tf.GradientTape(watch_accessed_variables=False) as self._tape:
            self._tape.watch(self._values)
            self.fake, self.states = model.in_plan(make)(self._values, batch, seed)

    def gradients(self, of_weights: list, of_fake: tf.Tensor) -> list:
        """Of a loss with these gradients in the fakes, and in the weights directly (their decay)."""
        through = self._tape.gradient(self.fake, self._values, output_gradients=of_fake)
        return [b if a is None else a + b for a, b in zip(of_weights, through, strict=True)]

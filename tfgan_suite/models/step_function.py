"""Many steps in one call: what `fit` and `evaluate` run instead of Keras' own functions."""

import itertools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfgan_suite.errors import Diverged

BLOCK = "block"  # the key of data whose elements are those of several steps
MOST_BYTES = 64 * 2**20  # of a block


def in_blocks(dataset: tf.data.Dataset, steps: int) -> tf.data.Dataset:
    """The data of so many steps as one element, for `StepFunction`: one fetch for all of them.

    As they are where elements differ in shape, where they end (Keras counts them), and where blocks would
    take too much memory.
    """
    specs = tf.nest.flatten(dataset.element_spec)
    is_fixed = all(spec.shape.is_fully_defined() for spec in specs)
    if steps == 1 or not is_fixed or int(dataset.cardinality()) >= 0:
        return dataset
    if steps * sum(spec.shape.num_elements() * spec.dtype.size for spec in specs) > MOST_BYTES:
        return dataset
    return dataset.batch(steps).map(lambda *data: {BLOCK: data[0] if len(data) == 1 else data}).prefetch(1)


class StepFunction:
    """Runs a step again and again on an iterator's data without leaving the graph.

    Called with an iterator, it takes up to `model.steps_per_execution` steps, fewer where the data end, or
    those of one element of `in_blocks`, and returns the mean of every value over all steps since `reset`.
    Keras' own function returns the last step's values alone, and fails for several steps on several replicas.

    Args:
        step: a batch's data to named scalars; on each replica its share, so that their mean is the value.
        stops: whether to raise `Diverged` at the first step with a value that is not finite, and after steps
            that leave a weight so.
    """

    def __init__(self, model, step: Callable[[object], dict[str, tf.Tensor]], stops: bool):
        self.model, self.step, self.stops = model, step, stops
        self.strategy = model.distribute_strategy
        self.names: list[str] = []
        self._compiled = tf.function(self._in_graph, reduce_retracing=True)
        self._compiled_block = tf.function(self._block_in_graph, reduce_retracing=True)
        self._finite_weights = tf.function(self._are_weights_finite, autograph=False)
        self.reset()

    def reset(self) -> None:
        """Forgets the steps so far."""
        self.sums, self.count = 0.0, 0

    def __call__(self, iterator) -> dict[str, float]:
        first = self.model.step
        in_python = self.model.run_eagerly or not hasattr(iterator, "get_next_as_optional")
        count = self.model.steps_per_execution
        if in_python:
            values = self._in_python(iterator, count)
        elif _is_of_blocks(iterator):
            values = self._compiled_block(iterator)
        else:
            values = self._compiled(iterator, tf.constant(count))
        values = np.asarray(values, np.float64)
        if len(values) == 0:
            raise StopIteration
        if self.stops:
            self._require_finite(values, first)
            self._require_finite_weights()
        self.sums, self.count = self.sums + values.sum(axis=0), self.count + len(values)
        return dict(zip(self.names, (self.sums / self.count).tolist(), strict=True))

    def _require_finite(self, values: np.ndarray, first: int) -> None:
        finite = np.isfinite(values)
        if finite.all():
            return
        step = int(np.argmin(finite.all(axis=1)))
        bad = {n: float(v) for n, v, ok in zip(self.names, values[step], finite[step], strict=True) if not ok}
        raise Diverged(first + step + 1, bad)

    def _require_finite_weights(self) -> None:
        """A network may hide them from the losses: oneDNN's dense layer makes 0 of NaN in its ReLU."""
        finite = self._finite_weights().numpy()
        if not finite.all():
            weights = zip(self.model.trainable_variables, finite, strict=True)
            bad = [weight.path for weight, is_finite in weights if not is_finite]
            raise Diverged(self.model.step, dict.fromkeys(bad[:3], "not finite"))

    def _are_weights_finite(self) -> tf.Tensor:
        weights = self.model.trainable_variables
        return tf.stack([tf.reduce_all(tf.math.is_finite(tf.convert_to_tensor(w.value))) for w in weights])

    def _in_graph(self, iterator, count):
        """The values of every step taken, (steps, names)."""
        every = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=None)
        taken, is_several = 0, self.strategy.num_replicas_in_sync > 1
        for _ in tf.range(count):
            # One step after the other: a replica that ran ahead would sum its values with another step's.
            tf.autograph.experimental.set_loop_options(parallel_iterations=1 if is_several else 10)
            data = iterator.get_next_as_optional()
            if data.has_value():
                every = every.write(taken, self._values(data.get_value()))
                taken += 1
        # An array that was never written cannot be stacked.
        return tf.zeros((0, 0)) if taken == 0 else every.stack()

    def _block_in_graph(self, iterator):
        """The same, of one element."""
        element = iterator.get_next_as_optional()
        if not element.has_value():
            return tf.zeros((0, 0))
        block = element.get_value()[BLOCK]
        steps = tf.shape(tf.nest.flatten(block)[0])[0]
        every = tf.TensorArray(tf.float32, size=steps, element_shape=None)
        for step in tf.range(steps):
            every = every.write(step, self._values(_row(block, step)))
        return every.stack()

    def _in_python(self, iterator, count: int):
        return [self._values(data).numpy() for data in itertools.islice(iterator, count)]

    @tf.autograph.experimental.do_not_convert
    def _values(self, data) -> tf.Tensor:
        """One step's values, float32 (names,), meaned over the replicas."""
        # Inside the scope of a strategy of one device a step has no replica of its own until `run` makes it.
        if self.strategy.num_replicas_in_sync == 1 and not tf.distribute.in_cross_replica_context():
            return self._on_replica(data)
        values = self.strategy.run(self._on_replica, args=(data,))
        return self.strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None)

    def _on_replica(self, data) -> tf.Tensor:
        logs = self.step(data)
        self.names = list(logs)
        return tf.stack([tf.cast(value, tf.float32) for value in logs.values()])


def _is_of_blocks(iterator) -> bool:
    spec = getattr(iterator, "element_spec", None)
    return isinstance(spec, dict) and set(spec) == {BLOCK}


@tf.autograph.experimental.do_not_convert
def _row(block, i: tf.Tensor):
    return tf.nest.map_structure(lambda t: t[i], block)

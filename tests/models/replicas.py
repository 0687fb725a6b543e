"""A training that test_replicas.py repeats on several replicas, each time in a process of its own.

One strategy per process: TensorFlow's collective operations know one group of devices.
"""

import sys

import keras
import numpy as np
import tensorflow as tf

BATCH, STEPS = 8, 20
LAST = 5  # examples in the last batch: 2, 2, 1 and none for 4 replicas


def train(name: str, strategy: tf.distribute.Strategy) -> dict[str, np.ndarray]:
    """Weights and last logs of the game `name` after `STEPS` steps; of "XLA GAN" the GAN, compiled."""
    from tests.conformance.examples import GAMES

    xla, example = name.startswith("XLA "), GAMES[name.removeprefix("XLA ")]
    with strategy.scope():
        keras.utils.set_random_seed(0)
        model = example.make()
        optimizers = {p: keras.optimizers.SGD(0.05, global_clipnorm=0.5) for p in model.players()}
        model.compile(optimizers, jit_compile=xla)
    model.train_steps.assign(1000)  # averages have their full memory, and no batch statistics in most steps
    last = BATCH if xla else LAST  # XLA would compile everything once more
    data = example.batch(model, (BATCH * (STEPS - 1) + last) * model.minibatches_per_step)
    history = model.fit(tf.data.Dataset.from_tensor_slices(data).batch(BATCH), verbose=0).history
    result = {f"weight {i}": v.numpy() for i, v in enumerate(model.variables)}
    result |= {term: np.float64(values[-1]) for term, values in history.items()}
    for variable in model.variables:
        first, *others = strategy.experimental_local_results(variable.value)
        if not all(np.array_equal(first, other) for other in others):
            raise AssertionError(f"{name}: {variable.path} is not the same on all replicas")
    return result


def main(replicas: int, output: str, names: list[str]) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * replicas)
    strategy = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(replicas)])
    results = {name: train(name, strategy) for name in names}
    np.savez(output, **{f"{name}: {key}": v for name, result in results.items() for key, v in result.items()})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])

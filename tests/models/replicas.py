"""Run by test_replicas.py in a process of its own (one strategy per process): two replicas on one CPU.

Prints a JSON object. `argv[1]` is "xla" or "plain".
"""

import json
import sys

import numpy as np
import tensorflow as tf

cpus = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * 2)

from tests.conformance.examples import MODELS  # noqa: E402
from tfgan_suite import models  # noqa: E402

XLA = sys.argv[1] == "xla"


def train(name, strategy, steps=3, silent_latents=False):
    with strategy.scope():
        model = MODELS[name].compiled(jit_compile=XLA)
        if silent_latents:  # no draw reaches the losses: the replicas together are then one big batch
            kernel = model.generator.trainable_variables[0]
            kernel.assign(tf.zeros_like(kernel))
            model.generator.trainable = False
            del model.optimizers["generator"]
            discriminator = {"discriminator": model.players()["discriminator"]}
            object.__setattr__(model, "players", lambda: discriminator)
    x = MODELS[name].batch(model, 8 * model.minibatches_per_step * steps)
    dataset = tf.data.Dataset.from_tensor_slices(x).batch(8)
    history = model.fit(dataset, verbose=0).history
    return model, history


class ProbedGAN(models.GAN):
    """Logs a number that is a function of the latents alone."""

    def generator_losses(self, batch):
        latents = self.draw_latents(4, self.next_seed())
        return super().generator_losses(batch) | {"probe": tf.reduce_mean(latents)}


def main():
    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    report = {}
    for name in (
        "GAN",
        "GAN of 3 discriminator steps",
        "GAN with average",
        "GAN with a penalty",
        "GAN dcgan",
    ):
        if XLA and name == "GAN dcgan":
            continue
        model, history = train(name, mirrored)
        in_sync = all(
            np.array_equal(*mirrored.experimental_local_results(v.value)) for v in model.trainable_variables
        )
        report[name] = {
            "finite": bool(np.isfinite(list(history.values())).all()),
            "in sync": bool(in_sync),
            "steps": model.step,
        }

    with mirrored.scope():
        plain = MODELS["GAN"].make()
        model = ProbedGAN(plain.generator, plain.discriminator, plain.objective)
        model.compile(jit_compile=XLA)
    logs = mirrored.run(tf.function(model.train_step), args=(tf.ones((8, 2)),))
    one, two = (float(v) for v in mirrored.experimental_local_results(logs["generator/probe"]))
    report["draws differ"] = one != two

    weights = {}
    for label, strategy in (("one", tf.distribute.get_strategy()), ("two", mirrored)):
        model, _ = train("GAN", strategy, silent_latents=True)
        weights[label] = [v.numpy() for v in model.discriminator.trainable_variables]
    difference = max(np.abs(a - b).max() for a, b in zip(weights["one"], weights["two"], strict=True))
    report["difference from one replica"] = float(difference)
    print(json.dumps(report))


main()

"""Us: `fit` as a user calls it."""

import math

import keras
import tensorflow as tf

from benchmarks.architecture import described
from benchmarks.real_examples import random_batches, real_examples
from benchmarks.workloads import Workload
from tfgan_suite import data, models, networks, objectives, regularizers

PLAYERS = "generator", "discriminator"


class Trainer:
    """Options: `compile`, more arguments of it; `input`, one of "array" (default), "real" and "cached"."""

    def __init__(self, workload: Workload, layers, options: dict):
        keras.config.set_dtype_policy(workload.precision)
        self.workload, self.options = workload, options
        self.networks = {}
        for player in PLAYERS:
            name, arguments = getattr(workload, player)
            self.networks[player] = getattr(networks, name)(**arguments)
        self.notes = {
            "layers": {player: described(network) for player, network in self.networks.items()},
            "version": f"TensorFlow {tf.__version__}, Keras {keras.__version__}",
        }

    def parameters(self):
        return {
            player: sum(math.prod(v.shape) for v in network.trainable_variables)
            for player, network in self.networks.items()
        }

    def prepare(self):
        workload = self.workload
        objective = {"non_saturating": objectives.NonSaturating, "wasserstein": objectives.Wasserstein}
        penalty = workload.gradient_penalty
        unrolled = {"unroll_steps": workload.unroll_steps} if workload.unroll_steps else {}
        self.model = (models.UnrolledGAN if unrolled else models.GAN)(
            **self.networks,
            objective=objective[workload.objective](),
            regularizers=[regularizers.GradientPenalty(penalty)] if penalty else [],
            discriminator_steps=workload.discriminator_steps,
            **unrolled,
        )
        optimizers = {
            player: keras.optimizers.Adam(
                workload.learning_rate, workload.beta_1, workload.beta_2, workload.epsilon
            )
            for player in PLAYERS
        }
        self.model.compile(optimizers, **self.options.get("compile", {}))
        self.batches = self._batches()

    def train(self, steps):
        history = self.model.fit(self.batches, steps_per_epoch=steps, verbose=0).history
        self.notes["plan"] = self.model.execution
        self.notes["steps_per_call"] = self.model.plan.steps_per_call
        return {name: values[-1] for name, values in history.items()}

    def _batches(self) -> tf.data.Dataset:
        source, size = self.options.get("input", "array"), self.workload.batch_size
        if source == "array":
            return random_batches(real_examples(self.workload.example_shape), size)
        name, arguments = self.workload.real_data
        batches = getattr(data, name)(**arguments).batches(size)
        return batches.take(1).cache().repeat() if source == "cached" else batches

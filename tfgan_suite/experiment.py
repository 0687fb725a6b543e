"""From a checked config to a dataset and a compiled model."""

import dataclasses

import keras

from tfgan_suite.config import Config, build, build_optimizer, unknown_key
from tfgan_suite.data.dataset import Dataset
from tfgan_suite.errors import UserError
from tfgan_suite.models.generative import GenerativeModel
from tfgan_suite.precision import networks_in


@dataclasses.dataclass(frozen=True)
class Experiment:
    """What a config describes, ready to train."""

    config: Config
    dataset: Dataset
    model: GenerativeModel

    def minibatches(self, start: int):
        """Training minibatches from training step `start` on: an endless tf.data.Dataset."""
        training = self.config.training
        return self.dataset.batches(
            training.batch_size,
            seed=training.seed,
            start=start * self.model.minibatches_per_step,
            labels=self.model.label_classes is not None,
        )

    def terms(self) -> list[str]:
        """The name of every loss term, as `<player>/<term>`."""
        import tensorflow as tf

        spec = self.minibatches(0).element_spec
        spec = tf.nest.map_structure(lambda s: tf.TensorSpec((None, *s.shape[1:]), s.dtype), spec)
        logs = (
            tf.function(self.model.test_step, autograph=False).get_concrete_function(spec).structured_outputs
        )
        return [name for name in logs if "/" in name]


def build_experiment(config: Config, dataset: Dataset | None = None) -> Experiment:
    """Builds data, networks, model and optimizers; the initial weights follow from the seed.

    Inside `strategy.scope()` the model trains on the devices of that strategy.

    Args:
        dataset: what `config.data` describes, where it is built already: datasets have no state but a cache.

    Raises:
        UserError: names the key of the config that does not fit the data, the model or Keras.
    """
    keras.utils.set_random_seed(config.training.seed)
    dataset = dataset or build(config.data, "data", config.at("data"))
    with networks_in(config.training.precision):
        model = build(
            config.model,
            "models",
            config.at("model"),
            example_shape=dataset.example_shape,
            seed=config.training.seed,
        )
    if model.label_classes not in (None, dataset.num_classes):
        raise UserError(
            f"{config.at('model.num_classes')}: the data does not have these labels\n"
            f"  expected: {dataset.num_classes}, from {dataset.name}\n  came:     {model.label_classes}"
        )
    for player in config.optimizers:
        if player not in model.players():
            raise unknown_key(config.at("optimizers"), player, model.players())
    default = {"type": "Adam", "learning_rate": 2e-4, "beta_1": 0.5}
    optimizers = {
        player: build_optimizer(config.optimizers.get(player, default), config.at(f"optimizers.{player}"))
        for player in model.players()
    }
    training = config.training
    model.compile(
        optimizers,
        jit_compile=training.jit_compile,
        steps_per_execution=training.steps_per_execution,
        batch_parts=training.batch_parts,
    )
    return Experiment(config, dataset, model)

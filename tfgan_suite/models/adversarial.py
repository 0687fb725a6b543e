"""The base of every system here: players that take turns, each minimising its own named loss terms."""

import dataclasses
import inspect
from collections.abc import Sequence
from typing import Any, Literal

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.execution import choose_xla
from tfgan_suite.models.term_means import TermMeans


@dataclasses.dataclass(frozen=True)
class Player:
    """The networks a player moves, and how many steps it takes in each training step."""

    networks: tuple[keras.Model, ...]
    steps: int = 1

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        return [v for network in self.networks for v in network.trainable_variables]

    @property
    def non_trainable_variables(self) -> list[keras.Variable]:
        return [v for network in self.networks for v in network.non_trainable_variables]


class AdversarialModel(keras.Model):
    """Networks trained by players that take turns.

    A subclass says who plays (`players`) and defines `<player>_losses(batch)` for each, a dict of named
    scalar terms. Their sum is minimised; each is logged as `<player>/<term>`:

        fit -> train_step -> minimize(player) -> <player>_losses(batch)

    Every constructor argument must be an attribute of the same name; serialisation follows from that.

    Args:
        seed: of every random draw in training; equal seeds give equal runs.
        ema_decay: given, `ema_generator` follows the generator as an exponential moving average of its
            weights (normalisation statistics are copied), and is what samples and exports use.
    """

    def __init__(self, *, seed: int = 0, ema_decay: float | None = None, **kwargs):
        super().__init__(**kwargs)
        if ema_decay is not None and not 0 < ema_decay < 1:
            raise ValueError(f"ema_decay: expected a number in (0, 1) or None, came {ema_decay!r}")
        self.seed, self.ema_decay = seed, ema_decay
        self.train_steps = self.add_weight(
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            name="train_steps",
            aggregation="only_first_replica",
        )
        self.ema_generator = None
        self._stream = draws.SeedStream()
        self.built = True

    # Who plays

    def players(self) -> dict[str, Player]:
        """The players by name, in playing order."""
        raise NotImplementedError(f"{type(self).__name__} must define players()")

    @property
    def minibatches_per_step(self) -> int:
        """Real minibatches that one training step consumes: a player's every step sees a fresh one."""
        return max(player.steps for player in self.players().values())

    def compile(
        self,
        optimizers: dict[str, keras.optimizers.Optimizer] | None = None,
        *,
        jit_compile: bool | Literal["auto"] = "auto",
        **kwargs: Any,
    ) -> None:
        """Gives each player its optimizer.

        Args:
            optimizers: one for each player; default Adam(2e-4, beta_1=0.5) each (Radford et al. 2016).
            jit_compile: whether XLA compiles each player's losses and gradients. "auto" decides from the
                device and the networks; `execution` then says what and why.
            **kwargs: `run_eagerly`, `steps_per_execution`, as in `keras.Model.compile`.
        """
        players = self.players()
        if optimizers is None:
            optimizers = {name: keras.optimizers.Adam(2e-4, beta_1=0.5) for name in players}
        _check_optimizers(optimizers, players)
        # Not Keras' own jit_compile: XLA around a whole step fails with several replicas (docs/platform.md).
        super().compile(optimizer=None, jit_compile=False, **kwargs)
        self.optimizers = dict(optimizers)
        for name, player in players.items():
            if not player.trainable_variables:
                raise ValueError(
                    f"player {name!r} has nothing to train: build its networks (give them an Input)"
                )
            self.optimizers[name].build(player.trainable_variables)
        networks = [network for player in players.values() for network in player.networks]
        self._jit_request = jit_compile
        self.xla, self.execution = choose_xla(networks, jit_compile)
        self._execution_said = False

    # Training

    def fit(self, x=None, y=None, batch_size=None, callbacks=None, **kwargs):
        """`keras.Model.fit`; losses are means over the epoch so far, and one that is not finite stops it.

        When a player takes k steps, `batch_size` (or the batch size of a `tf.data.Dataset`) is that of each
        of its steps, and an epoch has 1/k as many training steps.
        """
        if kwargs.get("verbose", "auto") and not self._execution_said:
            print(f"execution   {self.execution}", flush=True)
            self._execution_said = True
        x, batch_size = self._regroup(x, batch_size)
        if isinstance(x, tf.data.Dataset):
            kwargs.setdefault("shuffle", False)  # Keras warns that it cannot
        callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else list(callbacks or [])
        return super().fit(x, y, batch_size=batch_size, callbacks=[TermMeans(), *callbacks], **kwargs)

    def _regroup(self, x, batch_size):
        """Joins as many minibatches as a training step consumes into one batch."""
        count = self.minibatches_per_step
        if count == 1:
            return x, batch_size
        if isinstance(x, tf.data.Dataset):
            return x.rebatch(count * _batch_size_of(x), drop_remainder=True), batch_size
        if hasattr(x, "shape"):
            return x, count * (batch_size or 32)
        raise ValueError(
            f"fit: with a player of {count} steps expected a tf.data.Dataset or an array, "
            f"came {type(x).__name__}"
        )

    def train_step(self, data):
        # An epoch of unknown length ends in a step that finds no data: what does not depend on data, such as
        # counting steps, must not happen in it either.
        with tf.control_dependencies(tf.nest.flatten(data)):
            batches = self._minibatches(data)
            seed = draws.fold(draws.root(self.seed), self.train_steps, _replica_id())
            logs = {}
            for index, (name, player) in enumerate(self.players().items()):
                # Counted from the last, so that a player with one step sees what the others saw last.
                for i, batch in enumerate(batches[-player.steps :]):
                    logs |= self.minimize(name, batch, draws.fold(seed, index, i))
            self.train_steps.assign_add(1)
            return logs

    def minimize(self, name: str, batch: Any, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """One optimizer step of one player; moves that player's networks and nothing else.

        Returns the value of each of its terms before the step, by `<player>/<term>`.
        """
        player = self.players()[name]

        def gradients(batch, seed):
            return self._terms_and_gradients(name, player, batch, seed)

        if self.xla and not tf.executing_eagerly():
            # A new function for each replica: each captures its own replica's variables.
            gradients = tf.function(gradients, jit_compile=True)
        terms, grads, states = gradients(batch, seed)
        self.optimizers[name].apply(grads, player.trainable_variables)
        for index, value in states.items():
            player.non_trainable_variables[index].assign(value)
        self.after_step(name)
        return {f"{name}/{term}": value for term, value in terms.items()}

    def _terms_and_gradients(self, name, player, batch, seed):
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        values = [tf.convert_to_tensor(v.value) for v in player.trainable_variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            terms, scope = self._terms(name, player, values, batch, seed)
            # Gradients are summed over replicas, so each contributes its share of the mean.
            loss = self.optimizers[name].scale_loss(tf.add_n(list(terms.values())) / replicas)
        states = [scope.get_current_value(v) for v in player.non_trainable_variables]
        states = {index: value for index, value in enumerate(states) if value is not None}
        return terms, tape.gradient(loss, values), states

    def _terms(self, name, player, values, batch, seed):
        """The player's terms where its trainable variables are `values`, and those its networks bring along.

        The scope that is returned has caught every state change (batch statistics, power iterations) of every
        network on the way; nothing has moved.
        """
        mapping = zip(player.trainable_variables, values, strict=True)
        with keras.StatelessScope(mapping, collect_losses=True) as scope, self._stream.starting_at(seed):
            terms = getattr(self, f"{name}_losses")(batch)
            extra = [loss for network in player.networks for loss in network.losses]
        if extra:  # weight decay, activity regularisation
            terms = terms | {"network_losses": tf.add_n(extra)}
        return {term: tf.cast(value, tf.float32) for term, value in terms.items()}, scope

    def after_step(self, player: str) -> None:
        """Called after each update of `player`; moves the average of the generator after the generator's."""
        if self.ema_generator is None or player != "generator":
            return
        step = tf.cast(self.train_steps, tf.float32)
        # A short memory at first, so that the average forgets the initial weights.
        decay = tf.minimum(self.ema_decay, (1.0 + step) / (10.0 + step))
        trainable = {id(v) for v in self.generator.trainable_variables}
        for average, variable in zip(self.ema_generator.weights, self.generator.weights, strict=True):
            if id(variable) in trainable:
                average.assign(average + (1.0 - decay) * (variable - average))
            else:
                average.assign(variable)

    def test_step(self, data):
        """Every player's terms on a batch, as training sees them, without moving anything."""
        seed = draws.fold(draws.root(self.seed), self.train_steps, _replica_id())
        batch = self._minibatches(data)[-1]
        logs = {}
        for index, (name, player) in enumerate(self.players().items()):
            values = [tf.convert_to_tensor(v.value) for v in player.trainable_variables]
            terms, _ = self._terms(name, player, values, batch, draws.fold(seed, index, -1))
            logs |= {f"{name}/{term}": value for term, value in terms.items()}
        return logs

    def _minibatches(self, data) -> list:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        batch = x if y is None else (x, y)
        first, count = tf.nest.flatten(x)[0], self.minibatches_per_step
        size = (tf.shape(first)[0] if first.shape[0] is None else first.shape[0]) // count
        if isinstance(size, int) and size == 0:
            raise ValueError(f"train_step: expected at least {count} examples, came {first.shape[0]}")
        return [
            tf.nest.map_structure(lambda t, i=i: t[i * size : (i + 1) * size], batch) for i in range(count)
        ]

    @property
    def step(self) -> int:
        """Training steps taken."""
        return int(tf.convert_to_tensor(self.train_steps.value))

    # Draws

    def next_seed(self) -> tf.Tensor:
        """A fresh seed for a draw in the losses: a function of (seed, step, replica, player, position)."""
        return self._stream.next()

    # Serialisation

    @classmethod
    def _parameters(cls) -> list[str]:
        names = {}
        for base in cls.__mro__:
            if issubclass(base, AdversarialModel) and "__init__" in vars(base):
                parameters = list(inspect.signature(base.__init__).parameters.values())[1:]
                names |= {p.name: None for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
        return list(names)

    def get_config(self) -> dict:
        own = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in self._parameters()}
        return {"name": self.name, **own}

    @classmethod
    def from_config(cls, config: dict) -> "AdversarialModel":
        own = {k: keras.saving.deserialize_keras_object(config[k]) for k in cls._parameters() if k in config}
        return cls(**config | own)

    def get_compile_config(self) -> dict | None:
        if not self.compiled:
            return None
        optimizers = {k: keras.saving.serialize_keras_object(v) for k, v in self.optimizers.items()}
        return {"optimizers": optimizers, "jit_compile": self._jit_request}

    def compile_from_config(self, config: dict) -> None:
        optimizers = {k: keras.saving.deserialize_keras_object(v) for k, v in config["optimizers"].items()}
        self.compile(optimizers, jit_compile=config["jit_compile"])


def _check_optimizers(optimizers: dict, players: Sequence[str]) -> None:
    if not isinstance(optimizers, dict) or set(optimizers) != set(players):
        came = sorted(optimizers) if isinstance(optimizers, dict) else type(optimizers).__name__
        raise ValueError(f"optimizers: expected a dict with one for each of {list(players)}, came {came}")
    if len({id(optimizer) for optimizer in optimizers.values()}) < len(optimizers):
        raise ValueError("optimizers: expected one instance for each player, came one instance for several")


def _batch_size_of(dataset: tf.data.Dataset) -> int:
    size = tf.nest.flatten(dataset.element_spec)[0].shape[0]
    return int(tf.shape(tf.nest.flatten(next(iter(dataset)))[0])[0]) if size is None else size


def _replica_id():
    context = tf.distribute.get_replica_context()
    return 0 if context is None else context.replica_id_in_sync_group

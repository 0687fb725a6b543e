"""The base of every system here: players that take turns, each minimising its own named loss terms."""

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.execution import Plan, choose_plan, forward_operations
from tfgan_suite.models.averages import Averages
from tfgan_suite.models.batch_share import BatchShare, gathered, of_whole_batch, shares_of
from tfgan_suite.models.loss_context import LossContext
from tfgan_suite.models.minibatches import (
    as_pipeline,
    batch_size_of,
    in_parts,
    minibatches_of,
    regrouped,
    size_of,
)
from tfgan_suite.models.shared_fakes import GeneratorPass
from tfgan_suite.models.step_function import StepFunction, in_blocks
from tfgan_suite.precision import scaling_its_loss
from tfgan_suite.updates import apply_gradients

NETWORK_LOSSES = "network_losses"


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


class AdversarialModel(Averages, keras.Model):
    """Networks trained by players that take turns.

    A subclass says who plays (`players`) and defines `<player>_losses(batch)` for each, a dict of named
    scalar terms. Their sum is minimised; each is logged as `<player>/<term>`:

        fit -> train_step -> minimize(player) -> <player>_losses(batch)

    Every constructor argument must be an attribute of the same name; serialisation follows from that.

    Args:
        seed: of every random draw in training; equal seeds give equal runs.
        ema_decay: given, `ema_generator` follows the generator as an exponential moving average of its
            weights, moved once a training step, with batch statistics of its own. Samples, exports and all
            else in inference mode use it. So with an encoder, `ema_encoder`, and what a model names.
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
        self._context = LossContext()
        self._batch_size = None  # of all replicas together, at most; `fit` knows
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
        steps_per_execution: int | Literal["auto"] = "auto",
        batch_parts: int | Literal["auto"] = "auto",
        **kwargs: Any,
    ) -> None:
        """Gives each player its optimizer, and plans how steps are executed; `execution` says how and why.

        Args:
            optimizers: one for each player; default Adam(2e-4, beta_1=0.5) each (Radford et al. 2016).
            jit_compile: whether XLA compiles each player's losses and gradients.
            steps_per_execution: training steps in one call. "auto" takes as many as run in about half a
                second, and divide the steps of an epoch. Logs, checkpoints and resume stay exact.
            batch_parts: parts of each minibatch that are computed side by side, one a core; the mean of their
                gradients is that of the whole. Only where no loss or layer couples examples.
            **kwargs: `run_eagerly`, as in `keras.Model.compile`.
        """
        players = self.players()
        if optimizers is None:
            optimizers = {name: keras.optimizers.Adam(2e-4, beta_1=0.5) for name in players}
        _check_optimizers(optimizers, players)
        # Not Keras' own jit_compile: XLA around a whole step fails with several replicas (docs/platform.md).
        super().compile(optimizer=None, jit_compile=False, **kwargs)
        self.optimizers = {
            name: scaling_its_loss(optimizer, players[name].networks)
            for name, optimizer in optimizers.items()
        }
        self._require_one_replica_to_scale()
        for name, player in players.items():
            if not player.trainable_variables:
                raise ValueError(
                    f"player {name!r} has nothing to train: build its networks (give them an Input)"
                )
            self.optimizers[name].build(player.trainable_variables)
        self._requested = {
            "jit_compile": jit_compile,
            "steps_per_execution": steps_per_execution,
            "batch_parts": batch_parts,
        }
        self.plan = self._plan(batch_size=64)
        self._execution_said = False

    def _require_one_replica_to_scale(self) -> None:
        scaling = [
            n for n, o in self.optimizers.items() if isinstance(o, keras.optimizers.LossScaleOptimizer)
        ]
        replicas = self.distribute_strategy.num_replicas_in_sync
        if scaling and replicas > 1:
            raise ValueError(
                f"optimizers: expected none that scales its loss on {replicas} replicas, whose gradients it "
                f"checks one by one before they are summed; came that of {', '.join(scaling)} "
                "(choose mixed_bfloat16, which needs no scale)"
            )

    def _plan(self, batch_size: int) -> Plan:
        operations = batch_size * self.operations_per_example()
        requested = dict(self._requested)
        if self.run_eagerly and requested["batch_parts"] == "auto":
            requested["batch_parts"] = 1  # nothing runs side by side
        networks = [network for player in self.players().values() for network in player.networks]
        return choose_plan(networks, self.couples_examples(), operations, **requested)

    def operations_per_example(self) -> float:
        """Floating-point operations of a training step, roughly.

        A player's networks are passed forward and back (3 times the work of forward) about one and a half
        times, by real and fake examples; those of others half as much.
        """
        forward = {
            name: sum(map(forward_operations, player.networks)) for name, player in self.players().items()
        }
        everyone = sum(forward.values())
        return sum(
            3.0 * player.steps * (forward[name] + 0.5 * everyone) for name, player in self.players().items()
        )

    @property
    def execution(self) -> str:
        """How training steps are executed, and why."""
        return str(self.plan)

    def couples_examples(self) -> str | None:
        """What makes a loss more than a mean over examples, or None."""
        for player in self.players().values():
            for layer in _layers(player):
                is_batch_norm = isinstance(layer, keras.layers.BatchNormalization)
                if is_batch_norm or getattr(layer, "couples_examples", False):
                    return layer.name
        return None

    # Training

    def fit(self, x=None, y=None, batch_size=None, callbacks=None, **kwargs):
        """`keras.Model.fit`; losses are means over the epoch so far, and one that is not finite stops it.

        When a player takes k steps, `batch_size` (or the batch size of a `tf.data.Dataset`) is that of each
        of its steps, and an epoch has 1/k as many training steps. Rows of arrays are shuffled by `seed`.
        """
        shuffle_seed = self.seed if kwargs.get("shuffle", True) else None
        if self.minibatches_per_step > 1:
            x, y = regrouped(x, y, batch_size or 32, self.minibatches_per_step, shuffle_seed), None
            batch_size = None
        self._prepare_plan(x, batch_size, kwargs)
        x, y, batch_size = as_pipeline(x, y, batch_size, shuffle_seed, kwargs)
        if isinstance(x, tf.data.Dataset):
            kwargs["shuffle"] = False  # Keras warns that it cannot
            if self._takes_blocks(kwargs.get("steps_per_epoch")):
                x = in_blocks(x, self.steps_per_execution)
        callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else list(callbacks or [])
        own = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: self.train_function.reset())
        return super().fit(x, y, batch_size=batch_size, callbacks=[own, *callbacks], **kwargs)

    def _takes_blocks(self, steps_per_epoch: int | None) -> bool:
        """Whether data may come in blocks; without a number of steps Keras counts elements."""
        is_one = self.distribute_strategy.num_replicas_in_sync == 1
        return steps_per_epoch is not None and is_one and not self.run_eagerly

    def _prepare_plan(self, x, batch_size, kwargs) -> None:
        """The plan for these batches; steps per call that divide the steps of an epoch."""
        size = batch_size_of(x) if isinstance(x, tf.data.Dataset) else batch_size or 32
        self.plan, self._batch_size = self._plan(size), size
        steps, most = kwargs.get("steps_per_epoch"), self.plan.steps_per_call
        self.steps_per_execution = most
        if steps is not None and self._requested["steps_per_execution"] == "auto":
            self.steps_per_execution = max(d for d in range(1, most + 1) if steps % d == 0)
        elif steps is not None and steps % most:
            raise ValueError(
                f"steps_per_execution: expected a divisor of the {steps} steps of an epoch, came {most}"
            )
        if kwargs.get("verbose", "auto") and not self._execution_said:
            print(f"execution   {self.execution}", flush=True)
            self._execution_said = True

    def _maybe_symbolic_build(self, *args, **kwargs):
        """Nothing to build; Keras' own fails on several workers with data that are not one tensor."""

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            self.train_function = StepFunction(self, self.train_step, stops=True)
        return self.train_function

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            self.test_function = StepFunction(self, self.test_step, stops=False)
        return self.test_function

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", **kwargs):
        """`keras.Model.evaluate`: the mean of every player's terms over the data."""
        self.make_test_function().reset()
        x, y, batch_size = as_pipeline(x, y, batch_size, None, kwargs)
        return super().evaluate(x, y, batch_size, verbose, **kwargs)

    def train_step(self, data):
        # An epoch of unknown length ends in a step that finds no data: what does not depend on data, such as
        # counting steps, must not happen in it either.
        with tf.control_dependencies(tf.nest.flatten(data)):
            batches = minibatches_of(data)
            shares = shares_of([size_of(batch) for batch in batches], self._batch_size)
            seed = draws.fold(draws.root(self.seed), self.train_steps)
            logs = self.play(batches, seed, shares)
            self.move_averages(batches[-1], draws.branch(seed, "averages"), shares[-1])
            self.train_steps.assign_add(1)
            return logs

    def play(
        self, batches: Sequence[Any], seed: tf.Tensor, shares: Sequence[BatchShare]
    ) -> dict[str, tf.Tensor]:
        """Every player's steps, one after the other, on the minibatches of a training step."""
        logs = {}
        for name, player in self.players().items():
            # Counted from the last, so that a player with one step sees what the others saw last.
            for i in range(len(batches) - player.steps, len(batches)):
                logs |= self.minimize(name, batches[i], draws.branch(seed, name, i), shares[i])
        return logs

    def minimize(
        self,
        name: str,
        batch: Any,
        seed: tf.Tensor,
        share: BatchShare | None = None,
        made: GeneratorPass | None = None,
    ) -> dict[str, tf.Tensor]:
        """One optimizer step of one player; moves that player's networks and nothing else.

        With `made` it is the generator's step, on a pass that was made before.

        Returns the value of each of its terms before the step, by `<player>/<term>`; on several replicas the
        value is their mean.
        """
        player = self.players()[name]
        share = share or shares_of([size_of(batch)], self._batch_size)[0]

        def gradients(batch, seed):
            return self._terms_and_gradients(name, player, batch, seed, share, through_fakes=made is not None)

        terms, grads, states = self.in_plan(gradients)(batch, seed)
        if made is not None:
            *of_weights, of_fake = grads
            grads, states = made.gradients(of_weights, of_fake), made.states | states
        apply_gradients(self.optimizers[name], grads, player.trainable_variables)
        for index, value in states.items():
            player.non_trainable_variables[index].assign(value)
        self.after_step(name)
        return {f"{name}/{term}": value for term, value in terms.items()}

    def in_plan(self, function: Callable) -> Callable:
        """The function, compiled by XLA where the plan says so."""
        if not self.plan.xla or tf.executing_eagerly():
            return function
        # A new function for each replica: each captures its own replica's variables.
        return tf.function(function, jit_compile=True, autograph=False)

    def parts_of_batch(self, batch: Any, share: BatchShare) -> list[tuple[Any, BatchShare]]:
        """(part of the batch, its share), as many as the plan says."""
        return in_parts(batch, share, self.plan.batch_parts)

    def drawing(self, seed: draws.Seed, share: BatchShare) -> AbstractContextManager:
        """Inside of it `next_seed` gives this share's rows of what `seed` draws."""
        return self._context.of(draws.at_row(seed, share.row), share)

    def _terms_and_gradients(self, name, player, batch, seed, share, through_fakes=False):
        """The player's terms, the gradient of their sum, and what its networks' state becomes.

        The terms, meaned over replicas, and the gradients, summed over them, are those of the whole batch.
        `through_fakes` adds the gradient in the fakes of `SharedFakes` to those in the weights.
        """
        values = [tf.convert_to_tensor(v.value) for v in player.trainable_variables]
        logs, total, of_fakes = {}, [None] * len(values), []
        parts = self.parts_of_batch(batch, share)
        for part, its_share in parts:
            sources = [*values, part.fake] if through_fakes else values
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(sources)
                terms, scope = self._terms(name, player, values, part, seed, its_share)
                everywhere = 1.0 / (share.replicas * len(parts))  # what does not depend on examples
                weights = {t: everywhere if t == NETWORK_LOSSES else its_share.weight for t in terms}
                weighted = {t: _weighted(v, weights[t]) for t, v in terms.items()}
                loss = self.optimizers[name].scale_loss(tf.add_n(list(weighted.values())))
            for term, value in weighted.items():
                logs[term] = logs.get(term, 0.0) + share.replicas * value
            gradients = tape.gradient(loss, sources)
            of_fakes += gradients[len(values) :]
            total = [_plus(a, b) for a, b in zip(total, gradients[: len(values)], strict=True)]
        if through_fakes:
            total.append(tf.concat(of_fakes, axis=0))
        states = [scope.get_current_value(v) for v in player.non_trainable_variables]
        states = {index: value for index, value in enumerate(states) if value is not None}
        return logs, total, states

    def _terms(self, name, player, values, batch, seed, share):
        """The player's terms where its trainable variables are `values`, and those its networks bring along.

        The scope that is returned has caught every state change (batch statistics, power iterations) of every
        network on the way; nothing has moved.
        """
        mapping = zip(player.trainable_variables, values, strict=True)
        with (
            keras.StatelessScope(mapping, collect_losses=True) as scope,
            self.drawing(seed, share),
        ):
            self._refuse_layers_of_the_batch()
            terms = getattr(self, f"{name}_losses")(batch)
            extra = [loss for network in player.networks for loss in network.losses]
        if extra:  # weight decay, activity regularisation
            terms = terms | {NETWORK_LOSSES: tf.add_n(extra)}
        return {term: tf.cast(value, tf.float32) for term, value in terms.items()}, scope

    def after_step(self, player: str) -> None:
        """Called after each update of `player`."""

    def test_step(self, data):
        """Every player's terms on a batch, as training sees them, without moving anything."""
        seed = draws.fold(draws.root(self.seed), self.train_steps)
        batch = minibatches_of(data)[-1]
        (share,) = shares_of([size_of(batch)], self._batch_size)
        logs = {}
        for name, player in self.players().items():
            values = [tf.convert_to_tensor(v.value) for v in player.trainable_variables]
            terms, _ = self._terms(name, player, values, batch, draws.branch(seed, name, "test"), share)
            weight = share.weight * share.replicas
            logs |= {f"{name}/{term}": weight * value for term, value in terms.items()}
        weight = share.weight * share.replicas
        return logs | {name: weight * value for name, value in self.test_metrics(batch).items()}

    def test_metrics(self, batch: Any) -> dict[str, tf.Tensor]:
        """What `evaluate` tells besides the terms: means over the examples of a batch, by name."""
        return {}

    @property
    def step(self) -> int:
        """Training steps taken."""
        return int(tf.convert_to_tensor(self.train_steps.value))

    # Draws

    def next_seed(self) -> draws.Seed:
        """A fresh seed for a draw in the losses: a function of (seed, step, player, its step, position).

        The first dimension of what is drawn with it must be that of the batch: on several replicas each draws
        the rows of its own examples.
        """
        return self._context.next_seed()

    def of_whole_batch(self, function: Callable[..., tf.Tensor], *rows: tf.Tensor) -> tf.Tensor:
        """`function` of the rows (n, ...) of all replicas: a term that is more than a mean over examples."""
        share = self._context.share
        if share.replicas == 1:
            return function(*rows)
        if self.plan.xla:
            raise ValueError(
                "jit_compile: expected False on several replicas with a loss of the whole batch, whose rows "
                "cannot be gathered inside XLA"
            )
        return of_whole_batch(function(*(gathered(r, share) for r in rows)), share)

    def _refuse_layers_of_the_batch(self) -> None:
        for layer in (x for player in self.players().values() for x in _layers(player)):
            if getattr(layer, "couples_examples", False):
                self.require_one_replica(f"{layer.name}: this layer sees the whole batch")

    def require_one_replica(self, reason: str) -> None:
        """Raises ValueError where several replicas train, each of which sees a part of the batch."""
        if self._context.share.replicas > 1:
            raise ValueError(
                f"{reason}, which is not known on each of {self._context.share.replicas} replicas: "
                "expected one device (--strategy none)"
            )

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
        return {"optimizers": optimizers, **self._requested}

    def compile_from_config(self, config: dict) -> None:
        optimizers = {k: keras.saving.deserialize_keras_object(v) for k, v in config["optimizers"].items()}
        self.compile(**config | {"optimizers": optimizers})


def _layers(player: Player) -> list[keras.layers.Layer]:
    return [layer for network in player.networks for layer in network._flatten_layers()]


def _check_optimizers(optimizers: dict, players: Sequence[str]) -> None:
    if not isinstance(optimizers, dict) or set(optimizers) != set(players):
        came = sorted(optimizers) if isinstance(optimizers, dict) else type(optimizers).__name__
        raise ValueError(f"optimizers: expected a dict with one for each of {list(players)}, came {came}")
    if len({id(optimizer) for optimizer in optimizers.values()}) < len(optimizers):
        raise ValueError("optimizers: expected one instance for each player, came one instance for several")


def _weighted(term: tf.Tensor, weight: float | tf.Tensor) -> tf.Tensor:
    """`term * weight`; the mean over no examples, which is not a number, has weight 0 and is left out."""
    is_sure = isinstance(weight, float) and weight > 0
    return weight * term if is_sure else tf.math.multiply_no_nan(term, weight)


def _plus(a, b):
    return b if a is None else a if b is None else a + b

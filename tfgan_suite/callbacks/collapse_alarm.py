"""An alarm for trainings that go wrong: mode collapse, divergence, saturation, dead gradients."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_suite import checkpoint, draws, json_lines
from tfgan_suite.callbacks.best_checkpoint import BestCheckpoint
from tfgan_suite.callbacks.collapse_signals import (
    GradientProbe,
    RealExamples,
    failures_in,
    indifference,
    said,
    share_at_bound,
)
from tfgan_suite.errors import UserError
from tfgan_suite.regularizers import WeightClipping

BATCH = 60  # examples for losses and gradients; packs of 2 to 6 divide it
MOST_RESTORES = 3


class CollapseAlarm(keras.callbacks.Callback):
    """Looks at cheap signals at the end of every epoch whose last step is a multiple of `every`.

    What it sees is in `collapse_signals`. It speaks, in one line, when `patience` checks in a row saw the
    same failure, and again only about another one. Training is not touched unless it acts: equal seeds give
    equal weights with and without it.

    Args:
        real: real examples as training sees them, (n, ...), or a pair with labels; as many samples are drawn.
        every: steps between checks.
        action: "say" it; "stop" the training at the end of the epoch; "restore" the best checkpoint and go
            on, with fresh data and draws, at most 3 times.
        after: steps at the beginning in which failures are no alarm: a new generator has no diversity yet.
        patience: checks in a row that must see the same.
        best: keeps the checkpoint to restore; place it, and what measures for it, before this.
        path: of a JSON-lines file, one line a check: step, seconds, signals, failures and action; a resumed
            training goes on from what it says.
        say: gets the line.
        seed: of the samples, with the step.

    Raises:
        ValueError: numbers out of range, "restore" without `best`; at the start of training, an action on
            several workers, of which only one has this callback.
    """

    def __init__(
        self,
        real: np.ndarray | tuple[np.ndarray, np.ndarray],
        every: int,
        action: Literal["say", "stop", "restore"] = "say",
        after: int = 1000,
        patience: int = 2,
        best: BestCheckpoint | None = None,
        path: Path | None = None,
        say: Callable[[str], None] = print,
        seed: int = 0,
    ):
        super().__init__()
        if action not in ("say", "stop", "restore"):
            raise ValueError(f'action: expected "say", "stop" or "restore", came {action!r}')
        if action == "restore" and best is None:
            raise ValueError('best: expected a BestCheckpoint with action "restore", came None')
        for name, value, least in (("every", every, 1), ("after", after, 0), ("patience", patience, 1)):
            if value < least:
                raise ValueError(f"{name}: expected {least} or more, came {value}")
        self.real, self.every, self.action, self.after = real, every, action, after
        self.patience, self.best, self.path, self.say, self.seed = patience, best, path, say, seed
        examples = real[0] if isinstance(real, tuple) else real
        if len(examples) < 4:
            raise ValueError(f"real: expected 4 examples or more, came {len(examples)}")
        self.count = len(examples)
        self.reference = RealExamples(examples.reshape(self.count, -1))
        self.history: list[dict] = []

    def on_train_begin(self, logs=None):
        strategy = self.model.distribute_strategy
        if self.action != "say" and isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            raise UserError(f'alarm.action: expected "say" on several workers, came {self.action!r}')
        if self.path is not None:
            self.history = [line for line in json_lines.read(self.path) if line["step"] <= self.model.step]
        objective = getattr(self.model, "objective", None)
        self.indifference = None if objective is None else indifference(objective)
        self.probes = {
            network.name: GradientProbe(network)
            for player in self.model.players().values()
            for network in player.networks
            if isinstance(network, keras.Model) and network.inputs  # a subclassed model shows no layers
        }

    def on_epoch_end(self, epoch, logs=None):
        if self.model.step % self.every == 0:
            self.check()

    def check(self) -> dict:
        """Looks now, speaks and acts where there is reason to; the line for the file."""
        start, step = time.perf_counter(), self.model.step
        signals = self.signals()
        found = failures_in(signals) if step > self.after else []
        names = {name for name, _ in found}
        alarms = {name for name in names if self._lasts(name) and not self._was_said(name)}
        action = self._act() if alarms else None
        if alarms:
            line = said([each for each in found if each[0] in alarms], signals)
            self.say(f"alarm       step {step}: {line}{self._done(action)}")
        checked = {"step": step, "seconds": round(time.perf_counter() - start, 3), **signals}
        checked |= {"failures": sorted(names), "alarms": sorted(alarms), "action": action}
        self.history.append(checked)
        if self.path is not None:
            json_lines.append(self.path, checked)
        return checked

    def signals(self) -> dict[str, float | None]:
        """Every signal of the model as it is; None for one that has no meaning for it."""
        samples = self.model.sample(self.count, seed=self.seed + self.model.step)
        return self.reference.signals(samples.reshape(self.count, -1)) | self._of_the_game()

    def _of_the_game(self) -> dict[str, float | None]:
        """What the losses, gradients and weights say."""
        model = self.model
        batch = tf.nest.map_structure(lambda x: tf.constant(x[:BATCH]), self.real)
        loss = model.test_step(batch).get("discriminator/adversarial")
        known = None if loss is None else self.indifference
        values = {"saturation": None if known is None else 1.0 - float(loss) / known}
        for name, probe in self.probes.items():
            values[f"{name}/gradient_ratio"] = probe.ratio(self._inputs(probe.network, batch))
        limits = [r.limit for r in getattr(model, "regularizers", ()) if isinstance(r, WeightClipping)]
        weights = [v.numpy() for v in model.discriminator.trainable_variables] if limits else []
        values["at_bound"] = share_at_bound(weights, limits[0]) if limits else None
        return values

    def _inputs(self, network: keras.Model, batch) -> list[tf.Tensor]:
        """Real examples for a network that takes those; N(0, 1) and label 0 for others, as generators."""
        parts, shapes = tf.nest.flatten(batch), [tuple(x.shape[1:]) for x in network.inputs]
        if [tuple(part.shape[1:]) for part in parts] == shapes:
            return parts
        inputs = zip(network.inputs, shapes, strict=True)
        return [
            draws.normal((BATCH, *shape), draws.root(self.seed))
            if x.dtype.startswith("float")
            else tf.zeros((BATCH, *shape), x.dtype)
            for x, shape in inputs
        ]

    def _lasts(self, name: str) -> bool:
        """Whether the checks before this one saw the failure too, as many as patience asks for."""
        before = self.history[len(self.history) - (self.patience - 1) :] if self.patience > 1 else []
        return len(before) == self.patience - 1 and all(name in line["failures"] for line in before)

    def _was_said(self, name: str) -> bool:
        """Whether it was said, and has been there all the time since; after a restore it is new."""
        for line in reversed(self.history):
            if name not in line["failures"] or line["action"] == "restore":
                return False
            if name in line["alarms"]:
                return True
        return False

    def _act(self) -> str:
        """Does what it is to do, as far as it can, and returns what it did."""
        if self.action == "stop":
            self.model.stop_training = True
            return "stop"
        restores = sum(line["action"] == "restore" for line in self.history)
        if self.action == "restore" and self.best.best is not None and restores < MOST_RESTORES:
            checkpoint.go_back(self.model, checkpoint.find(self.best.directory, "best"))
            return "restore"
        return "say"

    def _done(self, action: str) -> str:
        if action == "stop":
            return " Training stops."
        if action == "restore":
            return f" Going on from the best checkpoint, of step {self.best.best['step']}."
        if self.action == "restore":
            return (
                " Nothing to go back to."
                if self.best.best is None
                else f" Went back {MOST_RESTORES} times already."
            )
        return ""

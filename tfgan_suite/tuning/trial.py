"""One candidate in a process of its own: it trains when told to, and sleeps in between.

    python -m tfgan_suite.tuning.trial CONFIG [KEY=VALUE ...]

Each request is a line of JSON, each answer too: {"start": seconds} builds, takes a first step, and finds how
many steps it takes in so many seconds; {"train": steps} takes them and says how long that took.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tfgan_suite import config as configs
from tfgan_suite.errors import UserError
from tfgan_suite.quiet import import_tensorflow


class NotPossible(Exception):
    """A candidate cannot train this config; the message says why."""


class TrialProcess:
    """The parent's end."""

    def __init__(self, config: Path, overrides: tuple[str, ...]):
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in `close`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tfgan_suite.tuning.trial", str(config), *overrides],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            # Several processes share a GPU's memory.
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true"},
        )

    def ask(self, **request) -> dict:
        """The answer to a request.

        Raises:
            NotPossible: it raised an error, or died.
        """
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._errors.seek(0)
            last = (self._errors.read().strip().splitlines() or ["no message"])[-1]
            raise NotPossible(f"the process ended with {self._process.wait()}: {last}")
        answer = json.loads(line)
        if "error" in answer:
            raise NotPossible(answer["error"])
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            stream.close()


class Trial:
    """The child's end."""

    def __init__(self, config: configs.Config):
        self.config = config

    def start(self, seconds: float) -> dict:
        begun = time.perf_counter()
        import_tensorflow(self.config.training.exact, self.config.training.threads)
        from tfgan_suite.experiment import build_experiment

        self.experiment = build_experiment(self.config)
        self.batches = self.experiment.minibatches(0)
        built = time.perf_counter()
        self.train(1)
        first_step = time.perf_counter() - built
        together = self.experiment.model.plan.steps_per_call
        self.train(together)  # traced for so many
        steps, taken = together, self.train(together)["seconds"]
        while taken < seconds / 4:
            steps *= 2
            taken = self.train(steps)["seconds"]
        return {
            "steps": together * max(1, math.ceil(steps * seconds / taken / together)),
            "start_seconds": built - begun,
            "first_step_seconds": first_step,
            "execution": self.experiment.model.execution,
        }

    def train(self, steps: int) -> dict:
        begun = time.perf_counter()
        self.experiment.model.fit(self.batches, steps_per_epoch=steps, verbose=0)
        return {"seconds": time.perf_counter() - begun}


def main(arguments: list[str]) -> None:
    # Libraries print to stdout; what they say goes to stderr, and answers have the descriptor to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    trial = Trial(configs.load(arguments[0], arguments[1:]))
    for line in sys.stdin:
        ((verb, argument),) = json.loads(line).items()
        try:
            answer = getattr(trial, verb)(argument)
        except (UserError, ValueError, TypeError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

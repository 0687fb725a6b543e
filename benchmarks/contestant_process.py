"""The other end of `contestant`: a process that is asked."""

import dataclasses
import json
import math
import os
import subprocess
import sys
import tempfile
from typing import Any


class Missing(Exception):
    """A contestant's package is not installed."""


class Failed(Exception):
    """A contestant died, raised or lost its way."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """Who takes part: the module of its `Trainer`, options for it, and its environment."""

    module: str
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    environment: dict[str, str] = dataclasses.field(default_factory=dict)


class ContestantProcess:
    """A process that trains on request and waits in between."""

    def __init__(self, name: str, entry: Entry):
        self.name, self.entry = name, entry
        self.peak_mib, self.notes = 0.0, {}
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in `close`
        # Kernels compiled in an earlier run must not shorten the first step of this one.
        environment = {"TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contestant", entry.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=os.environ | environment | entry.environment,
        )

    def build(self, workload: dict | None, layers: dict | None) -> dict[str, int]:
        """Makes it build its networks; their parameters."""
        request = {"workload": workload, "layers": layers, "options": self.entry.options}
        return self._ask("build", request)["parameters"]

    def first_step(self) -> float:
        """Seconds from built networks until one step is done."""
        return self._ask("first", True)["seconds"]

    def train(self, steps: int) -> None:
        """So many steps more.

        Raises:
            Failed: also for a loss that is not finite.
        """
        self._ask("train", steps)

    def close(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _ask(self, verb: str, argument) -> dict:
        try:
            print(json.dumps({verb: argument}), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._errors.seek(0)
            raise Failed(f"{self.name}: ended with {self._process.wait()}\n{self._errors.read()[-3000:]}")
        answer = json.loads(line)
        if "missing" in answer:
            raise Missing(f"{answer['missing']} is not installed")
        if "error" in answer:
            raise Failed(f"{self.name}: {answer['error']}")
        losses = answer.get("losses", {})
        if not all(map(math.isfinite, losses.values())):
            raise Failed(f"{self.name}: losses are not finite: {losses}")
        self.peak_mib = answer["peak_mib"]
        self.notes |= answer.get("notes", {})
        return answer

"""A contestant's process: it trains when told to, and sleeps while others have their turn.

    python -m benchmarks.contestant MODULE

MODULE has a class `Trainer` (below). A request is one line of JSON on stdin, the answer one line on stdout:

    {"build": {"workload": ..., "layers": ..., "options": ...}}  -> parameters, and what the trainer notes
    {"first": true}                                              -> seconds until one step is done
    {"train": steps}                                             -> losses after so many more

Each answer has the process's peak memory. An answer with `missing` names a package that is not installed,
one with `error` has a traceback.
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Protocol

from benchmarks.workloads import Workload, from_json


class TrainerProtocol(Protocol):
    """What a contestant's module calls `Trainer`.

    The constructor builds the networks and nothing more: the time to the first step counts from there.
    """

    notes: dict[str, Any]

    def __init__(self, workload: Workload, layers: dict[str, list[dict]] | None, options: dict): ...

    def parameters(self) -> dict[str, int]:
        """Trainable parameters of "generator" and "discriminator"."""

    def prepare(self) -> None:
        """Everything else: optimizers, data, functions."""

    def train(self, steps: int) -> dict[str, float]:
        """Takes the steps, waits for them, and returns losses."""


class _Session:
    def __init__(self, module: str):
        self.module, self.trainer = module, None

    def build(self, request: dict) -> dict:
        trainer_type = importlib.import_module(f"benchmarks.{self.module}").Trainer
        workload = request["workload"] and from_json(request["workload"])
        self.trainer = trainer_type(workload, request["layers"], request["options"])
        return {"parameters": self.trainer.parameters(), "notes": self.trainer.notes}

    def first(self, _) -> dict:
        start = time.perf_counter()
        self.trainer.prepare()
        losses = self.trainer.train(1)
        return {
            "seconds": time.perf_counter() - start,
            "losses": losses,
            "notes": self.trainer.notes,
        }

    def train(self, steps: int) -> dict:
        return {"losses": self.trainer.train(steps)}

    def answer(self, line: str) -> dict:
        ((verb, argument),) = json.loads(line).items()
        try:
            answer = getattr(self, verb)(argument)
        except ModuleNotFoundError as missing:
            return {"missing": missing.name}
        except Exception:
            return {"error": traceback.format_exc()}
        return answer | {"peak_mib": _peak_mib()}


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    # Frameworks print to stdout; what they say goes to stderr, and answers have the descriptor to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    session = _Session(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(session.answer(line)), file=answers, flush=True)


if __name__ == "__main__":
    main()

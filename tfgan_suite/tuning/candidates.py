"""Ways to execute a config that may be faster than its own."""

import dataclasses
import os

from tfgan_suite.config import Config
from tfgan_suite.processor import BFLOAT16, EQUAL_BITS


@dataclasses.dataclass(frozen=True)
class Candidate:
    """Overrides of a config, as for `--set`, under a name; `price` is what is given up for speed."""

    name: str
    overrides: tuple[str, ...] = ()
    price: str = ""


def candidates(config: Config, has_gpu: bool = False, instructions: frozenset[str] = frozenset()):
    """The config as it is, and one for each thing that can be changed about it."""
    training = config.training
    found = [Candidate("as it is")]
    if training.jit_compile is not True:
        found.append(Candidate("XLA", ("training.jit_compile=true",)))
    if training.jit_compile is not False and has_gpu:
        found.append(Candidate("no XLA", ("training.jit_compile=false",)))
    if not has_gpu and training.threads is None and (os.cpu_count() or 1) > 1:
        found.append(Candidate("one thread an operation", ("training.threads=1",)))
    if not has_gpu and training.exact and EQUAL_BITS not in instructions:
        found.append(Candidate("oneDNN", ("training.exact=false",), "equal bits from run to run"))
    if training.precision == "auto" and (has_gpu or instructions & BFLOAT16):
        override = ("training.precision=mixed_bfloat16",)
        found.append(Candidate("bfloat16", override, "digits of the networks' outputs"))
    return found


def combined(winners: list[Candidate]) -> Candidate:
    """All changes at once."""
    return Candidate(
        " + ".join(winner.name for winner in winners),
        tuple(override for winner in winners for override in winner.overrides),
        ", ".join(filter(None, (winner.price for winner in winners))),
    )

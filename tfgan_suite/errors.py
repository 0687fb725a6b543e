"""Errors with a meaning of their own."""


class UserError(ValueError):
    """A mistake in what the user gave. The command line prints its message without a stack trace."""


class WorkerLost(RuntimeError):
    """Another worker of the training stopped, so that this one cannot go on."""


class Diverged(FloatingPointError):
    """Training met a number that is NaN or infinite.

    Attributes:
        step: the training step, counted from 1.
        values: what is not finite: loss terms as `<player>/<term>`, or weights by their path.
    """

    def __init__(self, step: int, values: dict[str, float]):
        self.step, self.values = step, values
        named = ", ".join(f"{name} is {value}" for name, value in values.items())
        super().__init__(f"training diverged at step {step}: {named}")

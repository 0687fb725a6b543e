"""What a run's discriminator has learned to see."""

from functools import cached_property
from pathlib import Path

from tfgan_suite.errors import UserError
from tfgan_suite.extractors.layer import Layer


class Discriminator(Layer):
    """The features in front of the score in the discriminator of a run, at its newest checkpoint.

    Args:
        run: folder of the run.
        layer: name of another layer; by default the one whose output the last layer takes.
    """

    def __init__(self, run: str, layer: str | None = None):
        from tfgan_suite.run import Run

        self.run, self.probabilities = Run.open(Path(run)), None
        self._layer = layer

    @cached_property
    def model(self):
        return self.run.load().model.discriminator

    @cached_property
    def layer(self) -> str:
        """The name of the layer."""
        if self._layer is not None:
            return self._layer
        names = [layer.name for layer in self.model.layers]
        if "features" in names:  # as the networks of this package call it
            return "features"
        before = self.model.layers[-1].input
        if isinstance(before, list):
            raise UserError(
                f"layer: {self.run.directory} has a discriminator whose last layer takes several inputs; "
                f"name one of {', '.join(names)}"
            )
        return next(layer.name for layer in self.model.layers if layer.output is before)

    @property
    def name(self) -> str:
        return f"layer {self.layer} of the discriminator of {self.run.name}"

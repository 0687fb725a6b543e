"""What a layer of a Keras model makes of an image."""

from functools import cached_property
from pathlib import Path

from tfgan_suite.errors import UserError
from tfgan_suite.extractors.extractor import Extractor, Features


class Layer(Extractor):
    """The output of one layer of a Keras model that takes images in [-1, 1], in inference mode.

    Args:
        model: path of a `.keras` file; in Python also the model itself.
        layer: name of the layer; its output is flattened.
        probabilities: name of a layer whose outputs sum to 1, if there is one.
    """

    def __init__(self, model: str, layer: str, probabilities: str | None = None):
        self.layer, self.probabilities = layer, probabilities
        if isinstance(model, str | Path):
            if not Path(model).is_file():
                raise UserError(f"model: expected a .keras file, came {str(model)!r}, which is none")
            self._path, self._given = Path(model), None
        else:
            self._path, self._given = None, model

    @cached_property
    def model(self):
        """The Keras model."""
        if self._given is not None:
            return self._given
        import keras

        try:
            return keras.saving.load_model(self._path)
        except (ValueError, OSError) as error:
            raise UserError(f"model: expected a .keras file, came {str(self._path)!r}: {error}") from error

    @property
    def name(self) -> str:
        return f"layer {self.layer} of {self._path.name if self._path else self.model.name}"

    @cached_property
    def fingerprint(self) -> str:
        return model_fingerprint(self.model, self.layer, self.probabilities)

    def describe(self, example_shape: tuple[int, ...]) -> dict[str, str]:
        expected = tuple(self.model.inputs[0].shape[1:])
        fits = len(expected) == len(example_shape) and all(
            e in (None, c) for e, c in zip(expected, example_shape, strict=True)
        )
        if not fits:
            raise UserError(
                f"extractor: {self.name} takes examples of shape {expected}, came {example_shape}"
            )
        _ = self._outputs
        return {"extractor": self.name, "resize": "none"}

    def __call__(self, examples) -> Features:
        from tfgan_suite.images import from_uint8

        values = examples if examples.ndim == 2 else from_uint8(examples)
        outputs = self._outputs(values, training=False)
        arrays = {name: y.numpy().astype("float32").reshape(len(values), -1) for name, y in outputs.items()}
        return Features(**arrays)

    @cached_property
    def _outputs(self):
        import keras

        layers = {"features": self.layer, "probabilities": self.probabilities}
        names = [layer.name for layer in self.model.layers]
        outputs = {}
        for output, layer in layers.items():
            if layer is None:
                continue
            if layer not in names:
                raise UserError(f"layer: expected one of {', '.join(names)}, came {layer!r}")
            outputs[output] = self.model.get_layer(layer).output
        try:
            return keras.Model(self.model.inputs[0], outputs)
        except ValueError as error:  # labels reach this layer, say
            raise UserError(f"layer: {self.layer} cannot be computed from images alone ({error})") from error


def model_fingerprint(model, *parts) -> str:
    """Digest of a Keras model's structure and weights, and of further parts."""
    import numpy as np

    from tfgan_suite.data.dataset import digest

    return digest(model.to_json(), *parts, *(np.asarray(w) for w in model.get_weights()))

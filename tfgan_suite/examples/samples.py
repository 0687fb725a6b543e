"""What a generator makes, as examples to measure."""

from collections.abc import Iterator

import numpy as np

from tfgan_suite import images
from tfgan_suite.data.dataset import digest
from tfgan_suite.examples.examples import Collection, Examples
from tfgan_suite.models.generative import GenerativeModel

BATCH = 256


class Samples(Collection):
    """What a generator makes: as many as one wants. A subclass gives `batches` and `fingerprint`."""

    size = None
    fingerprint: str

    def batches(self, count: int, seed: int) -> Iterator[np.ndarray]:
        """Images as uint8 or as floats in [-1, 1], points as floats."""
        raise NotImplementedError

    def draw(self, count: int, seed: int) -> np.ndarray:
        """`count` samples at once: uint8 images, or points."""
        return np.concatenate(list(self.choose(count, seed).read()))

    def choose(self, count: int | None, seed: int, skip: int = 0) -> Examples:
        if count is None or skip:
            raise ValueError("choose: expected a count and no skip: there is no end of samples")

        def read():
            for batch in self.batches(count, seed):
                yield images.to_uint8(batch) if batch.ndim == 4 else batch.astype(np.float32)

        fingerprint = digest(self.fingerprint, count, seed)
        return Examples(self.name, count, self.example_shape, fingerprint, read)


class ModelSamples(Samples):
    """Samples of a model, in inference mode.

    Args:
        name: of what the model belongs to.
    """

    def __init__(self, model: GenerativeModel, name: str):
        self.model, self.name = model, f"{name} at step {model.step}"
        self.example_shape = tuple(model.sampler.outputs[0].shape[1:])

    @property
    def fingerprint(self) -> str:
        """Of the networks that samples come from; it changes with every training step."""
        model = self.model
        weights = [np.asarray(w) for network in model.sampling_networks for w in network.get_weights()]
        networks = [network.to_json() for network in model.sampling_networks]
        return digest(*networks, model.latent_source, model.num_classes, *weights)

    def batches(self, count: int, seed: int) -> Iterator[np.ndarray]:
        return self.model.sample_batches(count, seed, batch_size=BATCH)

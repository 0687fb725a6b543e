"""Attributes of examples, such as a class or glasses, in the latents of any model with an encoder."""

import dataclasses

import numpy as np
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.models.diagonal_gaussian import DiagonalGaussian
from tfgan_suite.models.encoding import EncodingModel, in_batches
from tfgan_suite.precision import wide


@dataclasses.dataclass(frozen=True, eq=False)
class LatentAttributes:
    """p(z | a) = N(z; b + a W, L L^T): latents given attributes a, and with the decoder examples given them.

    The model need not know attributes when it is trained. Row k of W is what attribute k adds to latents
    while the others stay: with one attribute of 0 and 1 the difference of mean latents with and without it,
    the visual attribute vector of Larsen et al. 2016 (arXiv:1512.09300). Of several that go together in the
    data, least squares gives each its own part, which differences of means do not.

    Args:
        model: whose latents they are.
        offset: b, (latent_dim,).
        directions: W, (attributes, latent_dim).
        scale: L, (latent_dim, latent_dim), lower triangular.
    """

    model: EncodingModel
    offset: np.ndarray
    directions: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, model: EncodingModel, examples: np.ndarray, attributes: np.ndarray) -> "LatentAttributes":
        """From examples of which the attributes are known, by least squares on their latents.

        What attributes leave open of latents, and the noise of a stochastic encoder, go into the covariance.

        Args:
            attributes: (count, attributes) numbers, such as 0 and 1; or integers (count,), classes, each of
                which is an attribute then.

        Raises:
            ValueError: the model has no encoder or takes labels itself, or there are not more examples than
                attributes, each with all its attributes.
        """
        if not isinstance(model, EncodingModel):
            raise ValueError(f"model: expected one with an encoder, came {type(model).__name__}")
        if model.num_classes is not None:
            raise ValueError(
                f"model: expected one without num_classes; came {type(model).__name__} of "
                f"{model.num_classes}, which is told what to make (sample, reconstruct with new_labels)"
            )
        attributes = _numbers(attributes, len(examples))
        means, variances = _moments(model, examples)
        inputs = np.concatenate([np.ones((len(means), 1)), attributes], axis=1)
        found = np.linalg.lstsq(inputs, means, rcond=None)[0]
        rest = means - inputs @ found
        covariance = rest.T @ rest / len(rest) + np.diag(variances)
        return cls(model, *(x.astype("float32") for x in (found[0], found[1:], _root(covariance))))

    def draw_latents(self, attributes: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """(count, latent_dim): a draw of p(z | a) for each row of attributes, a pure function of the seed."""
        noise = draws.normal((tf.shape(attributes)[0], self.offset.shape[0]), seed)
        return self.offset + tf.linalg.matmul(attributes, self.directions) + noise @ self.scale.T

    def changed_latents(self, examples: tf.Tensor, changes: tf.Tensor) -> tf.Tensor:
        """(count, latent_dim): latents of examples, moved by changes W."""
        return self.model.latents_of(examples) + tf.linalg.matmul(changes, self.directions)

    def generate(self, attributes: np.ndarray, seed: int = 0, batch_size: int = 256) -> np.ndarray:
        """An example for each row of attributes (count, attributes), in inference mode."""
        latents = self.draw_latents(self._checked("attributes", attributes), draws.root(seed))
        return in_batches(self.model, latents, batch_size)

    def change(self, examples: np.ndarray, changes: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Each example with its attributes changed, in inference mode; without a change, its reconstruction.

        Args:
            changes: (count, attributes), what is added to the attributes: 1 puts one on, -1 takes it off.
        """
        both = examples, self._checked("changes", changes, len(examples))
        return in_batches(lambda *batch: self.model(self.changed_latents(*batch)), both, batch_size)

    def _checked(self, name: str, values: np.ndarray, count: int | None = None) -> np.ndarray:
        """Values as float32; raises ValueError unless they are (count, attributes)."""
        values = np.asarray(values, "float32")
        expected = (len(values) if count is None and values.ndim else count, len(self.directions))
        if values.shape != expected:
            rows = "any" if count is None else count
            raise ValueError(f"{name}: expected shape ({rows}, {expected[1]}), came {values.shape}")
        return values


def _numbers(attributes: np.ndarray, count: int) -> np.ndarray:
    """Attributes (count, attributes) as numbers; classes one-hot."""
    attributes = np.asarray(attributes)
    if attributes.ndim == 1 and attributes.dtype.kind in "iu" and len(attributes) and attributes.min() >= 0:
        attributes = np.eye(attributes.max() + 1)[attributes]
    if attributes.ndim != 2 or len(attributes) != count or count <= attributes.shape[1]:
        raise ValueError(
            f"attributes: expected (count, attributes), or classes (count,), of more than as many examples, "
            f"with count {count}; came shape {attributes.shape}"
        )
    if not np.isfinite(attributes).all():
        raise ValueError("attributes: expected finite numbers; came NaN or infinity")
    return attributes.astype("float64")


def _moments(model: EncodingModel, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean latents (count, latent_dim), and the mean variance (latent_dim,) of q(z | x) around them."""
    if not model.is_stochastic:
        return model.encode(examples).astype("float64"), np.zeros(model.latent_dim)
    encoder = model.averaged("encoder")
    outputs = in_batches(lambda batch: wide(encoder(batch, training=False)), examples, 256).astype("float64")
    mean, log_std = (part.numpy() for part in DiagonalGaussian.of(outputs))
    return mean, np.exp(2.0 * log_std).mean(axis=0)


def _root(covariance: np.ndarray) -> np.ndarray:
    """L with L L^T = covariance, which may be singular: some latents may follow from the attributes."""
    values, vectors = np.linalg.eigh(covariance)
    return np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T, mode="r").T

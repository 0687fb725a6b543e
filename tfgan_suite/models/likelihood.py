"""How likely a decoder makes an example of latents: log p(x | z)."""

import math

import keras
import tensorflow as tf

from tfgan_suite.precision import wide


class Likelihood:
    """p(x | z) of a decoder.

    Args:
        decoder: latents to examples.
        kind: "gaussian", N(x; decoder(z), std^2 I); or "bernoulli", each entry of the example, brought from
            [-1, 1] to [0, 1], as the probability of a one. The decoder then ends in a tanh, of whose input a
            the probability is sigmoid(2 a): no rounding to 0 or 1 on the way to the logarithm.
        std: of the Gaussian.
    """

    def __init__(self, decoder: keras.Model, kind: str, std: float):
        if kind not in ("gaussian", "bernoulli"):
            raise ValueError(f'likelihood: expected "gaussian" or "bernoulli", came {kind!r}')
        if not 0 < std < math.inf:
            raise ValueError(f"likelihood_std: expected a positive number, came {std!r}")
        self.kind, self.std = kind, std
        # As functions: a model would be tracked as a network of its own.
        self._output = decoder.__call__
        if kind == "bernoulli":
            self._output = keras.Model(decoder.inputs, _tanh_of(decoder).input).__call__

    def negative_log(self, examples: tf.Tensor, latents: tf.Tensor) -> tf.Tensor:
        """-log p(x | z) in nats, (batch,), in training mode."""
        output = wide(self._output(latents, training=True))
        examples = tf.cast(examples, output.dtype)
        if self.kind == "bernoulli":
            probabilities = 0.5 * (examples + 1.0)
            each = tf.nn.sigmoid_cross_entropy_with_logits(probabilities, 2.0 * output)
        else:
            # -log N = (x - x^)^2 / (2 s^2) + log(s sqrt(2 pi))
            each = 0.5 * tf.square((examples - output) / self.std)
            each += math.log(self.std * math.sqrt(2.0 * math.pi))
        return tf.reduce_sum(tf.reshape(each, (tf.shape(each)[0], -1)), axis=1)


def _tanh_of(decoder: keras.Model) -> keras.layers.Layer:
    last = decoder.layers[-1]
    if getattr(last, "activation", None) is not keras.activations.tanh or last.weights:
        raise ValueError(
            'likelihood: expected "gaussian", or a decoder that ends in a layer Activation("tanh") '
            f'(output_activation="tanh"), came {"bernoulli"!r} with a last layer {last.name!r}'
        )
    return last

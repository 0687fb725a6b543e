"""Penalties on the norm of the discriminator's gradient with respect to its input."""

import dataclasses
from collections.abc import Callable

import keras
import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.regularizers.regularizer import Penalty, require


def squared_gradient_norms(discriminate: Callable[[tf.Tensor], tf.Tensor], points: tf.Tensor) -> tf.Tensor:
    """||grad_x D(x)||^2 for each of `points`, shape (batch,); D's outputs are summed per example."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(points)
        logits = discriminate(points)
    gradients = tf.cast(tape.gradient(logits, points), tf.float32 if points.dtype.size < 4 else points.dtype)
    return tf.reduce_sum(tf.square(gradients), axis=range(1, gradients.shape.rank))


def norms_from_squares(squares: tf.Tensor) -> tf.Tensor:
    """Square roots whose gradient at zero is zero, not infinite."""
    positive = squares > 0
    return tf.where(
        positive, tf.sqrt(tf.where(positive, squares, tf.ones_like(squares))), tf.zeros_like(squares)
    )


def per_example(draw, examples: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """One draw for each example, broadcastable against `examples`."""
    shape = tf.concat([tf.shape(examples)[:1], tf.ones([examples.shape.rank - 1], tf.int32)], axis=0)
    return tf.cast(draw(shape, seed), examples.dtype)


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class GradientPenalty(Penalty):
    """Gradient norms near `target` between real and fake (Gulrajani et al. 2017, WGAN-GP, eq. 3).

    weight E[(||grad D(x_hat)|| - target)^2] / target^2, with x_hat = eps x + (1 - eps) x_fake and one
    eps ~ U[0, 1] per example. The paper: weight 10, target 1; progressive GAN on CIFAR-10: target 750.
    `one_sided` punishes only norms above the target (the same paper, section 4).
    """

    weight: float = 10.0
    target: float = 1.0
    one_sided: bool = False

    name = "gradient_penalty"

    def __post_init__(self):
        kind = type(self).__name__
        require(kind, "weight", self.weight, self.weight >= 0, ">= 0")
        require(kind, "target", self.target, self.target > 0, "> 0 (for a target of 0 use R1)")

    def __call__(self, discriminate, real, fake, seed):
        norms = norms_from_squares(squared_gradient_norms(discriminate, self.points(real, fake, seed)))
        excess = norms - self.target
        if self.one_sided:
            excess = tf.nn.relu(excess)
        return self.weight * tf.reduce_mean(tf.square(excess / self.target))

    def points(self, real: tf.Tensor, fake: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Where the gradient is taken."""
        epsilon = per_example(draws.uniform, real, seed)
        return epsilon * real + (1.0 - epsilon) * fake


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class DRAGAN(GradientPenalty):
    """Gradient norms near `target` around the real data only (Kodali et al. 2017, arXiv:1705.07215, eq. 1).

    weight E[(||grad D(x + delta)|| - target)^2] / target^2 with delta ~ N(0, s^2 I), s = `noise` times the
    standard deviation of the minibatch (the authors' code has 0.5; it draws from a uniform).
    """

    noise: float = 0.5

    name = "dragan"
    couples_examples = True  # through the standard deviation of the minibatch

    def __post_init__(self):
        super().__post_init__()
        require("DRAGAN", "noise", self.noise, self.noise >= 0, ">= 0")

    def points(self, real, fake, seed):
        delta = tf.cast(draws.normal(tf.shape(real), seed), real.dtype)
        return real + self.noise * tf.math.reduce_std(real) * delta


@keras.saving.register_keras_serializable("tfgan_suite")
@dataclasses.dataclass(frozen=True)
class R1(Penalty):
    """Flat on real data: weight/2 E_P ||grad D(x)||^2 (Mescheder et al. 2018, arXiv:1801.04406, eq. 9)."""

    weight: float = 10.0

    name = "r1"

    def __post_init__(self):
        require("R1", "weight", self.weight, self.weight >= 0, ">= 0")

    def __call__(self, discriminate, real, fake, seed):
        return 0.5 * self.weight * tf.reduce_mean(squared_gradient_norms(discriminate, real))

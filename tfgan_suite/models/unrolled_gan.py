"""A generator that looks ahead: what will the discriminator do about these fakes?"""

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfgan_suite.differentiable_updates import (
    Updates,
    gradient_descent,
    require_differentiable,
    updates_of,
)
from tfgan_suite.execution import forward_operations
from tfgan_suite.models.gan import GAN
from tfgan_suite.models.packing import pack
from tfgan_suite.objectives.objective import Objective
from tfgan_suite.updates import summed


@keras.saving.register_keras_serializable("tfgan_suite")
class UnrolledGAN(GAN):
    """The generator answers to the discriminator of K steps ahead (Metz et al. 2017, arXiv:1611.02163).

    It minimises its loss at theta_K, where theta_0 is the discriminator and (eq. 7)

        theta_{k+1} = theta_k - rate * d L_D(theta_k, G) / d theta

    and differentiates through these steps (second order): to gather where the discriminator will notice does
    not pay. The discriminator itself takes its own step only. Each look-ahead step minimises all of its loss,
    penalties and constraints included, on the same minibatch, latents and random points (the paper's section
    3, as in the authors' code). Batch statistics and power iterations move along, and are forgotten with it.

    `unroll_steps=0` is `GAN`. An objective's own loss leaves out the real examples, which are constants to
    the generator without a look-ahead. With it they are not: for a linear `Wasserstein` critic the own loss
    at theta_K has its minimum at half the mean of the data, that of `zero_sum` at the mean.

    Args:
        unroll_steps: K. Each costs about a step of the discriminator, forward and twice backward. The paper
            has 1 to 10, the authors' code 5.
        look_ahead_learning_rate: rate of plain gradient descent in the look-ahead, as in eq. 7. None: the
            rule of the discriminator's optimizer (SGD, with momentum or without, or Adam), from its present
            slots on, as in the authors' code.
        differentiate_through: False holds theta_K constant: the generator sees where the discriminator goes,
            and no longer how to steer it.
        zero_sum: the generator minimises -L_D(theta_K) without penalties, the paper's f_K, in place of the
            objective's own loss.
        **kwargs: as for `GAN`.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        objective: Objective,
        unroll_steps: int = 5,
        look_ahead_learning_rate: float | None = None,
        differentiate_through: bool = True,
        zero_sum: bool = False,
        **kwargs,
    ):
        super().__init__(generator, discriminator, objective, **kwargs)
        if not isinstance(unroll_steps, int) or isinstance(unroll_steps, bool) or unroll_steps < 0:
            raise ValueError(f"unroll_steps: expected an integer >= 0, came {unroll_steps!r}")
        if look_ahead_learning_rate is not None and not look_ahead_learning_rate > 0:
            raise ValueError(
                f"look_ahead_learning_rate: expected a number > 0 or None, came {look_ahead_learning_rate!r}"
            )
        self.unroll_steps, self.look_ahead_learning_rate = unroll_steps, look_ahead_learning_rate
        self.differentiate_through, self.zero_sum = differentiate_through, zero_sum

    def compile(self, optimizers: dict[str, keras.optimizers.Optimizer] | None = None, **kwargs) -> None:
        """As `GAN.compile`; refuses a discriminator's optimizer whose rule the look-ahead cannot follow."""
        super().compile(optimizers, **kwargs)
        if self.unroll_steps and self.look_ahead_learning_rate is None:
            try:
                require_differentiable(self.optimizers["discriminator"])
            except ValueError as error:
                raise ValueError(
                    f"optimizers: discriminator: {error}; or give the model a look_ahead_learning_rate"
                ) from error

    def couples_examples(self):
        return f"unroll_steps={self.unroll_steps}" if self.unroll_steps else super().couples_examples()

    def operations_per_example(self):
        # A look-ahead step passes real and fake examples forward and back, and all of that back once more.
        look_ahead = 3.0 * 3.0 * forward_operations(self.discriminator)
        return super().operations_per_example() + self.unroll_steps * look_ahead

    def generator_losses(self, batch):
        real, labels = self.examples_and_labels(batch)
        fake = self.generate(tf.shape(real)[0], labels)
        self.look_ahead(real, fake if self.differentiate_through else tf.stop_gradient(fake), labels)
        return self.generator_terms(real, fake, labels)

    def generator_terms(self, real, fake, labels):
        if not self.zero_sum:
            return super().generator_terms(real, fake, labels)
        logits = [self.discriminate(pack(x, self.packing), labels) for x in (real, fake)]
        return {"adversarial": -self.adversarial(self.objective.discriminator_loss, *logits)}

    def look_ahead(self, real: tf.Tensor, fake: tf.Tensor, labels: tf.Tensor | None) -> None:
        """Gives the discriminator's variables the values theta_K, which depend on `fake`.

        Losses run in a `keras.StatelessScope`: it catches the assignments, and only what follows in it sees
        them.
        """
        if not self.unroll_steps:
            return
        if self.objective.couples_examples:
            self.require_one_replica(f"unroll_steps: {self.objective} is more than a mean over examples")
        variables = self.discriminator.trainable_variables
        update = self._look_ahead_rule(variables)
        seed, share = self.next_seed(), self._context.share
        for _ in range(self.unroll_steps):
            values = [tf.convert_to_tensor(v.value) for v in variables]
            with tf.GradientTape(watch_accessed_variables=False) as tape, self._context.of(seed, share):
                tape.watch(values)
                _assign(variables, values)
                loss = self._own_part_of_discriminator_loss(real, fake, labels)
            gradients = self._of_all_replicas(tape.gradient(loss, values))
            _assign(variables, update(values, gradients))
            self.after_step("discriminator")  # constraints

    def _look_ahead_rule(self, variables) -> Updates:
        if self.look_ahead_learning_rate is not None:
            return gradient_descent(self.look_ahead_learning_rate)
        return updates_of(self.optimizers["discriminator"], variables)

    def _own_part_of_discriminator_loss(self, real, fake, labels) -> tf.Tensor:
        """What this replica adds to the loss of the whole batch."""
        share = self._context.share
        loss = tf.add_n(list(self.discriminator_terms(real, fake, labels).values()))
        loss = tf.math.multiply_no_nan(loss, tf.cast(share.weight, loss.dtype))
        for of_network in self.discriminator.losses:  # weight decay
            loss += tf.cast(of_network, loss.dtype) / share.replicas
        return loss

    def _of_all_replicas(self, gradients: Sequence[tf.Tensor | None]) -> Sequence[tf.Tensor | None]:
        if self._context.share.replicas == 1:
            return gradients
        if self.plan.xla:
            raise ValueError(
                "jit_compile: expected False on several replicas with unroll_steps > 0: the look-ahead sums "
                "gradients over replicas, which XLA cannot"
            )
        return summed(gradients, tf.distribute.get_replica_context())


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)

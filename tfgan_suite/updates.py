"""One step of an optimizer: gradients summed over replicas, then clipped, then applied."""

from collections.abc import Sequence

import keras
import tensorflow as tf


def apply_gradients(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[tf.Tensor | None],
    variables: Sequence[keras.Variable],
) -> None:
    """Updates the variables by this replica's part of the gradients, whose sum over replicas is the gradient.

    Keras clips each replica's part before it sums them, which is another algorithm; here the sum is clipped.
    Plain Adam runs as one kernel for each variable: Keras' ten operations, up to rounding.
    """
    context = tf.distribute.get_replica_context()
    replicas = 1 if context is None else context.num_replicas_in_sync
    is_fused = _is_plain_adam(optimizer) and all(isinstance(g, tf.Tensor) for g in gradients)
    if replicas > 1 or not is_fused:
        gradients = _together(gradients)
    if replicas == 1 and not is_fused:
        optimizer.apply(gradients, variables)
        return
    if replicas > 1 and (is_fused or _clips(optimizer)):
        gradients = summed(gradients, context)
    if is_fused:
        _adam(optimizer, clipped(optimizer, gradients), variables)
    elif _clips(optimizer):
        # The optimizer sums over replicas again, and clips what is short enough by then.
        short = clipped(optimizer, gradients)
        optimizer.apply([None if g is None else g / replicas for g in short], variables)
    else:
        optimizer.apply(gradients, variables)


def _together(gradients: Sequence[tf.Tensor | None]) -> list[tf.Tensor | None]:
    """The same gradients, none of them before the last one is there.

    A sum over replicas, of one too, passes all gradients through one `IdentityN`. TensorFlow's dependency
    optimizer takes it for an order of whatever is before it and after it, drops the control edges that say
    so as well, and then takes the `IdentityN` apart: an update could pass an earlier player's reads of the
    same weights (docs/platform.md). A call that is not inlined stays whole, and the order with it.
    """
    there = _as_they_are([g for g in gradients if g is not None])
    return [None if g is None else there.pop(0) for g in gradients]


@tf.function(reduce_retracing=True, experimental_attributes={"_noinline": True})
def _as_they_are(tensors):
    return tensors


def _adam(optimizer, gradients, variables) -> None:
    """Kingma and Ba 2015, Algorithm 1 in the form at the end of section 2, with a fused kernel."""
    steps = tf.cast(optimizer.iterations + 1, tf.float32)
    beta_1, beta_2 = (tf.constant(b, tf.float32) for b in (optimizer.beta_1, optimizer.beta_2))
    rate, epsilon = tf.cast(optimizer.learning_rate, tf.float32), tf.constant(optimizer.epsilon, tf.float32)
    powers = tf.pow(beta_1, steps), tf.pow(beta_2, steps)
    for gradient, variable in zip(gradients, variables, strict=True):
        index = optimizer._get_variable_index(variable)
        moments = optimizer._momentums[index], optimizer._velocities[index]
        tf.raw_ops.ResourceApplyAdam(
            var=variable.value.handle,
            m=moments[0].value.handle,
            v=moments[1].value.handle,
            beta1_power=powers[0],
            beta2_power=powers[1],
            lr=rate,
            beta1=beta_1,
            beta2=beta_2,
            epsilon=epsilon,
            grad=gradient,
        )
        if variable.constraint is not None:
            variable.assign(variable.constraint(variable))
    optimizer.iterations.assign_add(1)


def _is_plain_adam(optimizer) -> bool:
    """Adam and nothing besides: what the fused kernel computes."""
    return (
        type(optimizer) is keras.optimizers.Adam
        and not (optimizer.amsgrad or optimizer.use_ema or optimizer.weight_decay)
        and not optimizer.gradient_accumulation_steps
        and optimizer.loss_scale_factor is None
        and all(v.dtype == "float32" for v in optimizer._trainable_variables)
    )


def _clips(optimizer) -> bool:
    return any(
        getattr(optimizer, name, None) is not None for name in ("clipnorm", "global_clipnorm", "clipvalue")
    )


def clipped(
    optimizer: keras.optimizers.Optimizer, gradients: Sequence[tf.Tensor | None]
) -> list[tf.Tensor | None]:
    """As the optimizer's own clipping does it."""
    if optimizer.clipnorm is not None:
        return [None if g is None else tf.clip_by_norm(g, optimizer.clipnorm) for g in gradients]
    if optimizer.global_clipnorm is not None:
        return tf.clip_by_global_norm(gradients, optimizer.global_clipnorm)[0]
    if optimizer.clipvalue is not None:
        limit = optimizer.clipvalue
        return [None if g is None else tf.clip_by_value(g, -limit, limit) for g in gradients]
    return gradients


def summed(gradients: Sequence[tf.Tensor | None], context) -> list[tf.Tensor | None]:
    """The sums over the replicas of `context`; differentiable."""
    there = [g for g in gradients if g is not None]
    sums = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, there))
    return [None if g is None else next(sums) for g in gradients]

"""Steps of an optimizer as arithmetic on tensors, so that one can differentiate through them."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfgan_suite.updates import clipped

# Values of variables and their gradients (None: no effect) to the values after one step.
Updates = Callable[[Sequence[tf.Tensor], Sequence[tf.Tensor | None]], list[tf.Tensor]]


def gradient_descent(learning_rate: float) -> Updates:
    """Plain gradient descent."""

    def update(values, gradients):
        pairs = zip(values, gradients, strict=True)
        return [v if g is None else v - learning_rate * g for v, g in pairs]

    return update


def updates_of(optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]) -> Updates:
    """The next steps that `optimizer` would take with these variables, one for each call.

    They begin with its present slots and learning rate. Nothing of the optimizer moves.

    Raises:
        ValueError: see `require_differentiable`.
    """
    require_differentiable(optimizer)
    rule, slot_lists = {
        keras.optimizers.SGD: (_sgd, lambda: [optimizer.momentums] if optimizer.momentum else []),
        keras.optimizers.Adam: (_adam, lambda: [optimizer._momentums, optimizer._velocities]),
    }[type(optimizer)]
    indices = [optimizer._get_variable_index(v) for v in variables]
    slots = [[tf.convert_to_tensor(of_slot[i].value) for of_slot in slot_lists()] for i in indices]
    taken = 0

    def update(values, gradients):
        nonlocal taken
        step = tf.convert_to_tensor(optimizer.iterations.value) + taken
        taken += 1
        moved = []
        for i, (value, gradient) in enumerate(zip(values, clipped(optimizer, gradients), strict=True)):
            if gradient is not None:
                rate = tf.cast(_learning_rate(optimizer, step), value.dtype)
                value, *slots[i] = rule(optimizer, rate, step, value, gradient, *slots[i])
            variable = variables[i]
            moved.append(value if variable.constraint is None else variable.constraint(value))
        return moved

    return update


def require_differentiable(optimizer: keras.optimizers.Optimizer) -> None:
    """Raises ValueError unless `updates_of` knows all that the optimizer does."""
    kind = type(optimizer)
    expected = "expected SGD (with momentum or without) or Adam, whose steps can be differentiated through"
    if kind not in (keras.optimizers.SGD, keras.optimizers.Adam):
        raise ValueError(f"{expected}, came {kind.__name__}")
    unknown = ("amsgrad", "weight_decay", "use_ema", "gradient_accumulation_steps", "loss_scale_factor")
    for option in unknown:
        if getattr(optimizer, option, None):
            raise ValueError(f"{expected}, without {option}; came {option}={getattr(optimizer, option)!r}")


def _sgd(optimizer, rate, step, value, gradient, momentum=None):
    """Polyak 1964; Nesterov's form as Sutskever et al. 2013 write it."""
    if momentum is None:
        return value - rate * gradient, *()
    momentum = optimizer.momentum * momentum - rate * gradient
    ahead = optimizer.momentum * momentum - rate * gradient if optimizer.nesterov else momentum
    return value + ahead, momentum


def _adam(optimizer, rate, step, value, gradient, m, v):
    """Kingma and Ba 2015, Algorithm 1 in the form at the end of section 2."""
    t = tf.cast(step + 1, value.dtype)
    beta_1, beta_2 = (tf.constant(b, value.dtype) for b in (optimizer.beta_1, optimizer.beta_2))
    m = beta_1 * m + (1.0 - beta_1) * gradient
    v = beta_2 * v + (1.0 - beta_2) * tf.square(gradient)
    rate *= tf.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)
    return value - rate * m / (_root(v) + optimizer.epsilon), m, v


def _root(squares):
    """Square roots whose derivative at 0 is 0: a weight behind a dead unit has never had a gradient."""
    positive = squares > 0
    return tf.where(positive, tf.sqrt(tf.where(positive, squares, tf.ones_like(squares))), 0.0)


def _learning_rate(optimizer, step):
    schedule = optimizer._learning_rate
    is_schedule = isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule)
    return schedule(step) if is_schedule else optimizer.learning_rate

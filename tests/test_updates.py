"""The fused step is Keras' own step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite.updates import apply_gradients

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(1e-2, beta_1=0.5, beta_2=0.9, epsilon=1e-3),
    "adam, no momentum": lambda: keras.optimizers.Adam(1e-2, beta_1=0.0),
    "adam, clipnorm": lambda: keras.optimizers.Adam(1e-2, clipnorm=0.3),
    "adam, global_clipnorm": lambda: keras.optimizers.Adam(1e-2, global_clipnorm=0.3),
    "adam, clipvalue": lambda: keras.optimizers.Adam(1e-2, clipvalue=0.1),
    "adam, schedule": lambda: keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, 4)),
    "adam, weight decay": lambda: keras.optimizers.Adam(1e-2, weight_decay=0.1),
    "adam, amsgrad": lambda: keras.optimizers.Adam(1e-2, amsgrad=True),
    "adam, average": lambda: keras.optimizers.Adam(1e-2, use_ema=True, ema_overwrite_frequency=2),
    "adam, accumulation": lambda: keras.optimizers.Adam(1e-2, gradient_accumulation_steps=2),
    "adamw": lambda: keras.optimizers.AdamW(1e-2),
    "rmsprop": lambda: keras.optimizers.RMSprop(1e-2),
    "sgd, clipnorm": lambda: keras.optimizers.SGD(1e-2, momentum=0.9, clipnorm=0.3),
}


def variables():
    weight = keras.Variable(np.linspace(-1, 1, 6).reshape(2, 3).astype("float32"))
    bounded = keras.Variable(np.full(3, 0.5, "float32"))
    bounded.constraint = keras.constraints.NonNeg()
    return [weight, bounded]


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())
def test_steps_are_those_of_keras(make):
    random = np.random.default_rng(0)
    ours, theirs = (make(), variables()), (make(), variables())
    for optimizer, its_variables in (ours, theirs):
        optimizer.build(its_variables)
    step = tf.function(lambda a, b: apply_gradients(ours[0], [a, b], ours[1]))
    for _ in range(5):
        gradients = [tf.constant(random.normal(size=v.shape), tf.float32) for v in ours[1]]
        step(*gradients)
        theirs[0].apply(gradients, theirs[1])
    for a, b in zip(ours[1] + ours[0].variables, theirs[1] + theirs[0].variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-7, err_msg=a.path)


def test_variables_without_gradient_stay():
    weight, bounded = variables()
    optimizer = keras.optimizers.Adam(1e-2)
    optimizer.build([weight, bounded])
    apply_gradients(optimizer, [tf.ones((2, 3)), None], [weight, bounded])
    np.testing.assert_array_equal(bounded.numpy(), 0.5)
    assert (weight.numpy() != variables()[0].numpy()).all()

"""Plain Keras in the style of its public GAN examples: a `train_step` with tapes, and `model.fit`."""

import math

import keras
import tensorflow as tf

from benchmarks.real_examples import random_batches, real_examples
from benchmarks.workloads import Workload


class Trainer:
    """Options: `precision`, another than the workload's."""

    def __init__(self, workload: Workload, layers, options: dict):
        keras.config.set_dtype_policy(options.get("precision", workload.precision))
        self.workload = workload
        self.generator = network(layers["generator"])
        self.discriminator = network(layers["discriminator"])
        self.notes = {"version": f"TensorFlow {tf.__version__}, Keras {keras.__version__}"}

    def parameters(self):
        return {
            name: sum(math.prod(v.shape) for v in getattr(self, name).trainable_variables)
            for name in ("generator", "discriminator")
        }

    def prepare(self):
        self.model = KerasGAN(self.workload, self.generator, self.discriminator)
        self.model.compile(adam(self.workload), adam(self.workload))
        # A training step takes as many minibatches as the discriminator has steps.
        size = self.workload.batch_size * self.workload.discriminator_steps
        self.batches = random_batches(real_examples(self.workload.example_shape), size)

    def train(self, steps):
        history = self.model.fit(self.batches, steps_per_epoch=steps, verbose=0).history
        return {name: values[-1] for name, values in history.items()}


class KerasGAN(keras.Model):
    """Two networks and a train_step."""

    def __init__(self, workload: Workload, generator: keras.Model, discriminator: keras.Model):
        super().__init__()
        self.workload, self.generator, self.discriminator = workload, generator, discriminator
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.built = True

    def compile(self, d_optimizer, g_optimizer):
        super().compile()
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def train_step(self, real):
        for minibatch in tf.split(real, self.workload.discriminator_steps):
            d_loss = self._discriminator_step(minibatch)
        g_loss = self._generator_step()
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {m.name: m.result() for m in self.metrics}

    def _discriminator_step(self, real):
        fake = self.generator(self._latents(), training=True)
        with tf.GradientTape() as tape:
            real_logits = self.discriminator(real, training=True)
            fake_logits = self.discriminator(fake, training=True)
            if self.workload.objective == "wasserstein":
                loss = tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)
                loss += self.workload.gradient_penalty * self._penalty(real, fake)
            else:
                loss = tf.reduce_mean(tf.nn.softplus(-real_logits) + tf.nn.softplus(fake_logits))
        gradients = tape.gradient(loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(gradients, self.discriminator.trainable_weights, strict=True))
        return loss

    def _generator_step(self):
        latents = self._latents()
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.generator(latents, training=True), training=True)
            if self.workload.objective == "wasserstein":
                loss = -tf.reduce_mean(logits)
            else:
                loss = tf.reduce_mean(tf.nn.softplus(-logits))
        gradients = tape.gradient(loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(gradients, self.generator.trainable_weights, strict=True))
        return loss

    def _penalty(self, real, fake):
        epsilon = tf.random.uniform((self.workload.batch_size, *[1] * (real.shape.rank - 1)))
        points = epsilon * real + (1 - epsilon) * fake
        with tf.GradientTape() as tape:
            tape.watch(points)
            logits = self.discriminator(points, training=True)
        squares = tf.square(tape.gradient(logits, points))
        norms = tf.sqrt(tf.reduce_sum(squares, axis=range(1, squares.shape.rank)) + 1e-12)
        return tf.reduce_mean((norms - 1.0) ** 2)

    def _latents(self):
        return tf.random.normal((self.workload.batch_size, self.workload.latent_dim))


def adam(workload: Workload) -> keras.optimizers.Adam:
    return keras.optimizers.Adam(workload.learning_rate, workload.beta_1, workload.beta_2, workload.epsilon)


def network(layers: list[dict]) -> keras.Model:
    """The described network of Keras' own layers."""
    inputs = x = keras.Input(layers[0]["in"])
    for layer in layers:
        x = _keras_layer(layer)(x)
        if list(x.shape[1:]) != layer["out"]:
            raise ValueError(f"{layer}: came {x.shape[1:]}")
    return keras.Model(inputs, keras.layers.Activation("linear", dtype="float32")(x))


def _keras_layer(layer: dict) -> keras.layers.Layer:
    kinds = keras.layers
    match layer["kind"]:
        case "dense":
            return kinds.Dense(layer["kernel"][-1], use_bias=layer["bias"], kernel_initializer=_normal(layer))
        case "conv" | "grow":
            kind = kinds.Conv2D if layer["kind"] == "conv" else kinds.Conv2DTranspose
            return kind(
                layer["out"][-1],
                layer["kernel"][:2],
                strides=layer["stride"],
                padding=layer["padding"],
                use_bias=layer["bias"],
                kernel_initializer=_normal(layer),
            )
        case "batch_norm":
            return kinds.BatchNormalization(momentum=layer["momentum"], epsilon=layer["epsilon"])
        case "layer_norm":  # of Keras' own, this one has a scale for each channel
            return kinds.GroupNormalization(groups=1, epsilon=layer["epsilon"])
        case "activation" if layer["name"] == "leaky_relu":
            return kinds.LeakyReLU(layer["slope"])
        case "activation":
            return kinds.Activation(layer["name"])
        case "reshape":
            return kinds.Reshape(layer["out"])
        case "crop":
            rows, columns = (layer["in"][i] - layer["out"][i] for i in (0, 1))
            return kinds.Cropping2D(((0, rows), (0, columns)))
        case "upsample":
            return kinds.UpSampling2D(layer["factor"], interpolation=layer["interpolation"])
        case "pad":
            return kinds.ZeroPadding2D(layer["pixels"])
    raise ValueError(f"unknown layer {layer}")


def _normal(layer):
    return keras.initializers.RandomNormal(stddev=layer["stddev"])

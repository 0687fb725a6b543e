"""Hand-written TensorFlow: variables, `tf.nn`, a fused Adam kernel, many steps in one call of a graph.

Options: `parts`, into how many independent subgraphs a minibatch is split, each on one core.
"""

import itertools
import math

import tensorflow as tf

from benchmarks.real_examples import real_examples
from benchmarks.workloads import Workload


class Trainer:
    def __init__(self, workload: Workload, layers, options: dict):
        self.workload, self.parts = workload, options.get("parts", 1)
        if self.parts > 1:
            # Each part keeps to its core; more threads to an operation would only wait for one another.
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.threading.set_inter_op_parallelism_threads(self.parts)
        self.dtype = tf.bfloat16 if workload.precision == "mixed_bfloat16" else tf.float32
        self.generator = Network(layers["generator"], self.dtype)
        self.discriminator = Network(layers["discriminator"], self.dtype)
        self.notes = {"version": f"TensorFlow {tf.__version__}"}

    def parameters(self):
        return {
            name: sum(math.prod(v.shape) for v in getattr(self, name).weights)
            for name in ("generator", "discriminator")
        }

    def prepare(self):
        self.generator_adam = Adam(self.workload, self.generator.weights)
        self.discriminator_adam = Adam(self.workload, self.discriminator.weights)
        self.examples = tf.Variable(real_examples(self.workload.example_shape), trainable=False)
        self.steps = tf.function(self._steps)

    def train(self, steps):
        while steps > 0:
            now = min(steps, self.workload.steps_per_call)
            losses = self.steps(tf.constant(now))
            steps -= now
        return dict(zip(("discriminator", "generator"), losses.numpy().tolist(), strict=True))

    def _steps(self, count):
        losses = tf.zeros((2,))
        for _ in tf.range(count):
            losses = self._step()
        return losses

    def _step(self):
        for _ in range(self.workload.discriminator_steps):
            discriminator_loss = self._move(
                self.discriminator, self.discriminator_adam, self._discriminator_loss
            )
        return tf.stack(
            [discriminator_loss, self._move(self.generator, self.generator_adam, self._generator_loss)]
        )

    def _move(self, network, adam, loss_of):
        """One step of one network: `loss_of` each part of a minibatch, and the mean of their gradients."""
        size = self.workload.batch_size // self.parts
        # Read once: all parts start from the same values.
        weights = {n: [w.read_value() for w in n.weights] for n in (self.generator, self.discriminator)}
        losses, gradients = [], []
        for _ in range(self.parts):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(weights[network])
                loss, states = loss_of(size, weights)
            losses.append(loss)
            gradients.append(tape.gradient(loss, weights[network]))
        adam.apply([tf.add_n(parts) / self.parts for parts in zip(*gradients, strict=True)])
        network.move_averages(states)
        return tf.add_n(losses) / self.parts

    def _discriminator_loss(self, size, weights):
        chosen = tf.random.uniform((size,), maxval=self.examples.shape[0], dtype=tf.int32)
        real = tf.gather(self.examples, chosen)
        fake, _ = self.generator(weights[self.generator], self._latents(size))
        fake = tf.stop_gradient(fake)

        def discriminate(examples):
            return self.discriminator(weights[self.discriminator], examples)

        (real_logits, real_states), (fake_logits, fake_states) = discriminate(real), discriminate(fake)
        if self.workload.objective == "wasserstein":
            loss = tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)
        else:
            loss = tf.reduce_mean(tf.nn.softplus(-real_logits) + tf.nn.softplus(fake_logits))
        if self.workload.gradient_penalty:
            epsilon = tf.random.uniform((size, *[1] * (real.shape.rank - 1)))
            points = epsilon * real + (1 - epsilon) * fake
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(points)
                logits, _ = discriminate(points)
            squares = tf.square(tape.gradient(logits, points))
            norms = tf.sqrt(tf.reduce_sum(squares, axis=range(1, squares.shape.rank)) + 1e-12)
            loss += self.workload.gradient_penalty * tf.reduce_mean((norms - 1) ** 2)
        return loss, [real_states, fake_states]

    def _generator_loss(self, size, weights):
        fake, states = self.generator(weights[self.generator], self._latents(size))
        logits, _ = self.discriminator(weights[self.discriminator], fake)
        if self.workload.objective == "wasserstein":
            return -tf.reduce_mean(logits), [states]
        return tf.reduce_mean(tf.nn.softplus(-logits)), [states]

    def _latents(self, size):
        return tf.random.normal((size, self.workload.latent_dim))


class Adam:
    """Kingma and Ba 2015, by TensorFlow's kernel for it."""

    def __init__(self, workload: Workload, weights: list[tf.Variable]):
        self.workload, self.weights = workload, weights
        self.moments = [[tf.Variable(tf.zeros(w.shape), trainable=False) for w in weights] for _ in range(2)]
        self.powers = [tf.Variable(beta, trainable=False) for beta in (workload.beta_1, workload.beta_2)]

    def apply(self, gradients) -> None:
        workload, (power_1, power_2) = self.workload, (p.read_value() for p in self.powers)
        for weight, first, second, gradient in zip(self.weights, *self.moments, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=power_1,
                beta2_power=power_2,
                lr=workload.learning_rate,
                beta1=workload.beta_1,
                beta2=workload.beta_2,
                epsilon=workload.epsilon,
                grad=gradient,
            )
        self.powers[0].assign(power_1 * workload.beta_1)
        self.powers[1].assign(power_2 * workload.beta_2)


class Network:
    """The described network as a function of its weights."""

    def __init__(self, layers: list[dict], dtype: tf.DType):
        self.layers, self.dtype = layers, dtype
        self.weights = list(itertools.chain.from_iterable(map(_weights, layers)))
        normalized = [layer for layer in layers if layer["kind"] == "batch_norm"]
        self.momenta = [layer["momentum"] for layer in normalized]
        self.averages = [
            [tf.Variable(start(layer["out"][-1]), trainable=False) for start in (tf.zeros, tf.ones)]
            for layer in normalized
        ]

    def __call__(self, weights, x):
        """Outputs in float32, and mean and variance of each batch normalisation."""
        weights, states = iter(weights), []
        x = tf.cast(x, self.dtype)
        for layer in self.layers:
            x = self._apply(layer, weights, x, states)
            if x.shape[1:] != layer["out"]:
                raise ValueError(f"{layer}: came {x.shape[1:]}")
        return tf.cast(x, tf.float32), states

    def move_averages(self, passes) -> None:
        """Towards the statistics of each pass."""
        for states in passes:
            for momentum, averages, state in zip(self.momenta, self.averages, states, strict=True):
                for average, value in zip(averages, state, strict=True):
                    average.assign_sub((1 - momentum) * (average - value))

    def _apply(self, layer, weights, x, states):
        match layer["kind"]:
            case "dense":
                return self._biased(layer, weights, x @ tf.cast(next(weights), self.dtype))
            case "conv":
                kernel = tf.cast(next(weights), self.dtype)
                x = tf.nn.conv2d(x, kernel, layer["stride"], layer["padding"].upper())
                return self._biased(layer, weights, x)
            case "grow":
                kernel, shape = tf.cast(next(weights), self.dtype), (x.shape[0], *layer["out"])
                x = tf.nn.conv2d_transpose(x, kernel, shape, layer["stride"], layer["padding"].upper())
                return self._biased(layer, weights, x)
            case "batch_norm":
                scale, offset = next(weights), next(weights)
                x, mean, variance = tf.compat.v1.nn.fused_batch_norm(
                    x, scale, offset, epsilon=layer["epsilon"], is_training=True
                )
                states.append((mean, variance))
                return x
            case "layer_norm":
                axes, wide = list(range(1, x.shape.rank)), tf.cast(x, tf.float32)
                centred = wide - tf.reduce_mean(wide, axes, keepdims=True)
                variance = tf.reduce_mean(tf.square(centred), axes, keepdims=True)
                wide = centred * tf.math.rsqrt(variance + layer["epsilon"]) * next(weights) + next(weights)
                return tf.cast(wide, self.dtype)
            case "activation" if layer["name"] == "leaky_relu":
                return tf.nn.leaky_relu(x, layer["slope"])
            case "activation":
                return {"relu": tf.nn.relu, "tanh": tf.tanh, "sigmoid": tf.sigmoid}[layer["name"]](x)
            case "reshape":
                return tf.reshape(x, (x.shape[0], *layer["out"]))
            case "crop":
                return x[:, : layer["out"][0], : layer["out"][1]]
            case "upsample":
                return tf.cast(tf.image.resize(x, layer["out"][:2], layer["interpolation"]), self.dtype)
            case "pad":
                return tf.pad(x, ((0, 0), *((layer["pixels"],) * 2,) * 2, (0, 0)))
        raise ValueError(f"unknown layer {layer}")

    def _biased(self, layer, weights, x):
        return tf.nn.bias_add(x, tf.cast(next(weights), self.dtype)) if layer["bias"] else x


def _weights(layer: dict) -> list[tf.Variable]:
    channels = layer["out"][-1]
    if "kernel" in layer:
        kernel = tf.Variable(tf.random.normal(layer["kernel"], stddev=layer["stddev"]))
        return [kernel, tf.Variable(tf.zeros(channels))] if layer["bias"] else [kernel]
    if layer["kind"] in ("batch_norm", "layer_norm"):
        return [tf.Variable(tf.ones(channels)), tf.Variable(tf.zeros(channels))]
    return []

"""JAX: pure functions, jit, and a loop over many steps inside it where they are short."""

import functools

import jax
import jax.numpy as jnp

from benchmarks.real_examples import real_examples
from benchmarks.workloads import Workload


class Trainer:
    def __init__(self, workload: Workload, layers, options: dict):
        self.workload, self.layers = workload, layers
        # Only of small networks: inside a loop XLA's convolutions have a single thread.
        self.steps_per_call = workload.steps_per_call if len(workload.example_shape) == 1 else 1
        self.dtype = jnp.bfloat16 if workload.precision == "mixed_bfloat16" else jnp.float32
        names = "generator", "discriminator"
        keys = jax.random.split(jax.random.key(0), len(names))
        self.weights = {n: _weights(layers[n], key) for n, key in zip(names, keys, strict=True)}
        self.notes = {"version": f"JAX {jax.__version__}"}

    def parameters(self):
        return {n: sum(w.size for w in jax.tree.leaves(weights)) for n, weights in self.weights.items()}

    def prepare(self):
        zeros = functools.partial(jax.tree.map, jnp.zeros_like)
        self.examples = jnp.asarray(real_examples(self.workload.example_shape))
        self.state = {
            "weights": self.weights,
            "averages": {n: _averages(layers) for n, layers in self.layers.items()},
            "adam": {n: (zeros(w), zeros(w), jnp.zeros(())) for n, w in self.weights.items()},
            "losses": {name: jnp.zeros(()) for name in self.weights},
            "key": jax.random.key(1),
        }
        # The number of steps is an argument, so that one compilation does for all; donated, the state is
        # overwritten in place.
        self.steps = jax.jit(self._steps, donate_argnums=0)

    def train(self, steps):
        while steps > 0:
            now = min(steps, self.steps_per_call)
            self.state = self.steps(self.state, self.examples, now)
            steps -= now
        return {name: float(loss) for name, loss in self.state["losses"].items()}

    def _steps(self, state, examples, count):
        if self.steps_per_call == 1:
            return self._step(state, examples)
        return jax.lax.fori_loop(0, count, lambda _, state: self._step(state, examples), state)

    def _step(self, state, examples):
        for _ in range(self.workload.discriminator_steps):
            state = self._move("discriminator", self._discriminator_loss, state, examples)
        return self._move("generator", self._generator_loss, state, examples)

    def _move(self, player, loss_of, state, examples):
        key, used = jax.random.split(state["key"])

        def loss(own):
            return loss_of(state["weights"] | {player: own}, used, examples)

        (value, passes), gradients = jax.value_and_grad(loss, has_aux=True)(state["weights"][player])
        weights, adam = self._adam(state["weights"][player], gradients, state["adam"][player])
        averages = state["averages"][player]
        for statistics in passes:
            momenta = [layer["momentum"] for layer in self.layers[player] if layer["kind"] == "batch_norm"]
            averages = [
                jax.tree.map(lambda old, new, m=m: m * old + (1 - m) * new, before, now)
                for m, before, now in zip(momenta, averages, statistics, strict=True)
            ]
        return {
            "weights": state["weights"] | {player: weights},
            "averages": state["averages"] | {player: averages},
            "adam": state["adam"] | {player: adam},
            "losses": state["losses"] | {player: value},
            "key": key,
        }

    def _discriminator_loss(self, weights, key, examples):
        keys = jax.random.split(key, 3)
        size = self.workload.batch_size
        real = examples[jax.random.randint(keys[0], (size,), 0, len(examples))]
        fake = jax.lax.stop_gradient(self._run("generator", weights, self._latents(keys[1]))[0])

        def discriminate(inputs):
            return self._run("discriminator", weights, inputs)

        (real_logits, real_statistics), (fake_logits, fake_statistics) = (
            discriminate(real),
            discriminate(fake),
        )
        if self.workload.objective == "wasserstein":
            loss = fake_logits.mean() - real_logits.mean()
        else:
            loss = (jax.nn.softplus(-real_logits) + jax.nn.softplus(fake_logits)).mean()
        if self.workload.gradient_penalty:
            epsilon = jax.random.uniform(keys[2], (size, *[1] * (real.ndim - 1)))
            points = epsilon * real + (1 - epsilon) * fake
            gradients = jax.grad(lambda x: discriminate(x)[0].sum())(points)
            norms = jnp.sqrt(jnp.sum(gradients**2, axis=range(1, gradients.ndim)) + 1e-12)
            loss += self.workload.gradient_penalty * ((norms - 1) ** 2).mean()
        return loss, [real_statistics, fake_statistics]

    def _generator_loss(self, weights, key, _):
        fake, statistics = self._run("generator", weights, self._latents(key))
        logits, _ = self._run("discriminator", weights, fake)
        if self.workload.objective == "wasserstein":
            return -logits.mean(), [statistics]
        return jax.nn.softplus(-logits).mean(), [statistics]

    def _latents(self, key):
        return jax.random.normal(key, (self.workload.batch_size, self.workload.latent_dim))

    def _adam(self, weights, gradients, state):
        """Kingma and Ba 2015, Algorithm 1 in the form at the end of section 2."""
        w, (first, second, count) = self.workload, state
        count += 1
        first = jax.tree.map(lambda m, g: w.beta_1 * m + (1 - w.beta_1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: w.beta_2 * v + (1 - w.beta_2) * g**2, second, gradients)
        rate = w.learning_rate * jnp.sqrt(1 - w.beta_2**count) / (1 - w.beta_1**count)
        weights = jax.tree.map(
            lambda x, m, v: x - rate * m / (jnp.sqrt(v) + w.epsilon), weights, first, second
        )
        return weights, (first, second, count)

    def _run(self, name, weights, x):
        """Outputs in float32, and mean and variance of each batch normalisation."""
        x, statistics = x.astype(self.dtype), []
        for layer, own in zip(self.layers[name], weights[name], strict=True):
            x = _apply(layer, own, x, statistics).astype(self.dtype)
            if list(x.shape[1:]) != layer["out"]:
                raise ValueError(f"{layer}: came {x.shape[1:]}")
        return x.astype(jnp.float32), statistics


def _apply(layer, own, x, statistics):
    in_channels_last = {"dimension_numbers": ("NHWC", "HWIO", "NHWC")}
    match layer["kind"]:
        case "dense":
            return _biased(own, x @ own["kernel"].astype(x.dtype))
        case "conv" | "grow":
            convolve = jax.lax.conv_general_dilated if layer["kind"] == "conv" else jax.lax.conv_transpose
            kernel, strides = own["kernel"].astype(x.dtype), (layer["stride"],) * 2
            return _biased(own, convolve(x, kernel, strides, layer["padding"].upper(), **in_channels_last))
        case "batch_norm" | "layer_norm":
            is_batch = layer["kind"] == "batch_norm"
            axes = tuple(range(x.ndim - 1)) if is_batch else tuple(range(1, x.ndim))
            wide = x.astype(jnp.float32)
            mean, variance = wide.mean(axes, keepdims=True), wide.var(axes, keepdims=True)
            if is_batch:
                statistics.append((mean.ravel(), variance.ravel()))
            normalized = (wide - mean) * jax.lax.rsqrt(variance + layer["epsilon"])
            return normalized * own["scale"] + own["bias"]
        case "activation" if layer["name"] == "leaky_relu":
            return jax.nn.leaky_relu(x, layer["slope"])
        case "activation":
            return {"relu": jax.nn.relu, "tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid}[layer["name"]](x)
        case "reshape":
            return x.reshape(len(x), *layer["out"])
        case "crop":
            return x[:, : layer["out"][0], : layer["out"][1]]
        case "upsample":
            return jax.image.resize(x, (len(x), *layer["out"]), layer["interpolation"])
        case "pad":
            return jnp.pad(x, ((0, 0), *((layer["pixels"],) * 2,) * 2, (0, 0)))
    raise ValueError(f"unknown layer {layer}")


def _biased(own, x):
    return x + own["bias"].astype(x.dtype) if "bias" in own else x


def _weights(layers: list[dict], key) -> list[dict]:
    weights = []
    for layer, its_key in zip(layers, jax.random.split(key, len(layers)), strict=True):
        channels, own = layer["out"][-1], {}
        if "kernel" in layer:
            shape = layer["kernel"]
            if layer["kind"] == "grow":  # JAX has outputs last here, too
                shape = [*shape[:2], shape[3], shape[2]]
            own["kernel"] = layer["stddev"] * jax.random.normal(its_key, shape)
        if layer["kind"] in ("batch_norm", "layer_norm"):
            own["scale"] = jnp.ones(channels)
        if layer.get("bias") or "scale" in own:
            own["bias"] = jnp.zeros(channels)
        weights.append(own)
    return weights


def _averages(layers: list[dict]) -> list[tuple]:
    channels = [layer["out"][-1] for layer in layers if layer["kind"] == "batch_norm"]
    return [(jnp.zeros(c), jnp.ones(c)) for c in channels]

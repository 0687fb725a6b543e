"""PyTorch: modules, autograd and its fused Adam.

Options: `compile`, whether torch.compile compiles the networks.
"""

import torch
from torch import nn
from torch.nn import functional

from benchmarks.real_examples import real_examples
from benchmarks.workloads import Workload


class Trainer:
    def __init__(self, workload: Workload, layers, options: dict):
        self.workload, self.options = workload, options
        self.generator = network(layers["generator"])
        self.discriminator = network(layers["discriminator"])
        self.notes = {"version": f"PyTorch {torch.__version__}"}

    def parameters(self):
        return {
            name: sum(p.numel() for p in getattr(self, name).parameters())
            for name in ("generator", "discriminator")
        }

    def prepare(self):
        compiled = torch.compile if self.options.get("compile") else lambda module: module
        self.generate, self.discriminate = compiled(self.generator), compiled(self.discriminator)
        self.generator_adam, self.discriminator_adam = (
            torch.optim.Adam(
                module.parameters(),
                self.workload.learning_rate,
                (self.workload.beta_1, self.workload.beta_2),
                self.workload.epsilon,
                fused=True,
            )
            for module in (self.generator, self.discriminator)
        )
        examples = torch.from_numpy(real_examples(self.workload.example_shape))
        # PyTorch has channels first.
        self.examples = examples.movedim(-1, 1).contiguous() if examples.ndim == 4 else examples

    def train(self, steps):
        for _ in range(steps):
            for _ in range(self.workload.discriminator_steps):
                discriminator_loss = self._step(
                    self.discriminator, self.discriminator_adam, self._discriminator_loss
                )
            generator_loss = self._step(self.generator, self.generator_adam, self._generator_loss)
        return {"discriminator": discriminator_loss.item(), "generator": generator_loss.item()}

    def _step(self, module, adam, loss_of):
        is_bfloat16 = self.workload.precision == "mixed_bfloat16"
        with torch.autocast("cpu", torch.bfloat16, enabled=is_bfloat16):
            loss = loss_of()
        # Only for those weights: `backward` would compute the other network's gradients, too.
        weights = list(module.parameters())
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.grad = gradient
        adam.step()
        return loss.detach()

    def _discriminator_loss(self):
        real = self.examples[torch.randint(len(self.examples), (self.workload.batch_size,))]
        with torch.no_grad():
            fake = self.generate(self._latents()).float()
        real_logits, fake_logits = self.discriminate(real).float(), self.discriminate(fake).float()
        if self.workload.objective == "wasserstein":
            loss = fake_logits.mean() - real_logits.mean()
        else:
            loss = functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()
        if self.workload.gradient_penalty:
            loss = loss + self.workload.gradient_penalty * self._penalty(real, fake)
        return loss

    def _generator_loss(self):
        logits = self.discriminate(self.generate(self._latents())).float()
        if self.workload.objective == "wasserstein":
            return -logits.mean()
        return functional.softplus(-logits).mean()

    def _penalty(self, real, fake):
        epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
        points = (epsilon * real + (1 - epsilon) * fake).requires_grad_()
        # Not the compiled one: torch.compile has no second-order gradients.
        logits = self.discriminator(points).float()
        (gradients,) = torch.autograd.grad(logits.sum(), points, create_graph=True)
        return ((gradients.flatten(1).norm(dim=1) - 1) ** 2).mean()

    def _latents(self):
        return torch.randn(self.workload.batch_size, self.workload.latent_dim)


def network(layers: list[dict]) -> nn.Module:
    """The described network, channels first."""
    modules = nn.Sequential(*map(_module, layers))
    x = torch.zeros(2, *_first(layers[0]["in"]))
    with torch.no_grad():
        for layer, module in zip(layers, modules, strict=True):
            x = module(x)
            if list(x.shape[1:]) != _first(layer["out"]):
                raise ValueError(f"{layer}: came {tuple(x.shape[1:])}")
    return modules.train()


def _module(layer: dict) -> nn.Module:
    kernel, channels = layer.get("kernel"), layer["out"][-1]
    match layer["kind"]:
        case "dense":
            return _started(nn.Linear(*kernel, bias=layer["bias"]), layer)
        case "conv":
            return _started(_convolution(layer), layer)
        case "grow":
            # Padded so that twice the size comes out, as with "same" elsewhere.
            stride, padding = layer["stride"], kernel[0] // 2 if layer["padding"] == "same" else 0
            missing = layer["out"][0] - ((layer["in"][0] - 1) * stride - 2 * padding + kernel[0])
            module = nn.ConvTranspose2d(
                kernel[3], kernel[2], kernel[:2], stride, padding, missing, bias=layer["bias"]
            )
            return _started(module, layer)
        case "batch_norm":
            return nn.BatchNorm2d(channels, layer["epsilon"], 1 - layer["momentum"])
        case "layer_norm":  # over all axes, with a scale for each channel
            return nn.GroupNorm(1, channels, layer["epsilon"])
        case "activation" if layer["name"] == "leaky_relu":
            return nn.LeakyReLU(layer["slope"])
        case "activation":
            return {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[layer["name"]]()
        case "reshape":
            return nn.Unflatten(1, _first(layer["out"])) if len(layer["out"]) > 1 else nn.Flatten()
        case "crop":
            return _Crop(*layer["out"][:2])
        case "upsample":
            return nn.Upsample(scale_factor=layer["factor"], mode=layer["interpolation"])
        case "pad":
            return nn.ZeroPad2d(layer["pixels"])
    raise ValueError(f"unknown layer {layer}")


class _Crop(nn.Module):
    def __init__(self, height: int, width: int):
        super().__init__()
        self.height, self.width = height, width

    def forward(self, x):
        return x[:, :, : self.height, : self.width]


def _convolution(layer: dict) -> nn.Module:
    height, width, inputs, outputs = layer["kernel"]
    padding = 0
    if layer["padding"] == "same":
        # As much as is needed in all; where that is odd, one more at the end.
        total = max((layer["out"][0] - 1) * layer["stride"] + height - layer["in"][0], 0)
        padding = -(-total // 2)
    return nn.Conv2d(inputs, outputs, (height, width), layer["stride"], padding, bias=layer["bias"])


def _started(module: nn.Module, layer: dict) -> nn.Module:
    nn.init.normal_(module.weight, std=layer["stddev"])
    if layer["bias"]:
        nn.init.zeros_(module.bias)
    return module


def _first(shape: list[int]) -> list[int]:
    """(height, width, channels) with channels first; other shapes as they are."""
    return [shape[2], shape[0], shape[1]] if len(shape) == 3 else shape

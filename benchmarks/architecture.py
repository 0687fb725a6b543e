"""A network as a list of layers in plain words, from which each peer builds the same network.

A layer is a dict with its `kind`, the shapes `in` and `out` of one example, and what the kind needs:

    dense       kernel (inputs, outputs), bias, stddev
    conv        kernel (height, width, inputs, outputs), stride, padding, bias, stddev
    grow        a transposed convolution; kernel (height, width, outputs, inputs), the rest as conv
    batch_norm  momentum, epsilon; over the last axis
    layer_norm  epsilon; each example over all its axes, one scale and offset a channel
    activation  name, and slope of leaky_relu
    upsample    factor, interpolation "nearest" or "bilinear"
    pad         pixels of zeros on every side
    reshape, and crop to the first rows and columns
"""

import math
from collections.abc import Iterator

import keras


def described(network: keras.Model) -> list[dict]:
    """The layers of a network that is a chain.

    Raises:
        ValueError: a layer for which there is no word here.
    """
    return [described for layer in network.layers for described in _described(layer)]


def _described(layer: keras.layers.Layer) -> Iterator[dict]:
    kind, config = type(layer).__name__, layer.get_config()
    if kind == "InputLayer" or (kind == "Activation" and config["activation"] == "linear"):
        return
    shapes = {"in": list(layer.input.shape[1:]), "out": list(layer.output.shape[1:])}
    match kind:
        case "Dense":
            yield {"kind": "dense", **_weights(layer), **shapes}
        case "Conv2D" | "Conv2DTranspose":
            name = "conv" if kind == "Conv2D" else "grow"
            placing = {"stride": config["strides"][0], "padding": config["padding"]}
            yield {"kind": name, **_weights(layer), **placing, **shapes}
        case "ResizeConvolution":
            yield from _parts_of_resize_convolution(layer, config, shapes["in"], shapes["out"])
        case "BatchNormalization":
            numbers = {"momentum": config["momentum"], "epsilon": config["epsilon"]}
            yield {"kind": "batch_norm", **numbers, **shapes}
        case "LayerNormalization":
            yield {"kind": "layer_norm", "epsilon": config["epsilon"], **shapes}
        case "ReLU" | "LeakyReLU" | "Activation":
            name = {"ReLU": "relu", "LeakyReLU": "leaky_relu"}.get(kind) or config["activation"]
            slope = config.get("negative_slope") or 0.2
            yield {"kind": "activation", "name": name, "slope": slope, **shapes}
        case "Flatten" | "Reshape":
            yield {"kind": "reshape", **shapes}
        case "Cropping2D" if all(before == 0 for before, _ in config["cropping"]):
            yield {"kind": "crop", **shapes}
        case _:
            raise ValueError(f"no word for the layer {layer.name!r} of type {kind}")


def _parts_of_resize_convolution(layer, config: dict, small: list[int], out: list[int]) -> Iterator[dict]:
    """What others do one after the other."""
    *sizes, channels = small
    large = [*(2 * n for n in sizes), channels]
    yield {
        "kind": "upsample",
        "factor": 2,
        "interpolation": config["interpolation"],
        "in": small,
        "out": large,
    }
    padding, border = "same", config["border"]
    if 2 * border != config["kernel_size"] - 1:
        framed = [*(n + 2 * border for n in large[:-1]), channels]
        yield {"kind": "pad", "pixels": border, "in": large, "out": framed}
        padding, large = "valid", framed
    yield {"kind": "conv", **_weights(layer), "stride": 1, "padding": padding, "in": large, "out": out}


def _weights(layer) -> dict:
    shape = list(layer.kernel.shape)
    fans = math.prod(shape[:-2]) * (shape[-1] + shape[-2])
    # Where the initialiser is none of ours it is Glorot's, which has this variance.
    stddev = getattr(layer.kernel_initializer, "stddev", math.sqrt(2 / fans))
    return {"kernel": shape, "bias": layer.use_bias, "stddev": stddev}

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

import keras


def described(network: keras.Model) -> list[dict]:
    """The layers of a network that is a chain.

    Raises:
        ValueError: a layer for which there is no word here.
    """
    layers = [_described(layer) for layer in network.layers]
    return [layer for layer in layers if layer is not None]


def _described(layer: keras.layers.Layer) -> dict | None:
    kind, config = type(layer).__name__, layer.get_config()
    if kind == "InputLayer" or (kind == "Activation" and config["activation"] == "linear"):
        return None
    shapes = {"in": list(layer.input.shape[1:]), "out": list(layer.output.shape[1:])}
    match kind:
        case "Dense":
            return {"kind": "dense", **_weights(layer), **shapes}
        case "Conv2D" | "Conv2DTranspose":
            name = "conv" if kind == "Conv2D" else "grow"
            placing = {"stride": config["strides"][0], "padding": config["padding"]}
            return {"kind": name, **_weights(layer), **placing, **shapes}
        case "BatchNormalization":
            numbers = {"momentum": config["momentum"], "epsilon": config["epsilon"]}
            return {"kind": "batch_norm", **numbers, **shapes}
        case "LayerNormalization":
            return {"kind": "layer_norm", "epsilon": config["epsilon"], **shapes}
        case "ReLU" | "LeakyReLU" | "Activation":
            name = {"ReLU": "relu", "LeakyReLU": "leaky_relu"}.get(kind) or config["activation"]
            slope = config.get("negative_slope") or 0.2
            return {"kind": "activation", "name": name, "slope": slope, **shapes}
        case "Flatten" | "Reshape":
            return {"kind": "reshape", **shapes}
        case "Cropping2D" if all(before == 0 for before, _ in config["cropping"]):
            return {"kind": "crop", **shapes}
        case "ZeroPadding2D":
            return {"kind": "pad", "pixels": (shapes["out"][0] - shapes["in"][0]) // 2, **shapes}
        case "UpSampling2D" | "BilinearUpsampling":
            factor = shapes["out"][0] // shapes["in"][0]
            interpolation = config.get("interpolation", "bilinear")
            return {"kind": "upsample", "factor": factor, "interpolation": interpolation, **shapes}
    raise ValueError(f"no word for the layer {layer.name!r} of type {kind}")


def _weights(layer) -> dict:
    shape = list(layer.kernel.shape)
    fans = math.prod(shape[:-2]) * (shape[-1] + shape[-2])
    # Where the initialiser is none of ours it is Glorot's, which has this variance.
    stddev = getattr(layer.kernel_initializer, "stddev", math.sqrt(2 / fans))
    return {"kernel": shape, "bias": layer.use_bias, "stddev": stddev}

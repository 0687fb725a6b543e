"""The figures of `wasserstein-toys`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_suite.claims.figure import panels


def draw_surfaces(measured: Mapping[str, Any], reach: Mapping[str, float], path: Path) -> Path:
    """Level lines of each critic over the data: one column for each dataset, one row for each method."""
    columns = list(dict.fromkeys(name.partition(", ")[0] for name in measured))
    methods = list(dict.fromkeys(name.partition(", ")[2] for name in measured))
    with panels(path, len(methods), len(columns), (3.2, 3.2)) as axes:
        for name, found in measured.items():
            data, _, method = name.partition(", ")
            ax, r = axes[methods.index(method)][columns.index(data)], reach[data]
            line = np.linspace(-r, r, len(found["surface"]))
            ax.contour(line, line, found["surface"], levels=20, cmap="viridis", linewidths=1)
            ax.scatter(*np.transpose(found["points"]), s=3, color="#ee7733", zorder=3)
            ax.set(aspect="equal", xticks=[], yticks=[])
            ax.set_title(name, fontsize=9)
    return path


def draw_histograms(measured: Mapping[str, Any], path: Path) -> Path:
    """The weights of each critic."""
    with panels(path, 1, len(measured), (2.6, 2.4)) as axes:
        for ax, (name, found) in zip(axes[0], measured.items(), strict=True):
            counts, edges = found["histogram"]
            ax.stairs(np.asarray(counts) / np.sum(counts), edges, fill=True, color="#4477aa")
            ax.locator_params(axis="x", nbins=3)
            ax.set_title(name, fontsize=9)
    return path


def draw_norms(norms: Mapping[str, Sequence[float]], path: Path) -> Path:
    """Gradient norms by layer, on a logarithmic scale, each relative to that of the last layer."""
    with panels(path, 1, 1, (6.0, 4.0)) as axes:
        for name, of_layers in norms.items():
            layers = np.arange(1, len(of_layers) + 1)
            axes[0][0].semilogy(layers, np.divide(of_layers, of_layers[-1]), marker="o", label=name)
        axes[0][0].set(xlabel="layer", ylabel="gradient norm / that of the last layer")
        axes[0][0].legend(fontsize=8)
    return path

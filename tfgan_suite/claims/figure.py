"""Pictures of claims: a row of panels without a display, written atomically."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_suite.atomic import replacing


@contextmanager
def panels(path: Path, rows: int, columns: int, size: tuple[float, float]) -> Iterator[Any]:
    """An array (rows, columns) of axes, each of `size` inches; written to `path` when the block ends."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(columns * size[0], rows * size[1]), layout="constrained")
    FigureCanvasAgg(figure)
    yield figure.subplots(rows, columns, squeeze=False)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)


def picture(images, path: Path) -> Path:
    """Writes images (rows, columns, h, w, c) in [0, 255], as results keep them, at twice their size."""
    from tfgan_suite.images import grid, save_png

    images = np.asarray(images, np.uint8)
    save_png(grid(images.reshape(-1, *images.shape[2:]), columns=images.shape[1]), path, scale=2)
    return path

"""Pictures of claims: a row of panels without a display, written atomically."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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

"""Images at the edges: (batch, height, width, channels) in [-1, 1] inside, uint8 and PNG outside."""

import math
from pathlib import Path

import numpy as np

from tfgan_suite.atomic import replacing
from tfgan_suite.errors import UserError
from tfgan_suite.metrics.inputs import as_features, require_same_width, require_whole

_BLUE, _ORANGE = "#4477aa", "#ee7733"  # told apart by colour-blind eyes (Paul Tol's sets)


def to_uint8(images) -> np.ndarray:
    """Floats in [-1, 1], any shape, NumPy or TensorFlow, to uint8 in [0, 255]; uint8 passes unchanged.

    Values are rounded to the nearest step, and those outside [-1, 1] clipped.

    Raises:
        UserError: other integers, whose range is unknown, or NaN.
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind in "biucOSUmM":  # bfloat16 has kind "V" and is welcome
        raise UserError(f"images: expected floats in [-1, 1] or uint8, came dtype {images.dtype}")
    steps = np.clip(images.astype(np.float32), -1.0, 1.0) * 127.5 + 127.5
    if np.isnan(steps).any():
        raise UserError(
            f"images: expected numbers, came {np.count_nonzero(np.isnan(steps))} NaN of {steps.size}"
        )
    return np.rint(steps).astype(np.uint8)


def from_uint8(images) -> np.ndarray:
    """uint8 in [0, 255], any shape, to float32 in [-1, 1]; `to_uint8` gives exactly the same bytes back.

    Raises:
        UserError: not uint8.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise UserError(f"images: expected uint8, came dtype {images.dtype}")
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1.0)


def grid(images, columns: int | None = None, padding: int = 2) -> np.ndarray:
    """One picture of a batch, row by row: uint8 (rows * (h + padding) - padding, ..., channels).

    Args:
        images: (batch, h, w, channels), uint8 or floats in [-1, 1], 1 or 3 channels.
        columns: images in a row; by default the layout is as square as it can be, never higher than wide.
        padding: pixels of white between images; cells without an image are white as well.
    Raises:
        UserError: another shape, an empty batch, columns below 1 or padding below 0.
    """
    images = to_uint8(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or images.size == 0:
        raise UserError(
            f"images: expected (batch, height, width, 1 or 3), not empty, came shape {images.shape}"
        )
    count, height, width, channels = images.shape
    if columns is None:
        columns = math.ceil(math.sqrt(count))
    require_whole(columns, "columns")
    require_whole(padding, "padding", at_least=0)
    rows = math.ceil(count / columns)
    cells = np.full((rows * columns, height + padding, width + padding, channels), 255, dtype=np.uint8)
    cells[:count, :height, :width] = images
    # (row, column, y, x, c) -> (row, y, column, x, c) -> one picture; the last padding falls off.
    cells = cells.reshape(rows, columns, *cells.shape[1:]).swapaxes(1, 2)
    picture = cells.reshape(rows * (height + padding), columns * (width + padding), channels)
    return picture[: picture.shape[0] - padding, : picture.shape[1] - padding]


def save_png(image, path, scale: int = 1) -> None:
    """Write one image, or a `grid`, as a PNG file, atomically.

    Args:
        image: (h, w), (h, w, 1) or (h, w, 3), uint8 or floats in [-1, 1].
        path: of the file; missing directories are made.
        scale: whole zoom: each pixel becomes a square of that side, so that small images can be seen.
    Raises:
        UserError: another shape, or a scale that is not a positive whole number.
    """
    from PIL import Image

    pixels = to_uint8(image)
    require_whole(scale, "scale")
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[-1] != 3) or pixels.size == 0:
        raise UserError(
            f"image: expected (height, width), with 1 or 3 channels, came shape {np.shape(image)}; "
            "for a batch make a grid first"
        )
    zoomed = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    with replacing(path) as temporary:
        Image.fromarray(zoomed).save(temporary, format="PNG")


def scatter_png(real_points, fake_points, path, title: str | None = None) -> None:
    """Picture of real and fake points as a PNG file, atomically: histograms in 1-D, a scatter plot in 2-D.

    The picture is centred on the real points and shows twice their extent; the legend counts the fake
    points that fall outside.

    Args:
        real_points: (n,), (n, 1) or (n, 2); None draws the fake points alone.
        fake_points: (m,), (m, 1) or (m, 2), of the same dimension.
        path: of the file; missing directories are made.
        title: above the picture.
    Raises:
        UserError: NaN or infinite, empty, more than two dimensions, different dimensions.
    """
    # The object-oriented interface: no global figure list, no display, safe in threads.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fake = as_features(fake_points, "fake_points")
    real = fake if real_points is None else as_features(real_points, "real_points")
    require_same_width(real, fake, "fake_points", "real_points")
    if real.shape[1] > 2:
        raise UserError(f"real_points: expected 1 or 2 dimensions, came {real.shape[1]}")
    low, high = _view(real)
    outside = np.count_nonzero(((fake < low) | (fake > high)).any(axis=1))
    layers = [] if real_points is None else [(real, _BLUE, "real")]
    layers.append((fake, _ORANGE, f"fake ({outside} of {len(fake)} outside)" if outside else "fake"))

    figure = Figure(figsize=(6, 6) if real.shape[1] == 2 else (7, 4.5), dpi=120, layout="constrained")
    axes = FigureCanvasAgg(figure).figure.add_subplot()
    draw = _draw_scatter if real.shape[1] == 2 else _draw_histograms
    draw(axes, layers, low, high)
    if title is not None:
        axes.set_title(title)
    for handle in axes.legend(loc="upper right", markerscale=3).legend_handles:
        handle.set_alpha(1.0)
    with replacing(path) as temporary:
        # Without the version of matplotlib the same points give the same bytes.
        figure.savefig(temporary, format="png", metadata={"Software": None})


def draw_samples(samples: np.ndarray, path: Path, real: np.ndarray | None = None) -> Path | None:
    """A picture of samples, shape (n, ...): a grid of images, or a plot of points, over `real` ones if given.

    Returns the path, or None where there is no way to draw examples of this shape.
    """
    if samples.ndim == 4 and samples.shape[-1] in (1, 3):
        save_png(grid(samples), path, scale=max(1, 48 // samples.shape[1]))
    elif samples.ndim == 2 and samples.shape[1] <= 2:
        scatter_png(real, samples, path)
    else:
        return None
    return path


def _view(real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners, (d,) each, of the box of the real points made twice as large."""
    low, high = real.min(axis=0), real.max(axis=0)
    # One margin for all axes keeps a line of points from becoming a box without width.
    margin = 0.5 * (high - low).max() or 1.0
    return low - margin, high + margin


def _draw_scatter(axes, layers, low, high) -> None:
    for points, color, label in layers:
        # Thousands of points want small, pale dots; a few dozen want to be seen.
        size = float(np.clip(4000.0 / len(points), 3.0, 25.0))
        axes.scatter(*points.T, s=size, c=color, alpha=0.5, linewidths=0, label=label)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")


def _draw_histograms(axes, layers, low, high) -> None:
    bins = np.linspace(low[0], high[0], 121)
    for points, color, label in layers:
        # Density of all points, also those outside, so that the two areas can be compared.
        weights = np.full(len(points), 1.0 / (len(points) * (bins[1] - bins[0])))
        axes.hist(points[:, 0], bins, weights=weights, color=color, alpha=0.55, label=label)
    axes.set(xlim=(low[0], high[0]), ylabel="density")

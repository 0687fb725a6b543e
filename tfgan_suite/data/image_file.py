"""One image file to pixels."""

from typing import Literal

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")


def read_image(file, channels: Literal["auto", "grey", "rgb"], image_size: int | None):
    """uint8 (height, width, 1 or 3): upright, of the channels asked for, cropped and resized to a square.

    Args:
        file: a path, or an open binary file.
        channels: "grey", "rgb", or "auto" for what the file has.
        image_size: of the square (centre crop, then antialiased bicubic); None keeps the size.

    Raises:
        OSError, ValueError, SyntaxError: the file cannot be read, or has more than 8 bits for a pixel.
    """
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as opened:
            upright = ImageOps.exif_transpose(opened)  # cameras store the rotation beside the pixels
            if upright.mode[0] in "IF":  # Pillow would clip these to 0 .. 255
                raise ValueError(f"expected 8 bits for a pixel, came mode {upright.mode}")
            is_grey = channels == "grey" or (channels == "auto" and upright.mode in ("1", "L", "LA"))
            image = np.asarray(upright.convert("L" if is_grey else "RGB"))
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from error
    image = image[..., np.newaxis] if is_grey else image
    if image_size is None:
        return image
    import tensorflow as tf

    from tfgan_suite.data.square_resize import resize_square

    with tf.device("CPU:0"):
        return resize_square(image, image_size).numpy()

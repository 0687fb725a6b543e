"""Images of any size to squares of one size."""


def crop_to_square(images):
    """The central square of (..., height, width, channels): the longer side loses equally at both ends."""
    import tensorflow as tf

    height, width = tf.shape(images)[-3], tf.shape(images)[-2]
    side = tf.minimum(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return images[..., top : top + side, left : left + side, :]


def resize_square(images, size: int):
    """uint8 (..., height, width, channels) to uint8 (..., size, size, channels).

    Centre crop to a square, then bicubic with antialiasing (Keys' kernel, a = -1/2, widened when
    shrinking, as in Pillow's BICUBIC), clipped to 0 .. 255 and rounded.
    """
    import tensorflow as tf

    squares = tf.image.resize(crop_to_square(images), (size, size), method="bicubic", antialias=True)
    return tf.cast(tf.round(tf.clip_by_value(squares, 0.0, 255.0)), tf.uint8)


def with_channels(images, channels: str):
    """uint8 images with 1 channel ("grey"), 3 ("rgb", alpha is dropped), or as they are ("auto")."""
    import tensorflow as tf

    present = images.shape[-1]
    if channels == "grey" and present >= 3:
        # Luma of ITU-R BT.601; the weights sum to one, so three equal channels keep their value.
        luma = tf.tensordot(tf.cast(images[..., :3], tf.float32), tf.constant([0.299, 0.587, 0.114]), axes=1)
        return tf.cast(tf.round(luma), tf.uint8)[..., tf.newaxis]
    if channels == "grey":
        return images[..., :1]
    if channels == "rgb" and present < 3:
        return tf.repeat(images[..., :1], 3, axis=-1)
    return images[..., :3] if channels == "rgb" else images

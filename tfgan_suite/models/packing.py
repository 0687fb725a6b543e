"""Several examples as one, so that a discriminator sees whether they differ (Lin et al. 2018, PacGAN)."""

import tensorflow as tf


def packed_shape(shape: tuple[int, ...], packing: int) -> tuple[int, ...]:
    """Of a pack of examples of this shape: vectors one after the other, images as further channels."""
    return (*shape[:-1], packing * shape[-1])


def pack(examples: tf.Tensor, packing: int) -> tf.Tensor:
    """(batch, ..., size) to (batch / packing, ..., packing * size); neighbours in the batch go together.

    Raises:
        ValueError: the batch is not a multiple of `packing`.
    """
    if packing == 1:
        return examples
    size, *inner, last = examples.shape
    if size is not None and size % packing:
        raise ValueError(f"packing: expected minibatches of a multiple of {packing} examples, came {size}")
    # Where the size is known only when the graph runs, TensorFlow's error has this name in it.
    with tf.name_scope(f"packing_needs_minibatches_of_a_multiple_of_{packing}_examples"):
        grouped = tf.reshape(examples, (-1, packing, *inner, last))
        beside = tf.transpose(grouped, [0, *range(2, grouped.shape.rank - 1), 1, grouped.shape.rank - 1])
        return tf.reshape(beside, (-1, *packed_shape(tuple(examples.shape[1:]), packing)))

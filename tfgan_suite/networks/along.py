"""Fixed linear maps along one axis of images or kernels: what interpolation and means are."""

import math

import numpy as np
import tensorflow as tf


def along(matrix: np.ndarray, x: tf.Tensor, axis: int) -> tf.Tensor:
    """The matrix times each vector along that axis, of which only the first may be unknown."""
    # A product of matrices: einsum would transpose the images, and takes about twice as long.
    shape = [-1 if n is None else n for n in x.shape]
    x = tf.reshape(x, (-1, shape[axis], math.prod(shape[axis + 1 :])))
    return tf.reshape(tf.cast(matrix, x.dtype) @ x, (*shape[:axis], len(matrix), *shape[axis + 1 :]))

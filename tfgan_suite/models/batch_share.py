"""Which rows of the whole batch a replica has, so that its part of a loss weighs what it should.

A loss is a mean over the examples of the whole batch. On several replicas each has some of them, at the end
of the data perhaps fewer than the others: its mean then weighs by its share, and its random draws are the
rows that the whole batch would draw for these examples.
"""

import dataclasses
from collections.abc import Sequence

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class BatchShare:
    """Rows `row` to `row + size` of a batch of `total` examples on all of `replicas`.

    `capacity` is the most examples that a batch has; `working` how many replicas have any of this one.
    """

    row: int | tf.Tensor
    size: int | tf.Tensor
    total: int | tf.Tensor
    replicas: int = 1
    working: int | tf.Tensor = 1
    capacity: int | None = None

    @property
    def weight(self) -> float | tf.Tensor:
        """size / total."""
        if self.size is self.total:
            return 1.0
        if isinstance(self.size, int) and isinstance(self.total, int):
            return self.size / self.total
        return tf.cast(self.size, tf.float32) / tf.cast(self.total, tf.float32)

    def part(self, start: int | tf.Tensor, size: int | tf.Tensor) -> "BatchShare":
        """The rows from `start` on within this share."""
        return dataclasses.replace(self, row=self.row + start, size=size)


def shares_of(sizes: Sequence[int | tf.Tensor], capacity: int | None = None) -> list[BatchShare]:
    """The share of this replica in each of several batches of which it has so many examples.

    `capacity` is the most examples that a batch has on all replicas.
    """
    context = tf.distribute.get_replica_context()
    replicas = 1 if context is None else context.num_replicas_in_sync
    if replicas == 1:
        return [BatchShare(0, size, size) for size in sizes]
    own = tf.one_hot(context.replica_id_in_sync_group, replicas, dtype=tf.int32)
    # (batches, replicas): one small collective for all batches of a step.
    table = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.stack(list(sizes))[:, None] * own)
    rows = tf.reduce_sum(tf.cumsum(table, axis=1, exclusive=True) * own, axis=1)
    totals, working = tf.reduce_sum(table, axis=1), tf.math.count_nonzero(table, axis=1, dtype=tf.int32)
    return [
        BatchShare(rows[i], size, totals[i], replicas, working[i], capacity) for i, size in enumerate(sizes)
    ]


def gathered(rows: tf.Tensor, share: BatchShare) -> tf.Tensor:
    """The rows (n, ...) of all replicas, in their order, for a function of the whole batch.

    The gradient is that of the sum of such functions over the replicas that work: their number times the
    part of own rows.
    """

    @tf.custom_gradient
    def gather(own):
        # A sum of tables that are zero but for own rows, not `all_gather`: a collective operation must have
        # the same shape at each step, also at the last with its smaller batch.
        places = (share.row + tf.range(share.size))[:, None]
        table = tf.scatter_nd(places, own, (share.capacity, *own.shape[1:]))
        summed = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, table)
        everything = summed[: share.total]

        def gradient(upstream):
            own_part = upstream[share.row : share.row + share.size]
            return tf.cast(share.working, upstream.dtype) * own_part

        return everything, gradient

    return gather(rows)


def of_whole_batch(term: tf.Tensor, share: BatchShare) -> tf.Tensor:
    """A term that every replica computes of the whole batch, so that weighing by its share undoes itself."""
    undone = tf.cast(share.working, tf.float32) * share.weight
    return term * tf.cast(tf.math.divide_no_nan(1.0, undone), term.dtype)

"""What a player minimises on a batch, and the gradient, without a step."""

import tensorflow as tf

from tfgan_suite import draws
from tfgan_suite.models.batch_share import BatchShare

SEED = draws.fold(draws.root(11), 0)  # the n-th draw is at draws.branch(draws.at_row(SEED, 0), n)


def terms_and_gradients(model, player, batch):
    batch = tf.nest.map_structure(tf.constant, batch)
    size = len(tf.nest.flatten(batch)[0])
    share = BatchShare(0, size, size)
    who = model.players()[player]
    terms, gradients, _ = model._terms_and_gradients(player, who, batch, SEED, share)
    return {term: float(value) for term, value in terms.items()}, gradients

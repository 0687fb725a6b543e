"""Each player moves its own networks, all of them, and nothing else, not even batch statistics."""

import numpy as np
import tensorflow as tf

from tests.conformance.examples import GAMES, KINDS, MODELS, every
from tfgan_suite import draws


@every(GAMES, default=KINDS | {"VAEGAN", "AdversarialAutoencoder", "PostHocEncoder"})
def test_each_player_moves_only_its_own_networks(example):
    model = example.compiled()
    batch = tf.nest.map_structure(tf.constant, example.batch(model))
    for name, player in model.players().items():
        own = {id(v) for network in player.networks for v in network.variables}
        own |= {id(v) for v in model.optimizers[name].variables}
        everything = [*model.variables, *(v for o in model.optimizers.values() for v in o.variables)]
        before = [v.numpy() for v in everything]
        model.minimize(name, batch, draws.root(1))
        moved = {id(v) for old, v in zip(before, everything, strict=True) if (old != v.numpy()).any()}
        assert moved <= own
        weights = [v for network in player.networks for v in network.trainable_variables]
        # A bias that the loss does not depend on may stay: the last one of a critic.
        assert sum(id(v) in moved for v in weights) >= len(weights) - 1


@every(MODELS, default=KINDS)
def test_evaluate_moves_nothing(example):
    model = example.compiled(eagerly=True)
    before = [v.numpy() for v in model.variables]
    batch = example.batch(model)
    terms = model.evaluate(*(batch if isinstance(batch, tuple) else (batch,)), verbose=0, return_dict=True)
    assert np.isfinite(list(terms.values())).all()
    for old, v in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, v.numpy())

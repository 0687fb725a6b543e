"""Training runs and says what it does: every player's terms, finite, in `fit`."""

import numpy as np
import tensorflow as tf

from tests.conformance.examples import CORE, GAMES, MODELS, every


@every(GAMES, default=CORE)
def test_fit_is_finite_and_logs_every_player(example):
    model = example.compiled(eagerly=True)
    batch = example.batch(model, 4 * model.minibatches_per_step)
    dataset = tf.data.Dataset.from_tensor_slices(batch).batch(4)
    history = model.fit(dataset, epochs=2, verbose=0).history
    assert {term.split("/")[0] for term in history} == set(model.players())
    assert np.isfinite(list(history.values())).all()
    assert model.step == 2


# What it takes to take them is in the data and in the step, which all models share.
@every(MODELS, default={"GAN", "GAN with labels", "VEEGAN"})
def test_any_batch_size_trains_and_ragged_ends_are_taken(example):
    model = example.compiled()
    ragged = (
        7 if getattr(model, "packing", 1) == 1 else 6
    )  # an example that is no pack is refused (tests/models/test_packing.py)
    batch = example.batch(model, ragged * model.minibatches_per_step)
    arrays = batch if isinstance(batch, tuple) else (batch,)
    history = model.fit(*arrays, batch_size=4, verbose=0).history
    assert np.isfinite(list(history.values())).all()

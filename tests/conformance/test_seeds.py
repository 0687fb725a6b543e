"""One seed is one run; another seed is another run."""

import numpy as np

from tests.conformance.examples import CORE, KINDS, MODELS, every


def final_weights(example, **options):
    model = example.compiled(eagerly=True, **options)
    batch = example.batch(model, 4 * model.minibatches_per_step)  # one step
    model.fit(*(batch if isinstance(batch, tuple) else (batch,)), batch_size=4, shuffle=False, verbose=0)
    return [v.numpy() for player in model.players().values() for v in player.trainable_variables]


@every(MODELS, default=KINDS)
def test_same_seed_same_run_and_another_seed_another(example):
    one, again, other = (final_weights(example, seed=seed) for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    # The initial weights are equal: what differs comes from the model's own draws.
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


@every(MODELS, default=CORE)
def test_samples_follow_their_seed(example):
    model = example.compiled()
    np.testing.assert_array_equal(model.sample(5, seed=1), model.sample(5, seed=1))
    assert (model.sample(5, seed=1) != model.sample(5, seed=2)).any()
    # The first samples do not depend on how many are asked for, nor on the chunks they are made in.
    np.testing.assert_allclose(
        model.sample(7, seed=1, batch_size=3)[:5], model.sample(5, seed=1), rtol=1e-5, atol=1e-6
    )

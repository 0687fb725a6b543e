"""Results do not depend on the number of replicas, nor on the parts that a batch is computed in."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.conformance.examples import GAMES, KINDS, every
from tests.models.replicas import train

# Every loss that is more than a mean over examples, and what has draws, states or updates of its own. Tracing
# replicas takes long: four replicas, of which the last batch leaves one without examples, train what could
# notice, and models that share all this with a GAN are not in the default run (their batches in parts are).
SETTINGS = {
    "two": (2, ["GAN of 3 discriminator steps", "XLA GAN"]),
    "four": (4, ["GAN normalized"]),
}
OTHERS = (
    "UnrolledGAN",
    "GAN of vectors",
    "GAN dcgan",
    "GAN WeightedJensenShannon",
    "GAN with a penalty",
    "GAN sharing fakes",
    "GAN dcgan spectral",
    "GAN matching features",
    "VEEGAN",
    "SemiSupervisedGAN",
    "VAEGAN",
    "AdversarialAutoencoder",
    "CategoricalAutoencoder",
    "CategoricalAutoencoder of clusters",
    "ALI",
    "BiGAN",
    "HierarchicalALI",
    "LatentReconstruction",
    "PostHocEncoder",
)
TRAININGS = SETTINGS | {name: (2, [name]) for name in OTHERS}


@every(TRAININGS, default=SETTINGS)
def test_replicas_train_as_one(example, tmp_path):
    replicas, names = example
    several = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.models.replicas",
            str(replicas),
            tmp_path / "several.npz",
            *names,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    ones = {name: train(name, tf.distribute.get_strategy()) for name in names}
    _, errors = several.communicate()
    assert several.returncode == 0, errors[-3000:]
    found = np.load(tmp_path / "several.npz")
    for name, one in ones.items():
        for key, value in one.items():
            where = f"{name}: {key}"
            np.testing.assert_allclose(found[where], value, rtol=1e-6, atol=1e-6, err_msg=where)


def test_one_device_trains_inside_the_scope_of_its_strategy():
    found = []
    for strategy in (tf.distribute.get_strategy(), tf.distribute.MirroredStrategy(["CPU:0"])):
        with strategy.scope():
            keras.utils.set_random_seed(0)
            model = GAMES["GAN"].make()
            model.compile({p: keras.optimizers.SGD(0.05) for p in model.players()}, jit_compile=False)
            data = GAMES["GAN"].batch(model, 12)
            model.fit(tf.data.Dataset.from_tensor_slices(data).batch(4), verbose=0)
            found.append(model.get_weights())
    for one, mirrored in zip(*found, strict=True):
        np.testing.assert_allclose(mirrored, one, rtol=1e-6, atol=1e-7)


# What is more than a mean over examples, or has draws of its own.
IN_PARTS = KINDS | {
    "SemiSupervisedGAN",
    "AdversarialAutoencoder",
    "GAN WeightedJensenShannon",
    "GAN with a penalty",
    "GAN of pairs",
    "GAN of packs",
    "GAN sharing fakes",
    "GAN of minibatches",
    "VAEGAN non-saturating",
}


@every({n: game for n, game in GAMES.items() if not game.convolutional}, default=IN_PARTS)
def test_parts_of_a_batch_train_as_the_whole(example):
    keras.utils.set_random_seed(0)
    model = example.make()
    if model.couples_examples():
        with pytest.raises(ValueError, match="batch_parts: expected 1 with .*came 3"):
            model.compile(batch_parts=3)
        return
    weights = {}
    for parts in (1, 3):
        keras.utils.set_random_seed(0)
        model = example.make()
        optimizers = {player: keras.optimizers.SGD(0.05) for player in model.players()}
        model.compile(optimizers, jit_compile=False, batch_parts=parts)
        model.run_eagerly = True
        data = example.batch(model, 8 * model.minibatches_per_step)
        model.fit(tf.data.Dataset.from_tensor_slices(data).batch(8), verbose=0)  # 8 = 2 + 3 + 3
        weights[parts] = model.get_weights()
    for whole, in_parts in zip(weights[1], weights[3], strict=True):
        np.testing.assert_allclose(in_parts, whole, rtol=1e-6, atol=1e-6)

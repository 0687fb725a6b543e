"""How often `CollapseAlarm` misses a failure, and how often it cries wolf.

    python -m benchmarks.collapse_alarm [--seeds 3] [--only ring,grid,digits] [--cases "healthy,1 mode"]

A planted failure is a generator that gives what it would give there (real examples of k modes, one example,
points far away), or a game that goes that way by itself (a discriminator without opponent, a clipped critic
of 12 layers). Its discriminator trains against it, and the alarm looks on. Healthy trainings are those of
configs that ship, judged from step 500 on. A second call with the same --out measures what is missing.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tfgan_suite.quiet import import_tensorflow

import_tensorflow(threads=1)
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from tfgan_suite import config as configs  # noqa: E402
from tfgan_suite import data, models, networks, objectives, regularizers  # noqa: E402
from tfgan_suite.callbacks import CollapseAlarm  # noqa: E402
from tfgan_suite.callbacks.collapse_signals import FAILURES  # noqa: E402

CONFIGS = Path(__file__).parents[1] / "configs"
SAMPLES, BATCH = 512, 64
GRID = ("data={type: Grid}",)
HEALTHY = {  # config, overrides, steps
    "ring": ("toys/ring_wgan_gp.yaml", (), 3000),
    "grid": ("toys/ring_wgan_gp.yaml", GRID, 3000),
    "digits": ("digits/gan.yaml", (), 1500),
}
SIGNALS = ["diversity", "coverage", "distance", "saturation", "at_bound"]
SIGNALS += ["discriminator/gradient_ratio", "generator/gradient_ratio"]


class Replay(keras.layers.Layer):
    """Latents to given examples: the first latent, through its distribution function, says which."""

    def __init__(self, examples: np.ndarray, noise: float, **kwargs):
        super().__init__(**kwargs)
        self.examples, self.noise = tf.constant(examples, tf.float32), noise
        # The optimizer wants something to move; it is not moved (learning rate 0).
        self.scale = self.add_weight(shape=(1, 1), initializer="ones", name="kernel")

    def call(self, latents):
        uniform = 0.5 * (1.0 + tf.math.erf(latents[:, 0] / np.sqrt(2.0)))
        index = tf.minimum(tf.cast(uniform * len(self.examples), tf.int32), len(self.examples) - 1)
        noise = tf.reshape(latents[:, 1:], (-1, *self.examples.shape[1:]))
        return self.scale[0, 0] * tf.gather(self.examples, index) + self.noise * noise


def dataset_of(setting: str):
    return {"ring": data.Ring, "grid": data.Grid, "digits": data.Digits}[setting]()


def of_modes(setting: str, count: int, seed: int) -> np.ndarray:
    """Real examples of `count` modes of the data; of digits: of so many classes."""
    if setting == "digits":
        examples, labels = data.Digits().examples("train", labels=True)
        chosen = np.random.default_rng(seed).permutation(10)[:count]
        return examples[np.isin(labels, chosen)]
    dataset = dataset_of(setting)
    examples = dataset.examples("train", 5000, seed=seed)
    centers = dataset.centers
    chosen = centers[np.random.default_rng(seed).permutation(len(centers))[:count]]
    of_mode = np.linalg.norm(examples[:, None] - centers[None], axis=2).argmin(axis=1)
    return examples[np.isin(of_mode, [np.abs(centers - c).sum(axis=1).argmin() for c in chosen])]


def discriminator(setting: str, **options) -> keras.Model:
    shape = dataset_of(setting).example_shape
    if setting == "digits" and not options:
        return networks.dcgan_discriminator(shape, width=16, normalization="none")
    return networks.mlp_discriminator(shape, **{"width": 128, "depth": 3, **options})


def replaying(setting: str, examples: np.ndarray, noise: float = 0.0) -> models.GAN:
    latents = keras.Input((1 + int(np.prod(examples.shape[1:])),))
    return _game(setting, keras.Model(latents, Replay(examples, noise)(latents), name="generator"))


def _game(setting: str, generator: keras.Model, rate: float = 2e-4, **options) -> models.GAN:
    given = {"discriminator": discriminator(setting), "objective": objectives.NonSaturating()} | options
    model = models.GAN(generator, **given)
    adam = keras.optimizers.Adam(rate, beta_1=0.5)
    model.compile({"discriminator": adam, "generator": keras.optimizers.SGD(0.0)})
    return model


def collapsed(setting: str, modes: int, seed: int) -> models.GAN:
    """A perfect generator of a few modes, with a little noise, so that no example comes twice."""
    noise = {"ring": 0.005, "grid": 0.02, "digits": 0.05}[setting]
    return replaying(setting, of_modes(setting, modes, seed), noise)


def constant(setting: str, seed: int) -> models.GAN:
    return replaying(setting, dataset_of(setting).examples("train", 1, seed=seed))


def diverged(setting: str, seed: int) -> models.GAN:
    """A generator whose weights have grown tenfold."""
    generator = fresh_generator(setting)
    generator.set_weights([10.0 * w for w in generator.get_weights()])
    return _game(setting, generator)


def saturated(setting: str, seed: int) -> models.GAN:
    """A discriminator that learns fast, without a penalty, while the generator stays as it began."""
    return _game(setting, fresh_generator(setting), rate=2e-3)


def clipped(setting: str, limit: float, optimizer: keras.optimizers.Optimizer) -> models.GAN:
    """A critic of 12 layers with clipped weights (Gulrajani et al. 2017, figure 1b)."""
    critic = discriminator(setting, depth=12)
    model = models.GAN(
        fresh_generator(setting), critic, objectives.Wasserstein(), [regularizers.WeightClipping(limit)]
    )
    model.compile({"discriminator": optimizer, "generator": keras.optimizers.SGD(0.0)})
    return model


def fresh_generator(setting: str) -> keras.Model:
    shape = dataset_of(setting).example_shape
    if setting == "digits":
        return networks.dcgan_generator(shape, latent_dim=64, width=16)
    return networks.mlp_generator(shape, latent_dim=2, width=128, depth=3)


# Each failure: the model, steps, and the names of which one must be said.
MODES = ("missing modes", "no diversity")
CASES: dict[str, tuple[Callable, int, tuple[str, ...]]] = {
    "1 mode": (lambda setting, seed: collapsed(setting, 1, seed), 300, MODES),
    "2 modes": (lambda setting, seed: collapsed(setting, 2, seed), 300, MODES),
    "4 modes": (lambda setting, seed: collapsed(setting, 4, seed), 300, MODES),
    "constant": (constant, 300, MODES),
    "diverged": (diverged, 300, ("far from the data",)),
    "saturated": (saturated, 1500, ("saturated discriminator",)),
    "clipped at 0.01": (
        lambda setting, seed: clipped(setting, 0.01, keras.optimizers.RMSprop(5e-5)),
        900,
        ("vanishing gradients",),
    ),
    "clipped at 0.5": (
        lambda setting, seed: clipped(setting, 0.5, keras.optimizers.RMSprop(5e-3)),
        900,
        ("exploding gradients", "weights at the bound"),
    ),
}


def healthy(setting: str, seed: int, every: int = 100) -> list[dict]:
    """The checks of a training of the config that ships."""
    from tfgan_suite.experiment import build_experiment

    file, overrides, steps = HEALTHY[setting]
    given = [*overrides, f"training.seed={seed}", f"training.steps={steps}", f"training.log_every={every}"]
    given += [f"training.sample_every={steps}", f"training.checkpoint_every={steps}"]
    experiment = build_experiment(configs.load(CONFIGS / file, given))
    return watched(
        experiment.model, experiment.dataset, experiment.minibatches(0), steps, every, after=500, seed=seed
    )


def planted(setting: str, case: str, seed: int) -> list[dict]:
    make, steps, _ = CASES[case]
    keras.utils.set_random_seed(seed)
    dataset = dataset_of(setting)
    model = make(setting, seed)
    batches = dataset.batches(BATCH, seed=seed)
    return watched(model, dataset, batches, steps, every=steps // 3, after=0, seed=seed)


def watched(model, dataset, batches, steps, every, after, seed) -> list[dict]:
    real = dataset.examples("train", SAMPLES, seed=seed)
    alarm = CollapseAlarm(real, every, after=after, seed=seed, say=lambda line: print(line, flush=True))
    model.fit(batches, steps_per_epoch=every, epochs=steps // every, verbose=0, callbacks=[alarm])
    return alarm.history


def summary(results: dict[str, dict[str, list[list[dict]]]]) -> str:
    """The rates, and between which values each signal lay."""
    lines = [
        "| setting | case | alarm | checks | " + " | ".join(SIGNALS) + " |",
        "|---" * (4 + len(SIGNALS)) + "|",
    ]
    for setting, cases in results.items():
        for case, runs in cases.items():
            # What happens before the first step that is judged is not judged here either.
            checks = [c for run in runs for c in run if case != "healthy" or c["step"] > 500]
            expected = FAILURES if case == "healthy" else CASES[case][2]
            alarmed = sum(any(set(expected) & set(c["alarms"]) for c in run) for run in runs)
            seen = sum(bool(set(expected) & set(c["failures"])) for c in checks)
            ranges = " | ".join(_range([c.get(s) for c in checks]) for s in SIGNALS)
            lines.append(f"| {setting} | {case} | {alarmed}/{len(runs)} | {seen}/{len(checks)} | {ranges} |")
    seconds = [
        c["seconds"] for cases in results.values() for runs in cases.values() for run in runs for c in run
    ]
    lines += ["", f"Seconds a check: median {np.median(seconds):.3f}, largest {max(seconds):.3f}."]
    return "\n".join(lines)


def _range(values: list[float | None]) -> str:
    known = [v for v in values if v is not None]
    return f"{min(known):.3g} to {max(known):.3g}" if known else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="ring,grid,digits")
    parser.add_argument("--cases", default=",".join(["healthy", *CASES]))
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "collapse_alarm.json")
    options = parser.parse_args()
    results = json.loads(options.out.read_text()) if options.out.exists() else {}
    for setting in options.only.split(","):
        for case in options.cases.split(","):
            runs = results.setdefault(setting, {}).setdefault(case, [])
            for seed in range(len(runs), options.seeds):
                keras.backend.clear_session()
                runs.append(healthy(setting, seed) if case == "healthy" else planted(setting, case, seed))
                options.out.write_text(json.dumps(results))
    print(summary(results))


if __name__ == "__main__":
    main()

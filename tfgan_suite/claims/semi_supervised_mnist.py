"""MNIST from few labels: a classifier that must also tell real from generated images."""

from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Row, Trial, lasting, values

CONFIG = Path(__file__).with_name("semi_supervised_mnist.yaml")
# Test errors of 10,000, by the number of labels: means over 10 label sets.
PUBLISHED = {20: 1677, 50: 221, 100: 93, 200: 90}
JUDGED_AT, GOAL = 100, 150
FEATURES = "feature matching"
LONGER = f"{FEATURES}, twenty-five times as long"
METHODS: dict[str, tuple[str, ...]] = {
    FEATURES: (),
    "labels alone": ("model.unsupervised_weight=0.0",),
    "minibatch discrimination": (
        "model.feature_matching=0.0",
        "model.feature_layer=null",
        "model.adversarial_weight=1.0",
        "model.discriminator.minibatch=discrimination",
        "model.joint_forward=false",  # else it would see real and fake examples as one minibatch
    ),
    LONGER: ("model.ema_decay=0.9995", "model.unsupervised_weight=0.25"),
}
EVERYWHERE = (FEATURES, "labels alone")  # the others with 100 labels only
STEPS, PAPER_STEPS = 1500, 180_000  # of 100: 2.5 epochs and the authors' 300
TIMES = {"labels alone": 1 / 3, LONGER: 25}  # as many steps; labels alone are learned by heart after 200


class SemiSupervisedMNIST(Claim):
    """Test errors with 20 to 200 labels, beside the same network without unlabelled data."""

    name = "semi-supervised-mnist"
    source = "Salimans et al. 2016 (arXiv:1606.03498), Table 1: errors of 10,000, mean over 10 label sets"
    protocol = (
        "Each seed draws its own balanced labels; all 60,000 training images are unlabelled data; errors of "
        "the averaged classifier on the 10,000 test images, at the end. The cpu preset has networks of 0.4 "
        "and 0.5 times the width, 0.3 times the noise between its layers, a generator at a third of the "
        "authors' rate, and 1,500 steps (labels alone: 500), with 100 labels also twenty-five times as many, "
        "with a weight of 0.25 for unlabelled examples where the others have the authors' 0.5. "
        "`labels alone` is the same network without unlabelled data. With minibatch discrimination, for the "
        "paper's better samples, the generator has the usual loss."
    )
    minutes = {"cpu": 30.0, "paper": 24 * 60}

    def trials(self, preset):
        return {
            f"{labels} labels, {method}": Trial(
                CONFIG,
                (
                    f"data.num_labels={labels}",
                    *overrides,
                    *lasting(_steps(method, preset)),
                    *(_as_published(method) if preset == "paper" else ()),
                ),
            )
            for labels in PUBLISHED
            for method, overrides in METHODS.items()
            if _is_run(labels, method, preset)
        }

    def measure(self, trial, experiment, folder):
        from tfgan_suite.images import to_uint8

        model, seed = experiment.model, experiment.config.training.seed
        images, labels = experiment.dataset.examples("test", labels=True)
        return {
            "errors": int(np.sum(model.classify(images) != labels)),
            "images": to_uint8(model.sample(16, seed=seed)).tolist(),
        }

    def rows(self, results):
        longest = next(t for t in (f"{JUDGED_AT} labels, {m}" for m in (LONGER, FEATURES)) if t in results)
        return [
            Row(
                f"{trial}: errors",
                values(measured, "errors"),
                PUBLISHED[int(trial.split()[0])] if FEATURES in trial else None,
                at_most=GOAL if trial == longest else None,
            )
            for trial, measured in results.items()
        ]

    def draw(self, results, folder):
        from tfgan_suite.images import grid, save_png

        trials = (results.get(f"{JUDGED_AT} labels, {method}", [{}]) for method in METHODS)
        shown = [seeds[0]["images"] for seeds in trials if "images" in seeds[0]]
        if not shown:
            return []
        path = folder / "samples.png"  # a row for each method
        save_png(grid(np.concatenate([np.asarray(x, np.uint8) for x in shown]), columns=16), path, scale=2)
        return [path]


def _is_run(labels: int, method: str, preset: str) -> bool:
    if preset == "paper" and method == LONGER:
        return False  # all are that long
    return labels == JUDGED_AT or method in EVERYWHERE


def _steps(method: str, preset: str) -> int:
    if preset == "paper" and method != "labels alone":
        return PAPER_STEPS
    return round(TIMES.get(method, 1) * STEPS)


def _as_published(method: str) -> tuple[str, ...]:
    """The authors' networks and their Adam, whose 1e-8 under the root is 1e-4 beside it.

    Their loss of feature matching is a mean over 250 features, of which ours is the sum, as in the paper: it
    has 250 times the gradients.
    """
    epsilon = 250e-4 if method == FEATURES else 1e-4
    return (
        "model.generator.width=500",
        "model.discriminator.width=1000",
        "model.discriminator.noise=0.5",
        "model.ema_decay=0.9999",
        "optimizers.discriminator.epsilon=1e-4",
        "optimizers.generator.learning_rate=3e-3",
        f"optimizers.generator.epsilon={epsilon}",
        "training.log_every=600",
        "training.checkpoint_every=6000",
    )

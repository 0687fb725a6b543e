"""MNIST from few labels: a classifier that must also tell real from generated images."""

from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Row, Trial, values

CONFIG = Path(__file__).with_name("semi_supervised_mnist.yaml")
# Test errors of 10,000, by the number of labels: means over 10 label sets.
PUBLISHED = {20: 1677, 50: 221, 100: 93, 200: 90}
GOAL = {100: 150}
METHODS: dict[str, tuple[str, ...]] = {
    "feature matching": (),
    "labels alone": ("model.unsupervised_weight=0.0",),
    "minibatch discrimination": (
        "model.feature_matching=0.0",
        "model.feature_layer=null",
        "model.adversarial_weight=1.0",
        "model.discriminator.minibatch=discrimination",
    ),
}
CONTRASTED_AT = 100  # labels for minibatch discrimination, which the paper has no numbers of on MNIST
SUPERVISED_STEPS = 500  # labels alone are learned by heart after 200


class SemiSupervisedMNIST(Claim):
    """Test errors with 20 to 200 labels, beside the same network without unlabelled data."""

    name = "semi-supervised-mnist"
    source = "Salimans et al. 2016 (arXiv:1606.03498), Table 1: errors of 10,000, mean over 10 label sets"
    protocol = (
        "Each seed draws its own balanced labels; all 60,000 training images are unlabelled data; errors of "
        "the averaged classifier on the 10,000 test images, at the end. The cpu preset has smaller networks "
        "and a falling learning rate; `labels alone` is the same network without unlabelled data. With "
        "minibatch discrimination, for the paper's better samples, the generator has the usual loss."
    )
    minutes = {"cpu": 30.0, "paper": 24 * 60}

    def trials(self, preset):
        own = ()
        if preset == "paper":  # the authors' 300 epochs at a constant rate; for 10 seeds on one GPU
            own = (
                "training.steps=180000",
                "training.log_every=600",
                "training.sample_every=18000",
                "training.checkpoint_every=6000",
                "model.generator.width=500",
                "model.discriminator.width=1000",
                "model.ema_decay=0.9999",
                "optimizers.discriminator.learning_rate=3e-3",
            )
        return {
            f"{labels} labels, {name}": Trial(
                CONFIG, (f"data.num_labels={labels}", *overrides, *own, *_short(name, preset))
            )
            for labels in PUBLISHED
            for name, overrides in METHODS.items()
            if name != "minibatch discrimination" or labels == CONTRASTED_AT
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
        rows = []
        for trial, measured in results.items():
            labels, method = int(trial.split()[0]), trial.split(", ")[1]
            is_papers = method == "feature matching"
            rows.append(
                Row(
                    f"{trial}: errors",
                    values(measured, "errors"),
                    PUBLISHED[labels] if is_papers else None,
                    at_most=GOAL.get(labels) if is_papers else None,
                )
            )
        return rows

    def draw(self, results, folder):
        from tfgan_suite.images import grid, save_png

        shown = [results[f"{CONTRASTED_AT} labels, {name}"][0].get("images") for name in METHODS]
        if not all(shown):
            return []
        path = folder / "samples.png"  # a row for each method
        save_png(grid(np.concatenate([np.asarray(x, np.uint8) for x in shown]), columns=16), path, scale=2)
        return [path]


def _short(method: str, preset: str) -> tuple[str, ...]:
    if method != "labels alone":
        return ()
    steps = SUPERVISED_STEPS
    falling = f"optimizers.discriminator.learning_rate.decay_steps={steps}" if preset == "cpu" else None
    return tuple(filter(None, (f"training.steps={steps}", "training.log_every=100", falling)))

"""MLGAN's tables at small scale: metric learning beside the usual objectives, in one architecture."""

from pathlib import Path

import numpy as np

from tfgan_suite import config as configs
from tfgan_suite.claims.claim import Claim, Row, Trial, steps_of_order, values

CONFIG = Path(__file__).with_name("mlgan.yaml")
METRIC = "model.objective={{type: MetricLearning, weight: {}}}"
METHODS: dict[str, tuple[str, ...]] = {
    "DCGAN": ("model.objective=NonSaturating",),
    "MLGAN vanilla": (METRIC.format(0.5), "model.discriminator.outputs=64"),
    "WGAN clipping": ("model.objective=Wasserstein", "model.regularizers=[WeightClipping]"),
    "MLGAN clipping": (
        METRIC.format(0.5),
        "model.discriminator.outputs=64",
        "model.regularizers=[WeightClipping]",
    ),
    "LSGAN": ("model.objective=LeastSquares",),
    "WGAN-GP": ("model.objective=Wasserstein", "model.regularizers=[GradientPenalty]"),
    "MLGAN center 10": (
        METRIC.format(1.0),
        "model.discriminator.outputs=5",
        "model.regularizers=[{type: CenterPenalty, weight: 10.0}]",
    ),
    "MLGAN center 20": (
        METRIC.format(1.0),
        "model.discriminator.outputs=5",
        "model.regularizers=[{type: CenterPenalty, weight: 20.0}]",
    ),
}
# Inception Scores of the paper's Table 2 (CIFAR-10, Inception network); ours have a classifier of our own.
PUBLISHED = {
    "DCGAN": 1.030,
    "MLGAN vanilla": 3.791,
    "WGAN clipping": 4.683,
    "MLGAN clipping": 5.233,
    "LSGAN": 5.650,
    "WGAN-GP": 6.069,
    "MLGAN center 10": 6.279,
}
DATA = ("mnist", "cifar10")
EPOCHS = 3  # of the classifier, where none ships for the data
SAMPLES = 2000


class MLGAN(Claim):
    """Inception Score and Fréchet distance on the features of a small classifier, and the paper's order."""

    name = "mlgan"
    source = "Dou 2017 (arXiv:1711.02792), Table 2: Inception Scores on CIFAR-10, the best during training"
    protocol = (
        "One small DCGAN for all methods, two critic steps each, 350 steps (cpu), 2,000 samples at the end, "
        "scored by a small classifier of the same data (MNIST's ships): scores do not compare with the "
        "paper's, their order does. A row of a pair checks one step of the paper's order on mean scores."
    )
    minutes = {"cpu": 10.5, "paper": 48 * 60}

    def trials(self, preset):
        own = ()
        if preset == "paper":  # the size of WGAN-GP's networks, on a GPU
            own = (
                "training.steps=100000",
                "model.discriminator_steps=5",
                "model.generator.width=128",
                "model.discriminator.width=128",
            )
        return {
            f"{data}, {name}": Trial(CONFIG, (f"data.name={data}", *overrides, *own))
            for data in DATA
            for name, overrides in METHODS.items()
        }

    def prepare(self, folder):
        from tfgan_suite.classifier import train_classifier
        from tfgan_suite.extractors.classifier import find_classifier

        for data in DATA:
            config = configs.load(CONFIG, [f"data.name={data}"])
            if not find_classifier(data) and not _own_classifier(folder, data).is_dir():
                dataset = configs.build(config.data, "data", config.at("data"))
                train_classifier(dataset, _own_classifier(folder, data), EPOCHS)

    def measure(self, trial, experiment, folder):
        from tfgan_suite.evaluation import DatasetReference, Evaluator
        from tfgan_suite.examples.samples import ModelSamples
        from tfgan_suite.extractors import Classifier
        from tfgan_suite.extractors.classifier import find_classifier
        from tfgan_suite.images import to_uint8

        dataset, seed = experiment.dataset, experiment.config.training.seed
        own = None if find_classifier(dataset.name) else str(_own_classifier(folder, dataset.name))
        classifier = Classifier(own or dataset.name)
        metrics = ["inception_score", "frechet_distance"]
        evaluator = Evaluator(DatasetReference(dataset), classifier, metrics, SAMPLES, seed=seed)
        evaluation = evaluator.measure(ModelSamples(experiment.model, trial))
        return {
            "score": evaluation["inception_score.mean"],
            "frechet": evaluation["frechet_distance"],
            "classifier_accuracy": classifier.about["accuracy"],
            "images": to_uint8(experiment.model.sample(8, seed=seed)).tolist(),
        }

    def rows(self, results):
        rows = []
        for trial, measured in results.items():
            data, method = trial.split(", ")
            published = PUBLISHED.get(method) if data == "cifar10" else None
            rows.append(Row(f"{trial}: score", values(measured, "score"), published))
            rows.append(Row(f"{trial}: Fréchet", values(measured, "frechet")))
        for data in DATA:
            ours = {name: values(results[f"{data}, {name}"], "score") for name in PUBLISHED}
            rows.extend(steps_of_order(data, PUBLISHED, ours))
        return rows

    def draw(self, results, folder):
        from tfgan_suite.images import grid, save_png

        paths = []
        for data in DATA:
            shown = [results[f"{data}, {name}"][0].get("images") for name in METHODS]
            if all(shown):  # one row for each method, in the order of the table
                pictures = np.concatenate([np.asarray(images, np.uint8) for images in shown])
                paths.append(folder / f"{data}.png")
                save_png(grid(pictures, columns=8), paths[-1], scale=2)
        return paths


def _own_classifier(folder, data):
    """Where the claim keeps a classifier of data that none ships for."""
    return folder / f"{data}-classifier"

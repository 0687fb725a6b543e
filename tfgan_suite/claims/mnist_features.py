"""What claims about MNIST measure with the classifier that ships: errors, classes, Fréchet distances."""

import numpy as np


def seen(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, d) and classes (n,) of images (n, h, w, 1) in [-1, 1], as the classifier has them."""
    from tfgan_suite.extractors import Classifier
    from tfgan_suite.images import to_uint8

    classifier = Classifier("mnist")
    blocks = range(0, len(images), classifier.batch_size)
    parts = [classifier(to_uint8(images[i : i + classifier.batch_size])) for i in blocks]
    features = np.concatenate([part.features for part in parts])
    return features, np.concatenate([part.probabilities.argmax(axis=1) for part in parts])


def reconstruction(images: np.ndarray, again: np.ndarray) -> dict[str, float]:
    """How far reconstructions are from images (n, h, w, 1) in [-1, 1].

    Returns:
        `pixels` and `features`, the mean squared error of one of them, and `agreement`, the share whose class
        is that of the original.
    """
    (features, classes), (features_again, classes_again) = seen(images), seen(again)
    return {
        "pixels": float(np.mean(np.square(again - images))),
        "features": float(np.mean(np.square(features_again - features))),
        "agreement": float(np.mean(classes_again == classes)),
    }


def frechet(experiment, name: str) -> float:
    """Fréchet distance of as many samples as the config's `evaluation.samples` from the dataset."""
    from tfgan_suite.evaluation import DatasetReference, Evaluator
    from tfgan_suite.examples.samples import ModelSamples
    from tfgan_suite.extractors import Classifier

    count, seed = experiment.config.evaluation.samples, experiment.config.training.seed
    reference = DatasetReference(experiment.dataset)
    evaluator = Evaluator(reference, Classifier("mnist"), ["frechet_distance"], count, seed=seed)
    return evaluator.measure(ModelSamples(experiment.model, name))["frechet_distance"]


def frechet_and_samples(experiment, name: str, count: int) -> dict:
    """`frechet`, and the first `count` samples as `images` in [0, 255], as a claim's results keep them."""
    from tfgan_suite.images import to_uint8

    images = experiment.model.sample(count, seed=experiment.config.training.seed)
    return {"frechet": frechet(experiment, name), "images": to_uint8(images).tolist()}

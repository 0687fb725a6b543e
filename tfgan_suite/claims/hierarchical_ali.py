"""What each level of hierarchical ALI's latents keeps of MNIST's digits, and what it changes in samples."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Results, Row, Trial, lasting, values

CONFIG = Path(__file__).with_name("hierarchical_ali.yaml")
PAPER = (
    *(f"model.{network}.width=1024" for network in ("generator", "encoder", "discriminator")),
    *(
        f"optimizers.{player}.learning_rate.{key}={value}"
        for player in ("generator", "discriminator")
        for key, value in (("initial_learning_rate", 2e-4), ("decay_steps", 187_500))
    ),
    *lasting(187_500),  # 200 epochs
)
COUNT = 2000  # test images that are rebuilt, and pairs of samples
SHOWN = 16
# Said before any training that worked had been seen.
CLOSER = 1.2  # error from z2 alone over error from z1
SAME_DIGIT = 0.5  # agreement of two samples that share z2, above that of two that do not
DETAIL = 0.1  # distance of two samples that share z2, of that of two that do not
KEPT = 0.5  # of the reconstructions from z1, what shows the original's digit; by chance 0.1


class HierarchicalALIMNIST(Claim):
    """Reconstructions from z1 against those from z2 alone, and samples that share z2."""

    name = "hierarchical-ali"
    source = (
        "Belghazi et al. 2018 (arXiv:1802.01071): reconstructions from (z1, z2) are closer than from z2 "
        "alone; z2 says what, z1 how. Pictures of SVHN, CelebA and ImageNet; no number of MNIST is "
        "published, and the networks and the bounds here are ours"
    )
    protocol = (
        "Dense networks 2 x 400 (paper: 2 x 1,024) with layer normalisation but for D, which has an R1 "
        "penalty of 0.2; 32 latents z1 and 6 latents z2, between them dense networks 2 x 256; Adam 7e-4 "
        "falling to 0, batch 64, 8,000 steps (paper: 2e-4, 187,500). 2,000 test images: squared error of a "
        "pixel in [-1, 1] and of a feature of the shipped classifier, and whether it sees the original's "
        "digit, of reconstructions from z1 and from z2 alone, each at the means. 2,000 draws of z2, each "
        "with two draws of z1 ~ p(z1 | z2): share of these pairs of samples in which the classifier sees "
        "the same digit, and their squared distance of a pixel, against pairs of different z2. The bounds "
        "were set before any training, the length and the falling rates after one that was stopped, the "
        "rate and the number of z2 on seeds 7 and 8."
    )
    minutes = {"cpu": 15, "paper": 60}  # paper: on one GPU, an estimate

    def trials(self, preset):
        return {"hierarchical ALI": Trial(CONFIG, PAPER if preset == "paper" else ())}

    def measure(self, trial, experiment, folder):
        from tfgan_suite.claims.mnist_features import frechet, reconstruction
        from tfgan_suite.images import to_uint8

        model, seed = experiment.model, experiment.config.training.seed
        images = experiment.dataset.examples("test", COUNT, seed=seed)
        again = {"z1": model.reconstruct(images), "z2": model.reconstruct_from_top(images)}
        errors = {kind: reconstruction(images, made) for kind, made in again.items()}
        shown = [images, *again.values()]
        return {
            **{f"{quantity} {kind}": v for kind, found in errors.items() for quantity, v in found.items()},
            **sharing(model, COUNT, seed),
            "frechet": frechet(experiment, trial),
            "reconstructions": to_uint8(np.stack([x[:SHOWN] for x in shown])).tolist(),
            "samples": to_uint8(families(model, SHOWN, 4, seed)).tolist(),
        }

    def rows(self, results):
        measured = results["hierarchical ALI"]
        return [*_reconstructions(measured), *_samples(measured)]

    def draw(self, results, folder):
        from tfgan_suite.claims.figure import picture

        measured = results["hierarchical ALI"][0]
        kinds = [kind for kind in ("reconstructions", "samples") if kind in measured]
        return [picture(measured[kind], folder / f"{kind}.png") for kind in kinds]


def families(model, count: int, size: int, seed: int) -> np.ndarray:
    """Samples (size, count, ...) in inference mode: those in a column share z2 and have a z1 each."""
    from tfgan_suite import draws
    from tfgan_suite.models.encoding import in_batches

    top = model.draw_top_latents(count, draws.root(seed))
    below = [model.draw_latents_below(top, draws.fold(draws.root(seed), 1 + i)).numpy() for i in range(size)]
    return np.stack([in_batches(model, latents, 256) for latents in below])


def sharing(model, count: int, seed: int) -> dict[str, float]:
    """Pairs of samples with the same z2, and with different ones.

    Returns:
        `same ...` and `other ...`: `digit`, the share of pairs in one class of the classifier, and
        `distance`, their mean squared distance of a pixel.
    """
    from tfgan_suite.claims.mnist_features import seen

    first, second = families(model, count, 2, seed)
    classes, classes_second = seen(first)[1], seen(second)[1]
    found = {}
    for kind, shift in (("same", 0), ("other", 1)):  # beside its own second sample, or the next one's
        found[f"{kind} digit"] = float(np.mean(classes == np.roll(classes_second, shift)))
        found[f"{kind} distance"] = float(np.mean(np.square(first - np.roll(second, shift, axis=0))))
    return found


def _reconstructions(measured: Results) -> Iterator[Row]:
    for quantity in ("pixels", "features"):
        below, top = (np.array(values(measured, f"{quantity} {kind}")) for kind in ("z1", "z2"))
        yield Row(f"squared error of {quantity}, from z1", below.tolist())
        yield Row(f"squared error of {quantity}, from z2", top.tolist())
        yield Row(f"error of {quantity}, from z2 over from z1", (top / below).tolist(), at_least=CLOSER)
    yield Row("the original's digit, from z1", values(measured, "agreement z1"), at_least=KEPT)
    yield Row("the original's digit, from z2", values(measured, "agreement z2"))


def _samples(measured: Results) -> Iterator[Row]:
    for quantity, words in (("digit", "same digit"), ("distance", "squared distance of pixels")):
        yield Row(f"samples that share z2: {words}", values(measured, f"same {quantity}"))
        yield Row(f"samples of two z2: {words}", values(measured, f"other {quantity}"))
    same, other = (np.array(values(measured, f"{kind} digit")) for kind in ("same", "other"))
    yield Row("same digit: sharing z2 less not", (same - other).tolist(), at_least=SAME_DIGIT)
    same, other = (np.array(values(measured, f"{kind} distance")) for kind in ("same", "other"))
    yield Row("distance of pixels: sharing z2 over not", (same / other).tolist(), at_least=DETAIL)
    yield Row("Fréchet distance of samples", values(measured, "frechet"))

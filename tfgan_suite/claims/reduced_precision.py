"""Whether networks that compute in 16 bits make samples as good as in 32."""

import statistics
from pathlib import Path

from tfgan_suite.claims.claim import Claim, Row, Trial, lasting, values
from tfgan_suite.claims.figure import picture

CONFIG = Path(__file__).with_name("reduced_precision.yaml")
FULL = "float32"
PRECISIONS = (FULL, "mixed_bfloat16", "mixed_float16")
PAPER = tuple(
    given
    for player in ("generator", "discriminator")
    for given in (
        f"model.{player}.width=64",
        f"model.{player}.kernel_size=5",
        f"optimizers.{player}.learning_rate=2e-4",
    )
)
SHOWN = 16
# Said before anything was trained: of two equal ways the difference of the means of three seeds has 0.8 of
# the standard deviation of one.
SPREADS = 2.0


class ReducedPrecision(Claim):
    """The same training in 32 bits and in either kind of 16."""

    name = "reduced-precision"
    source = (
        "Micikevicius et al. 2018 (arXiv:1710.03740), who train classifiers, detectors, speech and a DCGAN "
        "to the quality of 32 bits; for the GAN they print pictures and no number"
    )
    protocol = (
        "MNIST, DCGAN of width 8 with 3x3 kernels (paper preset: 64, 5x5), non-saturating, Adam 2e-3 "
        "(2e-4), batch 64, 1,000 steps (50,000); Fréchet distance on features of the shipped classifier, "
        "5,000 samples. Initial weights, minibatches and latents of a seed are the same in all three. A "
        "kind of 16 bits fails when the mean of its seeds is more than two of float32's standard deviations "
        "over seeds above float32's mean."
    )
    minutes = {"cpu": 7, "paper": 60}

    def trials(self, preset):
        own = (*PAPER, *lasting(50_000)) if preset == "paper" else ()
        return {p: Trial(CONFIG, (f"training.precision={p}", *own)) for p in PRECISIONS}

    def measure(self, trial, experiment, folder):
        from tfgan_suite.claims.mnist_features import frechet_and_samples

        return frechet_and_samples(experiment, trial, SHOWN)

    def rows(self, results):
        distances = {p: values(results[p], "frechet") for p in PRECISIONS}
        full = Row(FULL, distances.pop(FULL))
        rows = [full, *(Row(p, found) for p, found in distances.items())]
        for p, found in distances.items():
            above = statistics.fmean(found) - full.mean
            name = f"{p}: above {FULL}, in its standard deviations"
            rows.append(Row(name, [above / full.spread if full.spread else float("nan")], at_most=SPREADS))
        return rows

    def draw(self, results, folder):
        trained = [results[p][0]["images"] for p in PRECISIONS if "images" in results[p][0]]
        return [picture(trained, folder / "samples.png")] if trained else []

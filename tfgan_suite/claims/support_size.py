"""The birthday test: how many different samples a generator has, as its discriminator grows."""

import math
from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Row, Trial, lasting, values

CONFIG = Path(__file__).with_name("support_size.yaml")
MODES, SPACING = 100, 1.0  # of the data whose support is known
DATA = {
    "mnist": (),
    "100 modes": (
        f"data={{type: Grid, side: 10, spacing: {SPACING}, std: 0.02}}",
        "model.generator.latent_dim=2",
        "model.generator.width=128",
        "model.generator.output_activation=linear",
    ),
}
WIDTHS = {"cpu": (4, 8, 16, 32, 64), "paper": (4, 8, 16, 32, 64, 128, 256, 512)}
SAMPLES = 2000
# Said before anything was trained. Two of the real examples are "the same" with probability 1 in 10,000, so that
# their number is 10,000 by definition; of 2,000, two million pairs, about 200 are.
REAL_SUPPORT = 10_000
FACTOR = 1.5  # a circle of radius half a spacing has pi / 4 of a cell: 1.27 where samples are spread evenly


class SupportSize(Claim):
    """Support by the birthday paradox against the discriminator's width, beside a case where it can be counted."""

    name = "support-size"
    source = (
        "Arora and Zhang 2017 (arXiv:1706.08224), figure 2: a picture, of DCGANs on faces; no number is published. "
        "They look for a batch in which two samples are alike with probability 1/2; here all pairs are counted, "
        "which estimates the same number from fewer samples"
    )
    protocol = (
        "MLP generator of 2 x 256 on MNIST at 16x16 (2 x 128 on the mixture), discriminator of 2 layers of the width "
        "named, non-saturating loss, Adam 5e-4, 4,000 steps of 64; 2,000 samples, 3 seeds. MNIST: two samples count "
        "as one where they are as near, in pixels, as the nearest 1 in 10,000 pairs of real digits; the "
        "support of the real digits is 10,000 by this definition. 100 modes: two samples count as one within half "
        "the spacing, and the support is counted as well: 1 / sum q_k^2 over the modes samples are nearest to."
    )
    minutes = {"cpu": 9, "paper": 120}

    def trials(self, preset):
        own = lasting(20000) if preset == "paper" else ()
        return {
            f"{data}, width {width}": Trial(CONFIG, (*overrides, f"model.discriminator.width={width}", *own))
            for data, overrides in DATA.items()
            for width in WIDTHS[preset]
        }

    def measure(self, trial, experiment, folder):
        from tfgan_suite.metrics import support_size

        dataset, seed = experiment.dataset, experiment.config.training.seed
        real = dataset.examples("test", SAMPLES)
        fake = experiment.model.sample(SAMPLES, seed=seed)
        if trial.startswith("mnist"):
            found = support_size(real, fake, threshold=nearest_share(real, 1 / REAL_SUPPORT))
            return found._asdict() | {"images": _closest_pairs(fake, 4)}
        found = support_size(real, fake, threshold=SPACING / 2)
        counted = effective_number(fake, dataset.centers)
        return found._asdict() | {
            "counted": counted,
            "error": abs(math.log(found.estimate / counted)),
            "of_real": support_size(real, real, threshold=SPACING / 2).estimate,
        }

    def rows(self, results):
        for data in DATA:
            chosen = {n: m for n, m in results.items() if n.startswith(data)}
            for name, measured in chosen.items():
                yield Row(f"{name}: support", values(measured, "estimate"))
                if data != "mnist":
                    yield Row(f"{name}: support, counted", values(measured, "counted"))
                    yield Row(f"{name}: |log ratio| of the two", values(measured, "error"), at_most=math.log(FACTOR))
            yield Row(f"{data}: growth of log support with log width", slopes(chosen), at_least=0.0)
        real = values(next(iter(chosen.values())), "of_real")
        yield Row("100 modes: support of the data", real, None, MODES, 0.1 * MODES)

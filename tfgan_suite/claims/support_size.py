"""The birthday test: how many different samples a generator has, as its discriminator grows."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Results, Row, Trial, lasting, values

CONFIG = Path(__file__).with_name("support_size.yaml")
MODES, SPACING = 100, 1.0  # of the data whose support is known
DATA = {
    "mnist": (),
    "100 modes": (
        "model.regularizers=[{type: R1, weight: 0.2}]",
        f"data={{type: Grid, side: 10, spacing: {SPACING}, std: 0.02}}",
        "model.generator.latent_dim=2",
        "model.generator.width=128",
        "model.generator.output_activation=linear",
    ),
}
STEPS = {"mnist": 4_000, "100 modes": 20_000}
TIMES = {"cpu": 1, "paper": 5}  # as many steps
WIDTHS = {"cpu": (4, 8, 16, 32, 64), "paper": (4, 8, 16, 32, 64, 128, 256, 512)}
SAMPLES = 2000
# Said before anything was trained. Two of the real examples are "the same" with probability 1 in 10,000, so
# that their number is 10,000 by definition; of 2,000, two million pairs, about 200 are.
REAL_SUPPORT = 10_000
FACTOR = 1.5  # evenly spread samples: a circle of half a spacing is pi / 4 of a cell, which makes 1.27


class SupportSize(Claim):
    """Support by the birthday paradox against the discriminator's width, and where it can be counted."""

    name = "support-size"
    source = (
        "Arora and Zhang 2017 (arXiv:1706.08224), figure 2: a picture, of DCGANs on faces; no number is "
        "published. They look for a batch in which two samples are alike with probability 1/2; here all "
        "pairs are counted, which estimates the same number from fewer samples"
    )
    protocol = (
        "MLP generator of 2 x 256 on MNIST at 16x16 (2 x 128 on the mixture), discriminator of 2 layers of "
        "the width named, non-saturating loss with R1 (weight 1 on MNIST, 0.2 on the mixture), Adam 1e-3 "
        "falling to 0, 4,000 and 20,000 steps of 64; 2,000 samples. MNIST: two "
        "samples count as one where they are as near, in pixels, as the nearest 1 in 10,000 pairs of real "
        "digits; the support of the real digits is 10,000 by this definition. 100 modes: two samples count "
        "as one within half the spacing, and the support is counted as well: 1 / sum q_k^2 over the modes "
        "samples are nearest to."
    )
    minutes = {"cpu": 9, "paper": 120}

    def trials(self, preset):
        return {
            f"{data}, width {width}": Trial(
                CONFIG,
                (*overrides, f"model.discriminator.width={width}", *_lasting(TIMES[preset] * STEPS[data])),
            )
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
            return found._asdict() | {"closest": closest_pairs(fake, 4).tolist()}
        found = support_size(real, fake, threshold=SPACING / 2)
        counted = effective_number(fake, dataset.centers)
        return found._asdict() | {
            "counted": counted,
            "error": abs(math.log(found.estimate / counted)),
            "of_real": support_size(real, real, threshold=SPACING / 2).estimate,
        }

    def rows(self, results):
        return [*_growth(results), *_known(results)]

    def draw(self, results, folder):
        from tfgan_suite.images import grid, save_png, to_uint8

        pairs = [seeds[0]["closest"] for seeds in results.values() if "closest" in seeds[0]]
        if pairs:  # one row for each width, from narrow to wide
            save_png(grid(to_uint8(np.concatenate(pairs)), columns=8), folder / "closest.png", scale=3)
        return [_draw_support(results, folder / "support.png"), *([folder / "closest.png"] if pairs else [])]


def _lasting(steps: int) -> tuple[str, ...]:
    """Overrides: so many steps, over which both rates fall to 0."""
    rates = (f"optimizers.{p}.learning_rate.decay_steps={steps}" for p in ("discriminator", "generator"))
    return *lasting(steps), *rates


def nearest_share(points: np.ndarray, share: float) -> float:
    """The distance that `share` of all pairs of `points` (n, ...) do not exceed."""
    distances = _distances(points)
    place = max(1, round(share * len(distances)))
    return float(np.partition(distances, place - 1)[place - 1])


def closest_pairs(points: np.ndarray, count: int) -> np.ndarray:
    """The `count` closest pairs of `points` (n, ...), one after the other: (2 count, ...)."""
    nearest = np.argsort(_distances(points))[:count]
    first, second = np.triu_indices(len(points), 1)
    return points[np.stack([first[nearest], second[nearest]], axis=1).ravel()]


def effective_number(points: np.ndarray, centers: np.ndarray) -> float:
    """1 / sum q_k^2, q_k the share of points (n, d) that are nearest to center k of (modes, d)."""
    from tfgan_suite.metrics.distances import nearest

    position, _ = nearest(points.astype(np.float64), centers.astype(np.float64))
    shares = np.bincount(position, minlength=len(centers)) / len(points)
    return float(1.0 / np.square(shares).sum())


def slope(widths: list[int], support: list[float]) -> float:
    """Growth of log support with log width, by least squares; NaN where one of them is."""
    x, y = np.log(widths), np.log(support)
    return float(((x - x.mean()) * y).sum() / np.square(x - x.mean()).sum())


def _distances(points: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import pdist

    return pdist(points.reshape(len(points), -1).astype(np.float64))


def by_width(results: Results, data: str) -> Mapping[int, list]:
    """What was measured on these data, by the discriminator's width."""
    prefix = f"{data}, width "
    return {int(n.removeprefix(prefix)): m for n, m in results.items() if n.startswith(prefix)}


def _growth(results: Results) -> Iterator[Row]:
    for data in DATA:
        measured = by_width(results, data)
        estimates = [values(m, "estimate") for m in measured.values()]
        for width, found in zip(measured, estimates, strict=True):
            yield Row(f"{data}, width {width}: support", found)
        slopes = [slope([*measured], seed) for seed in zip(*estimates, strict=True)]
        yield Row(f"{data}: growth of log support with log width", slopes, at_least=0.0)


def _known(results: Results) -> Iterator[Row]:
    """Whether the birthday test finds what can be counted."""
    measured = by_width(results, "100 modes")
    for width, m in measured.items():
        yield Row(f"100 modes, width {width}: support, counted", values(m, "counted"))
        error = values(m, "error")
        yield Row(f"100 modes, width {width}: |log ratio| of the two", error, at_most=math.log(FACTOR))
    real = values(next(iter(measured.values())), "of_real")
    yield Row("100 modes: support of the data", real, reference=MODES, tolerance=0.1 * MODES)


def _draw_support(results: Results, path: Path) -> Path:
    """Support against width: a point for each seed, a line through their geometric means."""
    from tfgan_suite.claims.figure import panels

    with panels(path, 1, len(DATA), (4.5, 3.5)) as axes:
        for ax, data in zip(axes[0], DATA, strict=True):
            measured = by_width(results, data)
            for quantity, color in (("estimate", "#4477aa"), ("counted", "#ee7733")):
                if not any(quantity in m for seeds in measured.values() for m in seeds):
                    continue
                found = np.array([values(m, quantity) for m in measured.values()])
                ax.loglog([*measured], np.exp(np.log(found).mean(axis=1)), color=color, label=quantity)
                ax.loglog([*measured], found, "o", color=color, markersize=3)
            real = REAL_SUPPORT if data == "mnist" else MODES
            ax.axhline(real, color="gray", linestyle="--", label="real")
            ax.set(xlabel="width of the discriminator", ylabel="support", title=data)
            ax.set_xticks([*measured], [*measured])
            ax.set_xticks([], minor=True)
            ax.legend(fontsize=8)
    return path

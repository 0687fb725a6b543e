"""Every objective on ring and grid, with one set of hyperparameters."""

import math
from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Row, Trial, values

CONFIG = Path(__file__).with_name("toy_objectives.yaml")
PENALTY = "model.regularizers=[{type: GradientPenalty, weight: 0.1}]"
RATIO = (
    "model.objective={{type: DensityRatio, discriminator: GANDivergence, generator: {}, "
    "gradient: divergence, bound: 10.0}}"
)
OBJECTIVES: dict[str, tuple[str, ...]] = {
    "Minimax": (),
    "NonSaturating": (),
    "LeastSquares": (),
    "LeastSquares Pearson": ("model.objective={type: LeastSquares, a: -1.0, b: 1.0, c: 0.0}",),
    "Hinge": (),
    "Relativistic": (),
    "Wasserstein clipped": ("model.objective=Wasserstein", "model.regularizers=[WeightClipping]"),
    "Wasserstein penalty": ("model.objective=Wasserstein", PENALTY),
    "FGAN KL": ("model.objective={type: FGAN, divergence: KL, bound: 10.0}",),
    "FGAN ReverseKL": ("model.objective={type: FGAN, divergence: ReverseKL, bound: 10.0}",),
    "FGAN SquaredHellinger": ("model.objective={type: FGAN, divergence: SquaredHellinger, bound: 10.0}",),
    "FGAN PearsonChi2": ("model.objective={type: FGAN, divergence: PearsonChi2}",),
    "WeightedJensenShannon 0.1": ("model.objective={type: WeightedJensenShannon, pi: 0.1}",),
    "MetricLearning": ("model.objective=MetricLearning", "model.discriminator.outputs=16"),
    "MetricLearning center": (
        "model.objective={type: MetricLearning, weight: 1.0}",
        "model.discriminator.outputs=5",
        "model.regularizers=[CenterPenalty]",
    ),
    "FGAN Jeffrey": ("model.objective={type: FGAN, divergence: Jeffrey, bound: 10.0}",),
    "FGAN JensenShannon": ("model.objective={type: FGAN, divergence: JensenShannon}",),
    "DensityRatio GAN to KL": (RATIO.format("KL"),),
    "DensityRatio GAN to ReverseKL": (RATIO.format("ReverseKL"),),
    "DirectDensityRatio Pearson": (
        "model.objective={type: DirectDensityRatio, discriminator: PearsonChi2, generator: PearsonChi2}",
    ),
    "WeightedJensenShannon biased": (
        "model.objective={type: WeightedJensenShannon, pi: 0.1, sampling: biased}",
    ),
}
DATA = {"ring": "data=Ring", "grid": "data=Grid"}
SAMPLES = 2500


class ToyObjectives(Claim):
    """Modes, share of high-quality samples and reverse KL of each objective."""

    name = "toy-objectives"
    source = "our own comparison; no paper trains all of these alike"
    protocol = (
        "MLP 3 x 128 for both players, one discriminator step, Adam, batch 256, moving average 0.999, one "
        "setting for all; 2,500 samples; high quality is within 3 standard deviations of a centre. "
        "Exponentials of the f-GAN and density-ratio objectives are bounded at 10."
    )
    minutes = {"cpu": 9.5, "paper": 90}

    def trials(self, preset):
        own = ("training.steps=20000",) if preset == "paper" else ()
        return {
            f"{data}, {name}": Trial(CONFIG, (choice, *(overrides or (f"model.objective={name}",)), *own))
            for data, choice in DATA.items()
            for name, overrides in OBJECTIVES.items()
        }

    def measure(self, trial, experiment, folder):
        from tfgan_suite.metrics import mode_coverage

        samples = experiment.model.sample(SAMPLES, seed=experiment.config.training.seed)
        coverage = mode_coverage(samples, experiment.dataset.centers, experiment.dataset.std)
        return coverage._asdict() | {"samples": np.round(samples[:500], 4).tolist()}

    def rows(self, results):
        quantities = ("modes", "high_quality", "reverse_kl")
        return [Row(f"{n}: {q}", values(m, q)) for n, m in results.items() for q in quantities]

    def draw(self, results, folder):
        return [_draw_all(data, results, folder / f"{data}.png") for data in DATA]


def _draw_all(data, results, path):
    """The first seed's samples of each objective, side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from tfgan_suite import config as configs
    from tfgan_suite.atomic import replacing

    real = configs.build(DATA[data].removeprefix("data="), "data", "data").examples("test", 500)
    reach = 1.4 * np.abs(real).max()
    rows = math.ceil(len(OBJECTIVES) / 7)
    figure = Figure(figsize=(14, 2.2 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    for i, name in enumerate(OBJECTIVES):
        axes = figure.add_subplot(rows, 7, i + 1)
        measured = results[f"{data}, {name}"][0]
        axes.scatter(*real.T, s=2, color="#4477aa")
        if "samples" in measured:
            axes.scatter(*np.transpose(measured["samples"]), s=1, color="#ee7733")
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
        axes.set_title(name, fontsize=8)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
    return path

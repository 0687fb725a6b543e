"""Poole et al.'s Figure 1: the discriminator estimates a ratio by one f, the generator minimises another."""

from pathlib import Path

import numpy as np

from tfgan_suite import config as configs
from tfgan_suite.claims.claim import Trial
from tfgan_suite.claims.gaussian_fit import CONFIG, GaussianFit, f_divergence, lasting

DISCRIMINATORS = ("GANDivergence", "KL", "ReverseKL", "SquaredHellinger", "JensenShannon", "PearsonChi2")
GENERATORS = {  # from mode seeking to mode covering
    "alpha -3": "{type: Alpha, alpha: -3.0}",
    "alpha -1": "{type: Alpha, alpha: -1.0}",
    "standard": "GANStandard",
    "reverse KL": "ReverseKL",
    "alpha 0.5": "{type: Alpha, alpha: 0.5}",
    "KL": "KL",
    "alpha 2": "{type: Alpha, alpha: 2.0}",
}
JUDGED = ("GANDivergence", "JensenShannon", "ReverseKL")
SPEC = "model.objective={{type: DensityRatio, discriminator: {}, generator: {}, gradient: divergence}}"


class DensityRatioObjectives(GaussianFit):
    """The fit for every pair (f_D, f_G), against the optimum of f_G."""

    name = "density-ratio-objectives"
    source = "Poole et al. 2016 (arXiv:1612.02780), Figure 1, which prints curves and no numbers"
    protocol = (
        "The mixture and networks of fgan-gaussian-mixture, batch 512. The generator follows "
        "gradient='divergence': the paper's eq. 8, differentiated with the ratio held fixed, descends D_fG "
        "only for reverse KL. Pairs with f_D in GAN, JS and reverse KL are judged, the others reported."
    )
    minutes = {"cpu": 8, "paper": 60}

    def trials(self, preset):
        own = lasting(20000) if preset == "paper" else ("training.batch_size=512",)
        return {
            f"{discriminator}, {name}": Trial(CONFIG, (SPEC.format(discriminator, generator), *own))
            for discriminator in DISCRIMINATORS
            for name, generator in GENERATORS.items()
        }

    def target(self, objective):
        return f_divergence(objective.generator)

    def tolerance(self, trial):
        return 0.05 if trial.split(",")[0] in JUDGED else None

    def is_drawn(self, trial):
        return trial.startswith("GANDivergence")

    def draw(self, results, folder):
        return [_draw_functions(folder / "functions.png"), *super().draw(results, folder)]


def _draw_functions(path: Path) -> Path:
    """f as a function of the density ratio, the paper's Figure 1a."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from tfgan_suite.atomic import replacing

    log_ratio = np.linspace(-4.0, 3.0, 400)
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = FigureCanvasAgg(figure).figure.add_subplot()
    for name, generator in GENERATORS.items():
        config = configs.load(CONFIG, [SPEC.format("GANDivergence", generator)])
        objective = configs.build(config.model["objective"], "objectives", name)
        axes.plot(log_ratio, np.asarray(objective.generator.f_of_log(log_ratio)), label=name)
    axes.set(ylim=(-2.0, 8.0), xlabel="log density ratio, data over model", ylabel="f")
    axes.legend(fontsize=8)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
    return path

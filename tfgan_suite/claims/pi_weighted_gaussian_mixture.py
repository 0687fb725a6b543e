"""Creswell and Bharath's pi moves a fit from covering the modes to seeking one."""

from tfgan_suite.claims.claim import Trial
from tfgan_suite.claims.gaussian_fit import CONFIG, GaussianFit, lasting, weighted_jensen_shannon

PIS = (0.01, 0.1, 0.5, 0.9)


class PiWeightedGaussianMixture(GaussianFit):
    """The fit for several pi, against the optimum of JS_pi."""

    name = "pi-weighted-gaussian-mixture"
    source = "Creswell and Bharath 2016, section 4, which prints no numbers for a mixture"
    protocol = (
        "The mixture and networks of fgan-gaussian-mixture. The generator is 'minimax': Algorithm 1's own "
        "-log D does not follow JS_pi (as pi -> 0 its gradient tends to reverse KL)."
    )
    minutes = {"cpu": 3, "paper": 12}

    def trials(self, preset):
        own = lasting(50000 if preset == "paper" else 12000)  # pi = 0.01 learns slowly
        spec = "model.objective={{type: WeightedJensenShannon, pi: {}, generator: minimax}}"
        return {f"pi {pi}": Trial(CONFIG, (spec.format(pi), *own)) for pi in PIS}

    def target(self, objective):
        return weighted_jensen_shannon(objective.pi)

    def tolerance(self, trial):
        return 0.05

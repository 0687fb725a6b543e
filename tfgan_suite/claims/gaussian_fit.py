"""One Gaussian fitted to a mixture in one dimension: what three claims share.

The model is q = N(mu, sigma^2). For every target the best mu and sigma follow from quadrature, for any
mixture, and are what a trained generator is held to.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tfgan_suite import config as configs
from tfgan_suite.claims import claim
from tfgan_suite.claims.claim import Claim, Row, values
from tfgan_suite.errors import UserError

QUANTITIES = ("mu", "sigma", "divergence")
CONFIG = Path(__file__).with_name("gaussian_fit.yaml")
POINTS = (
    8001  # of the grid; the trapezoid rule is exact to rounding for smooth integrands that vanish at its ends
)

Target = Callable[
    [np.ndarray, np.ndarray, np.ndarray], float
]  # (log p, log q, quadrature weights) -> divergence


def lasting(steps: int) -> tuple[str, ...]:
    """Overrides that make a training of the config last `steps`, with its learning rates' decay."""
    players = ("discriminator", "generator")
    return (
        *claim.lasting(steps),
        *(f"optimizers.{player}.learning_rate.decay_steps={steps}" for player in players),
    )


def f_divergence(divergence) -> Target:
    """D_f(P||Q) = E_Q f(p/q), of an `objectives.divergences.Divergence`."""

    def value(log_p, log_q, weights):
        f = np.asarray(divergence.f_of_log(log_p - log_q))
        return float(np.sum(weights * np.exp(log_q) * f))

    return value


def weighted_jensen_shannon(pi: float) -> Target:
    """JS_pi(P||Q) = pi KL(P||M) + (1 - pi) KL(Q||M) with M = pi P + (1 - pi) Q."""

    def value(log_p, log_q, weights):
        log_m = np.logaddexp(np.log(pi) + log_p, np.log1p(-pi) + log_q)
        of_p, of_q = (np.sum(weights * np.exp(log_x) * (log_x - log_m)) for log_x in (log_p, log_q))
        return float(pi * of_p + (1.0 - pi) * of_q)

    return value


class MixtureGrid:
    """A 1-D mixture's density on a grid, and the best Gaussian for any target."""

    def __init__(self, mixture):
        if mixture.example_shape != (1,):
            raise UserError(
                f"data: expected a mixture on a line, came examples of shape {mixture.example_shape}"
            )
        centers, stds = np.ravel(mixture.centers), np.broadcast_to(mixture.std, len(mixture.centers))
        reach = 12.0 * stds.max()
        self.x = np.linspace(centers.min() - reach, centers.max() + reach, POINTS)
        self.weights = np.full(POINTS, self.x[1] - self.x[0])
        self.weights[[0, -1]] /= 2.0
        self.log_p = np.asarray(mixture.log_density(self.x[:, None]), np.float64)
        p = self.weights * np.exp(self.log_p)
        self.mean = float(np.sum(p * self.x))
        self.std = float(np.sqrt(np.sum(p * (self.x - self.mean) ** 2)))

    def log_q(self, mu: float, sigma: float) -> np.ndarray:
        return -0.5 * ((self.x - mu) / sigma) ** 2 - np.log(sigma * np.sqrt(2.0 * np.pi))

    def divergence(self, target: Target, mu: float, sigma: float) -> float:
        """The target at N(mu, sigma^2); infinite where it overflows."""
        with np.errstate(all="ignore"):
            value = target(self.log_p, self.log_q(mu, sigma), self.weights)
        return value if np.isfinite(value) else np.inf

    def optimum(self, target: Target) -> tuple[float, float, float]:
        """(mu, sigma, divergence) of the best Gaussian, from the best of several starts."""
        from scipy.optimize import minimize

        def loss(parameters):
            return self.divergence(target, parameters[0], np.exp(parameters[1]))

        starts = [
            (self.mean + shift * self.std, np.log(scale * self.std))
            for shift in (-1.0, 0.0, 1.0)
            for scale in (0.5, 1.0)
        ]
        options = {"xatol": 1e-6, "fatol": 1e-12, "maxiter": 2000}
        best = min(
            (minimize(loss, s, method="Nelder-Mead", options=options) for s in starts), key=lambda r: r.fun
        )
        return float(best.x[0]), float(np.exp(best.x[1])), float(best.fun)


class GaussianFit(Claim):
    """mu and sigma of a fitted Gaussian against the optimum by quadrature; a subclass says of what target.

    The rows of a mixture that is not the claim's own (`--set data.means=...`) have no published value.
    """

    def target(self, objective) -> Target:
        """What a generator trained with `objective` should minimise."""
        raise NotImplementedError

    def tolerance(self, trial: str) -> float | None:
        """How far mu and sigma may be from the optimum; None: not judged."""
        raise NotImplementedError

    def published(self, trial: str) -> dict[str, float]:
        """What the paper prints, by quantity."""
        return {}

    def measure(self, trial, experiment, folder):
        grid, target = MixtureGrid(experiment.dataset), self.target(experiment.model.objective)
        layer = experiment.model.sampler.get_layer("affine")  # of the moving average
        mu, sigma = float(layer.shift.numpy()[0]), abs(float(layer.scale.numpy()[0]))
        return {
            "mu": mu,
            "sigma": sigma,
            "divergence": grid.divergence(target, mu, sigma),
            "best": dict(zip(QUANTITIES, grid.optimum(target), strict=True)),
            "is_own_mixture": experiment.config.data == configs.load(CONFIG).data,
        }

    def rows(self, results):
        rows = []
        for trial, measured in results.items():
            first = next((m for m in measured if "best" in m), {"best": {}, "is_own_mixture": False})
            published = self.published(trial) if first["is_own_mixture"] else {}
            for quantity in QUANTITIES:
                tolerance = None if quantity == "divergence" else self.tolerance(trial)
                found, best = values(measured, quantity), first["best"].get(quantity)
                rows.append(Row(f"{trial}: {quantity}", found, published.get(quantity), best, tolerance))
        return rows

    def draw(self, results, folder):
        """The fits of the first seed over the claim's own mixture."""
        own = {name: seeds[0] for name, seeds in results.items() if seeds[0].get("is_own_mixture")}
        fits = {name: (m["mu"], m["sigma"]) for name, m in own.items() if self.is_drawn(name)}
        return [draw_densities(fits, folder / "densities.png")] if fits else []

    def is_drawn(self, trial: str) -> bool:
        """Whether the picture shows this trial."""
        return True


def draw_densities(fits: dict[str, tuple[float, float]], path: Path) -> Path:
    """The claim's mixture in black, and each fit over it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from tfgan_suite.atomic import replacing

    config = configs.load(CONFIG)
    grid = MixtureGrid(configs.build(config.data, "data", config.at("data")))
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = FigureCanvasAgg(figure).figure.add_subplot()
    axes.fill_between(grid.x, np.exp(grid.log_p), color="0.85", label="data")
    axes.plot(grid.x, np.exp(grid.log_p), color="black", linewidth=1)
    for number, (name, (mu, sigma)) in enumerate(fits.items()):
        style = ("-", "--", ":", "-.")[number // 10 % 4]
        axes.plot(grid.x, np.exp(grid.log_q(mu, sigma)), style, linewidth=1.5, label=name)
    axes.set_xlim(grid.mean - 4 * grid.std, grid.mean + 4 * grid.std)
    axes.legend(fontsize=8)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
    return path

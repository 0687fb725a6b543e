"""WGAN-GP's three panels on toys: what critics see, where their weights lie, how gradients travel."""

import math
from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Row, Trial, lasting, values

CONFIG = Path(__file__).with_name("wasserstein_toys.yaml")
# As large as in the authors' code, but for the swiss roll, which ends at radius 1 instead of 4.5 pi / 7.5:
# its noise of 1 is as much smaller here.
DATA = {
    "ring": ("data={type: Ring, radius: 1.4142, std: 0.0141}",),
    "grid": ("data={type: Grid, spacing: 0.7071, std: 0.0177}",),
    "swiss roll": ("data={type: SwissRoll, noise: 0.033}", "model.noise=0.53"),
}


def clipping(limit: float) -> tuple[str, ...]:
    """A critic clipped at `limit`, with WGAN's optimizer."""
    return (
        f"model.regularizers=[{{type: WeightClipping, limit: {limit}}}]",
        f"optimizers={{discriminator: {{type: RMSprop, learning_rate: {limit / 50}}}}}",
    )


METHODS = {"penalty": (), "clipping": clipping(0.01)}
DEEP = (  # 12 layers with weights, the last one of which is the score
    *DATA["swiss roll"],
    "model.discriminator.depth=11",
    "training.batch_size=64",
    "optimizers.discriminator.learning_rate=2e-4",
)
DEPTHS = {
    "penalty": DEEP,
    **{f"clipping {c:g}": (*DEEP, *clipping(c)) for c in (0.1, 0.01, 0.001)},
}
POINTS = 1500  # on either side, for the exact Wasserstein distance
SIDE = 61  # points of a surface, in either direction
REACH = {"ring": 2.6, "grid": 2.6, "swiss roll": 1.5}
BINS = 41

# Said before any of these was trained.
MOST_AT_BOUND = 0.5  # "weights at the extremes": the majority within 1 % of the bound
LEAST_RATIO = 10.0  # "explode or vanish": a decade over 12 layers
MOST_RATIO = 3.0  # "stable"


class WassersteinToys(Claim):
    """Critics near their optimum, clipped beside penalised, in numbers and pictures."""

    name = "wasserstein-toys"
    source = (
        "Gulrajani et al. 2017 (arXiv:1704.00028), figures 1 and 2, which are pictures: no number is "
        "published. The scale of the toys is recalled from the authors' code"
    )
    protocol = (
        "The generator is held at the data plus noise of unit variance. Surfaces and histograms: critics of "
        "3 x 128 ReLU units, batch 256, 3,000 steps; gradients: 12 layers of 128 (the paper trains a "
        "generator as well), batch 64, 2,000 steps, swiss roll. Penalty 10 with Adam, clipping with RMSprop. "
        "Share of W1: (E_P D - E_Q D) / (L W1), L the largest gradient norm found, W1 exact. Relief: how "
        "much higher D is on the modes (the curve) than half-way between two of them, over L times the "
        "distance; 1 is the most a critic can tell, 0 is blind to the modes. Gradient norms in layers' "
        "outputs: largest over least."
    )
    minutes = {"cpu": 8, "paper": 240}

    def trials(self, preset):
        trials = {
            f"{data}, {method}": (*DATA[data], *overrides, *lasting(3000))
            for data in DATA
            for method, overrides in METHODS.items()
        } | {f"12 layers, {name}": (*overrides, *lasting(2000)) for name, overrides in DEPTHS.items()}
        if preset == "paper":
            own = ("model.discriminator.width=512", "training.batch_size=256", *lasting(20000))
            trials = {name: (*overrides, *own) for name, overrides in trials.items()}
        return {name: Trial(CONFIG, overrides) for name, overrides in trials.items()}

    def measure(self, trial, experiment, folder):
        data = trial.partition(", ")[0]
        weights = kernels(experiment.model.discriminator)
        limit = _limit(experiment.model)
        histogram = np.histogram(weights, BINS, (-limit, limit)) if limit else np.histogram(weights, BINS)
        measured = {
            "at_bound": _at_bound(weights, limit or np.abs(weights).max()),
            "histogram": [histogram[0].tolist(), histogram[1].tolist()],
        }
        if data == "12 layers":
            return measured | layer_gradients(experiment)
        return measured | surface(experiment, REACH[data])

    def rows(self, results):
        return [*_surface_rows(results), *_weight_rows(results), *_gradient_rows(results)]

    def draw(self, results, folder):
        from tfgan_suite.claims import wasserstein_figures as figures

        first = {name: seeds[0] for name, seeds in results.items()}
        surfaces = {n: m for n, m in first.items() if "surface" in m}
        norms = {n.partition(", ")[2]: m["norms"] for n, m in first.items() if "norms" in m}
        return [
            figures.draw_surfaces(surfaces, REACH, folder / "surfaces.png"),
            figures.draw_histograms(surfaces, folder / "weights.png"),
            figures.draw_norms(norms, folder / "gradients.png"),
        ]


def kernels(network) -> np.ndarray:
    """All weights of a network but its offsets, as one vector."""
    return np.concatenate([np.ravel(v) for v in network.trainable_variables if len(v.shape) > 1])


def _limit(model) -> float | None:
    return next((r.limit for r in model.regularizers if hasattr(r, "limit")), None)


def _at_bound(weights: np.ndarray, limit: float) -> float:
    from tfgan_suite.callbacks.collapse_signals import share_at_bound

    return share_at_bound([weights], limit)


def layer_gradients(experiment) -> dict:
    """Gradient norms in the outputs of the critic's layers, first layer first, over both sides."""
    from tfgan_suite.callbacks.collapse_signals import GradientProbe

    real, fake = both_sides(experiment, 512)
    norms = GradientProbe(experiment.model.discriminator).norms([np.concatenate([real, fake])])
    return {"norms": norms, "ratio": ratio(norms), "per_layer": growth(norms)}


def ratio(norms: list[float]) -> float:
    """Largest over least; infinite where one is 0, as float32 has it."""
    return max(norms) / min(norms) if min(norms) > 0 else math.inf


def growth(norms: list[float]) -> float:
    """The factor by which norms change from a layer to the one before it, by least squares of their logs."""
    logs = np.log(np.maximum(norms, np.finfo(np.float32).tiny))
    return float(np.exp(-np.polyfit(np.arange(len(logs)), logs, 1)[0]))


def both_sides(experiment, count: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` real examples, and as many others with noise; the same for every seed."""
    both = experiment.dataset.examples("test", 2 * count)
    noise = np.random.default_rng(0).normal(0.0, experiment.model.noise, (count, *both.shape[1:]))
    return both[:count], (both[count:] + noise).astype(np.float32)


def surface(experiment, reach: float) -> dict:
    """The critic's values on a square, and how much of what there is it tells."""
    from tfgan_suite.metrics import wasserstein_distance

    critic, dataset = experiment.model.discriminator, experiment.dataset
    line = np.linspace(-reach, reach, SIDE, dtype=np.float32)
    square = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    real, fake = both_sides(experiment, POINTS)
    on, between = modes_and_gaps(dataset)
    slope = steepest(critic, np.concatenate([square, real, fake, on, between]))
    # On the points of the exact distance, for which Kantorovich's duality holds as it does in expectation.
    distance = float(np.mean(critic(real)) - np.mean(critic(fake)))
    rise = np.mean(critic(on)) - np.mean(critic(between))
    run = np.mean(np.linalg.norm(on - between, axis=1))
    return {
        "share": distance / (slope * wasserstein_distance(real, fake)),
        "relief": float(rise / (slope * run)),
        "slope": slope,
        "surface": np.round(np.reshape(critic(square), (SIDE, SIDE)) / slope, 4).tolist(),
        "points": np.round(real[:400], 3).tolist(),
    }


def steepest(critic, points: np.ndarray) -> float:
    """The largest gradient norm of the critic at any of the points: its Lipschitz constant, from below."""
    import tensorflow as tf

    from tfgan_suite.regularizers.gradient_penalty import squared_gradient_norms

    return float(tf.sqrt(tf.reduce_max(squared_gradient_norms(critic, tf.constant(points)))))


def modes_and_gaps(dataset) -> tuple[np.ndarray, np.ndarray]:
    """Points where the data are (n, 2), and for each one the middle of the gap beside it.

    Between neighbouring modes half-way; between the turns of the roll half a turn on, at the radius between.
    """
    if dataset.centers is None:
        t = np.linspace(1.75 * np.pi, 2.75 * np.pi, 50)  # another turn winds about all but the last quarter
        direction = np.stack([np.cos(t), np.sin(t)], axis=1) / (4.5 * np.pi)
        on, between = t[:, None] * direction, (t + np.pi)[:, None] * direction
    else:
        distances = np.linalg.norm(dataset.centers[:, None] - dataset.centers, axis=-1)
        neighbour = dataset.centers[(distances + 1e9 * np.eye(len(distances))).argmin(axis=1)]
        on, between = dataset.centers, (dataset.centers + neighbour) / 2.0
    return on.astype(np.float32), between.astype(np.float32)


def _surface_rows(results):
    """The penalised critic tells more of the distance, and more of the modes, on every seed."""
    for data in DATA:
        for quantity in ("share", "relief"):
            ours = {m: values(results[f"{data}, {m}"], quantity) for m in METHODS}
            yield from (Row(f"{data}, {m}: {quantity}", v) for m, v in ours.items())
            gain = [p - c for p, c in zip(ours["penalty"], ours["clipping"], strict=True)]
            yield Row(f"{data}: {quantity}, penalty over clipping", gain, at_least=0.0)


def _weight_rows(results):
    for data in DATA:
        clipped, penalised = (values(results[f"{data}, {m}"], "at_bound") for m in ("clipping", "penalty"))
        yield Row(f"{data}, clipping: share of weights at the bound", clipped, at_least=MOST_AT_BOUND)
        # Its weights have no bound: within 1 % of its largest.
        yield Row(f"{data}, penalty: share of weights at the largest", penalised)


def _gradient_rows(results):
    for name in DEPTHS:
        measured = results[f"12 layers, {name}"]
        bound = {"at_most": MOST_RATIO} if name == "penalty" else {"at_least": LEAST_RATIO}
        yield Row(f"12 layers, {name}: largest over least gradient norm", values(measured, "ratio"), **bound)
        yield Row(f"12 layers, {name}: growth per layer on the way back", values(measured, "per_layer"))

"""The adversarial autoencoder's codes of MNIST in the plane, beside those of a VAE."""

from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Row, Trial, values

CONFIG = Path(__file__).with_name("aae_mnist.yaml")
VAE = (
    "model={type: VAE, encoder: {type: mlp_encoder, latent_dim: 2, width: 512, stochastic: true}, "
    "decoder: {type: mlp_generator, latent_dim: 2, width: 512, output_activation: tanh}, "
    "likelihood: bernoulli}",
    "optimizers={autoencoder: {type: Adam, learning_rate: 5e-4}}",
)
METHODS: dict[str, tuple[str, ...]] = {
    "AAE, Gaussian": ("model.prior={type: Normal, std: 5.0}",),
    "AAE, mixture of 10": (
        "model.prior={type: Petals, components: 10, radius: 4.0, radial_std: 1.0, tangential_std: 0.3}",
    ),
    "AAE, swiss roll": ("model.prior={type: SwissRoll, radius: 5.0, noise: 0.1}",),
    "VAE": VAE,
}
CODES = 2000  # held-out images whose codes are compared with draws of the prior, and drawn


class AAEMNIST(Claim):
    """How well 2-D codes follow their prior, and what they keep of the digit."""

    name = "aae-mnist"
    source = (
        "Makhzani et al. 2016 (arXiv:1511.05644), figure 2: pictures, no numbers. The paper's tables (few "
        "labels, clusters) are not part of this claim yet"
    )
    protocol = (
        "Dense networks 2 x 512, batch 128, 6,000 steps (cpu); 2,000 test images. MMD is the biased squared "
        "maximum mean discrepancy with an RBF kernel of the median distance, which does not depend on scale, "
        "between codes (of the VAE, draws of q(z | x)) and draws of the prior; its floor is that of two sets "
        "of draws."
    )
    minutes = {"cpu": 20, "paper": 240}

    def trials(self, preset):
        own = ("training.steps=500000",) if preset == "paper" else ()
        return {name: Trial(CONFIG, (*overrides, *own)) for name, overrides in METHODS.items()}

    def measure(self, trial, experiment, folder):
        from tfgan_suite import draws
        from tfgan_suite.metrics import kernel_distance

        model, seed = experiment.model, experiment.config.training.seed
        images, labels = experiment.dataset.examples("test", CODES, seed=seed, labels=True)
        codes = model.encode(images)
        if model.is_stochastic:
            encoder, noise = model.averaged("encoder"), draws.normal(codes.shape, draws.root(seed))
            outputs = np.concatenate([encoder(batch) for batch in np.array_split(images, 10)])
            codes = codes + np.exp(outputs[:, 2:]) * noise.numpy()
        prior, again = (model.draw_latents(CODES, draws.root(s)).numpy() for s in (1000 + seed, 2000 + seed))

        def mmd(a, b):
            return kernel_distance(a, b, kernel="rbf", unbiased=False)

        errors = np.mean(np.square(model.reconstruct(images) - images))
        return {
            "mmd": mmd(prior, codes),
            "mmd_floor": mmd(prior, again),
            "reconstruction": float(errors),
            "knn_error": _nearest_neighbor_error(codes, labels),
            "codes": np.round(codes, 3).tolist(),
            "prior": np.round(prior, 3).tolist(),
            "labels": np.asarray(labels).tolist(),
        }

    def rows(self, results):
        quantities = {
            "mmd": "MMD to the prior",
            "mmd_floor": "MMD of two draws of the prior",
            "reconstruction": "squared error of a pixel",
            "knn_error": "1-NN error of the digit in the plane",
        }
        rows = [
            Row(f"{trial}: {words}", values(measured, quantity))
            for trial, measured in results.items()
            for quantity, words in quantities.items()
        ]
        better = [
            vae - aae
            for vae, aae in zip(
                values(results["VAE"], "mmd"), values(results["AAE, Gaussian"], "mmd"), strict=True
            )
        ]
        return [*rows, Row("Gaussian prior: MMD of the VAE less that of the AAE", better, at_least=0.0)]

    def draw(self, results, folder):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        from tfgan_suite.atomic import replacing

        figure = Figure(figsize=(4 * len(METHODS), 4), layout="constrained")
        FigureCanvasAgg(figure)
        for i, name in enumerate(METHODS):
            axes, measured = figure.add_subplot(1, len(METHODS), i + 1), results[name][0]
            if "codes" in measured:
                axes.scatter(*np.transpose(measured["prior"]), s=2, c="lightgray")
                axes.scatter(*np.transpose(measured["codes"]), s=3, c=measured["labels"], cmap="tab10")
            axes.set(aspect="equal", xticks=[], yticks=[], title=name)
        path = folder / "codes.png"
        with replacing(path) as temporary:
            figure.savefig(temporary, dpi=120)
        return [path]


def _nearest_neighbor_error(codes: np.ndarray, labels: np.ndarray) -> float:
    """How often the nearest other code has another label."""
    from tfgan_suite.metrics.distances import squared_distances

    distances = np.array(squared_distances(codes.astype(np.float64), codes.astype(np.float64)))
    np.fill_diagonal(distances, np.inf)
    return float(np.mean(labels[distances.argmin(axis=1)] != labels))

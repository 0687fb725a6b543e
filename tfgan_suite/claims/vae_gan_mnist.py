"""VAE, GAN and VAE/GAN of one size on MNIST: whose samples are digits, and what reconstructions keep."""

from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Results, Row, Trial, falling, lasting, values

CONFIG = Path(__file__).with_name("vae_gan_mnist.yaml")
RATES = {"cpu": 2e-3, "paper": 2e-4}
STEPS = {"cpu": 1500, "paper": 60_000}
WIDTHS = {"cpu": 16, "paper": 64}
COUNT = 2000  # test images that are rebuilt
SHOWN, SIDE = 16, 10  # reconstructions, and traversals, that are drawn


def methods(width: int, rate: float, steps: int) -> dict[str, tuple[str, str]]:
    """Model and optimizers of each, of the same networks."""
    encoder = f"{{type: dcgan_encoder, latent_dim: 32, width: {width}, stochastic: true}}"
    decoder = f"{{type: dcgan_generator, latent_dim: 32, width: {width}}}"
    discriminator = f"{{type: dcgan_discriminator, width: {width}, normalization: none}}"

    adam = f"{{type: Adam, learning_rate: {falling(rate, steps)}, beta_1: 0.5}}"

    def method(kind, *players):
        return f"model={{{kind}}}", f"optimizers={{{', '.join(f'{player}: {adam}' for player in players)}}}"

    both = f"encoder: {encoder}, decoder: {decoder}"
    return {
        "VAE": method(f"type: VAE, likelihood: bernoulli, {both}", "autoencoder"),
        "GAN": method(
            f"type: GAN, objective: NonSaturating, generator: {decoder}, discriminator: {discriminator}",
            "generator",
            "discriminator",
        ),
        "VAEGAN": method(
            f"type: VAEGAN, decoder_loss: non_saturating, gamma: 5.0, {both}, discriminator: {discriminator}",
            "encoder",
            "decoder",
            "discriminator",
        ),
    }


class VAEGANMNIST(Claim):
    """Errors in the discriminator's features in place of those of pixels: samples and reconstructions."""

    name = "vae-gan-mnist"
    source = (
        "Larsen et al. 2016 (arXiv:1512.09300): with feature-wise in place of element-wise errors, VAE/GAN "
        "outperforms the VAE in visual fidelity, and its reconstructions keep what matters while pixels may "
        "differ. Pictures and attributes of faces; no number of MNIST is published, and how the statements "
        "are put in numbers is ours. Recalled"
    )
    protocol = (
        "DCGAN networks of width 16 (paper: 64), 32 latents, the same encoder, decoder and discriminator "
        "(without normalisation) in all; VAE with a Bernoulli likelihood; VAEGAN with gamma 5 and the "
        "features below the discriminator's last layer; decoder and generator by -log D; Adam 2e-3 falling "
        "to 0, batch 64, 1,500 steps (paper: 2e-4, 60,000). Fréchet distance of 2,000 samples on features "
        "of the shipped classifier; squared error of a pixel in [-1, 1] and of such a feature, and whether "
        "the classifier sees the original's digit, of 2,000 reconstructed test images. The bounds were set "
        "before training, the rates and gamma on seed 7."
    )
    minutes = {"cpu": 18, "paper": 90}  # paper: on one GPU, an estimate

    def trials(self, preset):
        own = lasting(STEPS[preset]) if preset == "paper" else ()
        found = methods(WIDTHS[preset], RATES[preset], STEPS[preset])
        return {name: Trial(CONFIG, (*overrides, *own)) for name, overrides in found.items()}

    def measure(self, trial, experiment, folder):
        from tfgan_suite.claims.mnist_features import frechet, reconstruction
        from tfgan_suite.images import to_uint8

        model, seed = experiment.model, experiment.config.training.seed
        found = {
            "frechet": frechet(experiment, trial),
            "traversal": to_uint8(traversal(model, SIDE, seed)).tolist(),
        }
        if trial == "GAN":
            return found
        images = experiment.dataset.examples("test", COUNT, seed=seed)
        again = model.reconstruct(images)
        shown = to_uint8(np.stack([images[:SHOWN], again[:SHOWN]])).tolist()
        return found | reconstruction(images, again) | {"reconstructions": shown}

    def rows(self, results):
        words = {
            "frechet": "Fréchet distance of samples",
            "pixels": "squared error of pixels",
            "features": "squared error of features",
            "agreement": "the original's digit",
        }
        rows = [
            Row(f"{trial}: {name}", values(measured, quantity))
            for quantity, name in words.items()
            for trial, measured in results.items()
            if quantity == "frechet" or trial != "GAN"
        ]
        # Said before anything was trained.
        distances = ratio(results, "frechet", "VAE", "VAEGAN")
        pixels = ratio(results, "pixels", "VAEGAN", "VAE")
        features = ratio(results, "features", "VAE", "VAEGAN")
        return [
            *rows,
            Row("Fréchet distance, VAE over VAEGAN", distances, at_least=1.0),
            Row("error of pixels, VAEGAN over VAE", pixels, at_least=1.0),
            Row("error of features, VAE over VAEGAN", features, at_least=1.0),
        ]

    def draw(self, results, folder):
        from tfgan_suite.claims.figure import picture

        return [
            picture(seeds[0][kind], folder / f"{kind}_{trial}.png")
            for trial, seeds in results.items()
            for kind in ("traversal", "reconstructions")
            if kind in seeds[0]
        ]


def ratio(results: Results, quantity: str, above: str, below: str) -> list[float]:
    """A quantity of one trial over that of another, seed by seed."""
    both = (values(results[trial], quantity) for trial in (above, below))
    return [a / b for a, b in zip(*both, strict=True)]


def traversal(model, side: int, seed: int) -> np.ndarray:
    """Images (side, side, ...) of a piece of latent space between four draws, in inference mode.

    At angles s and t from 0 to 90 degrees z = cos s (cos t a + sin t b) + sin s (cos t c + sin t d), whose
    squared weights sum to 1: every z is distributed as the four are, N(0, I).
    """
    from tfgan_suite import draws
    from tfgan_suite.models.encoding import in_batches

    corners = model.draw_latents(4, draws.root(seed)).numpy().reshape(2, 2, -1)
    angles = np.linspace(0.0, np.pi / 2, side, dtype=np.float32)
    weights = np.stack([np.cos(angles), np.sin(angles)])  # (2, side)
    latents = np.einsum("is,jt,ijd->std", weights, weights, corners)
    made = in_batches(model, latents.reshape(side * side, -1), 256)
    return made.reshape(side, side, *made.shape[1:])

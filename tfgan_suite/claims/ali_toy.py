"""Whether ALI's two directions become one joint distribution, beside three other ways to infer latents."""

from pathlib import Path

import numpy as np

from tfgan_suite.claims.claim import Claim, Row, Trial, falling, values

CONFIG = Path(__file__).with_name("ali_toy.yaml")
DATA: dict[str, tuple[str, ...]] = {
    "identity": ("data={type: GaussianMixture, weights: [1.0], means: [[0.0]], stds: [1.0]}",),
    "mixture": (),
}
STEPS = {"cpu": 2000, "paper": 20000}
RATE = 3e-3
LATENT_DIM = {"identity": 1, "mixture": 2}
POST_HOC = "post-hoc encoder"
SAMPLES = 1000
# What ALI is held to. In a round trip an example keeps its mode, not its place there, whose mean square is
# 0.02; in another mode it would be 2.25 away or more. Many z make one mode, so that z itself is not held.
MOST = {
    "identity, ALI": {"x_error": 0.05, "z_error": 0.05, "joint": 0.6},
    "mixture, ALI": {"x_error": 0.05, "joint": 0.7},
}
BLUR = 0.1  # of both sets of pairs: sets that lie on curves are told apart however near the curves are


def _methods(latent_dim: int) -> dict[str, tuple[str, ...]]:
    size = f"latent_dim: {latent_dim}, width: 128"
    generator = f"generator: {{type: mlp_generator, {size}}}"
    encoder, stochastic = f"{{type: mlp_encoder, {size}}}", f"{{type: mlp_encoder, {size}, stochastic: true}}"
    joint = f"discriminator: {{type: mlp_joint_discriminator, {size}, depth: 3}}"
    alone = "discriminator: {type: mlp_discriminator, width: 128, depth: 3}"
    rest = "regularizers: [{type: R1, weight: 0.1}]"
    return {
        "ALI": (f"model={{type: ALI, {generator}, encoder: {stochastic}, {joint}, {rest}}}",),
        "BiGAN": (f"model={{type: BiGAN, {generator}, encoder: {encoder}, {joint}, {rest}}}",),
        "latent reconstruction": (
            f"model={{type: LatentReconstruction, {generator}, encoder: {encoder}, {alone}, {rest}}}",
        ),
        POST_HOC: (f"model={{type: GAN, objective: NonSaturating, {generator}, {alone}, {rest}}}",),
        "VAE": (
            f"model={{type: VAE, encoder: {stochastic}, decoder: {{type: mlp_generator, {size}}}, "
            "likelihood_std: 0.1}",
        ),
    }


def _lasting(steps: int, name: str) -> tuple[str, ...]:
    """Overrides that make a training last `steps`, at rates that decay to 0 by then."""
    players = ("autoencoder",) if name == "VAE" else ("discriminator", "generator")
    optimizers = ", ".join(
        f"{p}: {{type: Adam, learning_rate: {falling(RATE, steps)}, beta_1: 0.5}}" for p in players
    )
    return f"training.steps={steps}", f"optimizers={{{optimizers}}}"


class ALIToy(Claim):
    """Round trips both ways, and whether pairs of the two directions can be told apart."""

    name = "ali-toy"
    source = (
        "Dumoulin et al. 2017 (arXiv:1606.00704), the toy comparison of ALI with its alternatives, and the "
        "identity between two Gaussians of a lecture about it: pictures, no numbers"
    )
    protocol = (
        "x ~ N(0, 1) and z ~ N(0, 1); 9 Gaussians (std 0.1) in the plane with z ~ N(0, I_2). MLP 2 x 128, "
        "discriminators 3 x 128 with R1 of 0.1, 2,000 steps of 256 at rates that fall from 3e-3 to 0; the "
        "post-hoc encoder as many again. "
        "1,000 held-out examples: squared errors x - G(E(x)) and z - E(G(z)), means where a distribution is "
        "given; leave-one-out 1-NN accuracy between pairs (x, z ~ q(z | x)) and (G(z), z), x divided by its "
        "standard deviation, and both blurred by noise of 0.1: 0.5 is ideal."
    )
    minutes = {"cpu": 10, "paper": 60}

    def trials(self, preset):
        steps = STEPS[preset]
        return {
            f"{data}, {name}": Trial(CONFIG, (*choice, *overrides, *_lasting(steps, name)))
            for data, choice in DATA.items()
            for name, overrides in _methods(LATENT_DIM[data]).items()
        }

    def measure(self, trial, experiment, folder):
        model = _with_encoder(experiment) if trial.endswith(POST_HOC) else experiment.model
        seed = experiment.config.training.seed
        x, labels = experiment.dataset.examples("test", SAMPLES, seed=seed, labels=True)
        return _measured(model, x, seed) | _picture(model, x, labels)

    def rows(self, results):
        words = {"x_error": "round trip of x", "z_error": "round trip of z", "joint": "accuracy on pairs"}
        return [
            Row(f"{trial}: {text}", values(measured, q), at_most=MOST.get(trial, {}).get(q))
            for trial, measured in results.items()
            for q, text in words.items()
        ]

    def draw(self, results, folder):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        from tfgan_suite.atomic import replacing

        names = list(_methods(2))
        figure = Figure(figsize=(2.4 * len(names), 5), layout="constrained")
        FigureCanvasAgg(figure)
        for i, name in enumerate(names):
            measured = results[f"mixture, {name}"][0]
            for row, what in enumerate(("latents", "reconstructions")):
                axes = figure.add_subplot(2, len(names), row * len(names) + i + 1)
                axes.set(aspect="equal", xticks=[], yticks=[], title=f"{name}: {what}" if not i else name)
                if what in measured:
                    axes.scatter(*np.transpose(measured[what]), s=3, c=measured["labels"], cmap="tab10")
        path = folder / "alternatives.png"
        with replacing(path) as temporary:
            figure.savefig(temporary, dpi=120)
        return [path]


def _with_encoder(experiment):
    """A `PostHocEncoder` around the trained generator, trained as long again."""
    import keras

    from tfgan_suite import models, networks

    gan, training = experiment.model, experiment.config.training
    shape, size = tuple(gan.sampler.outputs[0].shape[1:]), gan.latent_dim
    keras.utils.set_random_seed(training.seed)
    model = models.PostHocEncoder(
        gan.sampler,
        networks.mlp_encoder(shape, size, 128),
        networks.mlp_joint_discriminator(shape, size, 128, depth=3),
        regularizers=gan.regularizers,
        seed=training.seed,
    )
    rate = keras.optimizers.schedules.PolynomialDecay(RATE, training.steps, 0.0)
    model.compile({p: keras.optimizers.Adam(rate, beta_1=0.5) for p in model.players()})
    epochs = training.steps // training.log_every
    model.fit(experiment.minibatches(0), steps_per_epoch=training.log_every, epochs=epochs, verbose=0)
    return model


def _measured(model, x: np.ndarray, seed: int) -> dict[str, float]:
    from tfgan_suite import draws
    from tfgan_suite.metrics import nearest_neighbor_accuracy

    random = np.random.default_rng(seed)
    z = draws.normal((len(x), model.latent_dim), draws.root(1000 + seed)).numpy()
    made, outputs = model(z).numpy(), model.averaged("encoder")(x).numpy()
    latents = outputs[:, : model.latent_dim]
    errors = {
        "x_error": np.mean(np.sum(np.square(x - model.reconstruct(x)), axis=1)),
        "z_error": np.mean(np.sum(np.square(z - model.encode(made)), axis=1)),
    }
    if model.is_stochastic:
        latents = latents + np.exp(outputs[:, model.latent_dim :]) * random.normal(size=latents.shape)
    scale = x.std(axis=0)
    real, fake = np.hstack([x / scale, latents]), np.hstack([made / scale, z])
    real, fake = (pairs + BLUR * random.normal(size=pairs.shape) for pairs in (real, fake))
    return {k: float(v) for k, v in errors.items()} | {"joint": nearest_neighbor_accuracy(real, fake).total}


def _picture(model, x: np.ndarray, labels: np.ndarray) -> dict[str, list]:
    """What the figure shows: each example's latents and reconstruction."""
    shown = {"latents": model.encode(x), "reconstructions": model.reconstruct(x)}
    return {k: np.round(v, 3).tolist() for k, v in shown.items()} | {"labels": np.asarray(labels).tolist()}

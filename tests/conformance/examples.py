"""One table: a tiny example of everything public. `test_guard.py` fails when a name is missing."""

import dataclasses
from collections.abc import Callable, Container

import keras
import numpy as np
import pytest

from tfgan_suite import data, metrics, models, networks, objectives, priors, regularizers
from tfgan_suite.objectives import divergences

DIVERGENCES = {
    "Alpha": divergences.Alpha,
    "Alpha 0": lambda: divergences.Alpha(0.0),
    "Alpha 1": lambda: divergences.Alpha(1.0),
    "Alpha -3": lambda: divergences.Alpha(-3.0),
    "Alpha 2": lambda: divergences.Alpha(2.0),
    "GANDivergence": divergences.GANDivergence,
    "GANStandard": divergences.GANStandard,
    "Jeffrey": divergences.Jeffrey,
    "JensenShannon": divergences.JensenShannon,
    "KL": divergences.KL,
    "Neyman": divergences.Neyman,
    "PearsonChi2": divergences.PearsonChi2,
    "ReverseKL": divergences.ReverseKL,
    "SquaredHellinger": divergences.SquaredHellinger,
    "TotalVariation": divergences.TotalVariation,
}

OBJECTIVES = {
    "DensityRatio": lambda: objectives.DensityRatio(divergences.GANDivergence(), divergences.GANStandard()),
    "DensityRatio bound": lambda: objectives.DensityRatio(
        divergences.KL(), divergences.Jeffrey(), "divergence", bound=20.0
    ),
    "DirectDensityRatio": lambda: objectives.DirectDensityRatio(
        divergences.PearsonChi2(), divergences.PearsonChi2()
    ),
    "FGAN": lambda: objectives.FGAN(divergences.JensenShannon()),
    "FGAN Pearson": lambda: objectives.FGAN(divergences.PearsonChi2(), "non_saturating"),
    "FGAN bound": lambda: objectives.FGAN(divergences.Jeffrey(), bound=20.0),
    "Hinge": objectives.Hinge,
    "LeastSquares": objectives.LeastSquares,
    "LeastSquares Pearson": lambda: objectives.LeastSquares(a=-1.0, b=1.0, c=0.0),
    "MetricLearning": objectives.MetricLearning,
    "MetricLearning sum": lambda: objectives.MetricLearning(weight=1.0, reduction="sum"),
    "Minimax": objectives.Minimax,
    "NonSaturating": objectives.NonSaturating,
    "Relativistic": objectives.Relativistic,
    "Relativistic pairs": lambda: objectives.Relativistic(average=False),
    "Wasserstein": objectives.Wasserstein,
    "WeightedJensenShannon": lambda: objectives.WeightedJensenShannon(0.1),
    "WeightedJensenShannon biased": lambda: objectives.WeightedJensenShannon(0.1, "minimax", "biased"),
}

REGULARIZERS = {
    "CenterPenalty": regularizers.CenterPenalty,
    "DRAGAN": regularizers.DRAGAN,
    "GradientPenalty": regularizers.GradientPenalty,
    "GradientPenalty one-sided": lambda: regularizers.GradientPenalty(target=2.0, one_sided=True),
    "R1": regularizers.R1,
    "WeightClipping": regularizers.WeightClipping,
}

PRIORS = {
    "Normal": lambda: priors.Normal(std=2.0),
    "Petals": priors.Petals,
    "SwissRoll": priors.SwissRoll,
}

LAYERS = {
    "BatchNormalization": networks.BatchNormalization,
    "BilinearUpsampling": lambda: networks.BilinearUpsampling(factor=2),
    "ClusterHeads": lambda: networks.ClusterHeads(2, distance=3.0),
    "BilinearUpsampling size": lambda: networks.BilinearUpsampling((5, 7)),
    "Dropout": lambda: networks.Dropout(0.3),
    "GatedActivation": networks.GatedActivation,
    "LabelEmbedding": lambda: networks.LabelEmbedding(num_classes=3, dim=2),
    "LayerNormalization": networks.LayerNormalization,
    "Maxout": lambda: networks.Maxout(pieces=3),
    "MinibatchDiscrimination": lambda: networks.MinibatchDiscrimination(kernels=3, kernel_dim=2),
    "MinibatchStandardDeviation": networks.MinibatchStandardDeviation,
    "Affine": lambda: networks.Affine(initial_shift=0.5, initial_scale=2.0),
    "PooledConvolution": lambda: networks.PooledConvolution(3, 3),
    "ResizeConvolution": lambda: networks.ResizeConvolution(3, 3),
    "ResizeConvolution bilinear": lambda: networks.ResizeConvolution(3, 4, "bilinear", use_bias=False),
    "SpectralNormalization": lambda: networks.SpectralNormalization(keras.layers.Dense(3)),
    "GaussianNoise": lambda: networks.GaussianNoise(0.5),
    "WeightNormalization": lambda: networks.WeightNormalization(
        keras.layers.Dense(3), gain=2.0, train_gain=False
    ),
}

IMAGE, POINT, CIFAR = (16, 16, 1), (2,), (32, 32, 3)


def _smooth(normalization):
    return {"width": 8, "activation": "tanh", "normalization": normalization}


GENERATORS = {
    "ali_generator": lambda: networks.ali_generator(CIFAR, latent_dim=3, width=2),
    "affine_generator": lambda: networks.affine_generator(POINT, initial_shift=0.5, initial_scale=2.0),
    "bigan_generator": lambda: networks.bigan_generator(POINT, 3, 8),
    "mlp_generator": lambda: networks.mlp_generator(POINT, latent_dim=3, width=8),
    "mlp_generator batch": lambda: networks.mlp_generator(POINT, 3, **_smooth("batch")),
    "mlp_generator layer": lambda: networks.mlp_generator(POINT, 3, **_smooth("layer")),
    "mlp_generator image": lambda: networks.mlp_generator(IMAGE, 3, 8, output_activation="tanh"),
    "dcgan_generator": lambda: networks.dcgan_generator(IMAGE, latent_dim=3, width=4),
    "dcgan_generator layer": lambda: networks.dcgan_generator(IMAGE, 3, 4, normalization="layer"),
    "dcgan_generator none": lambda: networks.dcgan_generator((17, 17, 3), 3, 4, normalization="none"),
    "dcgan_generator labels": lambda: networks.dcgan_generator(IMAGE, 3, 4, num_classes=5),
    "dcgan_generator hard": lambda: networks.dcgan_generator(
        IMAGE, 3, 4, normalization="none", activation="gated", constant_width=True
    ),
    "omniglot_generator": lambda: networks.omniglot_generator(latent_dim=3, width=1),
    "permutation_invariant_generator": lambda: networks.permutation_invariant_generator(POINT, 3, 8),
    # Smooth and without the offsets that batch normalisation makes void: finite differences need both.
    "resnet_generator": lambda: networks.resnet_generator(
        IMAGE, 3, 2, normalization="none", num_classes=5, activation="tanh"
    ),
}
ENCODERS = {
    "ali_encoder": lambda: networks.ali_encoder(CIFAR, latent_dim=3, width=2),
    "bigan_encoder": lambda: networks.bigan_encoder(POINT, 3, 8),
    "mlp_encoder": lambda: networks.mlp_encoder(POINT, latent_dim=3, width=8),
    "mlp_encoder stochastic": lambda: networks.mlp_encoder(POINT, latent_dim=3, width=8, stochastic=True),
    "mlp_encoder batch": lambda: networks.mlp_encoder(POINT, 3, **_smooth("batch")),
    "mlp_encoder labels": lambda: networks.mlp_encoder(POINT, 3, 8, num_classes=5),
    "dcgan_encoder labels": lambda: networks.dcgan_encoder(IMAGE, 3, 4, num_classes=5),
    "dcgan_encoder": lambda: networks.dcgan_encoder(IMAGE, latent_dim=3, width=4),
    "dcgan_encoder stochastic": lambda: networks.dcgan_encoder(IMAGE, 3, 4, stochastic=True),
    "dcgan_encoder layer": lambda: networks.dcgan_encoder((17, 17, 3), 3, 4, normalization="layer"),
}
DISCRIMINATORS = {
    "ali_discriminator": lambda: networks.ali_discriminator(CIFAR, width=2),
    "mlp_discriminator": lambda: networks.mlp_discriminator(POINT, width=8),
    "mlp_discriminator batch": lambda: networks.mlp_discriminator(POINT, **_smooth("batch")),
    "mlp_discriminator layer": lambda: networks.mlp_discriminator(POINT, **_smooth("layer")),
    "mlp_discriminator spectral": lambda: networks.mlp_discriminator(POINT, 8, normalization="spectral"),
    "mlp_discriminator outputs": lambda: networks.mlp_discriminator(
        POINT, 8, normalization="spectral", outputs=3
    ),
    "mlp_discriminator minibatch": lambda: networks.mlp_discriminator(
        POINT, **_smooth("none"), minibatch="discrimination"
    ),
    "mlp_discriminator labels": lambda: networks.mlp_discriminator(POINT, 8, num_classes=5),
    "convolutional_classifier": lambda: networks.convolutional_classifier((9, 9, 3), 5, width=2),
    "dcgan_discriminator": lambda: networks.dcgan_discriminator(IMAGE, width=4),
    "dcgan_discriminator layer": lambda: networks.dcgan_discriminator(IMAGE, 4, normalization="layer"),
    "dcgan_discriminator spectral": lambda: networks.dcgan_discriminator(IMAGE, 4, normalization="spectral"),
    "dcgan_discriminator none": lambda: networks.dcgan_discriminator((17, 17, 3), 4, normalization="none"),
    "dcgan_discriminator outputs": lambda: networks.dcgan_discriminator(IMAGE, 4, outputs=3),
    "dcgan_discriminator minibatch": lambda: networks.dcgan_discriminator(
        IMAGE, 4, normalization="layer", minibatch="standard_deviation"
    ),
    "dcgan_discriminator labels": lambda: networks.dcgan_discriminator(IMAGE, 4, num_classes=5),
    "dcgan_discriminator hard": lambda: networks.dcgan_discriminator(
        IMAGE, 4, normalization="none", activation="gated", constant_width=True
    ),
    "omniglot_discriminator": lambda: networks.omniglot_discriminator(width=1),
    "permutation_invariant_classifier": lambda: networks.permutation_invariant_classifier(POINT, 5, 32),
    "resnet_discriminator": lambda: networks.resnet_discriminator(IMAGE, 2, num_classes=5, activation="tanh"),
}
JOINT_DISCRIMINATORS = {
    "ali_joint_discriminator": lambda: networks.ali_joint_discriminator(CIFAR, latent_dim=3, width=2),
    "bigan_joint_discriminator": lambda: networks.bigan_joint_discriminator(POINT, 3, 8),
    "mlp_joint_discriminator labels": lambda: networks.mlp_joint_discriminator(POINT, 3, 8, num_classes=5),
    "dcgan_joint_discriminator labels": lambda: networks.dcgan_joint_discriminator(
        IMAGE, 3, 4, normalization="none", joint_width=8, num_classes=5
    ),
    "mlp_joint_discriminator": lambda: networks.mlp_joint_discriminator(POINT, latent_dim=3, width=8),
    "mlp_joint_discriminator spectral": lambda: networks.mlp_joint_discriminator(
        POINT, 3, **_smooth("spectral"), outputs=2
    ),
    "dcgan_joint_discriminator": lambda: networks.dcgan_joint_discriminator(IMAGE, 3, 4, joint_width=8),
    "dcgan_joint_discriminator spectral": lambda: networks.dcgan_joint_discriminator(
        IMAGE, 3, 4, normalization="spectral", joint_width=8
    ),
}


@dataclasses.dataclass(frozen=True)
class ModelExample:
    """A model maker, the shape of its examples, and whether building it for XLA is slow (convolutions)."""

    make: Callable[..., models.AdversarialModel]
    example_shape: tuple[int, ...] = POINT
    convolutional: bool = False

    def compiled(self, jit_compile=False, eagerly=False, **options) -> models.AdversarialModel:
        """Ready for `fit`; what a graph would not change is tested eagerly, since tracing takes seconds."""
        keras.utils.set_random_seed(0)
        model = self.make(**options)
        model.compile(
            {player: keras.optimizers.Adam(1e-2, beta_1=0.5) for player in model.players()},
            jit_compile=jit_compile,
        )
        model.run_eagerly = eagerly
        return model

    def batch(self, model, count=12):
        """Seeded real examples, with labels where the model takes them."""
        random = np.random.default_rng(0)
        examples = random.normal(size=(count, *self.example_shape)).astype("float32").clip(-1, 1)
        labels = np.arange(count, dtype="int32") % (model.label_classes or 1)
        return examples if model.label_classes is None else (examples, labels)


def _points(objective=None, *penalties, conditional=False, **options):
    classes = {"num_classes": 4} if conditional else {}
    objective = objective or objectives.NonSaturating()
    outputs = 3 if objective.outputs == "vector" else 1
    return models.GAN(
        networks.mlp_generator(POINT, latent_dim=3, width=8, **classes),
        networks.mlp_discriminator(POINT, width=8, outputs=outputs, **classes),
        objective,
        penalties,
        **classes,
        **options,
    )


def _images(normalization, *penalties, **options):
    return models.GAN(
        networks.dcgan_generator(IMAGE, latent_dim=3, width=4),
        networks.dcgan_discriminator(IMAGE, width=4, normalization=normalization),
        objectives.Hinge(),
        penalties,
        **options,
    )


def _packs(*penalties, **options):
    return models.GAN(
        networks.mlp_generator(POINT, latent_dim=3, width=8),
        networks.mlp_discriminator((2 * POINT[0],), width=8),
        objectives.Wasserstein(),
        penalties,
        packing=2,
        **options,
    )


def _of_minibatch(**options):
    return models.GAN(
        networks.mlp_generator(POINT, latent_dim=3, width=8),
        networks.mlp_discriminator(POINT, width=8, minibatch="discrimination"),
        objectives.NonSaturating(),
        **options,
    )


def _unrolled(*penalties, **options):
    return models.UnrolledGAN(
        networks.mlp_generator(POINT, latent_dim=3, width=8),
        networks.mlp_discriminator(POINT, width=8),
        objectives.NonSaturating(),
        regularizers=penalties,
        **{"unroll_steps": 2} | options,
    )


# Without kinks, which rounding crosses now and then.
SMOOTH = {"width": 8, "activation": "tanh"}


def _pairs(*penalties, **options):
    return models.VEEGAN(
        networks.mlp_generator(POINT, latent_dim=3, **SMOOTH),
        networks.mlp_encoder(POINT, latent_dim=3, **SMOOTH),
        networks.mlp_joint_discriminator(POINT, latent_dim=3, **SMOOTH),
        regularizers=penalties,
        **options,
    )


def _pairs_of_images(**options):
    return models.VEEGAN(
        networks.dcgan_generator(IMAGE, latent_dim=3, width=4),
        networks.dcgan_encoder(IMAGE, latent_dim=3, width=4),
        networks.dcgan_joint_discriminator(IMAGE, 3, 4, normalization="layer", joint_width=8),
        **options,
    )


def _bigan(kind=models.BiGAN, num_classes=None, **options):
    network = {"latent_dim": 3, "num_classes": num_classes} | SMOOTH
    return kind(
        networks.mlp_generator(POINT, **network),
        networks.mlp_encoder(POINT, **network, stochastic=bool(kind.is_encoder_stochastic)),
        networks.mlp_joint_discriminator(POINT, **network),
        num_classes=num_classes,
        **options,
    )


def _ali_of_images(**options):
    return models.ALI(
        networks.dcgan_generator(IMAGE, latent_dim=3, width=4),
        networks.dcgan_encoder(IMAGE, latent_dim=3, width=4, stochastic=True),
        networks.dcgan_joint_discriminator(IMAGE, 3, 4, normalization="layer", joint_width=8),
        **options,
    )


def _regressed(stochastic=False, **options):
    return models.LatentReconstruction(
        networks.mlp_generator(POINT, latent_dim=3, **SMOOTH),
        networks.mlp_encoder(POINT, latent_dim=3, **SMOOTH, stochastic=stochastic),
        networks.mlp_discriminator(POINT, **SMOOTH),
        **options,
    )


def _two_levels(**options):
    return models.HierarchicalALI(
        networks.mlp_generator(POINT, latent_dim=3, **SMOOTH),
        networks.mlp_encoder(POINT, latent_dim=3, **SMOOTH, stochastic=True),
        networks.mlp_joint_discriminator(POINT, latent_dim=3 + 1, **SMOOTH),
        networks.mlp_encoder((1,), latent_dim=3, **SMOOTH, stochastic=True),
        networks.mlp_encoder((3,), latent_dim=1, **SMOOTH, stochastic=True),
        **options,
    )


def _classes(explicit=0, **options):
    return models.SemiSupervisedGAN(
        networks.permutation_invariant_generator(POINT, latent_dim=3, width=8),
        networks.permutation_invariant_classifier(POINT, outputs=3 + explicit, width=32),
        explicit_fake=bool(explicit),
        **options,
    )


def _vae(**options):
    return models.VAE(
        networks.mlp_encoder(POINT, latent_dim=3, width=8, stochastic=True),
        networks.mlp_generator(POINT, latent_dim=3, width=8),
        **options,
    )


def _vae_of_images(**options):
    return models.VAE(
        networks.dcgan_encoder(IMAGE, latent_dim=3, width=4, stochastic=True),
        networks.dcgan_generator(IMAGE, latent_dim=3, width=4),
        "bernoulli",
        **options,
    )


def _vae_gan(**options):
    return models.VAEGAN(
        networks.mlp_encoder(POINT, latent_dim=3, width=8, stochastic=True),
        networks.mlp_generator(POINT, latent_dim=3, width=8),
        networks.mlp_discriminator(POINT, width=8),
        **options,
    )


def _autoencoder(stochastic=False, **options):
    return models.AdversarialAutoencoder(
        networks.mlp_encoder(POINT, latent_dim=2, width=8, stochastic=stochastic),
        networks.mlp_generator(POINT, latent_dim=2, width=8),
        networks.mlp_discriminator((2,), width=8),
        **{"prior": priors.Petals()} | options,
    )


def _categories(labelled=True, heads=None, **options):
    return models.CategoricalAutoencoder(
        networks.mlp_encoder(POINT, latent_dim=5, **SMOOTH),
        networks.mlp_generator(POINT, latent_dim=5, cluster_heads=heads, **SMOOTH),
        networks.mlp_discriminator((3,), **SMOOTH),
        networks.mlp_discriminator((2,), **SMOOTH),
        labelled,
        **options,
    )


MODELS = {
    "GAN": ModelExample(_points),
    "GAN of vectors": ModelExample(lambda **options: _points(objectives.MetricLearning(), **options)),
    "GAN of pairs": ModelExample(lambda **options: _points(objectives.Relativistic(), **options)),
    "GAN with a penalty": ModelExample(
        lambda **options: _points(objectives.Wasserstein(), regularizers.GradientPenalty(), **options)
    ),
    "GAN with a constraint": ModelExample(
        lambda **options: _points(objectives.Wasserstein(), regularizers.WeightClipping(), **options)
    ),
    "GAN of 3 discriminator steps": ModelExample(lambda **options: _points(discriminator_steps=3, **options)),
    "GAN with labels": ModelExample(lambda **options: _points(conditional=True, **options)),
    "GAN with average": ModelExample(lambda **options: _points(ema_decay=0.9, **options)),
    "GAN uniform latents": ModelExample(lambda **options: _points(latent_distribution="uniform", **options)),
    "GAN dcgan": ModelExample(lambda **options: _images("batch", ema_decay=0.9, **options), IMAGE, True),
    "GAN dcgan spectral": ModelExample(
        lambda **options: _images("spectral", regularizers.R1(), **options), IMAGE, True
    ),
    "GAN of packs": ModelExample(lambda **options: _packs(regularizers.GradientPenalty(), **options)),
    "GAN of minibatches": ModelExample(_of_minibatch),
    "GAN matching features": ModelExample(
        lambda **options: _points(feature_matching=1.0, adversarial_weight=0.5, **options)
    ),
    "UnrolledGAN": ModelExample(lambda **options: _unrolled(regularizers.GradientPenalty(), **options)),
    "VEEGAN": ModelExample(_pairs),
    "SemiSupervisedGAN": ModelExample(lambda **options: _classes(ema_decay=0.9, **options)),
    "SemiSupervisedGAN K+1": ModelExample(
        lambda **options: _classes(1, feature_matching=0.0, adversarial_weight=1.0, **options)
    ),
    "VEEGAN dcgan": ModelExample(lambda **options: _pairs_of_images(ema_decay=0.9, **options), IMAGE, True),
    "BiGAN": ModelExample(_bigan),
    "ALI": ModelExample(lambda **options: _bigan(models.ALI, ema_decay=0.9, **options)),
    "ALI with labels": ModelExample(lambda **options: _bigan(models.ALI, num_classes=4, **options)),
    "HierarchicalALI": ModelExample(_two_levels),
    "LatentReconstruction": ModelExample(_regressed),
    "PostHocEncoder": ModelExample(lambda **options: _bigan(models.PostHocEncoder, **options)),
    "VAE": ModelExample(_vae),
    "VAEGAN": ModelExample(_vae_gan),
    "AdversarialAutoencoder": ModelExample(_autoencoder),
    "CategoricalAutoencoder": ModelExample(_categories),
    "CategoricalAutoencoder of clusters": ModelExample(
        lambda **options: _categories(False, 3, objective=objectives.Relativistic(), ema_decay=0.9, **options)
    ),
}
# One of each class, and images and labels: what the default run holds to the duties that take seconds.
# The others differ from one of these in a loss or an argument; `pytest -m slow` holds them to the same.
CORE = {name for name in MODELS if " " not in name} | {"GAN dcgan", "GAN with labels"}
# What differs in how it is trained: one of each kind of player, minibatch, network and look-ahead. Enough for
# the default run where training itself is judged, and not what is minimised.
KINDS = {
    "GAN",
    "GAN dcgan",
    "GAN with labels",
    "UnrolledGAN",
    "VEEGAN",
    "HierarchicalALI",
    "CategoricalAutoencoder",
}
# Every model, objective and regularizer in training; for the duties that depend on the losses.
GAMES = {
    **MODELS,
    **{
        f"GAN {name}": ModelExample(lambda make=make, **options: _points(make(), **options))
        for name, make in OBJECTIVES.items()
        if " " not in name  # one of each class: the variants differ in nothing that a model sees
    },
    **{
        f"GAN with {name}": ModelExample(
            lambda make=make, **options: _points(objectives.Wasserstein(), make(), **options)
        )
        for name, make in REGULARIZERS.items()
    },
    "GAN sharing fakes": ModelExample(
        lambda **options: _points(None, regularizers.R1(), share_fakes=True, discriminator_steps=2, **options)
    ),
    "GAN normalized": ModelExample(
        lambda **options: models.GAN(
            networks.mlp_generator(POINT, 3, **_smooth("batch")),
            networks.mlp_discriminator(POINT, **_smooth("batch")),
            objectives.NonSaturating(),
            **{"ema_decay": 0.99} | options,
        )
    ),
    "UnrolledGAN zero-sum": ModelExample(
        lambda **options: _unrolled(zero_sum=True, look_ahead_learning_rate=0.1, **options)
    ),
    "VEEGAN dcgan": ModelExample(lambda **options: _pairs_of_images(ema_decay=0.9, **options), IMAGE, True),
    "VEEGAN with a penalty": ModelExample(
        lambda **options: _pairs(regularizers.GradientPenalty(), **options)
    ),
}

GAMES |= {
    "BiGAN with a penalty": ModelExample(
        lambda **options: _bigan(regularizers=[regularizers.GradientPenalty()], fooling="minimax", **options)
    ),
    "ALI mirrored": ModelExample(
        lambda **options: _bigan(
            models.ALI,
            objective=objectives.DensityRatio(divergences.GANDivergence(), divergences.ReverseKL()),
            fooling="mirrored",
            **options,
        )
    ),
    "HierarchicalALI with average": ModelExample(
        lambda **options: _two_levels(ema_decay=0.9, latent_distribution="uniform", **options)
    ),
    "LatentReconstruction stochastic": ModelExample(
        lambda **options: _regressed(True, ema_decay=0.9, **options)
    ),
    "ALI dcgan": ModelExample(_ali_of_images, IMAGE, True),
    "VAE bernoulli": ModelExample(lambda **options: _vae_of_images(ema_decay=0.9, **options), IMAGE, True),
    "VAEGAN non-saturating": ModelExample(
        lambda **options: _vae_gan(decoder_loss="non_saturating", ema_decay=0.9, **options)
    ),
    "AdversarialAutoencoder stochastic": ModelExample(
        lambda **options: _autoencoder(True, prior=priors.Normal(), **options)
    ),
    "AdversarialAutoencoder of pairs": ModelExample(
        lambda **options: _autoencoder(objective=objectives.Relativistic(), **options)
    ),
}

DATASETS = {
    "Digits": data.Digits,
    "FewLabels": lambda: data.FewLabels(data.Digits(), num_labels=20),
    "GaussianMixture": lambda: data.GaussianMixture(
        weights=[0.3, 0.7], means=[[0.0], [2.0]], stds=[0.5, 0.1]
    ),
    "Grid": data.Grid,
    "HighDimensionalMixture": lambda: data.HighDimensionalMixture(
        modes=3, dimension=12, manifold_dimension=7
    ),
    "Ring": data.Ring,
    "StackedDigits": lambda: data.StackedDigits(source="digits", image_size=16),
    "SwissRoll": data.SwissRoll,
}
# These need files: tests/data/ makes some.
DATASETS_ON_DISK = ("ImageFolder", "TfdsImages")


@dataclasses.dataclass(frozen=True)
class MetricExample:
    """A metric as one number, and what it promises.

    Attributes:
        badness: (real, fake) to a number that is lower for better fakes; of probabilities where `of` says so.
        identical: its value where the fakes are the real examples, or None where nothing is promised.
        symmetric: whether exchanging real and fake changes nothing.
        sees_noise, sees_dropped_modes: whether it gets worse with either.
        seeded: whether it draws anything; draws_examples: whether subsets or splits of the examples.
    """

    badness: Callable
    identical: float | None = 0.0
    symmetric: bool = True
    sees_noise: bool = True
    sees_dropped_modes: bool = True
    seeded: bool = False
    draws_examples: bool = False
    of: str = "features"


METRICS = {
    "class_coverage": MetricExample(
        lambda real, fake: metrics.class_coverage(fake).reverse_kl, None, False, False, of="probabilities"
    ),
    "density_coverage": MetricExample(
        lambda real, fake: 1.0 - metrics.density_coverage(real, fake).coverage, 0.0, False
    ),
    "density_coverage density": MetricExample(
        lambda real, fake: -metrics.density_coverage(real, fake).density,
        None,
        False,
        sees_dropped_modes=False,
    ),
    "frechet_distance": MetricExample(metrics.frechet_distance),
    "inception_score": MetricExample(
        lambda real, fake, seed=0: -metrics.inception_score(fake, splits=2, seed=seed).mean,
        None,
        symmetric=False,
        seeded=True,
        draws_examples=True,
        of="probabilities",
    ),
    "kernel_distance": MetricExample(metrics.kernel_distance, None),
    "kernel_distance biased": MetricExample(lambda r, f: metrics.kernel_distance(r, f, unbiased=False)),
    "kernel_distance rbf": MetricExample(
        lambda r, f: metrics.kernel_distance(r, f, kernel="rbf", unbiased=False)
    ),
    "kernel_distance subsets": MetricExample(
        lambda r, f, seed=0: metrics.kernel_distance(r, f, subsets=5, subset_size=80, seed=seed),
        None,
        symmetric=False,  # each side has its own draws
        seeded=True,
        draws_examples=True,
    ),
    "mode_coverage": MetricExample(
        lambda real, fake: metrics.mode_coverage(fake, MODE_CENTERS, 1.0).reverse_kl, None, False, False
    ),
    "mode_score": MetricExample(
        lambda r, f: -metrics.mode_score(r, f), None, symmetric=False, of="probabilities"
    ),
    "nearest_neighbor_accuracy": MetricExample(
        lambda real, fake: abs(metrics.nearest_neighbor_accuracy(real, fake).total - 0.5), 0.5
    ),
    "precision_recall precision": MetricExample(
        lambda real, fake: 1.0 - metrics.precision_recall(real, fake).precision, 0.0, False, True, False
    ),
    "precision_recall recall": MetricExample(
        lambda real, fake: 1.0 - metrics.precision_recall(real, fake).recall, 0.0, False, sees_noise=False
    ),
    "sliced_wasserstein_distance": MetricExample(
        lambda real, fake, seed=0: metrics.sliced_wasserstein_distance(real, fake, seed=seed), seeded=True
    ),
    "sliced_wasserstein_distance 2": MetricExample(
        lambda real, fake: metrics.sliced_wasserstein_distance(real, fake, order=2)
    ),
    "support_size": MetricExample(
        lambda real, fake: -metrics.support_size(real, fake, threshold=0.3).estimate, None, False, False
    ),
    "wasserstein_distance": MetricExample(metrics.wasserstein_distance),
    "wasserstein_distance 2": MetricExample(lambda r, f: metrics.wasserstein_distance(r, f, order=2)),
    "wasserstein_distance subset": MetricExample(
        lambda r, f, seed=0: metrics.wasserstein_distance(r, f, subset_size=60, seed=seed),
        None,
        symmetric=False,
        seeded=True,
        draws_examples=True,
    ),
}
MODE_CENTERS = 8.0 * np.eye(4, 3)  # three corners and the origin


def every(table: dict, default: Container[str] | None = None) -> pytest.MarkDecorator:
    """Runs a test once for each entry of a table, as argument `example`.

    Args:
        default: names of the entries in the default run; the others are marked slow. None: all.
    """
    entries = [
        pytest.param(entry, id=name, marks=() if default is None or name in default else pytest.mark.slow)
        for name, entry in table.items()
    ]
    return pytest.mark.parametrize("example", entries)

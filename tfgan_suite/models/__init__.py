"""Systems: who plays, in which order, minimising what."""

from tfgan_suite.models.adversarial import AdversarialModel as AdversarialModel  # the base; not listed
from tfgan_suite.models.adversarial import Player as Player
from tfgan_suite.models.adversarial_autoencoder import AdversarialAutoencoder
from tfgan_suite.models.ali import ALI
from tfgan_suite.models.bigan import BiGAN
from tfgan_suite.models.categorical_autoencoder import CategoricalAutoencoder
from tfgan_suite.models.gan import GAN
from tfgan_suite.models.hierarchical_ali import HierarchicalALI
from tfgan_suite.models.latent_reconstruction import LatentReconstruction
from tfgan_suite.models.post_hoc_encoder import PostHocEncoder
from tfgan_suite.models.semi_supervised_gan import SemiSupervisedGAN
from tfgan_suite.models.unrolled_gan import UnrolledGAN
from tfgan_suite.models.vae import VAE
from tfgan_suite.models.vae_gan import VAEGAN
from tfgan_suite.models.veegan import VEEGAN

__all__ = [
    "ALI",
    "GAN",
    "VAE",
    "VAEGAN",
    "VEEGAN",
    "AdversarialAutoencoder",
    "BiGAN",
    "CategoricalAutoencoder",
    "HierarchicalALI",
    "LatentReconstruction",
    "PostHocEncoder",
    "SemiSupervisedGAN",
    "UnrolledGAN",
]

"""Generators, discriminators, and the layers they need."""

from tfgan_suite.networks.affine import Affine, affine_generator
from tfgan_suite.networks.bilinear_upsampling import BilinearUpsampling
from tfgan_suite.networks.dcgan import (
    dcgan_discriminator,
    dcgan_encoder,
    dcgan_generator,
    dcgan_joint_discriminator,
)
from tfgan_suite.networks.gated_activation import GatedActivation
from tfgan_suite.networks.label_embedding import LabelEmbedding
from tfgan_suite.networks.minibatch import MinibatchDiscrimination, MinibatchStandardDeviation
from tfgan_suite.networks.mlp import mlp_discriminator, mlp_encoder, mlp_generator, mlp_joint_discriminator
from tfgan_suite.networks.normalization import BatchNormalization, LayerNormalization
from tfgan_suite.networks.omniglot import omniglot_discriminator, omniglot_generator
from tfgan_suite.networks.resnet import resnet_discriminator, resnet_generator
from tfgan_suite.networks.spectral_normalization import SpectralNormalization

__all__ = [
    "Affine",
    "BatchNormalization",
    "BilinearUpsampling",
    "GatedActivation",
    "LabelEmbedding",
    "LayerNormalization",
    "MinibatchDiscrimination",
    "MinibatchStandardDeviation",
    "SpectralNormalization",
    "affine_generator",
    "dcgan_discriminator",
    "dcgan_encoder",
    "dcgan_generator",
    "dcgan_joint_discriminator",
    "mlp_discriminator",
    "mlp_encoder",
    "mlp_generator",
    "mlp_joint_discriminator",
    "omniglot_discriminator",
    "omniglot_generator",
    "resnet_discriminator",
    "resnet_generator",
]

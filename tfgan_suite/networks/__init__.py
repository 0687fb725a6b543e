"""Generators, discriminators, and the layers they need."""

from tfgan_suite.networks.affine import Affine, affine_generator
from tfgan_suite.networks.ali import ali_discriminator, ali_encoder, ali_generator, ali_joint_discriminator
from tfgan_suite.networks.bigan import bigan_encoder, bigan_generator, bigan_joint_discriminator
from tfgan_suite.networks.bilinear_upsampling import BilinearUpsampling
from tfgan_suite.networks.cluster_heads import ClusterHeads
from tfgan_suite.networks.convolutional_classifier import convolutional_classifier
from tfgan_suite.networks.dcgan import (
    dcgan_discriminator,
    dcgan_encoder,
    dcgan_generator,
    dcgan_joint_discriminator,
)
from tfgan_suite.networks.dropout import Dropout
from tfgan_suite.networks.gated_activation import GatedActivation
from tfgan_suite.networks.gaussian_noise import GaussianNoise
from tfgan_suite.networks.label_embedding import LabelEmbedding
from tfgan_suite.networks.maxout import Maxout
from tfgan_suite.networks.minibatch import MinibatchDiscrimination, MinibatchStandardDeviation
from tfgan_suite.networks.mlp import mlp_discriminator, mlp_encoder, mlp_generator, mlp_joint_discriminator
from tfgan_suite.networks.normalization import BatchNormalization, LayerNormalization
from tfgan_suite.networks.omniglot import omniglot_discriminator, omniglot_generator
from tfgan_suite.networks.permutation_invariant import (
    permutation_invariant_classifier,
    permutation_invariant_generator,
)
from tfgan_suite.networks.pooled_convolution import PooledConvolution
from tfgan_suite.networks.resize_convolution import ResizeConvolution
from tfgan_suite.networks.resnet import resnet_discriminator, resnet_generator
from tfgan_suite.networks.spectral_normalization import SpectralNormalization
from tfgan_suite.networks.weight_normalization import WeightNormalization

__all__ = [
    "Affine",
    "BatchNormalization",
    "BilinearUpsampling",
    "ClusterHeads",
    "Dropout",
    "GatedActivation",
    "GaussianNoise",
    "LabelEmbedding",
    "LayerNormalization",
    "Maxout",
    "MinibatchDiscrimination",
    "MinibatchStandardDeviation",
    "PooledConvolution",
    "ResizeConvolution",
    "SpectralNormalization",
    "WeightNormalization",
    "affine_generator",
    "ali_discriminator",
    "ali_encoder",
    "ali_generator",
    "ali_joint_discriminator",
    "bigan_encoder",
    "bigan_generator",
    "bigan_joint_discriminator",
    "convolutional_classifier",
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
    "permutation_invariant_classifier",
    "permutation_invariant_generator",
    "resnet_discriminator",
    "resnet_generator",
]

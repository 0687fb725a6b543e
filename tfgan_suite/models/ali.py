"""Adversarially learned inference: a distribution of latents for each example."""

import keras

from tfgan_suite.models.bigan import BiGAN


@keras.saving.register_keras_serializable("tfgan_suite")
class ALI(BiGAN):
    """`BiGAN` with a stochastic encoder q(z | x) (Dumoulin et al. 2017, arXiv:1606.00704).

    Algorithm 1, with z ~ q(z | x) = N(mean(x), diag std(x)^2), drawn as mean + std * noise so that the
    encoder follows the gradient of D, and x~ = G(z~) of z~ ~ p(z):

        L_D  = -log D(x, z) - log(1 - D(x~, z~))
        L_GE = -log(1 - D(x, z)) - log D(x~, z~)

    Arguments are those of `BiGAN`; the encoder's outputs are (batch, 2 * latent_dim).
    """

    is_encoder_stochastic = True

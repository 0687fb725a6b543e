"""An encoder for a generator that is done."""

import keras

from tfgan_suite.models.adversarial import Player
from tfgan_suite.models.bigan import BiGAN
from tfgan_suite.models.generative import with_labels
from tfgan_suite.precision import wide


@keras.saving.register_keras_serializable("tfgan_suite")
class PostHocEncoder(BiGAN):
    """`BiGAN` or `ALI` whose generator stays as it is: in inference mode, and never moved.

    The encoder and the discriminator of pairs are trained as in `BiGAN`; what the generator never makes has
    no latents of its own, and the encoder puts it somewhere. An alternative that ALI's paper compares with.

    Arguments are those of `BiGAN`; the generator is a trained one, the encoder deterministic or stochastic.
    In a config it is read from a file, `generator: {type: keras.saving.load_model, filepath: name.keras}`,
    where `Run.open(folder).load().model.sampler.save("name.keras")` wrote it (`tfgan_suite.run`).
    """

    is_encoder_stochastic = None

    def players(self):
        return {"discriminator": super().players()["discriminator"], "encoder": Player((self.encoder,))}

    def encoder_losses(self, batch):
        return self.generator_losses(batch)

    def _made(self, latents, labels=None):
        return wide(self.generator(with_labels(latents, labels), training=False))

"""Systems: who plays, in which order, minimising what."""

from tfgan_suite.models.adversarial import AdversarialModel, Player
from tfgan_suite.models.gan import GAN

__all__ = ["GAN", "AdversarialModel", "Player"]

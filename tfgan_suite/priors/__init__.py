"""What the latents of an adversarial autoencoder are to be distributed as."""

from tfgan_suite.priors.normal import Normal
from tfgan_suite.priors.petals import Petals
from tfgan_suite.priors.prior import Prior as Prior  # the base; not listed
from tfgan_suite.priors.swiss_roll import SwissRoll

__all__ = ["Normal", "Petals", "SwissRoll"]

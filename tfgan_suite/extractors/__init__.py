"""What metrics see of an image: its pixels, or what some network makes of it.

Importing this package costs no TensorFlow import; networks are loaded at first use.
"""

from tfgan_suite.extractors.classifier import Classifier
from tfgan_suite.extractors.discriminator import Discriminator
from tfgan_suite.extractors.inception import Inception
from tfgan_suite.extractors.layer import Layer
from tfgan_suite.extractors.pixels import Pixels

__all__ = ["Classifier", "Discriminator", "Inception", "Layer", "Pixels"]

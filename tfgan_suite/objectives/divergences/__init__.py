"""f-divergences, each a value object that knows everything an objective asks of it."""

from tfgan_suite.objectives.divergences.alpha import Alpha
from tfgan_suite.objectives.divergences.chi_squared import Neyman, PearsonChi2
from tfgan_suite.objectives.divergences.divergence import Divergence as Divergence  # the base; not listed
from tfgan_suite.objectives.divergences.jensen_shannon import GANDivergence, GANStandard, JensenShannon
from tfgan_suite.objectives.divergences.kullback_leibler import KL, Jeffrey, ReverseKL
from tfgan_suite.objectives.divergences.squared_hellinger import SquaredHellinger
from tfgan_suite.objectives.divergences.total_variation import TotalVariation

__all__ = [
    "KL",
    "Alpha",
    "GANDivergence",
    "GANStandard",
    "Jeffrey",
    "JensenShannon",
    "Neyman",
    "PearsonChi2",
    "ReverseKL",
    "SquaredHellinger",
    "TotalVariation",
]

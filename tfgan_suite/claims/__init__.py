"""Published results as runnable experiments: `tfgan-suite reproduce`."""

from tfgan_suite.claims.aae_mnist import AAEMNIST
from tfgan_suite.claims.ali_toy import ALIToy
from tfgan_suite.claims.bigan_mnist import BiGANMNIST
from tfgan_suite.claims.claim import Claim, Row, Trial, table
from tfgan_suite.claims.density_ratio_objectives import DensityRatioObjectives
from tfgan_suite.claims.fgan_gaussian_mixture import FGANGaussianMixture
from tfgan_suite.claims.hard_architectures import HardArchitectures
from tfgan_suite.claims.hierarchical_ali import HierarchicalALIMNIST
from tfgan_suite.claims.mlgan import MLGAN
from tfgan_suite.claims.pi_weighted_gaussian_mixture import PiWeightedGaussianMixture
from tfgan_suite.claims.reduced_precision import ReducedPrecision
from tfgan_suite.claims.ring_and_grid import RingAndGrid
from tfgan_suite.claims.semi_supervised_mnist import SemiSupervisedMNIST
from tfgan_suite.claims.stacked_digits import StackedDigits
from tfgan_suite.claims.support_size import SupportSize
from tfgan_suite.claims.toy_objectives import ToyObjectives
from tfgan_suite.claims.vae_gan_mnist import VAEGANMNIST
from tfgan_suite.claims.wasserstein_toys import WassersteinToys

_ALL = (
    FGANGaussianMixture,
    DensityRatioObjectives,
    PiWeightedGaussianMixture,
    ToyObjectives,
    MLGAN,
    RingAndGrid,
    SemiSupervisedMNIST,
    AAEMNIST,
    ALIToy,
    BiGANMNIST,
    WassersteinToys,
    StackedDigits,
    SupportSize,
    HardArchitectures,
    HierarchicalALIMNIST,
    VAEGANMNIST,
    ReducedPrecision,
)
CLAIMS: dict[str, Claim] = {kind.name: kind() for kind in _ALL}

__all__ = ["CLAIMS", "Claim", "Row", "Trial", "table"]

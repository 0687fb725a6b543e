"""The Mode Score: an Inception Score that knows the classes of the real data."""

import math

from scipy.special import rel_entr

from tfgan_suite.metrics.inception import class_information, marginal_and_entropy
from tfgan_suite.metrics.inputs import as_probabilities, require_same_width


def mode_score(real_probabilities, fake_probabilities) -> float:
    """exp(E KL(p(y|x) || p(y)) - KL(p(y) || p(y*))); higher is better.

    Che et al. 2017 (arXiv:1612.02136), section 4.1, as Courville's lecture writes it: y are the classes of
    the samples, y* those of real data. With the marginal of the real data in the first divergence as well,
    as the original can be read, the score would be the Inception Score again: E KL(p(y|x) || p(y*)) exceeds
    E KL(p(y|x) || p(y)) by just KL(p(y) || p(y*)).

    Args:
        real_probabilities: (n_real, classes) of real examples, or their labels as rows of zeros and a one.
        fake_probabilities: (n_fake, classes) of generated samples.
    Returns:
        From 0 (classes that real data never has) to the number of classes.
    Raises:
        UserError: rows that are no distributions, different numbers of classes.
    """
    real = as_probabilities(real_probabilities, "real_probabilities")
    fake = as_probabilities(fake_probabilities, "fake_probabilities")
    require_same_width(real, fake, "fake_probabilities", "real_probabilities")
    marginal = marginal_and_entropy(fake)
    # KL(p(y) || p(y*)); rel_entr(p, q) = p log(p / q), 0 where p is 0 and infinite where only q is.
    mismatch = float(rel_entr(marginal.p, marginal_and_entropy(real).p).sum())
    return math.exp(class_information(marginal) - mismatch)

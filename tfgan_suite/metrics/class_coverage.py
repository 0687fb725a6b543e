"""Mode coverage where the modes are classes: a classifier says which one a sample belongs to."""

import numpy as np

from tfgan_suite.errors import UserError
from tfgan_suite.metrics.inputs import as_probabilities, float64_blocks
from tfgan_suite.metrics.modes import ModeCoverage, coverage_of, positive_per_mode


def class_coverage(fake_probabilities, *, weights=None, confidence: float = 0.9) -> ModeCoverage:
    """Classes reached and how evenly: for stacked digits, the number of modes of 1,000 and the KL.

    Metz et al. 2017 (Unrolled GANs, arXiv:1611.02163), section 3.3.1; Srivastava et al. 2017 and Lin et al.
    2018 report the same. A sample belongs to its most probable class, and a class is reached by one sample,
    as in those papers; the share of samples about which the classifier is sure stands beside it as
    `high_quality`, since noise reaches many classes. The divergences are those of `mode_coverage`, over all
    samples.

    Args:
        fake_probabilities: (n, classes) of generated samples, rows that sum to 1.
        weights: (classes,) true weights, positive, scaled here to sum to 1; None means equal weights.
        confidence: a sample is of high quality when its class has at least this probability.
    Raises:
        UserError: rows that are no distributions, weights that are not positive, a confidence outside [0, 1].
    """
    p = as_probabilities(fake_probabilities, "fake_probabilities")
    weights = positive_per_mode(1.0 if weights is None else weights, "weights", p.shape[1])
    if not 0.0 <= confidence <= 1.0:
        raise UserError(f"confidence: expected a probability, came {confidence!r}")
    counts, sure = np.zeros(p.shape[1], dtype=np.int64), 0
    for block in float64_blocks(p):
        counts += np.bincount(block.argmax(axis=1), minlength=p.shape[1])
        sure += np.count_nonzero(block.max(axis=1) >= confidence)
    return coverage_of(counts, weights / weights.sum(), high_quality=sure / len(p))

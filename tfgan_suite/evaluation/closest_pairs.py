"""The most similar samples, beside what they are most similar to in the real data: are they copies?"""

from pathlib import Path

import numpy as np

from tfgan_suite import images
from tfgan_suite.evaluation.evaluator import Subject
from tfgan_suite.metrics.distances import nearest

PAIRS = 10


def closest_pairs(features: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Positions of the `count` pairs of examples (n, d) that are nearest to one another, the nearest first.

    No example is in two pairs, so that a generator that repeats itself often shows several of its images.
    """
    found, free = [], np.arange(len(features))
    while len(found) < count and len(free) > 1:
        position, distance = nearest(features[free])
        used = set()
        for i in np.argsort(distance, kind="stable"):
            pair = (int(free[i]), int(free[position[i]]))
            if used.isdisjoint(pair):
                found.append((distance[i], pair))
                used |= set(pair)
        free = np.array([i for i in free if i not in used])
    return [pair for _, pair in sorted(found)[:count]]


def draw_closest_pairs(samples: Subject, real: Subject, path: Path, count: int = PAIRS) -> Path | None:
    """A picture with a row for each of the closest pairs: two samples, then the nearest real image of each.

    Arora and Zhang 2017 decide by looking whether such pairs are duplicates; the real images tell copies of
    the data from repetitions of the generator's own.

    Returns the path, or None for examples that are not images of 1 or 3 channels, or of different sizes.
    """
    shape = samples.examples.example_shape
    if len(shape) != 3 or shape[2] not in (1, 3) or shape != real.examples.example_shape:
        return None
    pairs = np.array(closest_pairs(samples.features.features, count))
    in_pairs = samples.features.features[pairs.ravel()]
    beside = nearest(in_pairs, real.features.features)[0].reshape(pairs.shape)
    halves = [samples.examples.at(pairs.ravel()), real.examples.at(beside.ravel())]
    rows = np.concatenate([half.reshape(*pairs.shape, *shape) for half in halves], axis=1)
    picture = images.grid(rows.reshape(-1, *shape), columns=4)
    images.save_png(picture, path, scale=max(1, 64 // shape[0]))
    return Path(path)

"""The most similar samples, and what of the real data they are most similar to."""

import numpy as np
from PIL import Image

from tfgan_suite.evaluation.closest_pairs import closest_pairs, draw_closest_pairs
from tfgan_suite.evaluation.evaluator import Subject
from tfgan_suite.examples.examples import Examples
from tfgan_suite.extractors.extractor import Features


def test_nearest_first_and_nobody_twice():
    features = np.array([0.0, 10.0, 10.5, 50.0, 50.1, 50.15, 90.0])[:, None]
    # 50.1 and 50.15 are nearest. 50 would pair with 50.1, which is used, and so does 0 with 10: of what is
    # left, 90 is nearest to 50.
    assert [set(pair) for pair in closest_pairs(features, 4)] == [{4, 5}, {1, 2}, {3, 6}]
    assert len(closest_pairs(np.zeros((9, 3)), 10)) == 4  # a generator of one image


def subject(images):
    images = np.asarray(images, np.uint8)
    features = images.reshape(len(images), -1).astype(np.float32)
    examples = Examples("x", len(images), images.shape[1:], "00", lambda: iter([images[:3], images[3:]]))
    return Subject(examples, Features(features))


def flat(value):
    return np.full((16, 16, 1), value)


def test_the_picture_shows_each_pair_and_its_nearest_real_images(tmp_path):
    samples = subject([flat(v) for v in (0, 200, 100, 202, 40, 101)])
    real = subject([flat(v) for v in (90, 30, 250, 195, 104)])
    path = draw_closest_pairs(samples, real, tmp_path / "pairs.png", count=2)
    picture = np.asarray(Image.open(path))
    scale = 64 // 16
    cell = (16 + 2) * scale
    shown = [[int(picture[r * cell + 5, c * cell + 5]) for c in range(4)] for r in range(2)]
    assert sorted(map(sorted, (row[:2] for row in shown))) == [[100, 101], [200, 202]]
    beside = {tuple(row[:2]): row[2:] for row in shown}
    for pair, nearest in beside.items():
        assert nearest == ([104, 104] if pair[0] < 150 else [195, 195])


def test_points_have_no_picture(tmp_path):
    points = np.zeros((4, 2), np.float32)
    examples = Examples("x", 4, (2,), "00", lambda: iter([points]))
    assert draw_closest_pairs(*[Subject(examples, Features(points))] * 2, tmp_path / "x.png") is None
    assert list(tmp_path.iterdir()) == []

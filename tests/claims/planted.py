"""A classifier that can be seen through, in place of the one that ships."""

import numpy as np

from tfgan_suite.claims import mnist_features


def planted_classifier(monkeypatch) -> None:
    """Features are the pixels doubled, and the class is the tenth of [-1, 1] that the mean pixel is in."""

    def seen(images):
        flat = np.reshape(images, (len(images), -1))
        return 2.0 * flat, np.floor(5.0 * (flat.mean(axis=1) + 1.0)).astype(int)

    monkeypatch.setattr(mnist_features, "seen", seen)

"""The handwritten digits that come with scikit-learn."""

from tfgan_suite.data import arguments
from tfgan_suite.data.array_dataset import ArrayDataset, LabelledImages
from tfgan_suite.data.dataset import Split

HELD_OUT = 360


class Digits(ArrayDataset):
    """The 1,797 handwritten digits inside scikit-learn: 1,437 to train on, 360 held out, no download.

    White strokes on black, one channel, ten classes; 8x8 pixels of 17 grey levels, resized (bicubic).
    Source: Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998 (its test part).

    Args:
        image_size: height and width in pixels, 8 to 64.
    """

    name = "digits"
    num_classes = 10

    def __init__(self, image_size: int = 16):
        self.image_size = arguments.integer("image_size", image_size, 8, 64)
        self.example_shape = (self.image_size, self.image_size, 1)

    def _load(self, split: Split) -> LabelledImages:
        import numpy as np
        from sklearn.datasets import load_digits

        from tfgan_suite.data.square_resize import resize_square

        digits = load_digits()
        chosen = split_of(digits.target, HELD_OUT)[split]
        grey = np.round(digits.images[chosen] * (255.0 / 16.0)).astype(np.uint8)[..., np.newaxis]
        return LabelledImages(
            resize_square(grey, self.image_size).numpy(), digits.target[chosen].astype(np.int32)
        )


def split_of(labels, held_out: int) -> dict:
    """{"train": indices, "test": indices}: `held_out` test examples, the same share of each class.

    Every example gets its random rank within its class, as a share of the class; the smallest are held out.
    """
    import numpy as np

    # RandomState's stream is frozen by NumPy: the split stays what it is.
    random = np.random.RandomState(1998)
    share = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        share[random.permutation(members)] = (np.arange(len(members)) + 0.5) / len(members)
    order = np.argsort(share, kind="stable")
    return {"train": np.sort(order[held_out:]), "test": np.sort(order[:held_out])}

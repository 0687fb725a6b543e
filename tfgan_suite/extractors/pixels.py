"""Pixels as they are."""

from tfgan_suite.extractors.extractor import Extractor, Features


class Pixels(Extractor):
    """Images as vectors of their pixels in [-1, 1]; points as they are."""

    fingerprint = "pixels"
    is_costly = False

    def describe(self, example_shape: tuple[int, ...]) -> dict[str, str]:
        return {"extractor": "coordinates" if len(example_shape) == 1 else "pixels", "resize": "none"}

    def __call__(self, examples) -> Features:
        from tfgan_suite.images import from_uint8

        values = examples if examples.ndim == 2 else from_uint8(examples)
        return Features(values.reshape(len(values), -1))

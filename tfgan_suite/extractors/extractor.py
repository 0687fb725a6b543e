"""What every extractor offers: a batch of examples to features, a name, a fingerprint."""

from typing import ClassVar, NamedTuple

from tfgan_suite.data.dataset import Dataset


class Features(NamedTuple):
    """float32 features (n, d), and class probabilities (n, classes) where the extractor has any."""

    features: "numpy.ndarray"  # noqa: F821  NumPy is imported where it is used
    probabilities: "numpy.ndarray | None" = None  # noqa: F821


class Extractor:
    """A function of a batch of examples; equal examples give equal features, whatever they are batched with.

    A subclass gives `fingerprint`, `describe` and `__call__`.

    Attributes:
        batch_size: examples that it takes at once; the features do not depend on it.
        is_costly: whether features are worth keeping where they are few.
    """

    batch_size: ClassVar[int] = 100
    is_costly: ClassVar[bool] = True

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digest of everything that the features depend on."""
        raise NotImplementedError

    def describe(self, example_shape: tuple[int, ...]) -> dict[str, str]:
        """`extractor` and `resize` in words, for examples of this shape: part of a number's convention.

        Raises:
            UserError: the extractor does not take such examples.
        """
        raise NotImplementedError

    def __call__(self, examples) -> Features:
        """Features of uint8 images (n, height, width, channels), or of points, float32 (n, dimension)."""
        raise NotImplementedError

    def self_check(self, dataset: Dataset | None = None) -> list["SelfCheck"]:
        """Numbers that the extractor should reproduce, measured again; none where it promises none.

        Args:
            dataset: the one that the numbers are about, where it is not found by its name.
        """
        return []


class SelfCheck(NamedTuple):
    """A number known beforehand and the same number measured now."""

    name: str
    expected: float
    tolerance: float
    measured: float

    @property
    def passed(self) -> bool:
        return abs(self.measured - self.expected) <= self.tolerance

"""Real examples to measure against, and others to take the samples' place."""

from tfgan_suite.data.dataset import Dataset, Split
from tfgan_suite.examples.dataset_split import DatasetSplit
from tfgan_suite.examples.examples import Collection, Examples

DEFAULT_COUNT = 2000  # the cost of most metrics grows with the square


class Reference:
    """Real examples. A number is worth what it is beside the same number of real against real: the floor.

    Attributes:
        name: for people, "mnist:test".
        example_shape: of each.
        dataset: where the examples come from one; it may know labels, or the modes of its density.
    """

    name: str
    example_shape: tuple[int, ...]
    dataset: Dataset | None = None

    def choose(self, n_real: int, n_fake: int, seed: int) -> tuple[Examples, Examples | None]:
        """Examples to measure against, and n_fake others that stand for perfect samples, or None.

        Raises:
            UserError: there are fewer than n_real.
        """
        raise NotImplementedError

    @property
    def default_count(self) -> int:
        """As many as there are for both, at most 2,000."""
        raise NotImplementedError


class DatasetReference(Reference):
    """A split of a dataset; the other split is the floor's."""

    def __init__(self, dataset: Dataset, split: Split = "test"):
        self.dataset = dataset
        self.real = DatasetSplit(dataset, split)
        self.other = DatasetSplit(dataset, "train" if split == "test" else "test")
        self.name, self.example_shape = self.real.name, self.real.example_shape

    def choose(self, n_real: int, n_fake: int, seed: int) -> tuple[Examples, Examples | None]:
        enough = self.other.size is None or self.other.size >= n_fake
        return self.real.choose(n_real, seed), self.other.choose(n_fake, seed) if enough else None

    @property
    def default_count(self) -> int:
        return min(c for c in (DEFAULT_COUNT, self.real.size, self.other.size) if c is not None)


class FilesReference(Reference):
    """Image files or an array; what is not measured against is the floor's."""

    def __init__(self, files: Collection):
        self.files, self.name, self.example_shape = files, files.name, files.example_shape

    def choose(self, n_real: int, n_fake: int, seed: int) -> tuple[Examples, Examples | None]:
        real = self.files.choose(n_real, seed)
        enough = self.files.size - n_real >= n_fake
        return real, self.files.choose(n_fake, seed, skip=n_real) if enough else None

    @property
    def default_count(self) -> int:
        return max(1, min(DEFAULT_COUNT, self.files.size // 2))

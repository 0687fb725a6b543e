"""A split of one of the package's datasets."""

from tfgan_suite.data.dataset import Dataset, Split, digest
from tfgan_suite.examples.examples import Collection, Examples
from tfgan_suite.images import to_uint8


class DatasetSplit(Collection):
    """The "train" or "test" examples of a dataset; images at 256 levels, as a viewer gets them."""

    def __init__(self, dataset: Dataset, split: Split):
        self.dataset, self.split = dataset, split
        self.name = f"{dataset.name}:{split}"
        self.size = dataset.size(split)
        self.example_shape = tuple(dataset.example_shape)

    def choose(self, count: int | None, seed: int, skip: int = 0) -> Examples:
        if skip:
            raise ValueError("skip: expected 0; the other split is the disjoint choice")
        if count is None and self.size is None:
            raise ValueError(f"count: expected a number, since there is no end of {self.name}")
        is_image = len(self.example_shape) == 3

        def read():
            for block in self.dataset.stream(self.split, count, seed):
                yield to_uint8(block) if is_image else block

        # The seed decides nothing where all are taken, but their order.
        chosen = () if count in (None, self.size) else (count, seed)
        fingerprint = digest(self.dataset.split_fingerprint(self.split), self.split, *chosen)
        return Examples(self.name, count or self.size, self.example_shape, fingerprint, read)

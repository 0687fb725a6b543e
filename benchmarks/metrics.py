"""Our metrics beside those of others, on the same arrays, and the memory of ours.

    python -m benchmarks.metrics [--rounds 5] [--only frechet,kernel,neighbors,streaming] [--out FILE.json]

All results are checked to agree before anything is timed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.memory import peak_growth
from benchmarks.rounds import alternate, table
from tfgan_suite import metrics
from tfgan_suite.quiet import import_tensorflow

COUNT, WIDTH = 10_000, 2_048


def features(count: int = COUNT, width: int = WIDTH) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of float32 features with correlations, as Inception's have."""
    random = np.random.default_rng(0)
    mixing = random.normal(size=(width, width)) / np.sqrt(width)
    real = random.normal(size=(count, width)) @ mixing
    fake = random.normal(0.1, 1.1, size=(count, width)) @ mixing
    return real.astype(np.float32), fake.astype(np.float32)


def frechet(rounds: int) -> dict:
    real, fake = features()
    return compete(
        "Fréchet distance, 10,000 x 2,048",
        {
            "ours": lambda: metrics.frechet_distance(real, fake),
            "Cholesky, NumPy": lambda: _frechet(real, fake, _by_cholesky),
            "eigh, NumPy": lambda: _frechet(real, fake, _by_eigh),
            "scipy.linalg.sqrtm": lambda: _frechet(real, fake, _by_square_root),
            "TF-GAN": lambda: _tensorflow_gan().frechet_classifier_distance_from_activations(real, fake),
        },
        rounds,
        agreement=1e-5,
    )


def kernel(rounds: int) -> dict:
    real, fake = features()
    import_tensorflow()
    import tensorflow as tf

    tensors = tf.constant(real), tf.constant(fake)

    def by_tensorflow_gan():
        return _tensorflow_gan().kernel_classifier_distance_from_activations(*tensors, max_block_size=1000)

    return compete(
        "kernel distance in 10 subsets of 1,000, 10,000 x 2,048",
        {
            "ours": lambda: metrics.kernel_distance(real, fake, subsets=10, subset_size=1000),
            "NumPy": lambda: _kernel_by_numpy(real, fake),
            "TF-GAN": by_tensorflow_gan,
        },
        rounds,
        agreement=0.05,  # each divides the examples in its own way
    )


def neighbors(rounds: int) -> dict:
    real, fake = features()
    return {
        "nearest neighbours": compete(
            "1-NN accuracy, 2 x 10,000 x 2,048",
            {
                "ours": lambda: metrics.nearest_neighbor_accuracy(real, fake).total,
                "scikit-learn": lambda: _accuracy_by_scikit_learn(real, fake),
            },
            rounds,
            agreement=1e-6,
        ),
        "precision and recall": compete(
            "precision and recall, 2 x 10,000 x 2,048",
            {
                "ours": lambda: sum(metrics.precision_recall(real, fake)),
                "scikit-learn and SciPy": lambda: _precision_and_recall_by_scikit_learn(real, fake),
            },
            rounds,
            agreement=1e-6,
        ),
    }


def streaming(rounds: int) -> dict:
    """Peak memory of evaluating more and more images, each time in a process of its own."""
    peaks = {count: _in_a_process_of_its_own(count) for count in (10_000, 50_000, 200_000)}
    print("| images streamed through MNIST's classifier | peak growth, MiB |\n|---|---|")
    for count, peak in peaks.items():
        print(f"| {count:,} | {peak:.0f} |")
    ratio = peaks[200_000] / peaks[50_000]
    print(f"\n4 times the images: {ratio:.2f} times the memory (a block holds 33,000)\n", flush=True)
    return {"peak_mib": peaks}


def compete(title: str, contestants: dict[str, Callable], rounds: int, agreement: float) -> dict:
    """Checks that all agree, times them, and measures the memory of ours."""
    with peak_growth() as memory:
        ours = contestants["ours"]()
    for name, run in contestants.items():
        other = float(run())
        if abs(other - ours) > agreement * abs(ours):
            raise SystemExit(f"{title}: {name} gives {other}, ours {ours}")
    seconds = alternate(contestants, rounds)
    print(table(title, seconds, "ours"))
    print(f"\nmemory of ours beside the features: {memory['mib']:.0f} MiB\n", flush=True)
    return {"title": title, "seconds": seconds, "memory_mib": memory["mib"]}


def _frechet(real, fake, trace_of_root) -> float:
    real, fake = real.astype(np.float64), fake.astype(np.float64)
    covariances = [np.cov(x, rowvar=False) for x in (real, fake)]
    means = np.sum((real.mean(axis=0) - fake.mean(axis=0)) ** 2)
    return float(means + sum(map(np.trace, covariances)) - 2 * trace_of_root(*covariances))


def _by_cholesky(real, fake):
    lower = np.linalg.cholesky(real)
    return np.sqrt(np.linalg.eigvalsh(lower.T @ fake @ lower)).sum()


def _by_eigh(real, fake):
    values, vectors = np.linalg.eigh(real)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    return np.sqrt(np.maximum(np.linalg.eigvalsh(root @ fake @ root), 0)).sum()


def _by_square_root(real, fake):
    import scipy.linalg

    return np.trace(scipy.linalg.sqrtm(real @ fake).real)


def _kernel_by_numpy(real, fake) -> float:
    def k(x, y):
        return (x @ y.T / x.shape[1] + 1) ** 3

    def mean_off_diagonal(x):
        matrix = k(x, x)
        return (matrix.sum() - np.trace(matrix)) / (len(x) * (len(x) - 1))

    parts = zip(np.split(real.astype(np.float64), 10), np.split(fake.astype(np.float64), 10), strict=True)
    return float(
        np.mean([mean_off_diagonal(x) + mean_off_diagonal(y) - 2 * k(x, y).mean() for x, y in parts])
    )


def _accuracy_by_scikit_learn(real, fake) -> float:
    from sklearn.neighbors import NearestNeighbors

    points, is_real = np.concatenate([real, fake]), np.arange(2 * len(real)) < len(real)
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(points).kneighbors()[1][:, 0]
    return float(np.mean(is_real[nearest] == is_real))


def _precision_and_recall_by_scikit_learn(real, fake) -> float:
    from sklearn.metrics import pairwise_distances_chunked
    from sklearn.neighbors import NearestNeighbors

    def share(points, manifold):
        radii = NearestNeighbors(n_neighbors=3, algorithm="brute").fit(manifold).kneighbors()[0][:, -1]
        chunks = pairwise_distances_chunked(
            points, manifold, reduce_func=lambda d, _: (d <= radii).any(axis=1)
        )
        return np.concatenate(list(chunks)).mean()

    return float(share(fake, real) + share(real, fake))


def _tensorflow_gan():
    import_tensorflow()
    from tfgan_suite.compat import tensorflow_gan

    return tensorflow_gan.eval


def _in_a_process_of_its_own(count: int) -> float:
    command = [sys.executable, "-m", "benchmarks.metrics", "--stream", str(count)]
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"TFGAN_SUITE_CACHE": cache}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout.splitlines()[-1])


def stream(count: int) -> None:
    """Prints the peak growth in MiB of measuring `count` images that are made while they are read."""
    import_tensorflow()
    from tfgan_suite.examples.examples import Examples
    from tfgan_suite.extractors import Classifier
    from tfgan_suite.extractors.extraction import default_cache, extract

    def examples(seed, count):
        def read():
            for block in range(-(-count // 1000)):
                random = np.random.default_rng((seed, block))
                yield random.integers(0, 256, (min(1000, count - 1000 * block), 28, 28, 1), dtype=np.uint8)

        return Examples("noise", count, (28, 28, 1), f"noise {seed} {count}", read)

    classifier = Classifier("mnist")
    metrics.frechet_distance(*(extract(examples(s, 500), classifier, default_cache())[0] for s in (2, 3)))
    with peak_growth() as memory:
        real, fake = (extract(examples(seed, count), classifier, default_cache()) for seed in (0, 1))
        metrics.frechet_distance(real.features, fake.features)
        metrics.inception_score(fake.probabilities)
        metrics.kernel_distance(real.features, fake.features, subsets=10)
    print(memory["mib"])


PARTS = {"frechet": frechet, "kernel": kernel, "neighbors": neighbors, "streaming": streaming}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--stream", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stream:
        return stream(options.stream)
    results = {name: PARTS[name](options.rounds) for name in options.only.split(",")}
    if options.out:
        machine = {"processor": platform.processor(), "cores": os.cpu_count(), "numpy": np.__version__}
        options.out.write_text(json.dumps({"machine": machine, **results}, indent=2) + "\n")


if __name__ == "__main__":
    main()

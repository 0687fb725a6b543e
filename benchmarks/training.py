"""Our `fit` beside other ways to train the same networks, by turns and each in its own process.

    python -m benchmarks.training [--workload ring,dcgan,wgan_gp,omniglot | all] [--rounds 5] [--seconds 4]
        [--precision mixed_bfloat16] [--peers ours-without-onednn,keras,...] [--sweep] [--json FILE]

The peers need the extra `benchmarks` (torch, jax); one whose package is missing is left out. All have equal
numbers of parameters, or nothing is timed. With TFDS_DATA_DIR the real pipelines read MNIST, CIFAR-10 and
Omniglot, otherwise scikit-learn's digits. `--sweep` trains ours alone, at several sizes.
"""

import argparse
import dataclasses
import json
import os
import statistics
from pathlib import Path

from benchmarks.contest import Result, compete, matrix_product_peak
from benchmarks.contestant_process import Entry, Failed
from benchmarks.machine import machine
from benchmarks.sweep import sweep
from benchmarks.workloads import WORKLOADS, Workload

# As `training.exact: false` has it; TensorFlow alone leaves it off without AVX-512 VNNI and the like.
ONEDNN = {"TF_ENABLE_ONEDNN_OPTS": "1"}
PEERS = {
    # What equal bits cost where oneDNN does not keep them.
    "ours-without-onednn": Entry("ours", environment={"TF_ENABLE_ONEDNN_OPTS": "0"}),
    "ours-all-threads": Entry("ours", environment=ONEDNN | {"TF_NUM_INTRAOP_THREADS": "0"}),
    "keras": Entry("peers.keras_fit"),
    # What everybody has without 16 bits, for those to beat.
    "keras-float32": Entry("peers.keras_fit", {"precision": "float32"}),
    "tensorflow": Entry("peers.tensorflow_function"),
    "tensorflow-onednn": Entry("peers.tensorflow_function", environment=ONEDNN),
    "tensorflow-split": Entry("peers.tensorflow_function", {"parts": os.cpu_count()}),
    "torch": Entry("peers.torch_modules"),
    "torch-compiled": Entry("peers.torch_modules", {"compile": True}),
    "jax": Entry("peers.jax_jit"),
}
ONLY_FOR_ONE_THREAD = "ours-all-threads", "tensorflow-split"
ONLY_FOR_16_BITS = ("keras-float32",)
REAL, CACHED = "ours, real data", "ours, one cached batch"


def contest(workload: Workload, peers: list[str], rounds: int, seconds: float) -> dict:
    """Trains, prints a table, and returns what was measured."""
    peak = matrix_product_peak(rounds, min(seconds, 1.0))
    ours = _with_threads(Entry("ours", environment=ONEDNN), workload)
    contestants = {"ours": (ours, workload)}
    for peer in peers:
        if _takes_part(peer, workload):
            contestants[peer] = _with_threads(PEERS[peer], workload), workload
    with_real_data = _with_real_data(workload)
    if with_real_data is None:
        print(f"{workload.name}: no real data to measure a pipeline with; set TFDS_DATA_DIR")
    else:
        for name, source in ((REAL, "real"), (CACHED, "cached")):
            contestants[name] = dataclasses.replace(ours, options={"input": source}), with_real_data
    results = compete(contestants, rounds, seconds)
    print(_table(workload, results, max(peak.values())))
    print(f"\nplan of ours: {results['ours'].notes['plan']}")
    if REAL in results:
        print(_input_line(with_real_data, results))
    print(flush=True)
    return {
        "workload": dataclasses.asdict(workload),
        "matrix_product_peak": peak,
        "contestants": {name: _as_json(result, results["ours"]) for name, result in results.items()},
    }


def _takes_part(peer: str, workload: Workload) -> bool:
    if peer in ONLY_FOR_ONE_THREAD:
        return workload.threads == 1
    return peer not in ONLY_FOR_16_BITS or workload.precision != "float32"


def _with_threads(entry: Entry, workload: Workload) -> Entry:
    """One of ours has the workload's threads, unless it says otherwise; a peer has its framework's choice."""
    if entry.module != "ours" or workload.threads is None:
        return entry
    threads = {"TF_NUM_INTRAOP_THREADS": str(workload.threads)}
    return dataclasses.replace(entry, environment=threads | entry.environment)


def times_theirs(ours: Result, theirs: Result) -> float:
    """Our steps a second over theirs: the median over rounds, each beside its neighbour."""
    pairs = zip(ours.seconds, theirs.seconds, strict=True)
    return statistics.median((ours.steps / a) / (theirs.steps / b) for a, b in pairs)


def _table(workload: Workload, results: dict[str, Result], peak: float) -> str:
    ours = results["ours"]
    sizes = " + ".join(f"{ours.parameters[n] / 1e6:.3f} M" for n in ("generator", "discriminator"))
    title = (
        f"{workload.name} ({sizes}), batch {workload.batch_size}, {workload.precision}, "
        f"{ours.step_operations / 1e9:.3g} GFLOP a step, peak {peak / 1e9:.0f} GFLOP/s"
    )
    lines = [
        f"| {title} | steps/s | ours / this | of float32 peak | first step, s | peak memory, MiB |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {r.steps_per_second:.4g} | {times_theirs(ours, r):.2f} | "
        f"{r.operations_per_second / peak:.0%} | {r.first_step_seconds:.1f} | {r.peak_mib:.0f} |"
        for name, r in results.items()
    ]
    return "\n".join(lines)


def _input_line(workload: Workload, results: dict[str, Result]) -> str:
    real, cached = (1e3 / results[name].steps_per_second for name in (REAL, CACHED))
    share = 1 - times_theirs(results[REAL], results[CACHED])
    kind, arguments = workload.real_data
    source = arguments.get("name", kind)
    return (
        f"input ({source}): {real:.3g} ms a step, {cached:.3g} with one cached batch; a share of {share:.1%}"
    )


def _with_real_data(workload: Workload) -> Workload | None:
    if workload.real_data[0] != "TfdsImages" or "TFDS_DATA_DIR" in os.environ:
        return workload
    size, _, channels = workload.example_shape
    if channels > 1 or size > 64:
        return None
    return dataclasses.replace(workload, real_data=("Digits", {"image_size": size}))


def _as_json(result: Result, ours: Result) -> dict:
    more = {"steps_per_second": result.steps_per_second, "ours_over_this": times_theirs(ours, result)}
    return dataclasses.asdict(result) | more


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workload", default="all", help="names, or all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of a round, about")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--sweep", action="store_true", help="step time of ours against what it depends on")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    names = list(WORKLOADS) if options.workload == "all" else options.workload.split(",")
    peers = [peer for peer in options.peers.split(",") if peer]
    for given, known in ((names, WORKLOADS), (peers, PEERS)):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    results = {"machine": machine(), "options": vars(options) | {"json": str(options.json)}}
    print(" ".join(f"{key}: {value}; " for key, value in results["machine"].items()), "\n", flush=True)
    try:
        if options.sweep:
            results["sweep"] = sweep(options.precision, options.rounds, options.seconds)
        else:
            results["workloads"] = []
            for name in names:
                workload = dataclasses.replace(WORKLOADS[name](), precision=options.precision)
                results["workloads"].append(contest(workload, peers, options.rounds, options.seconds))
    except Failed as failure:
        raise SystemExit(str(failure)) from None
    finally:
        if options.json:
            options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()

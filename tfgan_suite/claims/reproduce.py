"""Runs a claim: every trial for every seed, then the table; a second call trains only what is missing."""

import functools
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tfgan_suite import config as configs
from tfgan_suite.atomic import write_json, write_text
from tfgan_suite.claims.claim import Claim, Row, Trial, table
from tfgan_suite.errors import Diverged, UserError
from tfgan_suite.quiet import import_tensorflow


def reproduce(
    claim: Claim,
    folder: Path,
    preset: str = "cpu",
    seeds: int = 3,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    say: Callable[[str], None] = print,
) -> list[Row]:
    """Trains what is not yet trained, measures, and writes `results.json`, `report.md` and figures.

    Args:
        folder: of the claim; a second call with the same arguments continues there.
        overrides: `key=value`, put on top of every trial's config.
        jobs: processes side by side, each on its share of the cores; by default one for each core.

    Raises:
        UserError: an unknown preset, or an override that does not fit.
    """
    if preset not in claim.minutes:
        raise UserError(
            f"--preset: expected one of {', '.join(claim.minutes)} for {claim.name}, came {preset}"
        )
    folder = Path(folder)
    trials = claim.trials(preset)
    pending, exact = [], True
    for seed in range(seeds):
        for name, trial in trials.items():
            given = (*trial.overrides, *overrides, f"training.seed={seed}")
            config = configs.load(trial.config, given)  # a mistake shows before anything is trained
            exact = exact and config.training.exact
            if not _is_done(path := _result_file(folder, name, seed), config):
                pending.append((config.training.steps, (claim, name, Trial(trial.config, given), path)))
    # The longest first: one that came last would keep one process busy and the others waiting.
    pending = [job for _, job in sorted(pending, key=lambda item: item[0], reverse=True)]
    total = seeds * len(trials)
    say(f"{claim.name}: {total - len(pending)} of {total} trainings are done already")
    import_tensorflow(exact)  # the other processes inherit it
    if pending:
        claim.prepare(folder)
    _run_all(pending, jobs or os.cpu_count() or 1, say)
    results = {
        name: [json.loads(_result_file(folder, name, seed).read_text())["measured"] for seed in range(seeds)]
        for name in trials
    }
    rows = claim.rows(results)
    figures = claim.draw(results, folder)
    write_json(folder / "results.json", _summary(claim, preset, seeds, rows))
    write_text(folder / "report.md", _report(claim, preset, seeds, overrides, rows, figures))
    return rows


def _result_file(folder: Path, trial: str, seed: int) -> Path:
    return folder / "trials" / f"{trial}-seed{seed}.json"


def _is_done(path: Path, config: configs.Config) -> bool:
    return path.is_file() and json.loads(path.read_text())["config"] == config.resolved()


def _run_all(pending: list, jobs: int, say: Callable[[str], None]) -> None:
    if jobs == 1 or len(pending) < 2:
        for number, job in enumerate(pending, 1):
            say(f"[{number}/{len(pending)}] {run_trial(*job)}")
        return
    threads = max(1, (os.cpu_count() or 1) // jobs)
    # Spawned, since TensorFlow does not survive a fork.
    context = multiprocessing.get_context("spawn")
    begin = {"initializer": _begin_worker, "initargs": (threads, os.getpid())}
    with ProcessPoolExecutor(jobs, context, **begin) as pool:
        futures = [pool.submit(run_trial, *job) for job in pending]
        try:
            for number, future in enumerate(as_completed(futures), 1):
                say(f"[{number}/{len(pending)}] {future.result()}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _begin_worker(count: int, parent: int) -> None:
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    import_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def end_with(parent: int) -> None:
    """Ends this process when its parent has ended: the workers of a killed pool would train on."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def run_trial(claim: Claim, name: str, trial: Trial, path: Path) -> str:
    """Trains and measures one trial, writes its file, and returns a line about it."""
    import keras

    from tfgan_suite.experiment import build_experiment

    config = configs.load(trial.config, trial.overrides)
    keras.backend.clear_session()
    experiment = build_experiment(config, _dataset(json.dumps(config.data)))
    training = config.training
    watched = []
    watcher = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: watched.append(claim.watch(name, experiment))
    )
    try:
        experiment.model.fit(
            experiment.minibatches(0),
            steps_per_epoch=training.log_every,
            epochs=training.steps // training.log_every,
            callbacks=[watcher],
            verbose=0,
        )
        measured = claim.measure(name, experiment, path.parents[1])
        if None not in watched:
            measured["watched"] = watched
    except Diverged as error:
        measured = {"diverged": str(error)}
    write_json(path, {"config": config.resolved(), "measured": measured})
    shown = {key: round(float(value), 4) for key, value in measured.items() if isinstance(value, float | int)}
    return f"{path.stem}: {measured.get('diverged') or shown}"


@functools.lru_cache(maxsize=4)
def _dataset(spec: str):
    """Data are decoded once in a process, not once a trial."""
    return configs.build(json.loads(spec), "data", "data")


def _summary(claim: Claim, preset: str, seeds: int, rows: Sequence[Row]) -> dict:
    fields = (
        "name",
        "published",
        "reference",
        "tolerance",
        "at_least",
        "at_most",
        "values",
        "mean",
        "spread",
        "verdict",
    )
    return {
        "claim": claim.name,
        "source": claim.source,
        "preset": preset,
        "seeds": seeds,
        "rows": [{field: getattr(row, field) for field in fields} for row in rows],
    }


def _report(claim, preset, seeds, overrides, rows, figures) -> str:
    missed = sum(row.verdict == "missed" for row in rows)
    judged = sum(row.verdict != "reported" for row in rows)
    parts = [
        f"# {claim.name}",
        f"Source: {claim.source}.",
        f"Protocol: {claim.protocol} Preset `{preset}`, {seeds} seeds; ours is mean +- standard deviation.",
        f"{judged - missed} of {judged} judged quantities reached on every seed.",
        *(["Overrides: " + ", ".join(f"`{o}`" for o in overrides) + "."] if overrides else []),
        table(rows),
        *(f"![{figure.stem}]({figure.name})" for figure in figures),
    ]
    return "\n\n".join(parts) + "\n"

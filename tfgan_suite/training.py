"""A config to a trained, measured and exported generator."""

import sys
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from tfgan_suite import callbacks, checkpoint
from tfgan_suite.atomic import write_json
from tfgan_suite.cache import default_cache
from tfgan_suite.config import Config, build
from tfgan_suite.errors import WorkerLost
from tfgan_suite.evaluation import DatasetReference, Evaluator
from tfgan_suite.examples.samples import ModelSamples
from tfgan_suite.experiment import Experiment, build_experiment
from tfgan_suite.export import export
from tfgan_suite.report import write_report
from tfgan_suite.run import Run
from tfgan_suite.strategy import description, is_chief

REAL_POINTS = 2000  # plotted beneath samples that are points


def train(
    config: Config,
    directory: Path,
    resume: bool = False,
    say: Callable[[str], None] = print,
    strategy: tf.distribute.Strategy | None = None,
) -> Run:
    """Trains in the folder `directory`, measures, reports and exports.

    With `resume` the run in the folder goes on from its newest good checkpoint, and ends as if it had never
    stopped. On several workers, which share the folder, the first writes it; a run may go on with another
    `strategy`.

    Raises:
        UserError: the config does not fit the data, or the folder is not the one expected.
        Diverged: a loss or a weight is not finite; the last good checkpoint stays.
        WorkerLost: another worker stopped.
    """
    strategy = strategy or tf.distribute.get_strategy()
    run = Run.open(directory) if resume else Run(directory)
    with strategy.scope():
        experiment = build_experiment(config)
    if not is_chief(strategy):
        _fit_beside_the_chief(run, experiment, resume)
        return run
    evaluator = evaluator_of(experiment)
    if config.evaluation.best is not None:
        evaluator.check_best(config.evaluation.best)
    if resume:
        run.check_continues(experiment)
        start = _restore(run, experiment, say)
    else:
        run.create(experiment)
        start = 0
    describe(experiment, say)
    _fit(run, experiment, evaluator, start)
    finish(run, experiment, evaluator, say)
    return run


def describe(experiment: Experiment, say: Callable[[str], None]) -> None:
    """What is about to be trained, in a few lines."""
    model, training = experiment.model, experiment.config.training
    networks = {id(n): n for player in model.players().values() for n in player.networks}.values()
    sizes = ", ".join(f"{n.name} {n.count_params():,} weights" for n in networks)
    say(f"data        {experiment.dataset.name}, examples of shape {experiment.dataset.example_shape}")
    objective = f" with {model.objective}" if hasattr(model, "objective") else ""
    say(f"model       {type(model).__name__}{objective}: {sizes}")
    where = description(model.distribute_strategy)
    say(f"training    {training.steps} steps of batch {training.batch_size}, seed {training.seed}, {where}")


def finish(run: Run, experiment: Experiment, evaluator: Evaluator, say: Callable[[str], None]) -> None:
    """Measures, reports, exports, and says where each is."""
    evaluation = evaluator.measure(ModelSamples(experiment.model, run.name))
    write_json(run.evaluation_file, evaluation.as_dict())
    about = {"run": str(run.directory), "step": experiment.model.step}
    saved_model = export(experiment.model, Path("savedmodels") / run.name, about)
    write_report(run, experiment, evaluation, saved_model)
    say(evaluation.table())
    say("")
    best = checkpoint.read_best(run.checkpoints)
    if best is not None:
        say(f"best        {best['metric']} {best['value']:.4g} at step {best['step']} (--checkpoint best)")
    for picture in sorted(run.samples.glob("step-*.png"))[-1:]:
        say(f"samples     {picture}")
    say(f"report      {run.report_file}")
    say(f"SavedModel  {saved_model}")


def evaluator_of(experiment: Experiment) -> Evaluator:
    """The evaluation that the config asks for."""
    config, dataset = experiment.config, experiment.dataset
    wanted, extractor = config.evaluation, None
    if wanted.extractor is not None:
        path = config.at("evaluation.extractor")
        extractor = build(wanted.extractor, "extractors", path, dataset=dataset)
    return Evaluator(
        DatasetReference(dataset, wanted.split),
        extractor,
        wanted.metrics,
        wanted.samples,
        wanted.real_samples,
        wanted.seed,
        default_cache(),
    )


def _restore(run: Run, experiment: Experiment, say) -> int:
    path, messages = checkpoint.restore_newest(experiment.model, run.checkpoints)
    for message in messages:
        say(f"passed over {message}")
    step = experiment.model.step
    run.forget_after(step)
    say(f"resuming    at step {step}" + ("" if path is None else f", from {path}"))
    return step


def _fit_beside_the_chief(run: Run, experiment: Experiment, resume: bool) -> None:
    """What a worker does that writes nothing."""
    if resume:
        checkpoint.restore_newest(experiment.model, run.checkpoints)
    _fit_with(experiment, experiment.model.step, verbose=0, callbacks=[])


def _fit_with(experiment: Experiment, start: int, **options) -> None:
    training = experiment.config.training
    if start >= training.steps:
        return
    try:
        experiment.model.fit(
            experiment.minibatches(start),
            steps_per_epoch=training.log_every,
            initial_epoch=start // training.log_every,
            epochs=training.steps // training.log_every,
            **options,
        )
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        if experiment.model.distribute_strategy.cluster_resolver is None:
            raise
        raise WorkerLost("another worker stopped; start all of them again, with --resume") from error


def _fit(run: Run, experiment: Experiment, evaluator: Evaluator, start: int) -> None:
    training, dataset = experiment.config.training, experiment.dataset
    wanted = experiment.config.evaluation
    writer = tf.summary.create_file_writer(str(run.tensorboard))
    is_image = len(dataset.example_shape) == 3
    real = None if is_image else dataset.examples("test", REAL_POINTS, seed=training.seed)
    evaluate = best = None
    if wanted.every:
        evaluate = callbacks.Evaluate(evaluator, run.evaluations_file, wanted.every, wanted.share, writer)
    if wanted.best:
        best = callbacks.BestCheckpoint(evaluate, run.checkpoints, wanted.best)
    # In this order: what is measured may be the best, what is best can be restored.
    optional = [evaluate, best, _alarm(run, experiment, best)]
    _fit_with(
        experiment,
        start,
        verbose=1 if sys.stdout.isatty() else 2,
        callbacks=[
            callbacks.MetricsLog(run.metrics_file, writer),
            callbacks.SampleGrid(
                run.samples,
                training.sample_every,
                count=64 if is_image else REAL_POINTS,
                real=real,
                writer=writer,
            ),
            *(callback for callback in optional if callback is not None),
            # Last: see its docstring.
            callbacks.Checkpoint(run.checkpoints, training.checkpoint_every, training.keep_checkpoints),
        ],
    )
    writer.close()


def _alarm(
    run: Run, experiment: Experiment, best: callbacks.BestCheckpoint | None
) -> callbacks.CollapseAlarm | None:
    wanted, dataset, training = experiment.config.alarm, experiment.dataset, experiment.config.training
    if wanted.every is None:
        return None
    count = min(wanted.samples, dataset.size("train") or wanted.samples)
    is_conditional = experiment.model.num_classes is not None
    real = dataset.examples("train", count, seed=training.seed, labels=is_conditional)
    return callbacks.CollapseAlarm(
        real,
        wanted.every,
        wanted.action,
        wanted.after,
        wanted.patience,
        best,
        run.alarms_file,
        seed=training.seed,
    )

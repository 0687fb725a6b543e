"""The command line. Nothing here imports TensorFlow before a command needs it."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tfgan_suite import __version__
from tfgan_suite.errors import Diverged, UserError, WorkerLost
from tfgan_suite.quiet import import_tensorflow

EXIT_DIVERGED, EXIT_USER_ERROR, EXIT_WORKER_LOST, EXIT_INTERRUPTED = 1, 2, 3, 130
EXIT_PIPE_CLOSED = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0 done, 1 diverged, 2 a mistake, 3 a worker was lost."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except Diverged as error:
        print(f"error: {error}\nThe last good checkpoint, if there is one yet, is kept.", file=sys.stderr)
        return EXIT_DIVERGED
    except WorkerLost as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_WORKER_LOST
    except KeyboardInterrupt:
        print("interrupted; --resume continues from the last checkpoint", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read the output, such as `head`, has enough
        # Python writes what is left at its end, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE_CLOSED
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="tfgan-suite", description="Train, measure and export generative adversarial networks."
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(function, help: str, epilog: str | None = None) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            function.__name__.strip("_").replace("_", "-"),
            help=help,
            description=help,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=function)
        return sub

    sub = command(train, "Train a config; then measure, report and export it.", _TRAIN_EPILOG)
    _add_config(sub)
    sub.add_argument("--output", type=Path, metavar="DIR", help="folder of the run (default: a new runs/...)")
    sub.add_argument("--resume", action="store_true", help="continue the run from its newest good checkpoint")
    sub.add_argument(
        "--strategy",
        choices=("auto", "mirrored", "multi_worker", "none"),
        default="auto",
        help="auto (default): all GPUs of this machine, the machines of TF_CONFIG where it is set",
    )

    sub = command(tune, "Time ways to execute a config on this machine, and say which is fastest.")
    _add_config(sub)
    sub.add_argument("--seconds", type=float, default=3.0, metavar="S", help="of one round (default: 3)")
    sub.add_argument("--rounds", type=_positive, default=3, metavar="N", help="of each way (default: 3)")
    sub.add_argument("--json", type=Path, metavar="FILE", help="for the numbers of every round")

    sub = command(sample, "Write samples of a run or of an exported SavedModel.")
    sub.add_argument("source", type=Path, metavar="RUN_OR_SAVEDMODEL")
    sub.add_argument("--num", type=_positive, default=64, metavar="N", help="how many (default: 64)")
    sub.add_argument("--seed", type=int, default=0, metavar="S", help="of the samples (default: 0)")
    _add_checkpoint(sub)
    sub.add_argument("--out", type=Path, required=True, metavar="FILE.png|FILE.npy|FOLDER")

    sub = command(export, "Export a run's generator as the next version of a SavedModel.")
    sub.add_argument("source", type=Path, metavar="RUN")
    sub.add_argument("--out", type=Path, metavar="DIR", help="default: savedmodels/<run>")
    sub.add_argument(
        "--attributes",
        action="store_true",
        help="also generate by the data's labels, and change them, in a model with an encoder",
    )
    _add_checkpoint(sub)

    sub = command(evaluate, "Measure samples against real data, beside real against real.", _EVALUATE_EPILOG)
    _add_evaluation(sub)

    sub = command(compare, "Lay evaluations side by side, where they were measured alike.")
    sub.add_argument("sources", nargs="+", type=Path, metavar="RUN_OR_JSON")
    sub.add_argument("--mixed", action="store_true", help="also where they were not, saying what differs")

    sub = command(
        train_classifier, "Train a small classifier, whose features and probabilities score samples."
    )
    sub.add_argument("data", metavar="DATASET", help="as in evaluate --reference")
    sub.add_argument("--epochs", type=_positive, default=10, metavar="N", help="default: 10")
    sub.add_argument("--width", type=_positive, default=32, metavar="N", help="of the network (default: 32)")
    sub.add_argument("--seed", type=int, default=0, metavar="S")
    sub.add_argument("--out", type=Path, metavar="DIR", help="default: savedmodels/<dataset>-classifier")

    sub = command(reproduce, "Run a published result as an experiment: published | ours | verdict.")
    sub.add_argument("claim", nargs="?", metavar="NAME", help="one of --list")
    sub.add_argument("--list", action="store_true", help="show all claims, with their expected time")
    sub.add_argument("--preset", default="cpu", help="cpu (default) or paper")
    sub.add_argument("--seeds", type=_positive, default=3, metavar="N", help="trainings of each (default: 3)")
    sub.add_argument("--jobs", type=_positive, metavar="N", help="processes at once (default: one a core)")
    sub.add_argument("--output", type=Path, metavar="DIR", help="default: runs/<claim>-<preset>")
    _add_set(sub)

    command(_list, "List objectives, regularizers, models, networks, datasets, metrics and configs.")

    sub = command(show, "Show a config with every default, and the players, terms and weights it makes.")
    _add_config(sub)
    return top


def train(options: argparse.Namespace) -> None:
    from tfgan_suite import config as configs

    config = configs.load(options.config, options.set)
    import_tensorflow(config.training.exact, config.training.threads)
    from tfgan_suite.strategy import choose_strategy

    strategy = choose_strategy(options.strategy)  # first of all: TensorFlow wants it so for several workers
    from tfgan_suite.run import default_directory
    from tfgan_suite.training import train

    if options.output is None and options.strategy == "multi_worker":
        raise UserError("--output: expected the folder of the run, the same for all workers, came none")
    directory = options.output or default_directory(options.config, options.resume)
    print(f"run         {directory}", flush=True)
    train(config, directory, options.resume, lambda line: print(line, flush=True), strategy)


def tune(options: argparse.Namespace) -> None:
    from tfgan_suite.atomic import write_json
    from tfgan_suite.tuning.trial import NotPossible
    from tfgan_suite.tuning.tune import as_json, report, tune

    def say(line):
        print(line, flush=True)

    try:
        timings = tune(options.config, options.set, options.seconds, options.rounds, say)
    except NotPossible as problem:
        raise UserError(f"{options.config}: does not train as it is: {problem}") from problem
    say(f"\n{report(timings)}")
    if options.json:
        write_json(options.json, as_json(timings))


def sample(options: argparse.Namespace) -> None:
    import_tensorflow()
    from tfgan_suite.sampling import samples_of, write_samples

    samples = samples_of(options.source, checkpoint=options.checkpoint)
    write_samples(samples.draw(options.num, options.seed), options.out)
    print(options.out)


def export(options: argparse.Namespace) -> None:
    import_tensorflow()
    from tfgan_suite.export import export
    from tfgan_suite.run import Run

    run = Run.open(options.source)
    experiment = run.load(options.checkpoint)
    model = experiment.model
    about = {"run": str(run.directory), "step": model.step}
    attributes = _labels_in_latents(experiment) if options.attributes else None
    print(export(model, options.out or Path("savedmodels") / run.name, about, attributes))


def _labels_in_latents(experiment):
    """`LatentAttributes` of held-out examples' labels."""
    from tfgan_suite.latent_attributes import LatentAttributes

    examples, labels = experiment.dataset.examples("test", labels=True)
    try:
        return LatentAttributes.fit(experiment.model, examples, labels)
    except ValueError as error:
        raise UserError(f"export --attributes: {error}") from error


def evaluate(options: argparse.Namespace) -> None:
    if options.source is None and not options.self_check:
        raise UserError("evaluate: expected what to measure, or --self-check")
    import_tensorflow()
    from tfgan_suite.evaluation.command import Request, evaluate, self_check
    from tfgan_suite.evaluation.words import Reading

    given = vars(options)
    reading = Reading(**{name: given.pop(name) for name in Reading.__dataclass_fields__})
    names = set(Request.__dataclass_fields__) & set(given)
    request = Request(**{name: given[name] for name in names}, reading=reading)
    if not options.self_check:
        evaluate(request)
    elif not self_check(request):
        raise UserError(
            "--self-check: a number was not reproduced: do not publish what this extractor measures"
        )


def compare(options: argparse.Namespace) -> None:
    from tfgan_suite.evaluation.comparison import compare
    from tfgan_suite.evaluation.measurement import Evaluation

    files = {str(p): p / "evaluation.json" if p.is_dir() else p for p in options.sources}
    print(compare({name: Evaluation.read(file) for name, file in files.items()}, options.mixed))


def train_classifier(options: argparse.Namespace) -> None:
    import_tensorflow()
    from tfgan_suite.classifier import train_classifier
    from tfgan_suite.evaluation.words import data_spec, dataset_of

    dataset = dataset_of(options.data, "DATASET")
    directory = options.out or Path("savedmodels") / f"{dataset.name}-classifier"
    given = {"epochs": options.epochs, "width": options.width, "seed": options.seed}
    print(train_classifier(dataset, directory, **given, data=data_spec(options.data)))


def reproduce(options: argparse.Namespace) -> None:
    from tfgan_suite.claims import CLAIMS, table

    if options.list or options.claim is None:
        for claim in CLAIMS.values():
            times = ", ".join(f"{preset} {minutes:g} min" for preset, minutes in claim.minutes.items())
            print(f"{claim.name:<30} {times:<24} {claim.source}")
        return
    if options.claim not in CLAIMS:
        raise UserError(f"reproduce: expected one of {', '.join(CLAIMS)}, came {options.claim}")
    from tfgan_suite.claims.reproduce import reproduce

    folder = options.output or Path("runs") / f"{options.claim}-{options.preset}"
    rows = reproduce(
        CLAIMS[options.claim],
        folder,
        options.preset,
        options.seeds,
        options.set,
        options.jobs,
        say=lambda line: print(line, flush=True),
    )
    print(table(rows))
    print(f"\nreport      {folder / 'report.md'}")


def _list(options: argparse.Namespace) -> None:
    from tfgan_suite.config.catalogue import PACKAGE

    for title in (
        "objectives",
        "objectives.divergences",
        "priors",
        "regularizers",
        "models",
        "networks",
        "data",
        "metrics",
    ):
        print(f"{title}:")
        for entry in PACKAGE.components(title).values():
            print(f"  {entry.name:<26} {entry.summary}")
    print("configs:")
    for path in sorted(Path("configs").glob("*/*.yaml")):
        print(f"  {path!s:<34} {path.read_text(encoding='utf-8').splitlines()[0].lstrip('# ')}")


def show(options: argparse.Namespace) -> None:
    from tfgan_suite import config as configs

    config = configs.load(options.config, options.set)
    print(configs.dump(config))
    import_tensorflow(config.training.exact, config.training.threads)
    from tfgan_suite.experiment import build_experiment

    experiment = build_experiment(config)
    terms = experiment.terms()
    print(f"# data: {experiment.dataset.name}, examples of shape {experiment.dataset.example_shape}")
    print(f"# {experiment.model.execution}")
    for name, player in experiment.model.players().items():
        networks = ", ".join(f"{n.name} ({n.count_params():,} weights)" for n in player.networks)
        print(f"# player {name}: {player.steps} step(s) each, moves {networks}")
        for term in (t for t in terms if t.startswith(f"{name}/")):
            print(f"#   minimises {term}")


def _add_config(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("config", type=Path, metavar="CONFIG", help="a YAML file, as those in configs/")
    _add_set(sub)


def _add_evaluation(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "source",
        nargs="?",
        metavar="WHAT",
        help="a run, a SavedModel, a folder of images, an .npy or .npz file",
    )
    sub.add_argument(
        "--reference",
        metavar="DATASET[:SPLIT]",
        help="digits, mnist, cifar10:train, '{type: ImageFolder, path: ...}', a config, a folder, an array "
        "(default for a run: its own held-out data)",
    )
    sub.add_argument(
        "--metrics", metavar="M,M", help="names of `list`, or '{type: kernel_distance, subsets: 100}'"
    )
    sub.add_argument("--samples", type=_positive, metavar="N", help="how many (default: at most 2,000)")
    sub.add_argument(
        "--real-samples", type=_positive, metavar="N", help="to measure against (default: as many)"
    )
    sub.add_argument("--extractor", metavar="E", help="Pixels, Classifier, Inception, '{type: Layer, ...}'")
    sub.add_argument(
        "--seed", type=int, metavar="S", help="of samples, of the choice and of metrics that draw"
    )
    sub.add_argument("--out", type=Path, metavar="FILE.json", help="default: beside WHAT")
    _add_checkpoint(sub)
    sub.add_argument("--self-check", action="store_true", help="measure what the extractor should reproduce")
    files = sub.add_argument_group("files and SavedModels of others")
    files.add_argument(
        "--image-size", type=_positive, metavar="N", help="crop and resize image files to N x N"
    )
    files.add_argument("--channels", choices=("auto", "grey", "rgb"), default="auto", help="of image files")
    files.add_argument("--strict", action="store_true", help="stop at a file that cannot be read")
    files.add_argument(
        "--value-range", type=float, nargs=2, metavar=("LOW", "HIGH"), help="black and white in an array"
    )
    files.add_argument(
        "--latents",
        choices=("normal", "uniform", "symmetric_uniform"),
        help="of a SavedModel that does not say",
    )


def _add_set(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override one value, e.g. training.steps=500 or model.objective=Hinge; may be repeated",
    )


def _add_checkpoint(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--checkpoint",
        type=_checkpoint,
        default="last",
        metavar="best|last|STEP",
        help="of a run (default: last); best needs evaluation.best in its config",
    )


def _checkpoint(text: str) -> str | int:
    if text in ("best", "last"):
        return text
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected best, last or a step, came {text!r}")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a positive integer, came {text!r}")
    return int(text)


_TRAIN_EPILOG = """\
examples:
  tfgan-suite train configs/digits/gan.yaml
  tfgan-suite train configs/digits/gan.yaml --set training.steps=500 --output runs/short
  tfgan-suite train configs/digits/gan.yaml --output runs/short --resume
"""

_EVALUATE_EPILOG = """\
examples:
  tfgan-suite evaluate runs/digits-gan
  tfgan-suite evaluate runs/mnist-gan --samples 10000 --metrics "frechet_distance, support_size"
  tfgan-suite evaluate samples/ --reference cifar10:train --extractor Inception --samples 10000
  tfgan-suite evaluate theirs.npz --reference mnist --value-range 0 1
  tfgan-suite evaluate --self-check --extractor Inception
"""

if __name__ == "__main__":
    sys.exit(main())

"""A run on a page: what was trained, how the losses went, what came out."""

import json
from pathlib import Path

from tfgan_suite import json_lines
from tfgan_suite.atomic import replacing, write_text
from tfgan_suite.evaluation import Evaluation
from tfgan_suite.experiment import Experiment
from tfgan_suite.run import Run


def write_report(run: Run, experiment: Experiment, evaluation: Evaluation, saved_model: Path | None) -> None:
    """Writes `report.md`, and `losses.png` beside it."""
    lines = json_lines.read(run.metrics_file)
    draw_losses(lines, run.losses_picture)
    manifest = json.loads(run.manifest_file.read_text())
    seconds = sum(
        line["seconds_per_step"] * (line["step"] - before)
        for before, line in zip([0, *(line["step"] for line in lines)], lines, strict=False)
    )
    config, model = experiment.config, experiment.model
    pictures = sorted(run.samples.glob("step-*.png"))
    last = {k: v for k, v in lines[-1].items() if k not in ("step", "seconds_per_step")} if lines else {}
    parts = [
        f"# {run.name}",
        f"{model.step} steps of batch {config.training.batch_size} on {experiment.dataset.name}, "
        f"seed {config.training.seed}, {seconds:.0f} s of training. {model.execution}.",
        *([f"![samples]({pictures[-1].relative_to(run.directory)})"] if pictures else []),
        "## Quality",
        evaluation.table(),
        "## Losses",
        f"![losses]({run.losses_picture.name})",
        "Means over the last logged steps:",
        "\n".join(["| term | value |", "|---|---|", *(f"| {k} | {v:.4g} |" for k, v in last.items())]),
        "## Networks",
        "\n".join(
            f"- {name}: {', '.join(f'{n.name} ({n.count_params():,} weights)' for n in player.networks)}, "
            f"{player.steps} step{'s' if player.steps > 1 else ''} each"
            for name, player in model.players().items()
        ),
        "## Where things are",
        *([f"SavedModel: `{saved_model}`"] if saved_model else []),
        f"Versions: {', '.join(f'{k} {v}' for k, v in manifest['versions'].items())}; "
        f"data fingerprint {manifest['data']['fingerprint']}.",
        "```yaml\n" + run.config_file.read_text() + "```",
    ]
    write_text(run.report_file, "\n\n".join(parts) + "\n")


def draw_losses(lines: list[dict], path: Path) -> None:
    """Every term over the steps, one row for each player."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    terms = [key for key in (lines[-1] if lines else {}) if "/" in key]
    players = list(dict.fromkeys(term.split("/")[0] for term in terms))
    figure = Figure(figsize=(8, 2.6 * max(len(players), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    for row, player in enumerate(players):
        axes = figure.add_subplot(len(players), 1, row + 1)
        for term in (t for t in terms if t.startswith(f"{player}/")):
            points = [(line["step"], line[term]) for line in lines if term in line]
            axes.plot(*zip(*points, strict=True), label=term, linewidth=1.2)
        axes.grid(alpha=0.3)
        axes.legend(loc="upper right", fontsize=8)
        axes.set_xlabel("training step" if row == len(players) - 1 else "")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)

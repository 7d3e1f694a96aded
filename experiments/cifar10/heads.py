"""A network fine-tuned on the labels of a linear head that hides weak features, or does not.

``python -m experiments.cifar10.heads --features features.npz --data FILE --weights FILE``.

The head is the min-norm fit of the true labels of m rows of a half of the feature file's train
images, on the features of the very network that is then fine-tuned.  Its labels for the other
half are hard: of the head as it is (``head-naive``), with the modes dropped by the mask of
section 4 (``head-masked``), or gained as section 3 asks (``head-gained``); ``head-strong`` are
the true labels of the same images.  n, for mask and gains, is the number of images that the
network learns on.  Runs resume, and are records like those of ``experiments.cifar10``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.report.output import markdown_table

from .. import streams
from . import linear, population, results
from .__main__ import open_experiment
from .config import PRESETS, SOURCES, Place, Run, passes
from .figure import mean_interval

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
KINDS = ("head-strong", "head-naive", "head-masked", "head-gained")


def labels(
    people: population.Population, true_labels: np.ndarray, m: int, n: int, seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Rows of the pool that the students get, (n,), and per kind their class numbers, (n,).

    ``true_labels`` are those of all rows of the pool.
    """
    from kdverify.rows import fit

    generator = streams.stream(seed, "rows of teacher and head")
    for name, size in (("m", m), ("n", n)):
        if checks.count(name, size, 2) > people.half:
            raise ValueError(f"{name}={size} must be at most {people.half}, half of the features")
    chosen = generator.choice(people.half, m, replace=False)
    rows = people.half + np.sort(generator.permutation(len(people.rows) - people.half)[:n])
    head = fit(people.rows[chosen], people.labels[chosen])
    found = {"head-strong": true_labels[rows]}
    for name, factor in linear.transforms(people.eigenvalues, n).items():
        scores = people.rows[rows] @ (factor[:, None] * head) + people.prior
        found[f"head-{name}"] = scores.argmax(axis=1)
    return rows, found


def compare(folder: Path) -> list[dict[str, Any]]:
    """A row per kind: seeds, mean accuracy, of its labels too, paired difference to the naive one.

    Half-widths are those of 95 % Student-t intervals over seeds.
    """
    found: dict[str, dict[int, dict[str, float]]] = {}
    for record in results.read(folder):
        run = record["run"]
        found.setdefault(run["kind"], {})[run["seed"]] = record["result"]
    naive = found.get("head-naive", {})
    rows = []
    for kind in (kind for kind in KINDS if kind in found):
        of_kind = found[kind]
        mean, half = mean_interval([r["accuracy"] for r in of_kind.values()])
        pairs = [
            of_kind[s]["accuracy"] - naive[s]["accuracy"] for s in of_kind.keys() & naive.keys()
        ]
        gap, width = mean_interval(pairs) if pairs else (None, None)
        rows.append(
            {
                "kind": kind,
                "seeds": len(of_kind),
                "label_accuracy": float(np.mean([r["label_accuracy"] for r in of_kind.values()])),
                "accuracy": mean,
                "accuracy_half_width": half,
                "less_naive": gap,
                "less_naive_half_width": width,
            }
        )
    return rows


def report(folder: Path) -> str:
    """Accuracy of every kind, and its paired difference to the naive one, with 95 % intervals."""
    lines = []
    for row in compare(folder):
        line = f"{row['kind']:<12} {row['seeds']} seeds, accuracy {row['accuracy']:.4f} "
        line += f"± {row['accuracy_half_width']:.4f}"
        if row["less_naive"] is not None:
            line += f", less naive {row['less_naive']:+.4f} ± {row['less_naive_half_width']:.4f}"
        lines.append(line)
    return "\n".join(lines)


def markdown(folder: Path) -> str:
    """`compare` as a table for a page."""
    head = ["labels", "seeds", "accuracy of the labels", "accuracy of the network", "less naive"]
    rows = []
    for row in compare(folder):
        accuracy = f"{row['accuracy']:.4f} ± {row['accuracy_half_width']:.4f}"
        gap = f"{row['less_naive']:+.4f} ± {row['less_naive_half_width']:.4f}"
        cells = [row["kind"].removeprefix("head-"), str(row["seeds"])]
        cells += [f"{row['label_accuracy']:.4f}", accuracy, gap]
        rows.append(cells)
    return markdown_table(head, rows)


@app.command()
def main(
    features: Annotated[str, typer.Option(help="A file of experiments.cifar10.features.")],
    out: Annotated[str, typer.Option(help="Folder of the results, resumed.")],
    preset: Annotated[str, typer.Option(help="paper, cpu or smoke.")] = "cpu",
    data: Annotated[str | None, typer.Option(help="The images of the features.")] = None,
    weights: Annotated[str | None, typer.Option(help="The network of the features.")] = None,
    m: Annotated[int, typer.Option("-m", help="Rows of the head.")] = 1000,
    n: Annotated[int, typer.Option("-n", help="Images of the network.")] = 1000,
    seed: Annotated[list[int] | None, typer.Option(help="Seeds; repeatable.")] = None,
    epoch_images: Annotated[
        int | None,
        typer.Option(help="Images in an epoch of the schedule, in whole passes. [all there are]"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cuda, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="As for experiments.cifar10.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
) -> None:
    """Fine-tune the network on the four kinds of labels."""
    from kdverify import images

    checks.choice("preset", preset, tuple(PRESETS))
    people = population.from_file(Path(features))
    with np.load(features, allow_pickle=False) as content:
        rows, truth = content["train_rows"], content["train_labels"]
    base = PRESETS[preset]
    source = (data or SOURCES[preset][0], weights or SOURCES[preset][1])
    pictures = images.load(source[0])
    there = rows.max() < len(pictures.train)
    if not there or not np.array_equal(pictures.train_labels[rows], truth):
        raise ValueError(f"data={checks.shown(source[0])} must be the images of the features")
    if epoch_images is not None:
        checks.count("epoch_images", epoch_images, 2)
    settings = replace(
        base,
        train_size=checks.count("n", n, 2),
        repeats=passes(n, epoch_images or len(pictures.train)),
        seeds=tuple(seed) if seed else base.seeds,
        test_each_epoch=False,
    ).checked()
    place = Place(device, precision, threads=threads)
    experiment = open_experiment(settings, pictures, source[1], Path(out), place)
    for run_seed in settings.seeds:
        perform(experiment, people, rows, truth, m, n, run_seed)
    print(report(Path(out)))


def perform(
    experiment: Any,
    people: population.Population,
    train_rows: np.ndarray,
    truth: np.ndarray,
    m: int,
    n: int,
    seed: int,
) -> list[Path]:
    """The four runs of one seed; ``train_rows`` are the images behind the pool's rows."""
    import torch

    chosen, by_kind = labels(people, truth, m, n, seed)
    files = []
    for kind, given in by_kind.items():
        figures = {"label_accuracy": float((given == truth[chosen]).mean()), "head_rows": m}
        run = Run(kind, seed)
        files.append(experiment.train(run, train_rows[chosen], torch.from_numpy(given), figures))
    return files


if __name__ == "__main__":
    run_app(app, "heads")

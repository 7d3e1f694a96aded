"""S2T targets on images that their surrogate never saw: the two stages of the theory.

``python -m experiments.cifar10.fresh --base DIR --out DIR -n 2000 -n 20000 --seed 0``.

In figure 2a the surrogate labels the very images that it learned on.  The theory's second stage
has fresh data.  Here the surrogates of a finished run (``--base``, of the same preset and
settings) label N other images of the train split, by hard and by soft labels, and a target
learns on these alone, for the steps of the preset's target: where N is larger than the number
of images of the base, an epoch of the schedule goes through a part of them.  OUT/LABELS-N holds
the records; runs resume as those of ``experiments.cifar10``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.report.output import document, markdown_table, write_json

from . import results
from .__main__ import open_experiment
from .config import LABELS, PRESETS, RESOLUTIONS, SOURCES, Place, Settings, runs
from .figure import mean_interval

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def settings_for(base: Settings, size: int, labels: str) -> Settings:
    """The base's targets on ``size`` fresh images with ``labels``, for the base's steps.

    Where ``size`` is not a multiple of the base's number of images the steps differ by the rest.
    """
    assert base.train_size is not None
    return replace(
        base, fresh=size, labels=labels, epochs_per_pass=max(1, round(size / base.train_size))
    ).checked()


def compare(base: Sequence[dict[str, Any]], records: Sequence[dict[str, Any]]) -> list[Any]:
    """A row per surrogate, labels and number of fresh images, paired by seed with the base.

    ``less_base`` is the accuracy less that of the base's S2T target, which learned hard labels of
    the images that its surrogate saw; ``less_surrogate`` less that of its surrogate.
    """
    known = {r["run"]["name"]: r["result"]["accuracy"] for r in base}
    groups: dict[tuple[tuple[int, ...], str, int], list[dict[str, Any]]] = {}
    for record in records:
        used = record["settings"]
        key = (tuple(record["run"]["channels"]), used["labels"], used["fresh"])
        groups.setdefault(key, []).append(record)
    rows = []
    for (channels, labels, size), group in sorted(
        groups.items(), key=lambda item: (-sum(item[0][0]), item[0][1:])
    ):
        accuracy = {r["run"]["name"]: r["result"]["accuracy"] for r in group}
        row = {"channels": list(channels), "labels": labels, "fresh": size, "seeds": len(group)}
        row["label_accuracy"] = sum(r["result"]["label_accuracy"] for r in group) / len(group)
        row["accuracy"], row["accuracy_half_width"] = mean_interval(list(accuracy.values()))
        for kind, word in (("s2t", "base"), ("surrogate", "surrogate")):
            pairs = [
                value - known[name.replace("s2t", kind)]
                for name, value in accuracy.items()
                if name.replace("s2t", kind) in known
            ]
            found = mean_interval(pairs) if pairs else (None, None)
            row[f"less_{word}"], row[f"less_{word}_half_width"] = found
        rows.append(row)
    return rows


def read(folder: Path) -> list[dict[str, Any]]:
    """Records of all folders OUT/LABELS-N."""
    parts = [part for label in LABELS for part in sorted(folder.glob(f"{label}-[0-9]*"))]
    return [record for part in parts for record in results.read(part)]


def _shown(mean: float | None, half: float | None) -> str:
    if mean is None:
        return ""
    return f"{mean:+.4f}" if half is None or half != half else f"{mean:+.4f} ± {half:.4f}"


def markdown(base: Path, folder: Path) -> str:
    """`compare` as a table for a page."""
    head = ["surrogate", "labels", "fresh images", "seeds", "accuracy of the labels"]
    head += ["accuracy", "less S2T on the seen images", "less the surrogate"]
    lines = []
    for row in compare(results.read(base), read(folder)):
        cells = [str(tuple(row["channels"])), row["labels"], str(row["fresh"]), str(row["seeds"])]
        cells += [f"{row['label_accuracy']:.4f}", f"{row['accuracy']:.4f}"]
        cells += [
            _shown(row[f"less_{word}"], row[f"less_{word}_half_width"])
            for word in ("base", "surrogate")
        ]
        lines.append(cells)
    return markdown_table(head, lines)


def table(folder: Path) -> str:
    """`markdown` of a folder NAME-fresh whose base is NAME beside it."""
    return markdown(folder.with_name(folder.name.removesuffix("-fresh")), folder)


@app.command()
def main(
    base: Annotated[str, typer.Option(help="Folder of the finished surrogates.")],
    out: Annotated[str, typer.Option(help="Folder of the results, resumed.")],
    n: Annotated[list[int] | None, typer.Option("-n", help="Fresh images. [2000, 20000]")] = None,
    labels: Annotated[list[str] | None, typer.Option(help="hard, soft. [both]")] = None,
    preset: Annotated[str, typer.Option(help="That of the base.")] = "paper-2k",
    data: Annotated[str | None, typer.Option(help="As for experiments.cifar10.")] = None,
    weights: Annotated[str | None, typer.Option(help="As for experiments.cifar10.")] = None,
    target: Annotated[str | None, typer.Option(help="As for experiments.cifar10.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="Seeds; repeatable.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Words of the targets' names.")] = None,
    device: Annotated[str, typer.Option(help="auto, cuda, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="As for experiments.cifar10.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    plot_only: Annotated[bool, typer.Option("--plot-only", help="Train nothing.")] = False,
) -> None:
    """Train what is missing in --out, then compare with the base."""
    folder = Path(out)
    checks.choice("preset", preset, tuple(PRESETS))
    if not plot_only:
        start = PRESETS[preset]
        model = target or start.target_model
        start = replace(
            start,
            seeds=tuple(seed) if seed else start.seeds,
            target_model=model,
            resolution=RESOLUTIONS.get(model),
        ).checked()
        if start.train_size is None:
            raise ValueError(f"preset={preset} must leave train images: paper-2k or smoke")
        kinds = [checks.choice("labels", kind, LABELS) for kind in labels or LABELS]
        source = (data or SOURCES[preset][0], weights or SOURCES[preset][1])
        place = Place(device, precision, threads=threads)
        teachers = open_experiment(start, *source, Path(base), place)
        for settings in [settings_for(start, s, k) for s in n or [2000, 20_000] for k in kinds]:
            part = folder / f"{settings.labels}-{settings.fresh}"
            students = replace(teachers, settings=settings, folder=part, teachers=teachers)
            for run in runs(settings):
                if run.kind == "s2t" and (not only or any(word in run.name for word in only)):
                    print(students.perform(run), flush=True)
    records = read(folder)
    if not records:
        raise ValueError(f"out={checks.shown(out)} must hold at least one finished run")
    rows = compare(results.read(Path(base)), records)
    settings_used = {name: records[0][name] for name in ("settings", "sources")}
    write_json(
        document("experiments.cifar10.fresh", settings_used, rows), str(folder / "fresh.json")
    )
    print(markdown(Path(base), folder))


if __name__ == "__main__":
    run_app(app, "fresh")

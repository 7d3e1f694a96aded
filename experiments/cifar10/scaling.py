"""Accuracy and risk against the number n of train images: do the two targets share an exponent?

``python -m experiments.cifar10.scaling --preset cpu --out DIR -n 500 -n 1000 -n 2000 -n 4000``.

Surrogates are trained once per seed, on one half of the train split (DIR/surrogates).  For
each n, DIR/n-N holds the standard target and the S2T targets on n images of the other half;
the images of a smaller n are among those of a larger one, and both kinds of targets see the
same.  Every target takes the steps of the preset's target on all images, or on --epoch-images of
them: an epoch of the schedule passes as often through the n images, so that n changes and the
optimisation does not.  Runs resume as those of ``experiments.cifar10``.

Per seed a line is fitted to the logarithm of the error (1 - accuracy) and of the squared risk
against log n by least squares; intervals are Student-t over seeds.  The exponents are called the
same within ``BAND`` if the interval of their paired difference lies inside it, different if it
lies outside of zero, else the question is open.  ``--plot-only`` needs no torch.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.report.colours import COLOURS, MARKERS
from kdverify.report.output import document, markdown_table, write_json

from . import results
from .__main__ import open_experiment
from .config import PRESETS, SOURCES, Place, Run, Settings, passes, runs
from .figure import CAPTION_WIDTH, mean_interval, reductions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
#: Half-width within which two exponents count as the same.
BAND = 0.1
LEVEL = 0.95
#: What is fitted, from a record's result.
ERRORS = {
    "error": lambda result: 1 - result["accuracy"],
    "squared_risk": lambda result: result["squared_risk"],
}


def settings_for(base: Settings, size: int, epoch_images: int) -> Settings:
    """The preset's target on ``size`` images, for about the steps of one on ``epoch_images``."""
    return replace(
        base,
        fresh_half=True,
        train_size=size,
        repeats=passes(size, epoch_images),
        test_each_epoch=False,
    ).checked()


def slopes(
    records: dict[int, list[dict[str, Any]]], metric: str
) -> dict[tuple[str, tuple[int, ...]], dict[int, float]]:
    """(kind, channels) -> seed -> slope of log ``metric`` against log n over all n."""
    values: dict[tuple[str, tuple[int, ...]], dict[int, dict[int, float]]] = {}
    for size, found in records.items():
        for record in found:
            run = record["run"]
            key = (run["kind"], tuple(run["channels"] or ()))
            value = float(ERRORS[metric](record["result"]))
            values.setdefault(key, {}).setdefault(run["seed"], {})[size] = value
    fitted: dict[tuple[str, tuple[int, ...]], dict[int, float]] = {}
    for key, by_seed in values.items():
        for seed, points in by_seed.items():
            if points.keys() == records.keys() and min(points.values()) > 0:
                x, y = np.log(list(points)), np.log(list(points.values()))
                fitted.setdefault(key, {})[seed] = float(np.polyfit(x, y, 1)[0])
    return fitted


def compare(records: dict[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One row per S2T target and metric: both slopes, their difference, what it says."""
    rows = []
    for metric in ERRORS:
        fitted = slopes(records, metric)
        standard = fitted.get(("standard", ()), {})
        for (kind, channels), s2t in fitted.items():
            seeds = sorted(s2t.keys() & standard.keys())
            if kind != "s2t" or not seeds:
                continue
            pair = [(standard[seed], s2t[seed]) for seed in seeds]
            difference, half = mean_interval([b - a for a, b in pair], LEVEL)
            rows.append(
                {
                    "metric": metric,
                    "channels": list(channels),
                    "seeds": len(seeds),
                    "standard_slope": mean_interval([a for a, _ in pair], LEVEL),
                    "s2t_slope": mean_interval([b for _, b in pair], LEVEL),
                    "difference": difference,
                    "difference_half_width": half,
                    "verdict": _verdict(difference, half, len(seeds)),
                }
            )
    return rows


def _verdict(difference: float, half: float, seeds: int) -> str:
    if seeds < 3:
        return "undecided: fewer than 3 seeds"
    if abs(difference) + half < BAND:
        return f"the same within {BAND}"
    return "different" if abs(difference) > half else "undecided"


def read(folder: Path) -> dict[int, list[dict[str, Any]]]:
    """n -> the records of DIR/n-N, by rising n."""
    found = {int(part.name[2:]): results.read(part) for part in folder.glob("n-[0-9]*")}
    found = {size: found[size] for size in sorted(found) if found[size]}
    if len(found) < 2:
        raise ValueError(
            f"out={checks.shown(str(folder))} must hold finished runs of at least two sizes"
        )
    return found


def draw(records: dict[int, list[dict[str, Any]]]) -> Figure:
    """Error and squared risk against n, log-log, means over seeds with 95 % intervals."""
    from kdverify.report import figures

    picture, panels = figures.blank(2)
    keys = sorted({_key(record) for found in records.values() for record in found}, reverse=True)
    for axes, (metric, value) in zip(panels, ERRORS.items(), strict=True):
        for k, key in enumerate(keys):
            points = {
                size: [value(r["result"]) for r in found if _key(r) == key]
                for size, found in records.items()
            }
            sizes = [size for size, group in points.items() if group]
            middle = [mean_interval(points[size], LEVEL) for size in sizes]
            axes.errorbar(
                sizes,
                [mean for mean, _ in middle],
                np.nan_to_num([half for _, half in middle]),
                color=COLOURS[k % len(COLOURS)],
                marker=MARKERS[k % len(MARKERS)],
                markersize=4,
                capsize=2,
                label=key[0] if not key[1] else f"{key[0]} {key[1]}",
            )
        axes.set(xscale="log", yscale="log", xlabel="train images n")
        axes.set_ylabel(f"{metric.replace('_', ' ')} on the test split")
        figures.plain_ticks(axes.yaxis)
        figures.sample_ticks(axes, records)
    panels[0].legend(frameon=False, fontsize=8)
    first = next(iter(records.values()))[0]
    settings = first["settings"]
    text = reductions(first).replace(f"{settings['train_size']} train", "n train")
    each = settings["train_size"] * settings.get("repeats", 1)
    text += f" An epoch passes over about {each} images at every n; precision "
    text += (
        f"{first['sources'].get('precision', 'float32')}. Means over seeds, {LEVEL:.0%} intervals."
    )
    picture.supxlabel(textwrap.fill(text, CAPTION_WIDTH), fontsize=7, x=0.01, ha="left")
    return picture


def _key(record: dict[str, Any]) -> tuple[str, tuple[int, ...]]:
    return record["run"]["kind"], tuple(record["run"]["channels"] or ())


def report(folder: Path) -> str:
    """Draw and write ``scaling.png``, ``.svg`` and ``.json``; returns the slopes as a text."""
    from kdverify.report import figures

    records = read(folder)
    rows = compare(records)
    picture = draw(records)
    for ending in ("png", "svg"):
        figures.save(picture, str(folder / f"scaling.{ending}"))
    settings = {"sizes": list(records), "level": LEVEL, "band": BAND}
    write_json(
        document("experiments.cifar10.scaling", settings, rows), str(folder / "scaling.json")
    )
    lines = [
        f"{row['metric']:<12} {tuple(row['channels'])!s:<12} slope standard "
        f"{row['standard_slope'][0]:+.3f} ± {row['standard_slope'][1]:.3f}, S2T "
        f"{row['s2t_slope'][0]:+.3f} ± {row['s2t_slope'][1]:.3f}, difference "
        f"{row['difference']:+.3f} ± {row['difference_half_width']:.3f}: {row['verdict']}"
        for row in rows
    ]
    return "\n".join(lines) or "no pair of slopes yet"


def markdown(folder: Path) -> str:
    """Errors at every n, and the slopes, as a table for a page."""
    records = read(folder)
    keys = sorted({_key(record) for found in records.values() for record in found}, reverse=True)
    head = ["", *(f"n = {size}" for size in records), "slope", "less standard", "exponent"]
    rows = []
    compared = {(row["metric"], tuple(row["channels"])): row for row in compare(records)}
    for metric, value in ERRORS.items():
        fitted = slopes(records, metric)
        for key in keys:
            name = key[0] if not key[1] else f"{key[0]} {key[1]}"
            cells = [f"{metric.replace('_', ' ')}, {name}"]
            for found in records.values():
                mean, half = mean_interval([value(r["result"]) for r in found if _key(r) == key])
                cells.append(f"{mean:.3f} ± {half:.3f}")
            mean, half = mean_interval(list(fitted[key].values()), LEVEL)
            cells.append(f"{mean:+.3f} ± {half:.3f}")
            row = compared.get((metric, key[1])) if key[0] == "s2t" else None
            cells += (
                ["", ""]
                if row is None
                else [
                    f"{row['difference']:+.3f} ± {row['difference_half_width']:.3f}",
                    row["verdict"],
                ]
            )
            rows.append(cells)
    return markdown_table(head, rows)


@app.command()
def main(
    out: Annotated[str, typer.Option(help="Folder of the results, resumed.")],
    n: Annotated[list[int] | None, typer.Option("-n", help="Train images; repeatable.")] = None,
    preset: Annotated[str, typer.Option(help="paper, cpu or smoke.")] = "paper",
    data: Annotated[str | None, typer.Option(help="As for experiments.cifar10.")] = None,
    weights: Annotated[str | None, typer.Option(help="As for experiments.cifar10.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="Seeds; repeatable.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Words of the targets' names.")] = None,
    epoch_images: Annotated[
        int | None,
        typer.Option(help="Images in an epoch of the schedule, in whole passes. [all there are]"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cuda, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="As for experiments.cifar10.")] = "auto",
    compiled: Annotated[bool, typer.Option("--compile", help="Use torch.compile.")] = False,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    plot_only: Annotated[bool, typer.Option("--plot-only", help="Train nothing.")] = False,
) -> None:
    """Train what is missing in --out, then fit and compare the slopes."""
    folder = Path(out)
    if plot_only:
        print(report(folder))
        return
    checks.choice("preset", preset, tuple(PRESETS))
    sizes = sorted({checks.count("n", size, 10) for size in n or [500, 1000, 2000, 4000]})
    base = PRESETS[preset]
    base = replace(base, seeds=tuple(seed) if seed else base.seeds, fresh_half=True)
    base = replace(base, train_size=None).checked()
    source = (data or SOURCES[preset][0], weights or SOURCES[preset][1])
    if epoch_images is not None:
        checks.count("epoch_images", epoch_images, 2)
    place = Place(device, precision, compiled, threads=threads)
    teachers = open_experiment(base, *source, folder / "surrogates", place)
    for size in sizes:
        settings = settings_for(base, size, epoch_images or len(teachers.images.train))
        students = replace(
            teachers, settings=settings, folder=folder / f"n-{size}", teachers=teachers
        )
        for run in _targets(settings, only or ()):
            print(students.perform(run), flush=True)
    print(report(folder))


def _targets(settings: Settings, words: Sequence[str]) -> list[Run]:
    targets = [run for run in runs(settings) if run.kind != "surrogate"]
    return [run for run in targets if not words or any(word in run.name for word in words)]


if __name__ == "__main__":
    run_app(app, "scaling")

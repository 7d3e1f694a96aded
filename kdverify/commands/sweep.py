"""``kdverify sweep``: a grid of settings, kept in a store."""

from __future__ import annotations

import csv as csv_module
import io
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import kdverify as kd
from kdverify.commands.options import Axis, Integer, Jobs, Json, Plot, Table

if TYPE_CHECKING:
    from kdverify.simulation.grid import Point
    from kdverify.simulation.result import SimulationResult
    from kdverify.simulation.sweep import Plan, Progress

DEFAULT_TRIALS = 400


def sweep(
    store: Annotated[str, typer.Argument(metavar="STORE", help="The SQLite file of results.")],
    grid: Annotated[
        str | None, typer.Option(metavar="FILE", help="TOML file with [grid] and [run].")
    ] = None,
    axis: Axis = None,
    trials: Annotated[int | None, Integer(help="Independent designs per point (400).")] = None,
    seed: Annotated[int | None, Integer(help="Seed of the sweep (0).")] = None,
    jobs: Jobs = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Use this Dask scheduler instead.")
    ] = None,
    json: Json = None,
    csv: Table = None,
    plot: Plot = None,
) -> None:
    """Simulate a grid of settings; kept in STORE and resumed from it.

    Example: kdverify sweep runs.sqlite -a p=500 -a alpha=2 -a beta=1.5 -a n=50,100,200
    """
    from kdverify._files import write_text
    from kdverify.report.output import console, document, number, print_table, write_json
    from kdverify.simulation.grid import NAMES, from_toml, points
    from kdverify.simulation.store import Store
    from kdverify.simulation.sweep import sweep as run

    axes, options = from_toml(grid) if grid is not None else ({}, {})
    axes |= _axes(axis or [])
    trials = trials if trials is not None else options.get("trials", DEFAULT_TRIALS)
    seed = seed if seed is not None else options.get("seed", 0)
    chosen = points(axes)
    out = console(json, csv)
    with Store(store) as kept, _progress() as (progress, announce):
        results = run(chosen, kept, trials, seed, jobs, scheduler, announce, progress)
    rows = [
        row for point, found in zip(chosen, results, strict=True) for row in _rows(point, found)
    ]
    varying = [n for n in NAMES if len({str(getattr(point, n)) for point in chosen}) > 1]
    header = [*varying, "labels", "predicted", "measured", "std. error"]
    cells = [
        [
            *(str(row[name]) for name in varying),
            row["labels"],
            number(row["predicted"]),
            number(row["measured"]),
            number(row["standard_error"], 2),
        ]
        for row in rows
    ]
    print_table(header, cells, f"excess risk: {len(chosen)} settings, {trials} trials each", out)
    for line in dict.fromkeys(line for found in results for line in found.warnings):
        out.print(f"note: {line}")
    if json is not None:
        settings = {"trials": trials, "seed": seed, "store": store, "axes": axes}
        write_json(document("sweep", settings, rows), json)
    if csv is not None:
        write_text(Path(csv), _csv(rows))
    if plot is not None:
        from kdverify.report.figures import save, sweep_figure

        save(sweep_figure(rows), plot)


def _axes(texts: list[str]) -> dict[str, list[Any]]:
    axes: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or not values:
            raise ValueError(f"axis={text!r} must read NAME=VALUE[,VALUE...]")
        axes.setdefault(name.strip(), []).extend(v.strip() for v in values.split(","))
    return axes


def _rows(point: Point, found: SimulationResult) -> Iterator[dict[str, Any]]:
    """One row per teacher: what was measured and what the theory says."""
    for k, (name, predicted) in enumerate(_predicted(point).items()):
        yield point.settings() | {
            "labels": name,
            "predicted": predicted,
            "measured": float(found.means[k]),
            "standard_error": float(found.standard_errors[k]),
            "trials": found.trials,
        }


def _predicted(point: Point) -> dict[str, float]:
    from kdverify.simulation.grid import TEACHERS

    problem = point.problem()
    noise, ridge = float(Fraction(point.noise_variance)), float(Fraction(point.ridge))
    if point.m is None:
        risks = (
            kd.risk(problem, point.n, None, noise, ridge),
            kd.optimal_risk(problem, point.n, noise, ridge),
            kd.masked_risk(problem, point.n, None, noise, ridge),
        )
        return dict(zip(TEACHERS, risks, strict=True))
    return {
        "trained surrogate": kd.two_stage_risk(
            problem,
            point.source(),
            point.m,
            point.n,
            float(Fraction(point.source_noise_variance)),
            noise,
            float(Fraction(point.source_ridge)),
            ridge,
        )
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    from kdverify.report.output import plain

    stream = io.StringIO()
    writer = csv_module.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: plain(value) for name, value in row.items()} for row in rows)
    return stream.getvalue()


@contextmanager
def _progress() -> Iterator[tuple[Progress, Any]]:
    """A bar on standard error (on a terminal only), and what announces the plan."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from kdverify.report.output import quiet

    err = Console(stderr=True, highlight=False, quiet=quiet.get())
    bar = Bar(
        TextColumn("trials"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=err.quiet or not err.is_terminal,
    )
    task = bar.add_task("trials", total=None)

    def announce(plan: Plan) -> None:
        err.print(f"{plan.trials} trials: {plan.reused} reused, {plan.new} new")
        bar.update(task, total=plan.new)

    with bar:
        yield lambda done, total: bar.update(task, completed=done, total=total), announce

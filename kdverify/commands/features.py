"""``kdverify features``: what distillation can buy on a feature matrix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich import progress as bars

from kdverify import checks
from kdverify import features as library
from kdverify.commands.inputs import sample_sizes
from kdverify.exponents import Exponent
from kdverify.features import Analysis, Point
from kdverify.report.output import console, document, number, print_table, write_json
from kdverify.tables import Layout, read

#: Sample sizes where none are given, as fractions of the rank.
FRACTIONS = (0.1, 0.3, 0.5, 0.7)


def run(
    features: str,
    labels: str | None,
    label_column: str | None,
    n: list[str] | None,
    task: str,
    intercept: bool,
    standardise: bool,
    model: str,
    ridge: str,
    repetitions: int,
    seed: int,
    max_rows: int | None,
    jackknife: int,
    json_path: str | None,
    plot: str | None,
    html: str | None,
    layout: Layout,
) -> int:
    """Read, analyse, write, print."""
    delta = checks.non_negative("ridge", checks.exact("ridge", ridge))
    checks.count("repetitions", repetitions, 0)
    table = read(features, labels, label_column, layout)
    prepared = library.prepare(table.features, table.labels, task, intercept, standardise)
    if plot is not None and prepared.labels is None:
        raise ValueError(f"plot={plot!r} must go with labels: without them there is no risk")
    if max_rows is not None:
        checks.count("max_rows", max_rows, library.FEWEST_ROWS)
    sizes = [float(size) for size in sample_sizes(n)] if n else _default_sizes(prepared)
    out = console(json_path)
    for note in table.notes:
        out.print(note)
    with _progress() as progress:
        analysis = library.analyse(
            prepared, sizes, model, delta, repetitions, seed, progress, max_rows, jackknife
        )
    pool = prepared.pool
    setting = f"{Path(features).name}: {pool.size} rows, {pool.columns} columns, ridge {ridge}"
    for line in _description(analysis):
        out.print(line)
    for point in analysis.points:
        _print_point(point, out)
    for line in (*library.verdicts(analysis), *library.cautions(analysis)):
        out.print(line)
    settings = {
        "features": features,
        "labels": labels,
        "n": sizes,
        "model": model,
        "ridge": ridge,
        "repetitions": repetitions,
        "seed": seed,
        "max_rows": max_rows,
        "jackknife": jackknife,
    } | prepared.settings
    if json_path is not None:
        summary = {"summary": library.summary(analysis)}
        write_json(document("features", settings, _rows(analysis)) | summary, json_path)
    if plot is not None or html is not None:
        from kdverify.report import feature_report

        figure = feature_report.figure(analysis, setting)
        if plot is not None:
            from kdverify.report.figures import save

            save(figure, plot)
        if html is not None:
            feature_report.write_page(html, analysis, setting, figure)
    return 0


def _default_sizes(prepared: library.Prepared) -> list[float]:
    """Some sizes below the rank, each once."""
    last = prepared.pool.rank - 1
    if last < 1:
        raise ValueError("n must be given: the rows have rank 1, below which there is no size")
    sizes = (min(max(2, round(fraction * (last + 1))), last) for fraction in FRACTIONS)
    return [float(size) for size in dict.fromkeys(sizes)]


@contextmanager
def _progress() -> Iterator[library.Report]:
    """A bar with what is being done and the time left; nothing where it is not a terminal."""
    to = console("-")
    if not to.is_terminal:
        yield library.silent
        return
    columns = (bars.BarColumn(), bars.TaskProgressColumn(), bars.TimeRemainingColumn())
    with bars.Progress(
        *columns, bars.TextColumn("{task.description}"), console=to, transient=True
    ) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda line, done: bar.update(task, description=line, completed=done)


def _description(analysis: Analysis) -> list[str]:
    prepared = analysis.prepared
    pool = prepared.pool
    lines = [f"{pool.size} rows, {pool.columns} columns, rank {pool.rank}"]
    if prepared.labels is not None:
        chosen, because = (prepared.settings[name] for name in ("chosen_task", "because"))
        kinds = "" if prepared.classes is None else f" ({len(prepared.class_names)})"
        lines.append(f"task: {chosen}{kinds}, {because}")
    lines += [f"note: {note}" for note in prepared.notes]
    if 0 < analysis.solved_rows < pool.size:
        lines.append(f"note: predictions use {analysis.solved_rows} of the rows (--max-rows)")
    lines.append(_exponent("alpha (eigenvalues)", analysis.alpha))
    if analysis.beta is not None:
        lines.append(_exponent("beta (signal lambda_i beta*_i^2)", analysis.beta))
    if analysis.noise is not None:
        kind = "one-hot classes" if prepared.classes is not None else "labels"
        lines.append(f"{kind}: mean square not explained linearly {number(analysis.noise, 4)}")
    return lines


def _exponent(name: str, found: Exponent) -> str:
    if found.value is None:
        return f"{name}: no exponent, {found.reason}"
    low, high = found.interval
    return (
        f"{name}: {found.value:.2f} [{low:.2f}, {high:.2f}], modes {found.low} to {found.high}, "
        f"within {found.deviation:.2f} in log"
    )


def _print_point(point: Point, out: Any) -> None:
    models = list(point.predictions)
    labels = {"rows": "predicted", "gaussian": "Gaussian"}
    if not any(point.predictions[model].excess for model in models):
        kept = point.predictions[models[0]].kept
        out.print(f"n = {point.n:g}: the best mask keeps {kept} directions (no labels: no risk)")
        return
    header = ("teacher", *(labels[model] for model in models), "measured", "± s.e.", "ratio")
    rows = []
    for teacher in library.TEACHERS:
        values = [point.predictions[model].excess.get(teacher) for model in models]
        mean, error, ratio = _measured(point, f"{teacher}/excess", values[0])
        rows.append([teacher, *(number(value, 4) for value in values), mean, error, ratio])
    first = point.predictions[models[0]]
    for name, value in (("unseen_error", first.unseen_error), ("accuracy", first.accuracy)):
        if value is not None:
            mean, error, ratio = _measured(point, f"strong/{name}", value)
            empty = [""] * (len(models) - 1)
            rows.append([UNSEEN[name], number(value, 4), *empty, mean, error, ratio])
    title = f"n = {point.n:g}: excess risk; the best mask keeps {first.kept} directions"
    print_table(header, rows, title, out)
    if first.pool_error is not None:
        out.print(
            f"another pool of this size would move the prediction for strong labels by "
            f"{number(first.pool_error, 2)} (standard error, jackknife over the rows)"
        )


UNSEEN = {"unseen_error": "error, unseen rows", "accuracy": "accuracy, unseen"}


def _measured(point: Point, name: str, predicted: float | None) -> tuple[str, str, str]:
    if point.measured is None or name not in point.measured.values:
        return "", "", ""
    mean, error = point.measured.mean(name), point.measured.standard_error(name)
    ratio = "" if not predicted else f"{mean / predicted:.3f}"
    return number(mean, 4), number(error, 2), ratio


def _rows(analysis: Analysis) -> list[dict[str, Any]]:
    """One row for each n, teacher and model."""
    found: list[dict[str, Any]] = []
    for point in analysis.points:
        for model, prediction in point.predictions.items():
            for teacher, value in prediction.excess.items():
                row: dict[str, Any] = {
                    "n": point.n,
                    "model": model,
                    "teacher": teacher,
                    "predicted": value,
                    "finite_size": prediction.finite_size.get(teacher),
                    "optimism": prediction.optimism.get(teacher),
                    "kept": prediction.kept,
                    "code": prediction.code,
                    "pool_error": prediction.pool_error if teacher == "strong" else None,
                }
                name = f"{teacher}/excess"
                if point.measured is not None and name in point.measured.values:
                    row["measured"] = point.measured.mean(name)
                    row["standard_error"] = point.measured.standard_error(name)
                if teacher == "strong" and prediction.unseen_error is not None:
                    row |= _unseen(point, prediction)
                found.append(row)
    return found


def _unseen(point: Point, prediction: library.Prediction) -> dict[str, Any]:
    found: dict[str, Any] = {
        "unseen_error": prediction.unseen_error,
        "accuracy": prediction.accuracy,
    }
    for name in ("unseen_error", "accuracy"):
        if point.measured is not None and f"strong/{name}" in point.measured.values:
            found[f"{name}_measured"] = point.measured.mean(f"strong/{name}")
            found[f"{name}_standard_error"] = point.measured.standard_error(f"strong/{name}")
    return found

"""``kdverify features``: what distillation can buy on a feature matrix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kdverify.commands.options import (
    FEATURES_HELP,
    Decimal,
    Delimiter,
    Drop,
    Header,
    Integer,
    Json,
    LabelColumn,
    Page,
    Plot,
    Seed,
    SizesOfRank,
    Unlabelled,
    settings,
)

if TYPE_CHECKING:
    from kdverify.exponents import Exponent
    from kdverify.features import Analysis
    from kdverify.rows.question import Question
    from kdverify.tables import Layout, Table

#: Sample sizes where none are given, as fractions of the rank.
FRACTIONS = (0.1, 0.3, 0.5, 0.7)


def features(
    context: typer.Context,
    features: Annotated[str, typer.Argument(metavar="FEATURES", help=FEATURES_HELP)],
    labels: Annotated[
        str | None, typer.Argument(metavar="[LABELS]", help="Labels, in a file of those kinds.")
    ] = None,
    n: SizesOfRank = None,
    label_column: LabelColumn = None,
    header: Header = "auto",
    delimiter: Delimiter = None,
    decimal: Decimal = ".",
    drop: Drop = None,
    unlabelled: Unlabelled = None,
    task: Annotated[
        str, typer.Option(help="regression, classes (one-hot), or auto: integers and texts are.")
    ] = "auto",
    intercept: Annotated[
        str,
        typer.Option(
            help="fitted by the student, known (means of rows and labels are subtracted), or none."
        ),
    ] = "fitted",
    standardise: Annotated[bool, typer.Option(help="Divide columns by their deviations.")] = False,
    model: Annotated[str, typer.Option(help="rows (as they are), gaussian (2), or both.")] = "rows",
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            help="strong, clean, best, nested-mask, gains, blind-mask or best-labels; trained-M, "
            "trained-M-gains or trained-M-blind-mask: a surrogate trained on M other rows; or a "
            "file of the labels of a teacher that you have; repeatable. [the first five]"
        ),
    ] = None,
    ridge: Annotated[
        str | None,
        typer.Option(
            metavar="D",
            help="best (of a grid, found by measuring), or delta of |y - c - Xb|^2 + delta |b|^2, "
            "a sum over samples; 0 is the minimum-norm solution.  [best; 0 with no repetitions]",
        ),
    ] = None,
    repetitions: Annotated[int, Integer(help="Students trained a teacher and n.")] = 20,
    seed: Seed = 0,
    max_rows: Annotated[
        int | None, Integer(metavar="N", help="Rows, drawn at random, that predictions use.")
    ] = None,
    jackknife: Annotated[
        int, Integer(metavar="G", help="Groups of rows left out in turn, for its error.")
    ] = 0,
    json: Json = None,
    plot: Plot = None,
    html: Page = None,
) -> None:
    """Measure students of your labels; predict what teachers buy.

    First the measured learning curve of students of your labels, with the best ridge and without.
    Then for each n the excess risk of students of the labels as they are (strong), of noiseless
    linear labels (clean), of the best linear teacher (best), of the best mask of beta*
    (nested-mask) and of gains that need no labels (gains); predicted, and measured on real rows.

    Example: kdverify features digits.npz -n 15,30 --model both
    """
    from kdverify import checks
    from kdverify import features as library
    from kdverify.commands.inputs import sample_sizes
    from kdverify.commands.progress import bar
    from kdverify.report import feature_report
    from kdverify.report.output import console, document, print_table, write_json
    from kdverify.tables import Layout, read

    ridge = ridge or ("best" if repetitions else "0")
    delta: float | str = ridge
    if ridge != "best":
        delta = checks.non_negative("ridge", checks.exact("ridge", ridge))
    for name, value in (("repetitions", repetitions), ("jackknife", jackknife)):
        if value:
            checks.count(name, value, 2)
    layout = Layout(header, delimiter, decimal, tuple(drop or ()), unlabelled)
    table = read(features, labels, label_column, layout)
    question = library.prepare(table.features, table.labels, task, intercept, standardise)
    if plot is not None and not question.outputs:
        raise ValueError(f"plot={plot!r} must go with labels: without them there is no risk")
    if max_rows is not None:
        checks.count("max_rows", max_rows, library.FEWEST_ROWS)
    asked, understood = _teachers(teacher, table, layout, question) if teacher else (None, [])
    sizes = [float(size) for size in sample_sizes(n)] if n else _default_sizes(question)
    out = console(json)
    for note in (*table.notes, *understood):
        out.print(note)
    with bar() as progress:
        analysis = library.analyse(
            question,
            sizes,
            model,
            delta,
            repetitions,
            seed,
            progress,
            max_rows,
            jackknife,
            asked,
        )
    pool = question.pool
    setting = f"{Path(features).name}: {pool.size} rows, {pool.columns} columns, ridge {ridge}"
    if json is not None:
        curve = list(feature_report.free_rows(analysis))
        summary = {"summary": library.summary(analysis), "learning_curve": curve}
        about = settings(context, n=sizes, ridge=ridge) | question.settings
        write_json(document("features", about, list(analysis.records())) | summary, json)
    if plot is not None or html is not None:
        figure = feature_report.figure(analysis, setting)
        if plot is not None:
            from kdverify.report.figures import save

            save(figure, plot)
        if html is not None:
            feature_report.write_page(html, analysis, setting, figure)
    for line in _description(analysis):
        out.print(line)
    if analysis.free is not None:
        print_table(*feature_report.free_table(analysis), feature_report.FREE, out)
    for place in range(len(analysis.n)):
        _print_point(analysis, place, out)
    for line in (*library.verdicts(analysis), *library.cautions(analysis)):
        out.print(line)


def _teachers(
    given: list[str], table: Table, layout: Layout, question: Question
) -> tuple[list[Any], list[str]]:
    """Teachers by name, and those whose labels are in files, with notes of how these were read.

    The usual ones where none is named.
    """
    from pathlib import Path

    from kdverify.tables import Labels, labels_at, read_predictions
    from kdverify.teachers import DEFAULT, TEACHERS, Given

    files = [one for one in given if one not in TEACHERS and Path(one).is_file()]
    named: list[Any] = [one for one in given if one not in files]
    brought: list[Any] = []
    notes: list[str] = []
    for path in files:
        own = replace(layout, drop=(), unlabelled=None)
        values, said = read_predictions(path, len(table.features), question.class_names, own)
        notes += said
        if table.labels is not None and (known := Labels.of(table.labels)).unlabelled:
            values = labels_at(values, ~known.missing)
        brought.append(Given(values, Path(path).name, f"labels of {Path(path).name}"))
    return [*(named or DEFAULT), *brought], notes


def _default_sizes(question: Question) -> list[float]:
    """Some sizes below the rank, each once."""
    last = question.pool.rank - 1
    if last < 1:
        raise ValueError("n must be given: the rows have rank 1, below which there is no size")
    sizes = (min(max(2, round(fraction * (last + 1))), last) for fraction in FRACTIONS)
    return [float(size) for size in dict.fromkeys(sizes)]


def _description(analysis: Analysis) -> list[str]:
    from kdverify.commands.inputs import task_line
    from kdverify.report.output import number

    question = analysis.question
    pool = question.pool
    lines = [f"{pool.size} rows, {pool.columns} columns, rank {pool.rank}"]
    if question.outputs:
        lines.append(task_line(question))
    lines += [f"note: {note}" for note in question.notes]
    if 0 < analysis.solved_rows < pool.size:
        lines.append(f"note: predictions use {analysis.solved_rows} of the rows (--max-rows)")
    lines.append(_exponent("alpha (eigenvalues)", analysis.alpha))
    if analysis.beta is not None:
        lines.append(_exponent("beta (signal lambda_i beta*_i^2)", analysis.beta))
    if analysis.noise is not None:
        kind = "one-hot classes" if question.classes is not None else "labels"
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


def _print_point(analysis: Analysis, place: int, out: Any) -> None:
    from kdverify.report.feature_report import table_at
    from kdverify.report.output import number, print_table

    n, kept = analysis.n[place], analysis.kept[place]
    if not analysis.predictions:
        out.print(f"n = {n:g}: the best mask keeps {kept} directions (no labels: no risk)")
        return
    header, rows = table_at(analysis, place)
    mask = f"; the best mask keeps {kept} directions" if kept >= 0 else ""
    print_table(header, rows, f"n = {n:g}: excess risk{mask}", out)
    error = next(iter(analysis.predictions.values())).pool_error[place]
    if error == error:
        out.print(
            f"another pool of this size would move the prediction for strong labels by "
            f"{number(float(error), 2)} (standard error, jackknife over the rows)"
        )

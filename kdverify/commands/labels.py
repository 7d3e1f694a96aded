"""``kdverify labels``: what more labels buy, and what a teacher is worth in labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import kdverify as kd
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
    Unlabelled,
    settings,
)

if TYPE_CHECKING:
    from kdverify.labels import LabelCurve
    from kdverify.labels.setting import Setting
    from kdverify.tables import Layout, Table

#: Column of a table of labels that numbers the rows, from 0.
ROW = "row"

SizesOfLabels = Annotated[
    list[str] | None,
    typer.Option(
        "-n", metavar="N[,N...]", help="Numbers of labels (default: 1, 2, 4, 8, 16 times those)."
    ),
]


def labels(
    context: typer.Context,
    features: Annotated[str, typer.Argument(metavar="FEATURES", help=FEATURES_HELP)],
    labels: Annotated[
        str | None,
        typer.Argument(
            metavar="[LABELS]",
            help="Labels of all rows, empty or NaN where there is none; or a table with a column "
            "row, numbers from 0, and one of labels.",
        ),
    ] = None,
    n: SizesOfLabels = None,
    ridge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="best|min-norm|D",
            help="Student: the best ridge at each n (default), none, or a number as "
            "scikit-learn's alpha; repeatable.",
        ),
    ] = None,
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="A teacher's predictions for all rows: numbers, probabilities or classes; "
            "repeatable.  It must not have seen these labels.",
        ),
    ] = None,
    target_accuracy: Annotated[
        float | None, typer.Option(metavar="A", help="Say how many labels this accuracy needs.")
    ] = None,
    target_risk: Annotated[
        float | None, typer.Option(metavar="R", help="Say how many labels this risk needs.")
    ] = None,
    label_column: LabelColumn = None,
    header: Header = "auto",
    delimiter: Delimiter = None,
    decimal: Decimal = ".",
    drop: Drop = None,
    unlabelled: Unlabelled = None,
    task: Annotated[
        str,
        typer.Option(help="regression, classes, or auto: texts and whole numbers are classes."),
    ] = "auto",
    intercept: Annotated[bool, typer.Option(help="Students fit a constant.")] = True,
    standardise: Annotated[bool, typer.Option(help="Divide columns by their deviations.")] = False,
    max_rows: Annotated[
        int | None, Integer(metavar="N", help="Rows, drawn at random, that stand for all.")
    ] = None,
    draws: Annotated[int, Integer(help="Draws of the unknown signal.")] = 24,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Show what is refused too, beside the reasons.")
    ] = False,
    seed: Seed = 0,
    json: Json = None,
    plot: Plot = None,
    html: Page = None,
) -> None:
    """What more labels buy, and what a teacher is worth in labels.

    From the labels of some rows and the features of all: total risk (squared error on unseen
    rows, noise included, summed over classes) and accuracy of students of n labels, each with an
    interval of 80 %.  What is measured and what is predicted stand apart.

    Example: kdverify labels digits.npz few.csv --ridge best --ridge min-norm
    """
    from kdverify.commands.inputs import sample_sizes, task_line
    from kdverify.commands.progress import bar
    from kdverify.report import labels_report
    from kdverify.report.output import console, document, plain, print_table, write_json
    from kdverify.tables import Layout

    students, given = _students(ridge or [])
    layout = Layout(header, delimiter, decimal, tuple(drop or ()), unlabelled)
    table, known = _read(features, labels, label_column, layout)
    sizes = [kd.checks.count("n", size) for size in sample_sizes(n)] if n else None
    setting = kd.labels.ask(
        table.features,
        known,
        task=task,
        intercept=intercept,
        standardise=standardise,
        n=sizes,
        max_rows=max_rows,
        seed=seed,
    )
    taught: dict[str, Any] = {}
    understood: list[str] = []
    for path in teacher or ():
        taught[path], said = _teacher(path, setting, len(table.features), layout)
        understood += said
    shown = sizes or kd.labels.default_sizes(setting.count)
    asked = [*shown, *(kd.labels.below(setting.count) if taught else ())]
    if taught and "best" not in students:
        students = ("best", *students)
    with bar() as progress:
        curve = kd.labels.learning_curve(
            setting, asked, students, given, draws, seed, progress, anyway=anyway
        )
        measured = setting.measured(setting.ridges())
        worths = [
            kd.labels.worth(Path(path).name, setting, curve, values, measured, seed)
            for path, values in taught.items()
        ]
    targets = {"accuracy": target_accuracy, "risk": target_risk}
    needed = [curve.needed(k, value) for k, value in targets.items() if value is not None]
    found = kd.labels.verdict(curve, worths)
    title = f"{Path(features).name}: {setting.size} rows, rank {curve.rank}"
    title += f", {curve.n_labelled} labelled"
    lines = [str(one) for one in (*needed, *worths)]
    lines.append(f"verdict: {found}")
    lines += [f"note: {note}" for note in understood]
    lines += [f"note: {caution}" for caution in curve.cautions]
    if any(point.risk is None for point in curve.points if point.n >= curve.n_labelled):
        lines.append("note: --anyway shows what is refused")
    assert setting.question is not None
    task = task_line(setting.question)
    columns, rows = labels_report.table_of(curve, shown)
    out = console(json)
    for line in (*table.notes, title, task, *_measured(curve)):
        out.print(line)
    print_table(columns, rows, "predicted", out)
    for line in lines:
        out.print(line)
    if json is not None:
        question = setting.question
        result = curve.to_json() | {
            "task": question.settings["chosen_task"],
            "because": question.settings["because"],
            "rank": curve.rank,
            "rows_of_pool": setting.size,
            "classes": list(setting.class_names) or None,
            "needed": [plain(vars(one)) for one in needed],
            "worth": [one.to_json() for one in worths],
            "verdict": found.choice,
            "reason": found.reason,
        }
        asked_for = settings(context, n=shown, students=students, ridge=given)
        about = document("labels", asked_for, [])
        about.pop("rows")
        write_json(about | plain(result), json)
    if plot is not None or html is not None:
        figure = labels_report.figure(curve, setting, title, seed)
        if plot is not None:
            from kdverify.report.figures import save

            save(figure, plot)
        if html is not None:
            labels_report.write_page(html, curve, title, [task, *lines], (columns, rows), figure)


def _students(ridge: list[str]) -> tuple[tuple[str, ...], float | None]:
    """Students by name, and the ridge of the one that has a number."""
    students: list[str] = []
    given = None
    for text in ridge or ["best"]:
        if text in ("best", "min-norm"):
            students.append(text)
            continue
        try:
            exact = kd.checks.exact("ridge", text)
        except ValueError:
            raise ValueError(f"ridge={text!r} must be best, min-norm or a number") from None
        if given is not None:
            raise ValueError(f"ridge={text!r} must be one number; {given:g} is given already")
        given = float(kd.checks.non_negative("ridge", exact))
        students.append("ridge")
    return tuple(dict.fromkeys(students)), given


def _read(
    features: str, labels: str | None, column: str | None, layout: Layout
) -> tuple[Table, Any]:
    """The table of features, and labels of all rows, or row numbers and labels of some."""
    from kdverify import tables

    names = tables.columns_of(labels, "labels", layout, [ROW]) if labels is not None else None
    if labels is not None and names is not None and ROW in names:
        others = [name for name in names if name not in (ROW, "")]
        free = [name for name in others if name not in layout.drop]
        if column is None and len(free) != 1:
            raise ValueError(f"label_column=None must name one of {', '.join(others)} in {labels}")
        taught = column or free[0]
        if taught in layout.drop:
            raise ValueError(f"drop={taught!r} must not be the column of labels of {labels}")
        rest = tuple(name for name in others if name != taught)
        few = tables.read(labels, None, taught, replace(layout, drop=rest))
        assert few.columns is not None
        numbers = few.features[:, few.columns.index(ROW)]
        counted = f"labels of rows {numbers.min():.0f} to {numbers.max():.0f}, counted from 0"
        own = tables.columns_of(features, "features", layout) or ()
        drop = tuple(name for name in layout.drop if name not in names or name in own)
        table = tables.read(features, None, None, replace(layout, drop=drop))
        notes = (*table.notes, *few.notes, counted)
        return replace(table, notes=notes), (numbers, few.labels)
    table = tables.read(features, labels, column, layout)
    if table.labels is None:
        raise ValueError("labels=None must be given: a file of labels, or --label-column")
    return table, table.labels


def _teacher(path: str, setting: Setting, size: int, layout: Layout) -> tuple[Any, tuple[str, ...]]:
    """A teacher's labels of the rows that are used, and how its columns were read."""
    from kdverify import tables

    own = replace(layout, drop=(), unlabelled=None)
    labels, notes = tables.read_predictions(path, size, setting.class_names, own)
    return kd.labels.teacher_labels(path, labels, setting, size), notes


def _measured(curve: LabelCurve) -> list[str]:
    """What the labels at hand say of each student."""
    lines = []
    for one in curve.now:
        accuracy = "" if one.accuracy is None else f", accuracy {one.accuracy:.3f}"
        lines.append(
            f"measured with {curve.n_labelled} labels, {one.student} (leave-one-out, ridge "
            f"{one.ridge:.3g}): risk {one.risk:.3g} ± {one.error:.1g}{accuracy}"
        )
    return lines

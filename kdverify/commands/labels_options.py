"""The options of ``kdverify labels``.  Imports nothing but typer, so that ``--help`` is fast."""

from __future__ import annotations

from typing import Annotated

import typer

from kdverify.commands.options import (
    FEATURES_HELP,
    Decimal,
    Delimiter,
    Drop,
    Header,
    Json,
    LabelColumn,
    Page,
    Plot,
    Seed,
    Unlabelled,
)

SizesOfLabels = Annotated[
    list[str] | None,
    typer.Option(
        "-n", metavar="N[,N...]", help="Numbers of labels (default: 1, 2, 4, 8, 16 times those)."
    ),
]


def labels(
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
        int | None, typer.Option(metavar="N", help="Rows, drawn at random, that stand for all.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of the unknown signal.")] = 24,
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
    from kdverify.commands import labels as command
    from kdverify.tables import Layout

    raise typer.Exit(
        command.run(
            features,
            labels,
            label_column,
            n,
            ridge or [],
            teacher or [],
            target_accuracy,
            target_risk,
            task,
            intercept,
            standardise,
            max_rows,
            draws,
            seed,
            json,
            plot,
            html,
            Layout(header, delimiter, decimal, tuple(drop or ()), unlabelled),
        )
    )

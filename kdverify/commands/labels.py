"""``kdverify labels``: what more labels buy, and what a teacher is worth in labels."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import checks, tables
from kdverify import labels as library
from kdverify.commands.inputs import sample_sizes
from kdverify.commands.progress import bar
from kdverify.report.output import console, document, number, plain, print_table, write_json


def run(
    features_file: str,
    labels_file: str | None,
    label_column: str | None,
    n: list[str] | None,
    ridge: list[str],
    teacher: list[str],
    target_accuracy: float | None,
    target_risk: float | None,
    task: str,
    intercept: bool,
    standardise: bool,
    max_rows: int | None,
    draws: int,
    seed: int,
    json_path: str | None,
    plot: str | None,
    html: str | None,
    layout: tables.Layout,
) -> int:
    """Read, forecast, print, write."""
    students, given = _students(ridge)
    table, known = _read(features_file, labels_file, label_column, layout)
    sizes = [checks.count("n", size) for size in sample_sizes(n)] if n else None
    setting = library.ask(
        table.features,
        known,
        task=task,
        intercept=intercept,
        standardise=standardise,
        n=sizes,
        max_rows=max_rows,
        seed=seed,
    )
    taught = {path: _teacher(path, features_file, setting, len(table.features)) for path in teacher}
    shown = sizes or library.default_sizes(setting.count)
    asked = [*shown, *(library.below(setting.count) if taught else ())]
    if taught and "best" not in students:
        students = ("best", *students)
    with bar() as progress:
        curve = library.learning_curve(setting, asked, students, given, draws, seed, progress)
        ridges = setting.ridges()
        measured = setting.measured(ridges)
        worths = [
            library.worth(Path(path).name, setting, curve, values, measured, seed)
            for path, values in taught.items()
        ]
    targets = {"accuracy": target_accuracy, "risk": target_risk}
    needed = [curve.needed(k, value) for k, value in targets.items() if value is not None]
    found = library.verdict(curve, worths)
    out = console(json_path)
    for note in table.notes:
        out.print(note)
    title = f"{Path(features_file).name}: {setting.size} rows, rank {curve.rank}"
    title += f", {curve.n_labelled} labelled"
    out.print(title)
    _print(curve, shown, out)
    lines = _lines(needed, worths, found, curve)
    for line in lines:
        out.print(line)
    result = curve.to_json() | {
        "needed": [plain(vars(one)) for one in needed],
        "worth": [one.to_json() for one in worths],
        "verdict": found.choice,
        "reason": found.reason,
    }
    if json_path is not None:
        settings = {
            "features": features_file,
            "labels": labels_file,
            "n": shown,
            "students": students,
            "ridge": given,
            "teachers": teacher,
            "task": task,
            "intercept": intercept,
            "standardise": standardise,
            "draws": draws,
            "seed": seed,
        }
        head = document("labels", settings, [])
        head.pop("rows")
        write_json(head | plain(result), json_path)
    if plot is not None or html is not None:
        from kdverify.report import labels_report

        figure = labels_report.figure(curve, setting, title, seed)
        if plot is not None:
            from kdverify.report.figures import save

            save(figure, plot)
        if html is not None:
            labels_report.write_page(html, curve, title, lines, table_of(curve, shown), figure)
    return 0


def _students(ridge: list[str]) -> tuple[tuple[str, ...], float | None]:
    """Students by name, and the ridge of the one that has a number."""
    students: list[str] = []
    given = None
    for text in ridge or ["best"]:
        if text in ("best", "min-norm"):
            students.append(text)
            continue
        try:
            exact = checks.exact("ridge", text)
        except ValueError:
            raise ValueError(f"ridge={text!r} must be best, min-norm or a number") from None
        if given is not None:
            raise ValueError(f"ridge={text!r} must be one number; {given:g} is given already")
        given = float(checks.non_negative("ridge", exact))
        students.append("ridge")
    return tuple(dict.fromkeys(students)), given


#: Column of a table of labels that numbers the rows, from 0.
ROW = "row"


def _read(
    features: str, labels: str | None, column: str | None, layout: tables.Layout
) -> tuple[tables.Table, Any]:
    """The table of features, and labels of all rows, or row numbers and labels of some."""
    if labels is not None and (names := _header(labels)) and ROW in names:
        others = [name for name in names if name != ROW]
        if column is None and len(others) != 1:
            raise ValueError(f"label_column=None must name one of {', '.join(others)} in {labels}")
        few = tables.read(labels, None, column or others[0], replace(layout, drop=()))
        place = (few.columns or names).index(ROW)
        return tables.read(features, None, None, layout), (few.features[:, place], few.labels)
    table = tables.read(features, labels, column, layout)
    if table.labels is None:
        raise ValueError("labels=None must be given: a file of labels, or --label-column")
    return table, table.labels


def _header(path: str) -> tuple[str, ...]:
    """Names of the columns of a table of texts that may have a line of them."""
    file = checks.readable_file("labels", path, tables.ENDINGS)
    if file.suffix.lower() not in (".csv", ".tsv"):
        return ()
    with file.open(encoding="utf-8") as stream:
        line = stream.readline().strip()
    return tuple(name.strip().strip('"') for name in re.split("[,;\t]", line))


def _teacher(path: str, features: str, setting: library.Setting, size: int) -> np.ndarray:
    """A teacher's labels of the rows that are used."""
    table = tables.read(features, path)
    assert table.labels is not None
    return library.teacher_labels(path, table.labels, setting, size)


HEADER = (
    *("n", "student", "ridge", "risk", "80 % interval", "of that now"),
    *("accuracy", "80 % interval"),
)


def table_of(curve: library.LabelCurve, shown: list[int]) -> list[list[str]]:
    """Cells of the points at ``shown``, and at n_0."""
    rows = []
    for point in curve.points:
        if point.n not in shown and point.n != curve.n_labelled:
            continue
        cells = [str(point.n), point.student, number(point.ridge, 3)]
        if point.risk is None:
            rows.append([*cells, "cannot tell", "", "", "", ""])
            continue
        cells += [number(point.risk, 3), _between(point.risk_low, point.risk_high)]
        cells += [number(point.change, 3), number(point.accuracy, 3)]
        rows.append([*cells, _between(point.accuracy_low, point.accuracy_high)])
    return rows


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3g} to {high:.3g}"


def _print(curve: library.LabelCurve, shown: list[int], out: Any) -> None:
    for one in curve.now:
        accuracy = "" if one.accuracy is None else f", accuracy {one.accuracy:.3f}"
        out.print(
            f"measured with {curve.n_labelled} labels, {one.student} (leave-one-out, ridge "
            f"{one.ridge:.3g}): risk {one.risk:.3g} ± {one.risk * curve.level_error:.1g}{accuracy}"
        )
    rows = table_of(curve, shown)
    columns = range(len(HEADER)) if any(row[6] for row in rows) else range(6)
    header = [HEADER[k] for k in columns]
    print_table(header, [[row[k] for k in columns] for row in rows], "predicted", out)


def _lines(
    needed: list[library.Needed],
    worths: list[library.Worth],
    found: library.Verdict,
    curve: library.LabelCurve,
) -> list[str]:
    lines = []
    largest = max(point.n for point in curve.points)
    for one in needed:
        low = "more" if one.low is None else f"{one.low:.3g}"
        high = f"more than {largest}" if one.high is None else f"{one.high:.3g}"
        middle = f"more than {largest}" if one.labels is None else f"{one.labels:.3g}"
        if one.low is None:
            lines.append(f"{one.target} {one.value:g} needs more than {largest} labels")
        else:
            lines.append(f"{one.target} {one.value:g} needs {middle} labels ({low} to {high})")
    lines += [str(one) for one in worths]
    lines.append(f"verdict: {found}")
    return lines + [f"note: {caution}" for caution in curve.cautions]

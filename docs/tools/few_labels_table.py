"""The table of `experiments.few_labels`, as Markdown, from its JSON files.

python docs/tools/few_labels_table.py FOLDER prints it.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kdverify.report.output import markdown_table

FITS = ("last", "pow3", "pow4", "mmf4", "exp3", "gcv")
HEADER = (
    *("set, labels", "n_0", "student", "draws", "refused", "error", "level", "left"),
    *("best fit", "last", "change", "left", "best fit", "80 % holds", "accuracy, points"),
    *("floor", "80 % holds"),
)
#: What the labels leave: a forecast that has their level alone; level and posterior.
LIMITS = ("level", "left")
#: Median of |z| for a standard normal z: what sampling noise alone makes of a median error.
MEDIAN = 0.6744897501960817
#: Aims: for each n_0 the largest error of the min-norm student's log risk and of the
#: accuracy in points; least and largest share of intervals that hold.
AIMS = {100: (0.09, 3.0), 300: (0.05, 1.5), 1000: (0.04, 1.5)}
HOLDS = (0.75, 0.87)
#: Relative standard error of a true mean risk above which nothing is set beside it.
UNKNOWN = 0.1


STUDENTS = ("best", "min-norm")
#: Refused labelled draws that a cell of the table of what was refused has at least.
FEWEST_REFUSED = 10
#: Shows cells of one n_0.
Shown = Callable[[list[dict[str, Any]], int], str]


def table(folder: Path) -> str:
    """Median absolute errors of the logarithm over n = 2 to 16 n_0 and labelled draws."""
    lines, cells = [], []
    for file in sorted(folder.glob("*.json")):
        for (n0, student), found in sorted(_groups(file).items()):
            cells.append((file.stem, n0, student, numbers_of(found)))
            lines.append([file.stem, str(n0), student, *_shown(cells[-1][-1])])
    kept = [place for place in range(len(HEADER)) if any(line[place] for line in lines)]
    header = [HEADER[place] for place in kept]
    return markdown_table(header, [[line[place] for place in kept] for line in lines])


def told_in(folder: Path) -> list[tuple[str, int, str, dict[str, Any]]]:
    """Set, n_0, student and numbers of each cell of a folder in which something is told."""
    cells = [
        (file.stem.rsplit("-", 1)[0], n0, student, numbers_of(found))
        for file in sorted(folder.glob("*.json"))
        for (n0, student), found in sorted(_groups(file).items())
    ]
    return [cell for cell in cells if cell[-1]["told"]]


def targets(folder: Path) -> str:
    """What is aimed at and what is reached, for each n_0; then set by set."""
    told = told_in(folder)
    header = ("", *(f"n_0 = {n0}" for n0 in AIMS))
    lines = [
        [title, *(shown([c[-1] for c in told if c[1] == n0 and c[2] in of], n0) for n0 in AIMS)]
        for title, of, shown in LINES
    ]
    by_set = defaultdict(list)
    for name, _, student, numbers in told:
        by_set[name, student].append(numbers)
    names = sorted({name for name, _ in by_set})
    holds = [
        [
            name,
            *(_held(by_set[name, student], "holds") for student in STUDENTS),
            *(_held(by_set[name, student], "accuracy holds") for student in STUDENTS),
        ]
        for name in names
    ]
    titles = (
        *("intervals of 80 % hold, by set", *STUDENTS),
        *(f"accuracy, {student}" for student in STUDENTS),
    )
    return markdown_table(header, lines) + "\n" + markdown_table(titles, holds)


#: Folders of sets whose forecasts are told as a reader gets them, and sets that are made up.
FOLDERS = ("few_labels", "few_labels_tables", "few_labels_tuning")
MADE_UP = ("gaussian", "sparse", "t3", "two-gaussians")


def real_cells(data: Path) -> dict[int, list[tuple[str, str, dict[str, Any]]]]:
    """For each n_0: set, student, numbers of each cell of real data in which something is told."""
    found: dict[int, list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
    for name, n0, student, numbers in (c for folder in FOLDERS for c in told_in(data / folder)):
        if name not in MADE_UP:
            found[n0].append((name, student, numbers))
    return dict(sorted(found.items()))


def expected(data: Path) -> str:
    """What may be expected on real data: means and quartiles over cells of all three folders."""
    cells = real_cells(data)
    titles = ("sets, cells", *(title for title, *_ in EXPECTED), "cells that hold less than half")
    lines = [[title] for title in titles]
    for found in cells.values():
        lines[0].append(f"{len({name for name, *_ in found})}, {len(found)}")
        for line, (_, of, name, shape, middle) in zip(lines[1:], EXPECTED, strict=False):
            values = [one[name] for _, student, one in found if student in of and name in one]
            low, high = np.quantile(values, (0.25, 0.75))
            line.append(f"{middle(values):{shape}} ({low:{shape}} to {high:{shape}})")
        lines[-1].append(str(sum(one["holds"] < 0.5 for *_, one in found)))
    return markdown_table(("", *(f"n_0 = {n0}" for n0 in cells)), lines)


#: Rows of that table: title, students, number, its format, what is taken over the cells.
EXPECTED = (
    ("error of log risk, best ridge", ("best",), "error", ".3f", np.median),
    ("error of log risk, min-norm", ("min-norm",), "error", ".3f", np.median),
    ("intervals of 80 % hold", STUDENTS, "holds", ".2f", np.mean),
    ("accuracy, points", STUDENTS, "accuracy", ".1f", np.median),
    ("accuracy, intervals hold", STUDENTS, "accuracy holds", ".2f", np.mean),
)


#: Words of each refusal (kdverify.labels.guards), and how a table names it.
REASONS = {
    "row lengths": "long rows",
    "passes for signal": "little noise",
    "nearly always the same": "rare columns",
    "lost in rounding": "lost columns",
    "squared errors have": "rare labels",
    "grow with the length": "growing errors",
    "worse than the best by leave-one-out": "another ridge",
    "not like the others": "other rows",
    "directions, below": "few directions",
    "pairs of rows": "near rows",
    "they fill a subspace": "a subspace",
    "within one row of the rank": "the rank",
    "rare sets of rows": "rare sets",
}


def refused_table(folder: Path) -> str:
    """Forecasts of the best ridge that were refused: how far off they were, and their intervals."""
    cells: dict[str, dict[int, str]] = {}
    reasons: dict[str, set[str]] = defaultdict(set)
    for file in sorted(folder.glob("*.json")):
        rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
        for (n0, student), found in _groups(file).items():
            own = [one | {"refused": False} for one in found if one["refused"]]
            if student == "best" and len({one["draw"] for one in own}) >= FEWEST_REFUSED:
                numbers = numbers_of(own)
                shown = f"{numbers['error']:.3f}, {numbers['holds']:.2f}"
                cells.setdefault(file.stem, {})[n0] = shown
        for row in rows:
            if row.get("student") == "best":
                reasons[file.stem] |= {_name(reason) for reason in row["refused"]}
    sizes = sorted({n0 for own in cells.values() for n0 in own})
    lines = [
        [stem, ", ".join(sorted(reasons[stem])), *(own.get(n0, "") for n0 in sizes)]
        for stem, own in cells.items()
    ]
    return markdown_table(("set, labels", "refused for", *(f"n_0 = {n0}" for n0 in sizes)), lines)


def _name(reason: str) -> str:
    """Short name of a refusal; one that has none is an error."""
    found = [name for words, name in REASONS.items() if words in reason]
    if len(found) != 1:
        raise ValueError(f"reason={reason!r} must be one of {', '.join(REASONS)}")
    return found[0]


def _held(cells: list[dict[str, Any]], name: str) -> str:
    """Share of all forecasts of a set whose interval holds, and how many labelled draws."""
    found = [(one[name], one["told"], one["draws"]) for one in cells if name in one]
    if not found:
        return ""
    shares, told, draws = np.array(found, dtype=float).T
    return f"{np.average(shares, weights=told):.2f} ({draws.sum():.0f} draws)"


def _median(name: str, beside: tuple[str, ...], place: int | None, shape: str) -> Shown:
    def shown(cells: list[dict[str, Any]], n0: int) -> str:
        found = [one for one in cells if name in one]
        if not found:
            return ""
        known = {one: [cell[one] for cell in found if one in cell] for one in beside}
        notes = [f"{one} {np.median(values):{shape}}" for one, values in known.items()]
        if place is not None:
            aim = AIMS[n0][place]
            within = sum(one[name] <= aim for one in found)
            least = known[beside[-1]]
            notes.insert(0, f"aim {aim:g}, {within} of {len(found)} cells")
            notes[-1] += f", within in {sum(one <= aim for one in least)} of {len(least)}"
        return f"{np.median([one[name] for one in found]):{shape}} ({'; '.join(notes)})"

    return shown


def _beside(name: str, limit: str, prefix: str, factor: float) -> Shown:
    """How many cells are within ``factor`` of the best fit, and would be were ``limit`` all."""

    def shown(cells: list[dict[str, Any]], n0: int) -> str:
        pairs = [(one, factor * one[best]) for one in cells if (best := best_fit(one, prefix))]
        reached, could = (
            sum(one[f"{key} beside"] <= least for one, least in pairs) for key in (name, limit)
        )
        return f"{reached} of {len(pairs)} cells ({limit} alone: {could})" if pairs else ""

    return shown


def _beside_one(factor: float) -> Shown:
    """How many cells are within ``factor`` of the fit whose median error over them is least."""

    def shown(cells: list[dict[str, Any]], n0: int) -> str:
        found = [one for one in cells if best_fit(one, "")]
        errors = {name: [one.get(name, np.nan) for one in found] for name in FITS}
        if not found:
            return ""
        name = min(FITS, key=lambda one: float(np.nanmedian(errors[one])))
        pairs = zip(found, errors[name], strict=True)
        within = sum(one["error beside"] <= factor * error for one, error in pairs)
        return f"{within} of {len(found)} cells ({name}: {np.nanmedian(errors[name]):.3f})"

    return shown


def _holding(name: str) -> Shown:
    def shown(cells: list[dict[str, Any]], n0: int) -> str:
        found = [one[name] for one in cells if name in one]
        if not found:
            return ""
        inside = sum(HOLDS[0] <= one <= HOLDS[1] for one in found)
        return (
            f"{np.mean(found):.2f} ({min(found):.2f} to {max(found):.2f}; {inside} of "
            f"{len(found)} cells in {HOLDS[0]} to {HOLDS[1]})"
        )

    return shown


#: Rows of the table of targets: title, students, what is shown of the cells of one n_0.
LINES = (
    ("min-norm, error of log risk", ("min-norm",), _median("error", LIMITS, 0, ".3f")),
    ("best ridge, error of log risk", ("best",), _median("error", LIMITS, None, ".3f")),
    ("... at most 1.1 of the best fit's error", ("best",), _beside("error", "level", "", 1.1)),
    ("... at most 1.1 of the error of one fit for all cells", ("best",), _beside_one(1.1)),
    (
        "change, at most half of the best fit's error",
        STUDENTS,
        _beside("change", "change left", "change ", 0.5),
    ),
    ("intervals of 80 % hold", STUDENTS, _holding("holds")),
    ("accuracy, points", STUDENTS, _median("accuracy", ("accuracy floor",), 1, ".1f")),
    ("accuracy, intervals hold", STUDENTS, _holding("accuracy holds")),
)


def _groups(file: Path) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """What was found for each n_0 and student."""
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    truths = {row["truth_at"]: row for row in rows if "truth_at" in row}
    forecasts = [row for row in rows if "n0" in row]
    groups: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in forecasts:
        if _known(row, truths[row["n"]]):
            groups[row["n0"], row["student"]].append(errors(row, truths))
    return groups


def _known(row: dict[str, Any], truth: dict[str, Any]) -> bool:
    """Whether the true mean risk is known well enough; few students do not give it near a peak."""
    place = 0 if row["student"] == "min-norm" else int(np.argmin(truth["risk"]))
    return bool(truth["error"][place] <= UNKNOWN * truth["risk"][place])


def errors(row: dict[str, Any], truths: dict[int, Any]) -> dict[str, Any]:
    """Of one forecast, its limits and the fits beside it; ``truths`` by n."""
    then, now = truths[row["n"]], truths[row["n0"]]
    free = row["student"] == "min-norm"
    place = 0 if free else int(np.argmin(then["risk"]))
    true = then["risk"][place]
    change = np.log(true / (now["risk"][0] if free else min(now["risk"])))
    change = change if _known(row, now) else np.nan
    error = np.log(row["risk"] / true)
    found = {
        "draw": row["draw"],
        "refused": bool(row["refused"]),
        "error": abs(error),
        "change": abs(np.log(row["risk"] / row["risk_now"]) - change),
        "level": abs(np.log(row.get("measured", np.nan) / min(now["risk"]))),
        "left": MEDIAN * row.get("left", np.nan),
        "change left": MEDIAN * row.get("change_left", np.nan),
        "holds": row["risk_low"] < true < row["risk_high"],
    }
    if "accuracy" in row:
        right = then["accuracy"][place]
        found["accuracy"] = 100 * abs(row["accuracy"] - right)
        share = now["accuracy"][int(np.argmin(now["risk"]))]
        found["accuracy floor"] = 100 * MEDIAN * np.sqrt(share * (1 - share) / row["n0"])
        found["accuracy holds"] = row["accuracy_low"] < right < row["accuracy_high"]
    for name in FITS if "fits" in row else ():
        first, last = (np.nan if x is None or not x > 0 else x for x in row["fits"][name])
        found[name] = abs(np.log(last / true))
        found[f"change {name}"] = abs(np.log(last / first) - change)
    return found


def numbers_of(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians and shares of one cell; refused forecasts count as refused alone."""
    told = [one for one in found if not one["refused"]]
    numbers: dict[str, Any] = {"draws": len({one["draw"] for one in found}), "told": len(told)}
    numbers["refused"] = 1 - len(told) / len(found)
    if not told:
        return numbers
    own = ("error", *LIMITS, "change", "change left")
    names = (*own, "accuracy", "accuracy floor", *FITS, *(f"change {name}" for name in FITS))
    fitted = np.array([one.get("last", np.nan) > 0 for one in told])
    for name in names:
        values = np.array([one.get(name, np.nan) for one in told], dtype=float)
        if np.isfinite(values).any():
            numbers[name] = float(np.nanmedian(values))
        if name in own and np.isfinite(values[fitted]).any():
            numbers[f"{name} beside"] = float(np.nanmedian(values[fitted]))
    for name in ("holds", "accuracy holds"):
        if name in told[0]:
            numbers[name] = float(np.mean([one[name] for one in told]))
    return numbers


def _shown(numbers: dict[str, Any]) -> list[str]:
    def cell(name: str, shape: str = ".3f") -> str:
        return f"{numbers[name]:{shape}}" if name in numbers else ""

    def best(prefix: str) -> str:
        name = best_fit(numbers, prefix)
        return f"{cell(name)} {name.removeprefix(prefix)}" if name else ""

    return [
        str(numbers["draws"]),
        f"{numbers['refused']:.0%}",
        cell("error"),
        *(cell(name) for name in LIMITS),
        best(""),
        cell("last"),
        cell("change"),
        cell("change left"),
        best("change "),
        cell("holds", ".2f"),
        cell("accuracy", ".1f"),
        cell("accuracy floor", ".1f"),
        cell("accuracy holds", ".2f"),
    ]


def best_fit(numbers: dict[str, Any], prefix: str) -> str | None:
    """The fit of least error in this cell, chosen with hindsight; None where nothing is known."""
    known = [prefix + name for name in FITS if prefix + name in numbers]
    return min(known, key=lambda name: float(numbers[name]), default=None)


if __name__ == "__main__":
    print(targets(Path(sys.argv[1])), table(Path(sys.argv[1])), sep="\n")

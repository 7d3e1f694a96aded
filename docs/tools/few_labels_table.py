"""The table of `experiments.few_labels`, as Markdown, from its JSON files.

python docs/tools/few_labels_table.py FOLDER prints it.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from kdverify.labels.curve import half_width
from kdverify.report.output import markdown_table

FITS = ("last", "pow3", "pow4", "mmf4", "exp3", "gcv")
HEADER = (
    *("set, labels", "n_0", "student", "draws", "refused", "error", "best fit", "last"),
    *("change", "best fit", "80 % holds", "accuracy, points", "80 % holds"),
)


def table(folder: Path) -> str:
    """Median absolute errors of the logarithm over n = 2 to 16 n_0 and labelled draws."""
    lines, cells = [], []
    for file in sorted(folder.glob("*.json")):
        for (n0, student), found in sorted(_groups(file).items()):
            cells.append((student, _numbers(found)))
            lines.append([file.stem, str(n0), student, *_shown(cells[-1][1])])
    return markdown_table(HEADER, lines) + "\n" + "\n".join(_summary(cells))


def _groups(file: Path) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """What was found for each n_0 and student."""
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    truths = {row["truth_at"]: row for row in rows if "truth_at" in row}
    forecasts = [row for row in rows if "n0" in row]
    starts = {(r["n0"], r["draw"]): r["risk_now"] for r in forecasts if r["student"] == "best"}
    groups: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in forecasts:
        start = starts[row["n0"], row["draw"]]
        groups[row["n0"], row["student"]].append(_errors(row, truths, start))
    return groups


def _errors(row: dict[str, Any], truths: dict[int, Any], start: float) -> dict[str, Any]:
    then, now = truths[row["n"]], truths[row["n0"]]
    free = row["student"] == "min-norm"
    place = 0 if free else int(np.argmin(then["risk"]))
    true = then["risk"][place]
    change = np.log(true / (now["risk"][0] if free else min(now["risk"])))
    errors = row["level_variance"] ** 0.5, row["shape_variance"] ** 0.5
    half = half_width(*errors, np.log(row["risk"] / start))
    error = np.log(row["risk"] / true)
    found = {
        "draw": row["draw"],
        "refused": bool(row["refused"]),
        "error": abs(error),
        "change": abs(np.log(row["risk"] / row["risk_now"]) - change),
        "holds": abs(error) < half,
    }
    if "accuracy" in row:
        right = then["accuracy"][place]
        found["accuracy"] = 100 * abs(row["accuracy"] - right)
        if "accuracy_low" in row:
            found["accuracy holds"] = row["accuracy_low"] < right < row["accuracy_high"]
    for name in FITS:
        first, last = (np.nan if x is None or not x > 0 else x for x in row["fits"][name])
        found[name] = abs(np.log(last / true))
        found[f"change {name}"] = abs(np.log(last / first) - change)
    return found


def _numbers(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians and shares of one cell; refused forecasts count as refused alone."""
    told = [one for one in found if not one["refused"]]
    numbers: dict[str, Any] = {"draws": len({one["draw"] for one in found}), "told": len(told)}
    numbers["refused"] = 1 - len(told) / len(found)
    if not told:
        return numbers
    for name in ("error", "change", "accuracy", *FITS, *(f"change {name}" for name in FITS)):
        if name in told[0]:
            numbers[name] = float(np.nanmedian([one[name] for one in told]))
    for name in ("holds", "accuracy holds"):
        if name in told[0]:
            numbers[name] = float(np.mean([one[name] for one in told]))
    return numbers


def _shown(numbers: dict[str, Any]) -> list[str]:
    cells = [str(numbers["draws"]), f"{numbers['refused']:.0%}"]
    if not numbers["told"]:
        return [*cells, *[""] * (len(HEADER) - 5)]
    best, steady = (_best(numbers, prefix) for prefix in ("", "change "))
    return [
        *cells,
        f"{numbers['error']:.3f}",
        f"{numbers[best]:.3f} {best}",
        f"{numbers['last']:.3f}",
        f"{numbers['change']:.3f}",
        f"{numbers[steady]:.3f} {steady.removeprefix('change ')}",
        f"{numbers['holds']:.2f}",
        f"{numbers['accuracy']:.1f}" if "accuracy" in numbers else "",
        f"{numbers['accuracy holds']:.2f}" if "accuracy holds" in numbers else "",
    ]


def _best(numbers: dict[str, Any], prefix: str) -> str:
    """The fit of least error in this cell, chosen with hindsight."""
    return min((prefix + name for name in FITS), key=lambda name: float(numbers[name]))


def _summary(cells: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """What the cells say together, a line a student."""
    lines = []
    for student in ("best", "min-norm"):
        told = [numbers for one, numbers in cells if one == student and numbers["told"]]
        if not told:
            continue
        near = sum(one["error"] <= 1.1 * one[_best(one, "")] for one in told)
        half = sum(one["change"] <= one[_best(one, "change ")] / 2 for one in told)
        inside = sum(0.75 <= one["holds"] <= 0.87 for one in told)
        holds = [one["holds"] for one in told]
        error = np.median([one["error"] for one in told])
        lines.append(
            f"* {student}, {len(told)} cells: median error {error:.3f}, at most 1.1 of the best "
            f"fit's in {near}; change at most half of the best fit's in {half}; intervals hold "
            f"{np.mean(holds):.2f} on average ({min(holds):.2f} to {max(holds):.2f}), 0.75 to 0.87 "
            f"in {inside}"
        )
        right = [one["accuracy"] for one in told if "accuracy" in one]
        sure = [one["accuracy holds"] for one in told if "accuracy holds" in one]
        if sure:
            lines[-1] += (
                f"; accuracy off by {np.median(right):.1f} points in the median cell, intervals "
                f"hold {np.mean(sure):.2f}"
            )
    return lines


if __name__ == "__main__":
    print(table(Path(sys.argv[1])))

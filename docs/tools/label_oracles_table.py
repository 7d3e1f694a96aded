"""The table of `experiments.label_oracles`, as Markdown, beside the forecasts it was made for.

python docs/tools/label_oracles_table.py FOLDER prints it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import few_labels_table as forecasts
import numpy as np

from kdverify.report.output import markdown_table

#: Columns: what is asked for, then medians of |log change - true log change|, then its own error.
ASKED = "half of best fit"
ERRORS = {"forecast": "change beside", "shape known": "shape", "all known": "known"}
HEADER = ("set, labels", ASKED, *ERRORS, "truth ±")


def cells(folder: Path, beside: Path) -> list[dict[str, Any]]:
    """For each set and labelling what is asked, the three errors, and that of the truth."""
    found = []
    for file in sorted(folder.glob("*.json")):
        rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
        whole = json.loads((beside / file.name).read_text(encoding="utf-8"))["rows"]
        truths = {row["truth_at"]: row for row in whole if "truth_at" in row}
        told = [
            row
            for row in whole
            if row.get("n0") == rows[0]["n0"] and row["student"] == "best" and not row["refused"]
        ]
        numbers = forecasts.numbers_of([forecasts.errors(row, truths) for row in told])
        best = forecasts.best_fit(numbers, "change ")
        assert best is not None
        fitted = {(row["draw"], row["n"]) for row in told if "fits" in row}
        kept = [row for row in rows if (row["draw"], row["n"]) in fitted]
        true, doubt = np.array([change(truths, row["n0"], row["n"]) for row in kept]).T
        numbers |= {
            name: float(np.median(np.abs([row[name] for row in kept] - true)))
            for name in ("known", "shape")
        }
        errors = {title: numbers[name] for title, name in ERRORS.items()}
        asked = {"set": file.stem, ASKED: numbers[best] / 2}
        found.append(asked | errors | {"truth ±": float(np.median(doubt))})
    return found


def change(truths: dict[int, Any], now: int, then: int) -> tuple[float, float]:
    """Log of the best ridge's true risk at one n over that at another, and its standard error."""
    values, errors = [], []
    for n in (then, now):
        place = int(np.argmin(truths[n]["risk"]))
        values.append(truths[n]["risk"][place])
        errors.append(truths[n]["error"][place] / values[-1])
    return float(np.log(values[0] / values[1])), float(np.hypot(*errors))


def table(folder: Path) -> str:
    """Of ``label_oracles`` or ``label_oracles_tuning``, beside the folder of their forecasts."""
    found = cells(folder, folder.with_name(folder.name.replace("label_oracles", "few_labels")))
    lines = [[one["set"], *(f"{one[name]:.3f}" for name in HEADER[1:])] for one in found]
    reached = [sum(one[name] <= one[ASKED] for one in found) for name in ERRORS]
    lines.append(["reached", "", *(f"{count} of {len(found)}" for count in reached), ""])
    return markdown_table(HEADER, lines)


if __name__ == "__main__":
    print(table(Path(sys.argv[1])))

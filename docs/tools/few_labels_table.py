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

from kdverify.labels.curve import FACTOR, QUANTILE
from kdverify.report.output import markdown_table

FITS = ("last", "pow3", "pow4", "mmf4", "exp3", "gcv")
HEADER = (
    *("set, labels", "n_0", "student", "draws", "refused", "error", "best fit", "last"),
    *("change", "best fit", "80 % holds", "accuracy, points"),
)


def table(folder: Path) -> str:
    """Median absolute errors of the logarithm over n = 2 to 16 n_0 and labelled draws."""
    lines = []
    for file in sorted(folder.glob("*.json")):
        rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
        truths = {row["truth_at"]: row for row in rows if "truth_at" in row}
        groups: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if "n0" in row:
                groups[row["n0"], row["student"]].append(_errors(row, truths))
        for (n0, student), found in sorted(groups.items()):
            lines.append([file.stem, str(n0), student, *_cells(found)])
    return markdown_table(HEADER, lines)


def _errors(row: dict[str, Any], truths: dict[int, Any]) -> dict[str, Any]:
    then, now = truths[row["n"]], truths[row["n0"]]
    free = row["student"] == "min-norm"
    place = 0 if free else int(np.argmin(then["risk"]))
    true = then["risk"][place]
    change = np.log(true / (now["risk"][0] if free else min(now["risk"])))
    half = FACTOR * QUANTILE * np.hypot(row["level_variance"] ** 0.5, row["shape_variance"] ** 0.5)
    error = np.log(row["risk"] / true)
    found = {
        "draw": row["draw"],
        "refused": bool(row["refused"]),
        "error": abs(error),
        "change": abs(np.log(row["risk"] / row["risk_now"]) - change),
        "holds": abs(error) < half,
    }
    if "accuracy" in row:
        found["accuracy"] = 100 * abs(row["accuracy"] - then["accuracy"][place])
    for name in FITS:
        first, last = (np.nan if x is None or not x > 0 else x for x in row["fits"][name])
        found[name] = abs(np.log(last / true))
        found[f"change {name}"] = abs(np.log(last / first) - change)
    return found


def _cells(found: list[dict[str, Any]]) -> list[str]:
    def median(name: str) -> float:
        return float(np.nanmedian([one[name] for one in found]))

    errors = {name: median(name) for name in FITS}
    changes = {name: median(f"change {name}") for name in FITS}
    best, steady = min(errors, key=errors.get), min(changes, key=changes.get)  # type: ignore[arg-type]
    accuracy = f"{median('accuracy'):.1f}" if "accuracy" in found[0] else ""
    return [
        str(len({one["draw"] for one in found})),
        f"{np.mean([one['refused'] for one in found]):.0%}",
        f"{median('error'):.3f}",
        f"{errors[best]:.3f} {best}",
        f"{errors['last']:.3f}",
        f"{median('change'):.3f}",
        f"{changes[steady]:.3f} {steady}",
        f"{np.mean([one['holds'] for one in found]):.2f}",
        accuracy,
    ]


if __name__ == "__main__":
    print(table(Path(sys.argv[1])))

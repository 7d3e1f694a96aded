"""Markdown of what ``kdverify features --json`` wrote, for a page."""

from __future__ import annotations

import json
from pathlib import Path

from kdverify.report.output import markdown_table
from kdverify.teachers import TEACHERS


def table(file: Path) -> str:
    """Excess risks of each teacher, and the accuracy: predicted, Gaussian, measured, ratio."""
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    gaussian = {(r["n"], r["teacher"]): r["predicted"] for r in rows if r["model"] == "gaussian"}
    head = ["n", "teacher", "predicted", "Gaussian", "measured", "measured / predicted"]
    lines = []
    for row in (row for row in rows if row["model"] == "rows"):
        other = gaussian.get((row["n"], row["teacher"]))
        cells = [
            f"{row['n']:g}",
            TEACHERS[row["teacher"]].caption,
            f"{row['predicted']:.4g}",
            "" if other is None else f"{other:.4g}",
            f"{row['measured']:.4g} ± {row['standard_error']:.2g}",
            f"{row['measured'] / row['predicted']:.3f}",
        ]
        lines.append(cells)
        if row["teacher"] == "strong" and row["accuracy"] is not None:
            measured, error = row["accuracy_measured"], row["accuracy_standard_error"]
            cells = [
                f"{row['n']:g}",
                "accuracy of labels as they are",
                f"{row['accuracy']:.3f}",
                "",
                f"{measured:.3f} ± {error:.3f}",
                f"{measured / row['accuracy']:.3f}",
            ]
            lines.append(cells)
    return markdown_table(head, lines)

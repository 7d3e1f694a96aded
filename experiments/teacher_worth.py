"""How many labels a teacher is worth, said from few labels, and true.

Claim: the interval of 80 % of a teacher's worth in labels, from n_0 labels and the teacher's
predictions for all rows, holds the true number in 75 to 87 % of the labelled draws.  Truth: the
risk of students of the teacher's labels, and the curve of students of true labels, both measured
with all labels; where the one meets the other.

    python -m experiments.teacher_worth --set digits --out DIR

The teacher is a ridge student of a fifth of the rows, at most 400, which are then set aside.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from experiments.few_labels import SETS, class_names, drawn_rows, labellings, truth
from kdverify import checks
from kdverify.labels import below, default_sizes, learning_curve, worth
from kdverify.labels.drawn import Sample
from kdverify.labels.learning import SHARE, crossing
from kdverify.labels.path import GRID, Decomposition, leave_one_out
from kdverify.labels.setting import Setting
from kdverify.report.output import document, markdown_table, write_json
from kdverify.seeds import stream

#: Labelled rows asked from; rows that train the teacher at most; folds that measure its student.
COUNTS, TAUGHT, FOLDS = (100, 300), 400, 5
#: Sizes of the true curve, from a quarter of the least size that is asked for.
SIZES = 14


def teacher_of(rows: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """What the best ridge student of ``rows`` says of ``others``."""
    ridges = np.array(GRID[1:]) * np.square(rows - rows.mean(axis=0)).sum(axis=1).mean()
    errors = leave_one_out(rows, labels, ridges, True)
    ridge = float(ridges[np.square(errors).sum(axis=(1, 2)).argmin()])
    return students(rows, labels, others, np.array([ridge]))[0]


def students(
    rows: np.ndarray, labels: np.ndarray, others: np.ndarray, ridges: np.ndarray
) -> np.ndarray:
    """(len(ridges), k, C) what students of ``rows`` say of ``others`` (k, p)."""
    centre, level = rows.mean(axis=0), labels.mean(axis=0)
    made = Decomposition.of(rows - centre)
    projected, seen = made.projected(labels - level), (others - centre) @ made.right
    return np.array([seen @ made.coefficients(projected, ridge) + level for ridge in ridges])


def true_worth(rows: np.ndarray, labels: np.ndarray, teacher: np.ndarray, count: int) -> float:
    """Labels that a student of true labels needs to do as well; infinite beyond the curve."""
    ridges = np.array(GRID) * np.square(rows - rows.mean(axis=0)).sum(axis=1).mean()
    wide = np.concatenate([ridges, ridges[1:] * len(rows) / min(COUNTS)])
    risks = np.zeros(len(wide))
    order = stream(0, "folds of the true worth").permutation(len(rows))
    for part in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, part)
        gaps = students(rows[rest], teacher[rest], rows[part], wide) - labels[part]
        risks += np.square(gaps).sum(axis=(1, 2)) / len(rows)
    sizes = np.unique(np.geomspace(below(min(COUNTS))[0], SHARE * len(rows), SIZES).astype(int))
    curve = [min(truth(rows, labels, int(n), ridges, count)["risk"]) for n in sizes]
    found = crossing(sizes.astype(float), np.array(curve), float(risks.min()))
    return float("inf") if found is None else found


def measure_set(name: str, data: str | None, draws: int) -> list[dict[str, Any]]:
    """One record for each labelling and labelled draw."""
    chosen = SETS[checks.choice("set", name, tuple(SETS))]
    rows, given = chosen.make(data)
    found: list[dict[str, Any]] = []
    for key, labels in labellings(name, given).items():
        order = stream(0, "rows of the teacher").permutation(len(rows))
        taught, kept = np.split(order, [min(TAUGHT, len(rows) // 5)])
        pool, y = rows[kept], labels[kept]
        teacher = teacher_of(rows[taught], labels[taught], pool)
        true, sample = true_worth(pool, y, teacher, chosen.students), Sample.of(pool)
        names = class_names(key, y)
        for n0 in COUNTS:
            for draw in range(draws):
                known = drawn_rows(stream(0, "labelled", n0, draw), y, n0, names)
                setting = Setting(sample, known, y[known], names, len(pool))
                curve = learning_curve(setting, [*below(n0), *default_sizes(n0)], seed=draw)
                measured = setting.measured(setting.ridges())
                said = worth("teacher", setting, curve, teacher, measured, draw)
                ends = {"labels": said.labels, "low": said.low, "high": said.high}
                reach = max((point.n for point in curve.of("best")), default=None)
                found.append({"set": f"{name}-{key}", "n0": n0, "draw": draw, "true": true})
                found[-1] |= ends | {"reach": reach}
                print(found[-1], flush=True)
    return found


def holds(record: dict[str, Any]) -> bool:
    """Whether the interval holds the true number; an end that is not reached lies beyond."""
    low = record["reach"] if record["low"] is None else record["low"]
    high = float("inf") if record["high"] is None else record["high"]
    return bool(low <= record["true"] <= high)


def table(folder: Path) -> str:
    """Coverage and median error for each set and n_0; draws without a forecast are refused."""
    lines = []
    for file in sorted(folder.glob("*.json")):
        records = json.loads(file.read_text(encoding="utf-8"))["rows"]
        for key in dict.fromkeys((r["set"], r["n0"]) for r in records):
            own = [
                r | {"true": r["true"] or float("inf")}
                for r in records
                if (r["set"], r["n0"]) == key
            ]
            told = [r for r in own if r["reach"] is not None]
            known = [r for r in told if r["labels"] is not None and np.isfinite(r["true"])]
            errors = [abs(np.log(r["labels"] / r["true"])) for r in known]
            lines.append(
                (
                    *map(str, key),
                    f"{own[0]['true']:.0f}" if np.isfinite(own[0]["true"]) else "beyond",
                    f"{len(told)} of {len(own)}",
                    f"{np.exp(np.median(errors)):.2f}" if errors else "",
                    f"{np.mean([holds(r) for r in told]):.2f}" if told else "",
                )
            )
    header = ("set, labels", "n_0", "true worth", "draws told", "factor off, median", "80 % holds")
    return markdown_table(header, lines)


def main(
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    set_: Annotated[str, typer.Option("--set", help=f"One of {', '.join(SETS)}.")],
    data: Annotated[str | None, typer.Option(help="A file of images or features.")] = None,
    draws: Annotated[int, typer.Option(help="Labelled draws.")] = 20,
) -> None:
    """Ask what a teacher is worth, and measure it."""
    out.mkdir(parents=True, exist_ok=True)
    settings = {"set": set_, "draws": draws, "counts": list(COUNTS), "taught": TAUGHT}
    content = document("teacher_worth", settings, measure_set(set_, data, draws))
    write_json(content, str(out / f"{set_}.json"))


if __name__ == "__main__":
    from kdverify.commands.runner import run_app

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    run_app(app, "teacher_worth")

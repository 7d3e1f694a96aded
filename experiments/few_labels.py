"""Learning curves from few labels, predicted and true, beside curve fits.

Claim: from n_0 labels and the unlabelled rows the total risk of a student at 2 to 16 n_0 labels
is predicted (section 13) better than by fits to the learning curve of the n_0 rows, and the
intervals of 80 % hold what they say.  Truth: students of n real labels, judged on other rows.

    python -m experiments.few_labels --set digits --out DIR
    python -m experiments.few_labels --set cifar-8 --data cifar10-jpeg.npz --out DIR

One JSON file a set and labelling, written after each block of labelled draws: a run that was
stopped goes on, and more draws can be asked for later.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from experiments import curve_fits, label_sets
from experiments.label_sets import Set
from experiments.other_label_sets import OTHERS
from experiments.packaged_label_sets import PACKAGED
from experiments.streams import of_draw
from kdverify import Question, checks, measure
from kdverify.labels.asking import FEWEST_IN_CLASS
from kdverify.labels.curve import Level
from kdverify.labels.drawn import Sample
from kdverify.labels.forecast import AtSize, at_size
from kdverify.labels.guards import at_size_refusals, path_refusals, refusals
from kdverify.labels.path import GRID
from kdverify.labels.setting import Setting, thin_columns
from kdverify.report.output import document, write_json

SETS = label_sets.SETS | OTHERS | PACKAGED
#: Multiples of n_0 that are predicted, and the largest share of the rows that trains a student.
MULTIPLES, SHARE = (2, 4, 8, 16), 0.8
#: Labelled draws that share the rows of the forecast's students.
BLOCK = 5


def sizes_of(n0: int, size: int) -> list[int]:
    """The n that are predicted from n_0 labels."""
    return [multiple * n0 for multiple in MULTIPLES if multiple * n0 <= SHARE * size]


def truth(
    rows: np.ndarray, labels: np.ndarray, n: int, ridges: np.ndarray, students: int
) -> dict[str, list[float]]:
    """Mean total risk, its standard error, and accuracy (len(ridges),) of students of n labels."""
    one_hot = labels.shape[1] > 1
    given = labels.argmax(axis=1) if one_hot else labels
    question = Question.of(rows, given, task="classes" if one_hot else "regression")
    found = measure(question, n, "strong", ridges=ridges, repetitions=students)
    result = {"risk": found.risk["strong"], "error": found.standard_errors()["risk"]["strong"]}
    if one_hot:
        result["accuracy"] = found.accuracy["strong"]
    return {key: values.tolist() for key, values in result.items()}


def unlabelled(rows: np.ndarray, given: np.ndarray) -> Setting:
    """Rows (N, p) of a set, of which none is labelled yet."""
    whole = Sample.of(rows)
    return Setting(whole, np.arange(0), given, (), len(rows), *thin_columns(rows, whole))


def labellings(name: str, given: np.ndarray) -> dict[str, np.ndarray]:
    """Labelling -> labels (N, C) of the set ``name``."""
    every = "classes" if name in OTHERS | PACKAGED else "ten"
    return label_sets.labellings(given, SETS[name].positive, every)


def class_names(key: str, labels: np.ndarray) -> tuple[str, ...]:
    """Of the columns of labels (N, C) whose labelling is ``key``; none for numbers."""
    return () if key == "numbers" else tuple(map(str, range(labels.shape[1])))


def labelled(base: Setting, key: str, labels: np.ndarray, n0: int, draw: int) -> Setting:
    """A labelled draw of n_0 rows, of ``labels`` (N, C) whose labelling is ``key``."""
    names = class_names(key, labels)
    known = drawn_rows(of_draw("labelled", n0, draw), labels, n0, names)
    return replace(base, known=known, labels=labels[known], class_names=names)


def drawn_rows(
    generator: np.random.Generator, labels: np.ndarray, n0: int, names: tuple[str, ...]
) -> np.ndarray:
    """n_0 numbers of rows of which each class has two at least, as the command demands."""
    while True:
        known = generator.choice(len(labels), n0, replace=False)
        if not names or labels[known].sum(axis=0).min() >= FEWEST_IN_CLASS:
            return np.asarray(known)


def measure_set(
    name: str, data: str | None, folder: Path, labelled_draws: int, fitted: int
) -> None:
    """Predict and measure one set; what is there already is kept."""
    chosen = SETS[checks.choice("set", name, tuple(SETS))]
    rows, given = chosen.make(data)
    labels = labellings(name, given)
    setting = unlabelled(rows, given)
    whole = setting.sample
    ridges, size = np.array(GRID) * whole.scale, len(rows)
    counts = [n0 for n0 in chosen.counts if sizes_of(n0, size)]
    documents = {key: read(folder / f"{name}-{key}.json") for key in labels}
    settings = {"set": name, "rows": size, "rank": whole.rank, "students": chosen.students}
    settings |= {"ridges": list(GRID), "draws": chosen.draws}
    for n in sorted({n for n0 in counts for n in (n0, *sizes_of(n0, size))}):
        for key, found in documents.items():
            if not any(row.get("truth_at") == n for row in found):
                known = truth(rows, labels[key], n, ridges, chosen.students)
                found.append({"truth_at": n, "students": chosen.students} | known)
        _write(documents, settings, folder, name)
        print(f"{name}: truth at n = {n}", file=sys.stderr, flush=True)
    for start in range(0, labelled_draws, BLOCK):
        for n0 in counts:
            todo = [
                key
                for key, found in documents.items()
                if not any(row.get("n0") == n0 and row.get("draw") == start for row in found)
            ]
            if todo:
                block = range(start, min(start + BLOCK, labelled_draws))
                asked = {k: labels[k] for k in todo}
                made = forecast_block(chosen, setting, asked, n0, block, start < fitted)
                for key, found in made.items():
                    documents[key] += found
                _write(documents, settings, folder, name)
                print(f"{name}: n_0 = {n0}, draws from {start}", file=sys.stderr, flush=True)


def forecast_block(
    chosen: Set,
    base: Setting,
    labels: dict[str, np.ndarray],
    n0: int,
    block: range,
    fitted: bool = True,
) -> dict[str, list[dict[str, Any]]]:
    """Forecasts from ``block``'s labelled draws of n_0 rows, which share their drawn sets.

    ``base``: the rows, of which none is labelled; ``fitted``: whether curve fits stand beside them.
    """
    whole = base.sample
    ridges = np.array(GRID) * whole.scale
    jobs: list[tuple[str, int, Setting]] = []
    for key, given in labels.items():
        jobs += [(key, draw, labelled(base, key, given, n0, draw)) for draw in block]
    measured = [setting.measured(ridges) for _, _, setting in jobs]
    draws = [
        setting.draws(chosen.draws, of_draw("posterior", n0, draw), one.temper)
        for (_, draw, setting), one in zip(jobs, measured, strict=True)
    ]

    def at(n: int) -> list[AtSize]:
        return at_size(whole, n, ridges, draws, of_draw("few labels", n0, block.start, n))

    now = at(n0)
    levels = [Level.of(one, found) for one, found in zip(measured, now, strict=True)]
    refused = [
        [*refusals(setting, one, signals), *path_refusals(one, known)]
        for (_, _, setting), one, signals, known in zip(jobs, measured, draws, now, strict=True)
    ]
    results: dict[str, list[dict[str, Any]]] = {key: [] for key in labels}
    wanted = sizes_of(n0, len(whole.rows))
    curves: list[dict[str, dict[str, np.ndarray]]] = []
    for _, draw, setting in jobs if fitted else ():
        found_below = curve_fits.subsample_curves(
            setting.rows, setting.labels, ridges, of_draw("sub-samples", n0, draw)
        )
        curves.append(_fits(*found_below, np.array([n0, *wanted], dtype=float)))
    for place, n in enumerate(wanted, start=1):
        for index, found in enumerate(at(n)):
            key, draw, _ = jobs[index]
            for student, ridge, first in (
                ("min-norm", 0, 0),
                ("best", found.best, now[index].best),
            ):
                level, one = levels[index], measured[index]
                told, logs = level.risk(found, ridge), np.log(found.risks[:, ridge])
                no = [r for r in refused[index] if r.meets(n, ridges[ridge])]
                no += [r for r in at_size_refusals(found, 0) if r.meets(n, ridges[ridge])]
                row = {
                    "n0": n0, "draw": draw, "n": n, "student": student, "ridge": ridge,
                    "risk": told[0], "risk_low": told[1], "risk_high": told[2],
                    "risk_now": level.risk(now[index], first)[0],
                    "measured": float(one.risks[one.best]),
                    "left": left_open(logs, np.log(now[index].risks[:, one.best]), level.variance),
                    "change_left": float((logs - np.log(now[index].risks[:, first])).std()),
                    "level_error": float(np.sqrt(level.variance)),
                    "refused": [r.reason for r in no], "share": draws[index].share,
                }  # fmt: skip
                if fitted:
                    fits = curves[index][student].items()
                    row["fits"] = {k: v[[0, place]].tolist() for k, v in fits}
                if level.outputs is not None:
                    names = ("accuracy", "accuracy_low", "accuracy_high")
                    row |= zip(names, level.accuracy(found, ridge), strict=True)
                results[key].append(_rounded(row))
    return results


def left_open(logs: np.ndarray, levels: np.ndarray, variance: float) -> float:
    """Standard deviation of a log risk that n_0 labels leave.

    Args:
        logs: of each draw of the posterior; levels: of its best risk at n_0.
        variance: of the log of the measured level; it counts as far as levels move the risk, and
            so does what the draws of one level differ in.
    """
    slope = float(np.cov(logs, levels, ddof=0)[0, 1] / levels.var())
    return float(np.sqrt(slope**2 * variance + (logs - slope * levels).var()))


def _fits(
    sizes: np.ndarray, risks: np.ndarray, crossed: np.ndarray, wanted: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """Both students' curves extrapolated; the best ridge is sought at each size."""
    curves = {
        "min-norm": (risks[:, 0], crossed[:, 0]),
        "best": (risks.min(axis=1), crossed.min(axis=1)),
    }
    return {k: curve_fits.extrapolations(sizes, *found, wanted) for k, found in curves.items()}


def _rounded(value: Any) -> Any:
    """Numbers with five digits: a file of thousands of rows stays small."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def read(file: Path) -> list[dict[str, Any]]:
    """Rows of a file of results, none where there is no file."""
    if not file.exists():
        return []
    return list(json.loads(file.read_text(encoding="utf-8"))["rows"])


def _write(
    documents: dict[str, list[dict[str, Any]]], settings: dict[str, Any], folder: Path, name: str
) -> None:
    for key, found in documents.items():
        content = document("few_labels", settings | {"labels": key}, [_rounded(r) for r in found])
        write_json(content, str(folder / f"{name}-{key}.json"))


def main(
    out: Annotated[Path, typer.Option(help="Folder of the results.")],
    set_: Annotated[str, typer.Option("--set", help=f"One of {', '.join(SETS)}.")],
    data: Annotated[str | None, typer.Option(help="A file of images or features.")] = None,
    draws: Annotated[int, typer.Option(help="Labelled draws.")] = 20,
    fitted: Annotated[int, typer.Option(help="The first of them, beside which fits stand.")] = 20,
) -> None:
    """Predict and measure one set."""
    out.mkdir(parents=True, exist_ok=True)
    measure_set(set_, data, out, draws, fitted)


if __name__ == "__main__":
    from kdverify.commands.runner import run_app

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    run_app(app, "few_labels")

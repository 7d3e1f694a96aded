"""Students on real features: risk and accuracy predicted before training, then measured.

Claim: the theory of rows as they are (section 9) predicts the excess risk of min-norm students
on real rows, for strong labels and every teacher, and their accuracy; the Gaussian formula (2)
does not.  Rows are centred, labels are classes (one-hot, or two classes); students' rows are
drawn without replacement, and those that were not drawn judge them.

    python -m experiments.real_features --set digits --out DIR
    python -m experiments.real_features --set cifar-8 --data cifar10-jpeg.npz --out DIR

One JSON file a set and labelling, written after each n: a run that was stopped goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from kdverify import checks, features, images, rows
from kdverify.measurement import Measured, measure
from kdverify.prediction import Prediction, predict
from kdverify.report.colours import COLOURS
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import blank, markers
from kdverify.report.output import document, markdown_table, write_json
from kdverify.rows.question import Question
from kdverify.teachers import TEACHERS, BestLabels, Classroom, Strong, Trained

from . import streams

#: Sample sizes, as fractions of the rank of the rows.
FRACTIONS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
#: Random ReLU features of Fashion-MNIST, and the rows of it that are used.
RELU_FEATURES, RELU_ROWS = 1500, 15_000
#: Rows and columns of a made-up set.
MADE_ROWS, MADE_COLUMNS = 4000, 100
#: Entries of the rows up to which the best labels of any kind are sought; where they are shown.
LABELS_LIMIT, TABLE_FRACTIONS = 3_000_000, (0.2, 0.5)
#: Labelled and unlabelled rows of the two-stage run, as fractions of the rank.
BUDGETS = ((0.2, 0.2), (0.5, 0.3), (0.3, 0.6))


@dataclass(frozen=True)
class Set:
    """A feature matrix: how it is made, which classes are "positive", and repetitions.

    ``students`` are trained on labels as they are: these leave a smaller error of the accuracy.
    """

    make: Callable[[str | None], tuple[np.ndarray, np.ndarray]]
    positive: tuple[int, ...]
    question: str
    repetitions: int
    students: int


def _digits(_: str | None) -> tuple[np.ndarray, np.ndarray]:
    return images.load("digits").flat()


def _pooled(side: int) -> Callable[[str | None], tuple[np.ndarray, np.ndarray]]:
    def make(data: str | None) -> tuple[np.ndarray, np.ndarray]:
        found = images.load(data or "cifar10")
        size = found.test.shape[1] // side
        pixels = found.test.reshape(-1, side, size, side, size, 3).mean(axis=(2, 4)) / 255
        return pixels.reshape(len(pixels), -1), found.test_labels

    return make


def _relu(data: str | None) -> tuple[np.ndarray, np.ndarray]:
    found = images.load(data or "fashion-mnist")
    generator = streams.made_up("ReLU of Fashion-MNIST")
    pixels = found.train.reshape(len(found.train), -1) / 255
    chosen = np.sort(generator.choice(len(pixels), RELU_ROWS, replace=False))
    weights = rows.made_up.relu_weights(generator, pixels.shape[1], RELU_FEATURES)
    return np.maximum(pixels[chosen] @ weights, 0), found.train_labels[chosen]


def _file(data: str | None) -> tuple[np.ndarray, np.ndarray]:
    """The test split of a feature file, as ``python -m experiments.cifar10.features`` writes."""
    if data is None:
        raise ValueError("data=None must be a feature file (.npz with test and test_labels)")
    path = checks.readable_file("data", data, (".npz",))
    with np.load(path, allow_pickle=False) as file:
        return file["test"].astype(float), file["test_labels"].astype(int)


def _made(law: str) -> Callable[[str | None], tuple[np.ndarray, np.ndarray]]:
    """Made-up rows, and as classes the largest of ten noisy linear forms."""

    def make(_: str | None) -> tuple[np.ndarray, np.ndarray]:
        generator = streams.made_up("real features", law)
        matrix = rows.made_up.LAWS[law](generator, MADE_ROWS, MADE_COLUMNS)
        weights = generator.standard_normal((MADE_COLUMNS, 10))
        return matrix, rows.made_up.noisy_classes(generator, weights, matrix)

    return make


ANIMALS, EVEN = (2, 3, 4, 5, 6, 7), (0, 2, 4, 6, 8)
SETS = {
    "digits": Set(_digits, (3,), "is it a 3", 200, 10_000),
    "cifar-8": Set(_pooled(8), ANIMALS, "animal or not", 100, 1000),
    "cifar-16": Set(_pooled(16), ANIMALS, "animal or not", 40, 300),
    "fashion-relu": Set(_relu, (5, 7, 9), "footwear or not", 30, 300),
    "cifar-resnet50": Set(_file, ANIMALS, "animal or not", 20, 200),
    "gaussian": Set(_made("Gaussian"), EVEN, "an even class", 200, 2000),
    "student-t3": Set(_made("Student t3 mixture"), EVEN, "an even class", 200, 2000),
    "sparse": Set(_made("sparse"), EVEN, "an even class", 200, 2000),
    "two-gaussians": Set(_made("two Gaussians"), EVEN, "an even class", 200, 2000),
    "relu": Set(_made("ReLU features"), EVEN, "an even class", 200, 2000),
}


def measure_set(
    name: str, data: str | None, classes: str, folder: Path, fractions: tuple[float, ...]
) -> Path:
    """Predict and measure one set; returns the JSON file, which is written after each n."""
    chosen = SETS[checks.choice("set", name, tuple(SETS))]
    matrix, labels = chosen.make(data)
    given = labels if classes == "ten" else np.isin(labels, chosen.positive).astype(int)
    ready = features.prepare(matrix, given, intercept="known")
    file = folder / f"{name}-{classes}.json"
    settings = {
        "set": name,
        "classes": "ten" if classes == "ten" else chosen.question,
        "rows": ready.pool.size,
        "rank": ready.pool.rank,
        "repetitions": chosen.repetitions,
        "students": chosen.students,
    }
    done = _read(file, settings)
    for fraction in fractions:
        rank = ready.pool.rank
        n = max(2, round(fraction * rank))
        if n >= rank:
            raise ValueError(f"fraction={fraction:g}: n={n} must be below the rank {rank}")
        if any(row["n"] == n and row["kind"] != "two-stage" for row in done):
            continue
        found = features.analyse(
            ready, [n], "both", repetitions=chosen.repetitions, solve_rows=ready.pool.size
        )
        reasons = list(found.predictions["rows"].reasons.values())
        if reasons:  # (9) has no solution: the rows fill a subspace
            done.append({"kind": "none", "n": n, "fraction": fraction, "reason": reasons[0]})
        else:
            many = measure(ready, n, "strong", repetitions=chosen.students)
            done += _records(found, fraction, many)
        write_json(document("real_features", settings, done), str(file))
        print(f"{name} {classes}: n = {n} done", file=sys.stderr, flush=True)
    if classes == "two" and ready.pool.rows.size <= LABELS_LIMIT:
        done += any_labels(ready, done, chosen.repetitions)
        write_json(document("real_features", settings, done), str(file))
    if classes == "two" and not any(row["kind"] == "two-stage" for row in done):
        done += two_stages(ready, chosen.repetitions)
        write_json(document("real_features", settings, done), str(file))
    return file


def any_labels(
    ready: Question, done: list[dict[str, Any]], repetitions: int
) -> list[dict[str, Any]]:
    """The best labels of any kind, where they are missing in ``done``, as one more teacher."""
    missing = {row["n"]: row["fraction"] for row in done if row["kind"] == "risk"}
    for known in done:
        if known.get("teacher") == BestLabels.name:
            del missing[known["n"]]
    found = []
    for n, fraction in missing.items():
        room = Classroom(ready, {"rows": {"solve_rows": ready.pool.size}})
        predicted = predict(ready, n, BestLabels(), classroom=room)
        measured = measure(ready, n, BestLabels(), repetitions=repetitions, classroom=room)
        found.append(_record(BestLabels.name, fraction, predicted, measured))
    return found


def _read(file: Path, settings: dict[str, Any]) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    content = json.loads(file.read_text(encoding="utf-8"))
    if content["settings"] != settings:
        raise ValueError(f"{file} is of other settings; use another folder, or delete it")
    return list(content["rows"])


def _record(
    teacher: str,
    fraction: float,
    predicted: Prediction,
    measured: Measured,
    places: tuple[int, int] = (0, 0),
) -> dict[str, Any]:
    """What is stored of one teacher at one n: ``places`` in the prediction and measurement."""
    first, second = places
    excess = float(np.ravel(predicted.excess[teacher])[first])
    first_order = float(np.ravel(predicted.parts[teacher]["finite_size"])[first])
    return {
        "kind": "risk",
        "n": float(np.ravel(predicted.n)[first]),
        "fraction": fraction,
        "teacher": teacher,
        "rows": excess - first_order,
        "corrected": excess,
        "measured": float(np.ravel(measured.excess[teacher])[second]),
        "standard_error": float(np.ravel(measured.standard_errors()["excess"][teacher])[second]),
    }


def _records(
    found: features.Analysis, fraction: float, many: Measured, place: int = 0
) -> list[dict[str, Any]]:
    """What is stored of the n at ``place``; ``many`` are students of labels as they are."""
    on_rows, gaussian = found.predictions["rows"], found.predictions["gaussian"]
    assert found.measured is not None
    own, errors = int(np.flatnonzero(np.ravel(many.n) == found.n[place])[0]), many.standard_errors()
    made = []
    for name in (teacher.name for teacher in found.teachers):
        measured, at = (many, own) if name == "strong" else (found.measured, place)
        row = _record(name, fraction, on_rows, measured, (place, at))
        row["gaussian"] = float(gaussian.excess[name][place])
        if name == "strong":
            row |= {
                "accuracy": float(on_rows.accuracy[name][place]),
                "accuracy_measured": float(np.ravel(many.accuracy[name])[own]),
                "accuracy_standard_error": float(np.ravel(errors["accuracy"][name])[own]),
                "kept": found.kept[place],
                "evaluations": int(on_rows.evaluations[place]),
            }
        made.append(row)
    return made


def two_stages(ready: Question, repetitions: int) -> list[dict[str, Any]]:
    """Trained surrogates, plain, gained and masked, against strong labels of the same budget.

    The surrogate is trained on m labelled rows; its student on n other rows that it labels.
    Strong labels: a student on the m labelled rows alone, which is the surrogate itself.
    """
    rank, found = ready.pool.rank, []
    for labelled, unlabelled in BUDGETS:
        m, n = round(labelled * rank), round(unlabelled * rank)
        asked = {"plain": Trained(m), "gains": Trained(m, "gains")}
        asked |= {"blind-mask": Trained(m, "blind-mask")}
        room = Classroom(ready, {"rows": {"solve_rows": ready.pool.size}})
        for size, named in ((m, {"surrogate": Strong()}), (n, asked)):
            teachers = list(named.values())
            predicted = predict(ready, size, teachers, accuracy=(), classroom=room)
            measured = measure(ready, size, teachers, repetitions=repetitions, classroom=room)
            errors = measured.standard_errors()["excess"]
            for name, one in named.items():
                row = {"kind": "two-stage", "n": n, "m": m, "teacher": name}
                row |= {"rows": float(predicted.excess[one.name])}
                row |= {"measured": float(measured.excess[one.name])}
                found.append(row | {"standard_error": float(errors[one.name])})
    return found


def table(folder: Path) -> str:
    """The risks of strong labels of all sets in ``folder``, as a Markdown table."""
    head = ["set, classes", "n of rank", "measured", "Gaussian (2)", "(11)", "corrected"]
    lines = []
    for file in sorted(folder.glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        rank = content["settings"]["rank"]
        for row in sorted(content["rows"], key=lambda row: row["n"]):
            if row["kind"] == "risk" and row["teacher"] == "strong":
                lines.append(_line(file.stem, rank, row))
    return markdown_table([*head, "accuracy"], lines)


def _line(name: str, rank: int, row: dict[str, Any]) -> list[str]:
    measured, error = row["measured"], row["standard_error"]
    gaps = [f"{row[key] / measured - 1:+.1%}" for key in ("gaussian", "rows", "corrected")]
    accuracy = f"{row['accuracy']:.3f} / {row['accuracy_measured']:.3f}"
    accuracy += f" ± {row['accuracy_standard_error']:.3f}"
    cells = [name.replace("-two", ", two").replace("-ten", ", ten"), f"{row['n']:g} of {rank}"]
    return [*cells, f"{measured:.4g} ± {error / measured:.1%}", *gaps, accuracy]


def teachers_table(folder: Path) -> str:
    """What teachers buy at 0.2 and 0.5 of the rank: excess risks, predicted / measured."""
    names = ("strong", "clean", "nested-mask", "gains", "best", "best-labels")
    head = ["set", "n of rank", "labels as they are", "noiseless", "best mask"]
    head += ["gains without labels", "best linear", "best of any kind"]
    lines = []
    for file in sorted(folder.glob("*-two.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        for fraction in TABLE_FRACTIONS:
            row = {r["teacher"]: r for r in content["rows"] if r.get("fraction") == fraction}
            if "strong" not in row:
                continue
            n = next(iter(row.values()))["n"]
            cells = [_both(row.get(name), "corrected") for name in names]
            start = [file.stem.removesuffix("-two"), f"{n:g} of {content['settings']['rank']}"]
            lines.append([*start, *cells])
    return markdown_table(head, lines)


def _both(row: dict[str, Any] | None, key: str) -> str:
    if row is None:
        return ""
    return f"{row[key]:.3g} / {row['measured']:.3g} ± {row['standard_error']:.2g}"


def stages_table(folder: Path) -> str:
    """The two-stage runs of all sets in ``folder``: excess risks, predicted / measured."""
    names = ("surrogate", "plain", "gains", "blind-mask")
    lines = []
    for file in sorted(folder.glob("*.json")):
        found = [r for r in json.loads(file.read_text("utf-8"))["rows"] if r["kind"] == "two-stage"]
        for m, n in dict.fromkeys((row["m"], row["n"]) for row in found):
            row = {r["teacher"]: r for r in found if (r["m"], r["n"]) == (m, n)}
            cells = [_both(row[name], "rows") for name in names]
            lines.append([file.stem.removesuffix("-two"), f"{m}, {n}", *cells])
    return markdown_table(["set", "m, n", "strong labels", "plain", "gained", "masked"], lines)


def run(effort: Effort) -> Drawing:
    """Digits: excess risk and accuracy of students of "is it a 3" against n."""
    matrix, labels = _digits(None)
    ready = features.prepare(matrix, (labels == 3).astype(int), intercept="known")
    sizes = [round(fraction * ready.pool.rank) for fraction in (0.15, 0.3, 0.5, 0.7)]
    found = features.analyse(ready, sizes, "both", repetitions=effort.trials(200), seed=effort.seed)
    assert found.measured is not None
    records = [
        row
        for place, n in enumerate(found.n)
        for row in _records(found, n / ready.pool.rank, found.measured, place)
    ]
    return Drawing(_figure(records, "digits, is it a 3 (p = 61)"), {"set": "digits"}, records)


def _figure(records: list[dict[str, Any]], title: str) -> Any:
    figure, axes = blank()
    for index, teacher in enumerate(("strong", "clean", "best", "nested-mask")):
        chosen = [row for row in records if row["teacher"] == teacher and row["kind"] == "risk"]
        sizes = [row["n"] for row in chosen]
        colour = COLOURS[index]
        axes.plot(sizes, [row["corrected"] for row in chosen], color=colour)
        axes.plot(sizes, [row["gaussian"] for row in chosen], "--", color=colour, linewidth=1)
        means = [row["measured"] for row in chosen]
        errors = [row["standard_error"] for row in chosen]
        markers(axes, sizes, means, errors, index, TEACHERS[teacher].caption)
    axes.plot([], [], color="#666666", label="rows as they are")
    axes.plot([], [], "--", color="#666666", label="Gaussian formula")
    axes.set(xscale="log", yscale="log", xlabel="samples n", ylabel="excess risk, unseen rows")
    axes.set_title(f"{title}\nlines: predicted; markers: measured, 95 % intervals", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    return figure


def main(
    name: Annotated[str, typer.Option("--set", help=", ".join(SETS))] = "digits",
    data: Annotated[
        str | None, typer.Option(help="Images or a feature file; digits need none.")
    ] = None,
    classes: Annotated[str, typer.Option(help="two or ten")] = "two",
    fraction: Annotated[
        list[float] | None, typer.Option(help="n over the rank (default: 0.05 to 0.9).")
    ] = None,
    out: Annotated[str, typer.Option(help="Folder of the results.")] = ".",
    show: Annotated[
        bool, typer.Option("--table", help="Only print the table of the results in --out.")
    ] = False,
) -> None:
    """Predict and measure students on one set of real features."""
    if show:
        if not list(Path(out).glob("*.json")):
            raise ValueError(f"out={checks.shown(out)} must be a folder with results (.json)")
        tables = (table, teachers_table, stages_table)
        print("\n".join(each(Path(out)) for each in tables), end="")
        return
    checks.choice("classes", classes, ("two", "ten"))
    chosen = tuple(checks.positive("fraction", each) for each in fraction or FRACTIONS)
    print(measure_set(name, data, classes, Path(out), chosen))


if __name__ == "__main__":
    from kdverify.commands.runner import run_app

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    run_app(app, "real_features")

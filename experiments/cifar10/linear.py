"""Surrogates that hide features, and that do not: min-norm students on features of images.

``python -m experiments.cifar10.linear --features FILE`` takes the network features that
``experiments.cifar10.features`` writes; ``--data FILE --relu P`` takes P random ReLU features of
the pixels, which makes the student a two-layer network whose first layer is random.

In each repetition a surrogate (the teacher) is the min-norm fit of the true one-hot labels of m
rows of the pool.  Students are min-norm fits on n other rows:

=========  =================================================================
strong     on their true labels
naive      on the teacher's labels x'b
masked     on x'Mb: the teacher hides the modes that theory.md's mask drops
gained     on x'Gb: the teacher's modes are gained as for the best surrogate
=========  =================================================================

Mask and gains need the covariance and n only, no labels.  Features and labels are centred by
the pool's means.  The risk is the excess risk over the pool's least-squares coefficients, summed
over the classes; accuracy is that of the largest score; both on the rows of the pool that neither
teacher nor student was trained on.  Lines are the theory of section 9 on the pool's own rows and
labels; dashed ones that for Gaussian rows of the same covariance (sections 2 and 6), whose noise
is the residual of the pool's least-squares fit.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from kdverify import checks
from kdverify.cli import run_app
from kdverify.report.colours import COLOURS, MARKERS
from kdverify.report.output import document, markdown_table, write_json

from .figure import mean_interval
from .population import Population, from_file, random_relu

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kdverify.teachers import Teacher

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
#: The teacher, and its students.
MODELS = ("teacher", "strong", "naive", "masked", "gained")
#: Rows, drawn at random, that stand for the pool in the theory of section 9.
SOLVE_ROWS = 20_000


def transforms(eigenvalues: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Per mode, what the surrogates' coefficients are multiplied by."""
    import kdverify as kd

    spectrum = kd.Spectrum(eigenvalues)
    return {
        "naive": np.ones(eigenvalues.size),
        "masked": kd.optimal_mask(spectrum, n).astype(float),
        "gained": kd.gains(spectrum, n),
    }


def teachers(m: int) -> dict[str, Teacher]:
    """Whose labels each student has."""
    from kdverify.teachers import Strong, Trained

    return {
        "strong": Strong(),
        "naive": Trained(m),
        "masked": Trained(m, "blind-mask", by="gaussian"),
        "gained": Trained(m, "gains", by="gaussian"),
    }


def measure(
    pool: Population, m: int, sizes: Sequence[int], repetitions: int, seed: int = 0
) -> Iterator[list[dict[str, Any]]]:
    """For each n a row per model: predicted risks, mean risk and accuracy with half-widths.

    All models of a repetition share their draws, and ``against_naive`` is the paired difference
    of risks to the naive student; the teacher is compared with nothing.
    """
    import kdverify as kd
    from kdverify.teachers import Classroom, Strong

    question = kd.Question.of(
        pool.rows, pool.labels.argmax(axis=1), task="classes", intercept="known"
    )
    room = Classroom(question, {"rows": {"solve_rows": SOLVE_ROWS, "seed": seed}})

    def asked(size: int, named: dict[str, Teacher], against: str | None) -> list[dict[str, Any]]:
        given = list(named.values())
        measured = kd.measure(
            question, size, given, repetitions=repetitions, seed=seed, classroom=room
        )
        on_rows, gaussian = (
            kd.predict(question, size, given, by=by, accuracy=(), classroom=room).excess
            for by in ("rows", "gaussian")
        )
        risks, right = measured.values["excess"], measured.values["accuracy"]
        found = []
        for model, key in ((model, one.name) for model, one in named.items()):
            row = {"model": model, "predicted": float(on_rows[key])}
            row["gaussian"] = float(gaussian[key])
            plain = None if against is None else risks[named[against].name]
            found.append(row | _measured(risks[key], right[key], plain))
        return found

    itself = asked(m, {"teacher": Strong()}, None) if sizes else []
    for n in sizes:
        yield [{"m": m, "n": n} | row for row in (*itself, *asked(n, teachers(m), "naive"))]


def _measured(
    risks: np.ndarray, accuracies: np.ndarray, naive: np.ndarray | None
) -> dict[str, float | int | None]:
    risk, accuracy = mean_interval(risks.tolist()), mean_interval(accuracies.tolist())
    against = (None, None) if naive is None else mean_interval((risks - naive).tolist())
    return {
        "risk": risk[0],
        "risk_half_width": risk[1],
        "accuracy": accuracy[0],
        "accuracy_half_width": accuracy[1],
        "against_naive": against[0],
        "against_naive_half_width": against[1],
        "repetitions": len(risks),
    }


def risk_table(file: Path) -> str:
    """Markdown: measured risks, in brackets theory: of the rows and, where apart, Gaussian."""
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    names = MODELS
    lines = []
    sizes = sorted({row["n"] for row in rows})
    found = {(row["n"], row["model"]): row for row in rows}
    for n in sizes:
        cells = [
            f"{row['risk']:.3f} ± {row['risk_half_width']:.3f} ("
            + "; ".join(f"{row[key]:.3f}" for key in ("predicted", "gaussian") if key in row)
            + ")"
            for row in (found[n, name] for name in names)
        ]
        lines.append([f"risk, {n}", *cells])
    for n in sizes:
        cells = [
            f"{row['accuracy']:.3f} ± {row['accuracy_half_width']:.3f}"
            for row in (found[n, name] for name in names)
        ]
        lines.append([f"accuracy, {n}", *cells])
    return markdown_table(["n", *names], lines)


def redraw(file: Path) -> list[Path]:
    """PNG and SVG beside the JSON file of results; returns them."""
    from kdverify.report import figures

    checks.readable_file("out", file, (".json",))
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        rows, used = content["rows"], content["settings"]
        title = f"{used['source']}\n{used['pool']} rows, {used['modes']} modes, m = {rows[0]['m']}"
    except (ValueError, KeyError, IndexError) as error:
        raise ValueError(f"{file} must be a result of experiments.cifar10.linear") from error
    picture = _picture(rows, title)
    drawn = [file.with_suffix(ending) for ending in (".png", ".svg")]
    for path in drawn:
        figures.save(picture, str(path))
    return drawn


def _picture(rows: Sequence[dict[str, Any]], title: str) -> Figure:
    """Excess risk against n: lines are theory, markers are measured with 95 % intervals."""
    from kdverify.report import figures

    picture, (left, right) = figures.blank(2)
    for k, name in enumerate(MODELS):
        chosen = [row for row in rows if row["model"] == name]
        sizes = [row["n"] for row in chosen]
        look = {"color": COLOURS[k], "marker": MARKERS[k], "capsize": 2}
        for key, line in (("predicted", "-"), ("gaussian", "--")):
            values = [r.get(key, np.nan) for r in chosen]  # older records have one theory only
            left.plot(sizes, values, line, color=COLOURS[k], linewidth=1)
        for axes, metric in ((left, "risk"), (right, "accuracy")):
            values = [r[metric] for r in chosen]
            halves = [r[f"{metric}_half_width"] for r in chosen]
            line = "none" if metric == "risk" else ":"
            axes.errorbar(sizes, values, halves, linestyle=line, markersize=5, label=name, **look)
    left.set(xscale="log", yscale="log", xlabel="samples n", ylabel="excess risk, all classes")
    right.set(xscale="log", xlabel="samples n", ylabel="accuracy on unseen rows")
    text = (
        "lines: theory of the rows as they are; dashed: Gaussian\nmarkers: measured, 95 % intervals"
    )
    left.set_title(text, fontsize=8)
    picture.suptitle(title, fontsize=7)
    for axes in (left, right):
        figures.sample_ticks(axes, [row["n"] for row in rows])
    right.legend(frameon=False, fontsize=8)
    return picture


def _begun(file: Path, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """What a run with these settings has written, n by n; none where there is no file."""
    if not file.exists():
        return []
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        used, rows = content["settings"], list(content["rows"])
    except (ValueError, KeyError, TypeError):
        used, rows = None, []
    if used != settings:
        raise ValueError(f"out={file} must be a new file, or of a run with the same settings")
    return rows


@app.command()
def main(
    out: Annotated[str, typer.Option(help="JSON file, resumed n by n; PNG and SVG beside it.")],
    features: Annotated[str | None, typer.Option(help="A feature file.")] = None,
    data: Annotated[str | None, typer.Option(help="Images, for --relu.")] = None,
    relu: Annotated[int, typer.Option(help="Random ReLU features of the pixels.")] = 1500,
    pool: Annotated[int | None, typer.Option(help="Train images of --data (all).")] = None,
    m: Annotated[int, typer.Option("-m", help="Rows of a teacher.")] = 1000,
    n: Annotated[list[int] | None, typer.Option("-n", help="Rows of a student.")] = None,
    repetitions: Annotated[int, typer.Option(help="Independent repetitions.")] = 24,
    seed: Annotated[int, typer.Option(help="Seed.")] = 0,
    plot_only: Annotated[bool, typer.Option("--plot-only", help="Redraw the JSON file.")] = False,
) -> None:
    """Measure the teacher and its four students beside the theory."""
    from kdverify import images

    if plot_only:
        print(*redraw(Path(out)), sep="\n")
        return
    if (features is None) == (data is None):
        raise ValueError("either --features or --data must be given")
    file = checks.output_file("out", out)
    if features is not None:
        people = from_file(Path(features))
    else:
        people = random_relu(images.load(str(data)), checks.count("relu", relu), pool, seed)
    settings = {
        "source": people.source,
        "modes": people.eigenvalues.size,
        "pool": len(people.rows),
        "seed": seed,
        "m": checks.count("m", m, 2),
        "repetitions": repetitions,
    }
    sizes = n or [200, 500, 1000]
    rows = _begun(file, settings)
    left = [size for size in sizes if size not in {row["n"] for row in rows}]
    for found in measure(people, m, left, repetitions, seed):
        rows = sorted([*rows, *found], key=lambda row: int(row["n"]))  # models keep their order
        write_json(document("experiments.cifar10.linear", settings, rows), str(file))
        print(f"n = {found[0]['n']} is in {file}", file=sys.stderr, flush=True)
    redraw(file)
    for row in rows:
        against, less = row["against_naive"], ""
        if against is not None:
            less = f", less naive {against:+.4f} ± {row['against_naive_half_width']:.4f}"
        print(
            f"n = {row['n']:>5}  {row['model']:<8} risk {row['risk']:.4f} ± "
            f"{row['risk_half_width']:.4f} (theory {row['predicted']:.4f}, Gaussian "
            f"{row['gaussian']:.4f}){less}, accuracy "
            f"{row['accuracy']:.4f} ± {row['accuracy_half_width']:.4f}"
        )


if __name__ == "__main__":
    run_app(app, "linear")

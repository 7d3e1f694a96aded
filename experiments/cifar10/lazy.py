"""A number for a network: students on its tangent kernel, predicted before any is trained.

``python -m experiments.cifar10.lazy --kernel kernel.npz --out lazy.json``.

A fine-tuned network that stays near its start is a min-norm, or ridge, student on the features of
its tangent kernel (`experiments.cifar10.tangent`).  A pool of N images is the population: samples
are n different images of it, and everything is judged on test images outside of it.  Ten outputs
are ten such networks, one a class, on centred one-hot labels; two classes are one network on +1
for animals and -1 for vehicles.  Labels of the drawn images:

==========  ================================================================
strong      the true ones
wrong       true ones, a fifth of them replaced by another class at random
surrogate   hard labels of a small network that learned other images
naive       those of the linear teacher: the min-norm fit on m true labels
masked      of that teacher without the modes that section 4's mask drops
gained      of that teacher, its modes gained as section 3 asks
==========  ================================================================

Errors are mean squared errors on the true labels of the test images, summed over outputs, less
nothing: the noise is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import kdverify as kd
from kdverify import checks
from kdverify.cli import run_app
from kdverify.report.output import document, markdown_table, write_json

from .. import streams
from . import linear
from .figure import mean_interval

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
#: Labels that need no teacher of their own sample, and those of the linear teacher.
GIVEN, TAUGHT = ("strong", "wrong", "surrogate"), ("naive", "masked", "gained")
OUTPUTS = ("ten", "two")
#: Classes that are +1 with two outputs' worth of one.
ANIMALS = ("bird", "cat", "deer", "dog", "frog", "horse")
WRONG = 0.2
#: Ridges, in units of the mean of the kernel's diagonal; 0 is the min-norm student.
RIDGES = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0)
#: Modes of the pool's kernel below this fraction of the largest are rounding of float32.
RANK_TOLERANCE = 1e-6
#: Stated before any run: an agreement stands if prediction and mean of the measured differ by
#: less than this part of the error and this much of the accuracy, for n up to half of the pool.
ERROR_BAND, ACCURACY_BAND = 0.05, 0.01


@dataclass(frozen=True, eq=False)
class TangentPool:
    """Images as the tangent kernel knows them.

    Attributes:
        kernel: (N + M, N + M): pool images first, test images after them.
        classes: (N + M,) true class numbers; surrogate: (N,) those that the surrogate says.
        names: of the classes.
        source: what it is.
    """

    kernel: np.ndarray
    classes: np.ndarray
    surrogate: np.ndarray
    names: tuple[str, ...]
    source: str

    @property
    def size(self) -> int:
        """Number N of pool images."""
        return len(self.surrogate)

    @cached_property
    def scale(self) -> float:
        """Mean of the kernel's diagonal."""
        return float(np.mean(np.diag(self.kernel)))

    @cached_property
    def modes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Eigenvalues of E x x', falling; pool rows (N, r) and test rows (M, r) in their basis."""
        size = self.size
        values, vectors = np.linalg.eigh(self.kernel[:size, :size])
        kept = values > RANK_TOLERANCE * values[-1]
        values, vectors = values[kept][::-1], vectors[:, kept][:, ::-1]
        roots = np.sqrt(values)
        return values / size, vectors * roots, self.kernel[size:, :size] @ vectors / roots

    @cache  # noqa: B019 - as long as the pool lives
    def question(self, outputs: str) -> kd.Question:
        """Pool images in their modes, judged on the test images; labels less the pool's mean.

        That mean is what a network that learned nothing says.
        """
        _, coordinates, test = self.modes
        labels = self.labels(self.classes, outputs)
        asked = kd.Question.of(
            coordinates,
            labels[: self.size],
            classes=self.classes[: self.size] if outputs == "ten" else labels[: self.size, 0] > 0,
            intercept="none",
            level=labels[: self.size].mean(axis=0),
        )
        return asked.judged_on(test, labels[self.size :])

    def labels(self, classes: np.ndarray, outputs: str) -> np.ndarray:
        """Labels of class numbers: one-hot (k, K), or +1 and -1 (k, 1)."""
        if outputs == "ten":
            return np.eye(len(self.names))[classes]
        positive = np.isin(np.array(self.names)[classes], ANIMALS)
        return np.where(positive, 1.0, -1.0)[:, None]

    def teachers(self, outputs: str, m: int) -> dict[str, kd.Teacher]:
        """Whose labels each kind is: those of `GIVEN` first, then those of `TAUGHT`."""
        brought = {
            name: kd.teachers.Given(self.labels(classes, outputs), name)
            for name, classes in (("wrong", self.wrong()), ("surrogate", self.surrogate))
        }
        found = {"strong": kd.teachers.Strong(), **brought, **linear.teachers(m)}
        return {name: found[name] for name in (*GIVEN, *TAUGHT)}

    def wrong(self, seed: int = 0) -> np.ndarray:
        """Class numbers of the pool, a share `WRONG` of them replaced by another class."""
        generator = streams.stream(seed, "wrong labels")
        classes = self.classes[: self.size].copy()
        chosen = generator.random(self.size) < WRONG
        shift = generator.integers(1, len(self.names), self.size)
        classes[chosen] = (classes + shift)[chosen] % len(self.names)
        return classes


def compare(
    pool: TangentPool,
    outputs: str,
    sizes: Sequence[int],
    m: int,
    repetitions: int,
    ridges: Sequence[float] = RIDGES,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Students by section 9, and beside it what the linearised network does, 95 % half-widths.

    A row for every ridge, n and kind of labels.
    """
    from .samples import Samples  # imports SciPy

    checks.count("repetitions", repetitions, 2)
    for name, size in (("m", m), *(("n", n) for n in sizes)):
        if checks.count(name, size, 2) >= len(pool.modes[0]):
            raise ValueError(f"{name}={size} must be below {len(pool.modes[0])}, the pool's rank")
    question, teachers, sizes = pool.question(outputs), pool.teachers(outputs, m), sorted(sizes)
    given, deltas = list(teachers.values()), [part * pool.scale for part in ridges]
    # as many columns as rows: there is no correction for finite n
    predicted = kd.predict(question, sizes, given, ridges=deltas, accuracy="all", finite_size=False)
    measured = kd.measure(
        question,
        sizes,
        given,
        ridges=deltas,
        repetitions=repetitions,
        draws=Samples(replace=False, m=m),
        seed=seed,
    )
    rows = []
    for (k, ridge), (i, n), (kind, one) in product(
        enumerate(ridges), enumerate(sizes), teachers.items()
    ):
        row = {"outputs": outputs, "n": n, "ridge": ridge, "labels": kind}
        for name, key in (("error", "risk"), ("accuracy", "accuracy")):
            row[f"predicted_{name}"] = float(getattr(predicted, key)[one.name][i, k])
            values = measured.values[key][one.name][i, k]
            row[name], row[f"{name}_half_width"] = mean_interval(values)
        row["repetitions"] = repetitions
        row["agrees"] = agrees(row)
        rows.append(row)
    return rows


def agrees(row: dict[str, Any]) -> bool:
    """Whether mean and prediction differ by less than the bands stated."""
    close = abs(row["error"] / row["predicted_error"] - 1) < ERROR_BAND
    return close and abs(row["accuracy"] - row["predicted_accuracy"]) < ACCURACY_BAND


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Min-norm students and those with the ridge that the prediction prefers, as a table."""
    head = ["outputs", "n", "labels", "ridge", "predicted error", "linearised network"]
    head += ["predicted accuracy", "linearised network"]
    cases = dict.fromkeys((row["outputs"], row["n"], row["labels"]) for row in rows)
    lines = []
    for case in cases:
        of_case = [row for row in rows if (row["outputs"], row["n"], row["labels"]) == case]
        plain = next(row for row in of_case if row["ridge"] == 0)
        best = min(of_case, key=lambda row: row["predicted_error"])
        for row in [plain] if best is plain else [plain, best]:
            cells = [case[0], str(case[1]), case[2], f"{row['ridge']:g}"]
            cells += [
                f"{row['predicted_error']:.4f}",
                f"{row['error']:.4f} ± {row['error_half_width']:.4f}",
                f"{row['predicted_accuracy']:.4f}",
                f"{row['accuracy']:.4f} ± {row['accuracy_half_width']:.4f}",
            ]
            lines.append(cells)
    return markdown_table(head, lines)


def load(file: Path, pool: int | None = None) -> TangentPool:
    """The images of a file of `experiments.cifar10.tangent`, the first ``pool`` of its pool."""
    checks.readable_file("kernel", file, (".npz",))
    try:
        with np.load(file, allow_pickle=False) as content:
            kernel, train, test, said = (
                content[k] for k in ("kernel", "train_labels", "test_labels", "surrogate_labels")
            )
            names, source = tuple(content["classes"].tolist()), str(content["source"])
    except Exception as error:
        raise ValueError(
            f"kernel={checks.shown(str(file))} must be a file of experiments.cifar10.tangent; it "
            f"is damaged or of another kind ({type(error).__name__})"
        ) from error
    size = len(train)
    kept = size if pool is None else checks.count("pool", pool, 2)
    if kept > size:
        raise ValueError(f"pool={pool} must be at most {size}")
    chosen = np.concatenate([np.arange(kept), np.arange(size, len(kernel))])
    kernel = kernel[np.ix_(chosen, chosen)].astype(float)
    classes = np.concatenate([train[:kept], test]).astype(int)
    return TangentPool(kernel, classes, said[:kept].astype(int), names, source)


@app.command()
def main(
    kernel: Annotated[str, typer.Option(help="File of experiments.cifar10.tangent.")],
    out: Annotated[str, typer.Option(help="JSON file.")],
    pool: Annotated[int | None, typer.Option(help="Pool images used. [all]")] = None,
    n: Annotated[list[int] | None, typer.Option("-n", help="Draws of a student.")] = None,
    m: Annotated[int, typer.Option("-m", help="Draws of the linear teacher.")] = 300,
    repetitions: Annotated[int, typer.Option(help="Independent repetitions.")] = 30,
    seed: Annotated[int, typer.Option(help="Seed.")] = 0,
) -> None:
    """Predict students on the tangent kernel, and train them."""
    file = checks.output_file("out", out)
    images = load(Path(kernel), pool)
    sizes = n or [50, 100, 200, 400]
    rows = [
        row
        for outputs in OUTPUTS
        for row in compare(images, outputs, sizes, m, repetitions, seed=seed)
    ]
    settings = {
        "source": images.source,
        "pool": images.size,
        "test": len(images.kernel) - images.size,
        "m": m,
        "seed": seed,
        "error_band": ERROR_BAND,
        "accuracy_band": ACCURACY_BAND,
        "surrogate_label_accuracy": float(
            (images.surrogate == images.classes[: images.size]).mean()
        ),
    }
    write_json(document("experiments.cifar10.lazy", settings, rows), str(file))
    print(markdown(rows))
    print(f"{sum(row['agrees'] for row in rows)} of {len(rows)} agree within the bands")


if __name__ == "__main__":
    run_app(app, "lazy")

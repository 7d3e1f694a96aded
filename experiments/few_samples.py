"""Accuracy with one to five samples a class: what the moments of the scores cannot say.

Claim: with about one or two samples a class no prediction of mean and covariance of the scores
gives the accuracy.  Students are trained, and on each held-out row their scores are replaced by
a normal law with *their own* mean and covariance, then by one with their own third cumulants
too: what is left is not an error of predicted moments.

    python -m experiments.few_samples --out DIR
    python -m experiments.few_samples --set relu -n 10 -n 20 --out DIR
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from scipy import special
from scipy.stats import qmc

from experiments.real_features import SETS
from kdverify import checks, features, rows
from kdverify.report.output import document, write_json

#: Sample sizes; rows that judge, and students that are trained.
SIZES = (6, 12, 18, 30)
JUDGES, STUDENTS = 300, 1500
#: Draws of a row's scores (a power of two).
DRAWS = 2048
#: Directions in which the scores vary less than this fraction do not vary: they sum to a constant.
FLAT = 1e-9


def normal_draws(columns: int) -> np.ndarray:
    """(2 DRAWS, columns) quasi-random normal vectors, symmetric."""
    uniform = qmc.Sobol(columns, seed=0).random(DRAWS)
    half = special.ndtri(np.clip(uniform, 1e-12, 1 - 1e-12))
    return np.concatenate([half, -half])


def normal_and_skewed(scores: np.ndarray, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draws with mean and covariance of ``scores`` (R, K), and with its third cumulants too.

    The second are a quadratic function of the first, in coordinates in which the covariance is
    the identity: ``z + (T[z, z] - tr T) / 6``, with the covariance restored.
    """
    mean = scores.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(scores.T))
    kept = values > FLAT * values[-1]
    root = vectors[:, kept] * np.sqrt(values[kept])
    white = (scores - mean) @ (vectors[:, kept] / np.sqrt(values[kept]))
    third = np.einsum("ra,rb,rc->abc", white, white, white, optimize=True) / len(white)
    normal = draws[:, : white.shape[1]]
    bent = np.einsum("ra,rb,abc->rc", normal, normal, third, optimize=True)
    bent = normal + (bent - np.einsum("aac->c", third)) / 6
    bent -= bent.mean(axis=0)
    bent = np.linalg.solve(np.linalg.cholesky(np.cov(bent.T)), bent.T).T
    return mean + normal @ root.T, mean + bent @ root.T


def measure(name: str, n: int, students: int, seed: int = 0) -> dict[str, Any]:
    """One row of the table: accuracies, predicted, measured and from the students' moments."""
    matrix, classes = SETS[name].make(None)
    ready = features.prepare(matrix, classes)
    pool, labels = ready.pool, ready.labels
    assert labels is not None
    assert ready.classes is not None
    order = np.random.default_rng(np.random.SeedSequence([seed, 14])).permutation(pool.size)
    judges, drawn = order[:JUDGES], order[JUDGES:]
    given, right = np.asarray(pool.rows), ready.classes[judges]
    known = rows.Pool(given[drawn])
    at = rows.solve(known, n)
    count = labels.shape[1]
    response = rows.Response(at, columns=count * (count + 1) // 2)
    law = rows.Students(at, labels[drawn], response=response)
    change = rows.student_change(known, labels[drawn], n, known.covariance, start=at)
    predicted = rows.class_accuracy(
        law, ready.classes[drawn], ready.offsets, change=change.mean, seed=seed
    )
    scores = np.empty((students, JUDGES, count))
    for repetition in range(students):
        generator = np.random.default_rng(np.random.SeedSequence([seed, n, repetition]))
        chosen = generator.choice(drawn, n, replace=False)
        scores[repetition] = given[judges] @ rows.fit(given[chosen], labels[chosen])
    scores += ready.offsets
    hits = (scores.argmax(axis=2) == right).mean(axis=1)
    draws = normal_draws(count)
    shares = np.zeros(2)
    for index, own in enumerate(right):
        for kind, found in enumerate(normal_and_skewed(scores[:, index], draws)):
            shares[kind] += (found.argmax(axis=1) == own).mean() / JUDGES
    return {
        "set": name,
        "n": n,
        "measured": float(hits.mean()),
        "standard_error": float(hits.std(ddof=1) / np.sqrt(students)),
        "predicted": predicted,
        "normal": float(shares[0]),
        "skewed": float(shares[1]),
    }


def table(folder: Path) -> str:
    """All results in ``folder`` as a Markdown table."""
    lines = [
        "| set | n | measured | predicted | normal law, exact mean and covariance "
        "| with exact third cumulants |",
        "|---|---|---|---|---|---|",
    ]
    for file in sorted(folder.glob("*.json")):
        for row in json.loads(file.read_text("utf-8"))["rows"]:
            cells = [f"{row['measured']:.3f} ± {row['standard_error']:.3f}"]
            cells += [f"{row[key]:.3f}" for key in ("predicted", "normal", "skewed")]
            lines.append("| " + " | ".join([row["set"], str(row["n"]), *cells]) + " |")
    return "\n".join(lines) + "\n"


def main(
    name: Annotated[str, typer.Option("--set", help="digits, or a made-up set")] = "digits",
    n: Annotated[list[int] | None, typer.Option("-n", help="Sample sizes.")] = None,
    students: Annotated[int, typer.Option(help="Students that are trained.")] = STUDENTS,
    out: Annotated[str, typer.Option(help="Folder of the results.")] = ".",
) -> None:
    """Accuracies with few samples a class, predicted, measured, and from exact moments."""
    checks.choice("set", name, tuple(key for key in SETS if not key.startswith(("cifar", "fash"))))
    checks.count("students", students, 100)
    sizes = [checks.count("n", size, 2) for size in n or SIZES]
    found = [measure(name, size, students) for size in sizes]
    file = Path(out) / f"{name}.json"
    write_json(document("few_samples", {"set": name, "students": students}, found), str(file))
    print(table(Path(out)), end="")


if __name__ == "__main__":
    from kdverify.commands.runner import run_app

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    run_app(app, "few_samples")

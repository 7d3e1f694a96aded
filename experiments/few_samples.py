"""Accuracy with one to five samples a class: what the moments of the scores cannot say.

Claim: with about one or two samples a class no prediction of mean and covariance of the scores
gives the accuracy.  Students are trained, and on each held-out row their scores are replaced by
a normal law with *their own* mean and covariance, then by one with their own third cumulants
too: what is left is not an error of predicted moments.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kdverify import Question, images, predict, rows
from kdverify.report.colours import COLOURS
from kdverify.report.drawing import Drawing, Effort
from kdverify.report.figures import blank, markers
from kdverify.report.output import markdown_table
from kdverify.rows.scores import normal_draws
from kdverify.seeds import stream

from . import streams

#: Sample sizes; rows that judge, and students that are trained.
SIZES = {"digits": (6, 12, 18, 30), "ReLU features": (10, 20, 50)}
JUDGES, STUDENTS = 300, 1500
#: Rows and columns of the made-up set.
MADE_ROWS, MADE_COLUMNS = 2000, 100
#: Fewer students have no covariance of ten scores.
FEWEST = 100
#: Draws of a row's scores (a power of two).
DRAWS = 4096
#: Directions in which the scores vary less than this fraction do not vary: they sum to a constant.
FLAT = 1e-9


def _relu() -> tuple[np.ndarray, np.ndarray]:
    generator = streams.made_up("few samples")
    matrix = rows.made_up.relu_features(generator, MADE_ROWS, MADE_COLUMNS)
    weights = generator.standard_normal((MADE_COLUMNS, 10))
    return matrix, rows.made_up.noisy_classes(generator, weights, matrix)


SETS: dict[str, Callable[[], tuple[np.ndarray, np.ndarray]]] = {
    "digits": lambda: images.load("digits").flat(),
    "ReLU features": _relu,
}


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
    """Accuracies on the same rows: predicted, measured and from the students' own moments."""
    question = Question.of(*SETS[name](), intercept="known")
    pool, labels, count = question.pool, question.labels, question.outputs
    assert question.classes is not None
    judges = np.sort(stream(seed, "rows that judge").permutation(pool.size)[:JUDGES])
    given, right = np.asarray(pool.rows), question.classes[judges]
    predicted = predict(question, n, "strong", judges=judges, seed=seed).accuracy["strong"]
    scores = np.empty((students, JUDGES, count))
    unseen = np.empty((students, JUDGES), dtype=bool)
    for repetition in range(students):
        generator = stream(seed, "training rows", n, repetition)
        chosen = generator.choice(pool.size, n, replace=False)
        scores[repetition] = given[judges] @ rows.fit(given[chosen], labels[chosen])
        unseen[repetition] = ~np.isin(judges, chosen)
    scores += question.level
    hits = (scores.argmax(axis=2) == right) & unseen
    shares = hits.sum(axis=1) / unseen.sum(axis=1)
    draws = normal_draws(DRAWS, count)
    found = np.zeros(2)
    for index, own in enumerate(right):
        laws = normal_and_skewed(scores[unseen[:, index], index], draws)
        found += [(each.argmax(axis=1) == own).mean() / JUDGES for each in laws]
    return {
        "set": name,
        "n": n,
        "measured": float(shares.mean()),
        "standard_error": float(shares.std(ddof=1) / np.sqrt(students)),
        "accuracy": float(predicted),
        "normal": float(found[0]),
        "skewed": float(found[1]),
    }


def table(folder: Path) -> str:
    """The results of the figure in ``folder`` as a Markdown table."""
    head = ["set", "n", "measured", "predicted", "normal law, exact mean and covariance"]
    rows = []
    for row in json.loads((folder / "few_samples.json").read_text("utf-8"))["rows"]:
        cells = [f"{row['measured']:.3f} ± {row['standard_error']:.3f}"]
        cells += [f"{row[key]:.3f}" for key in ("accuracy", "normal", "skewed")]
        rows.append([row["set"], str(row["n"]), *cells])
    return markdown_table([*head, "with exact third cumulants"], rows)


def run(effort: Effort) -> Drawing:
    """Accuracies of ten classes against the samples a class."""
    students = max(effort.trials(STUDENTS), FEWEST)
    found = [measure(name, n, students, effort.seed) for name in SETS for n in SIZES[name]]
    figure, axes = blank()
    lines = (("accuracy", "-"), ("normal", "--"), ("skewed", ":"))
    for index, name in enumerate(SETS):
        chosen = [row for row in found if row["set"] == name]
        samples = [row["n"] / 10 for row in chosen]
        for key, style in lines:
            axes.plot(samples, [row[key] for row in chosen], style, color=COLOURS[index])
        means = [row["measured"] for row in chosen]
        errors = [row["standard_error"] for row in chosen]
        markers(axes, samples, means, errors, index, f"{name}: {students} students")
    for (_, style), label in zip(lines, LABELS, strict=True):
        axes.plot([], [], style, color="#666666", label=label)
    axes.set(xlabel="samples a class", ylabel="accuracy, ten classes, unseen rows")
    axes.legend(frameon=False, fontsize=8)
    return Drawing(figure, {"students": students, "judges": JUDGES}, found)


LABELS = (
    "predicted before training",
    "normal law, the students' mean and covariance",
    "with the students' third cumulants",
)

"""``kdverify mix``: real rows and pseudo-labelled rows in one training set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.commands.inputs import describe, plain_size, read_problem, sample_sizes
from kdverify.gaussian import theory
from kdverify.gaussian.generations import Generations, best_share
from kdverify.gaussian.mixed import Mixture, best_weight, label_worth
from kdverify.problem import Problem
from kdverify.report.output import console, document, number, print_table, write_json
from kdverify.stages import Stage, ground_truth, train

TEACHERS = ("trained", "optimal", "mask")
COLUMNS = ("real", "pseudo", "risk", "without", "worth", "best_weight", "best_risk")
HEADER = (
    "real\nrows",
    "pseudo-\nlabels",
    "risk",
    "real rows\nalone",
    "one more\nin real ones",
    "best\nweight",
    "risk\nat it",
)
LINE = ("real", "pseudo", "share", "first", "last", "settled", "best_share")
LINE_HEADER = ("real\nrows", "own\nlabels", "share", "first", "last", "settled", "best\nshare")
#: Points of the figure's grid along each axis.
GRID = 24


def run(
    real: list[str],
    pseudo: list[str],
    alpha: str | None,
    beta: str | None,
    p: str | None,
    spectrum: str | None,
    teacher: str,
    m: str | None,
    noises: tuple[str, str, str],
    ridges: tuple[str, str],
    generations: int,
    json_path: str | None,
    plot: str | None,
) -> int:
    """Print the table, write the JSON document and the figure that were asked for.

    ``noises`` are those of real labels, pseudo-labels and the teacher's own labels, ``ridges``
    those of the student and of the teacher.
    """
    problem = read_problem(alpha, beta, p, spectrum)
    if not isinstance(problem, Problem):
        raise ValueError("beta_star must be there: --beta, or a file that holds it")
    noise = [float(checks.exact("noise_variance", text)) for text in noises]
    ridge = [float(checks.exact("ridge", text)) for text in ridges]
    rows, columns = counts(real), counts(pseudo)
    start = Mixture(0, 0, None, noise[0], noise[1], ridge[0])
    setting = describe(problem, spectrum)
    settings = {
        "alpha": alpha,
        "beta": beta,
        "p": problem.p,
        "spectrum": spectrum,
        "teacher": teacher,
        "m": m,
        "noise_variance": noises[0],
        "pseudo_noise_variance": noises[1],
        "source_noise_variance": noises[2],
        "ridge": ridges[0],
        "source_ridge": ridges[1],
        "generations": generations,
    }
    words = f"{setting}, noise {noises[0]} (pseudo {noises[1]}), ridge {ridges[0]}"
    if generations:
        if plot is not None:
            raise ValueError("plot must go without generations")
        found = [_line(problem, start, r, c, generations) for r in rows for c in columns if r + c]
        title = f"excess risk of students that label for the next, {generations} of them: {words}"
        _print(LINE_HEADER, LINE, found, title, json_path)
    else:
        labels = _labels(problem, teacher, m, noise[2], ridge)
        found = [_row(problem, start, labels, r, c) for r in rows for c in columns if r + c]
        title = f"excess risk: {words}; pseudo-labels: {_described(teacher, m, noises[2])}"
        _print(HEADER, COLUMNS, found, title, json_path)
    if json_path is not None:
        write_json(document("mix", settings, found), json_path)
    if plot is not None:
        from kdverify.report.figures import save
        from kdverify.report.mixture_figure import mixture_figure

        grids = [_grid(name, sizes) for name, sizes in (("real", rows), ("pseudo", columns))]
        mixtures = [[_mixture(start, labels, r, c) for c in grids[1]] for r in grids[0]]
        save(mixture_figure(problem, mixtures, words), plot)
    return 0


def counts(texts: Sequence[str]) -> list[float]:
    """Numbers of rows, 0 among them, from texts as ``-n`` takes them."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    found = [Fraction(0)] if "0" in parts else []
    named = [part for part in parts if part != "0"]
    return [plain_size(size) for size in [*found, *(sample_sizes(named) if named else [])]]


def _labels(problem: Problem, teacher: str, m: str | None, noise: float, ridge: list[float]) -> Any:
    """A function of the number of rows that returns what labels the pseudo rows."""
    checks.choice("teacher", teacher, TEACHERS)
    if (teacher == "trained") != (m is not None):
        raise ValueError("-m must be given for --teacher trained, and only for it")
    if teacher == "trained":
        size = float(checks.exact("m", m))
        law = train(problem, ground_truth(problem), Stage(size, None, noise, ridge[1]))
        return lambda n: law
    if teacher == "optimal":
        return lambda n: theory.optimal_surrogate(problem, n, ridge[0])
    return lambda n: problem.spectrum.from_modes(
        theory.optimal_mask(problem, n, ridge[0]) * problem.beta_modes
    )


def _described(teacher: str, m: str | None, noise: str) -> str:
    if teacher == "trained":
        return f"a teacher trained on {m} labels with noise {noise}"
    return {"optimal": "the best surrogate", "mask": "the best mask"}[teacher]


def _mixture(start: Mixture, labels: Any, real: float, pseudo: float) -> Mixture:
    return replace(start, real=real, pseudo=pseudo, surrogate=labels(real + pseudo))


def _row(problem: Problem, start: Mixture, labels: Any, real: float, pseudo: float) -> dict:
    mixture = _mixture(start, labels, real, pseudo)
    tied = mixture.ridge == 0 and mixture.n >= problem.p
    weighed = mixture.ridge > 0 and real > 0 and pseudo > 0
    best = best_weight(problem, mixture) if weighed else None
    return {
        "real": real,
        "pseudo": pseudo,
        "risk": mixture.risk(problem),
        "without": replace(mixture, pseudo=0).risk(problem),
        "worth": None if tied else label_worth(problem, mixture).worth,
        "best_weight": None if best is None else best.weight,
        "best_risk": None if best is None else best.risk,
    }


def _line(problem: Problem, start: Mixture, real: float, own: float, count: int) -> dict:
    n = real + own
    noises = start.noise_variance, start.pseudo_noise_variance
    line = Generations(problem, n, real / n, *noises, start.ridge)
    risks = line.risks(count)
    return {
        "real": real,
        "pseudo": own,
        "share": real / n,
        "first": float(risks[0]),
        "last": float(risks[-1]),
        "settled": line.settled_risk(),
        "best_share": best_share(problem, n, *noises, start.ridge)[0],
        "risks": risks.tolist(),
    }


def _print(
    header: Sequence[str],
    columns: Sequence[str],
    rows: list[dict],
    title: str,
    json_path: str | None,
) -> None:
    if not rows:
        raise ValueError("real and pseudo must name at least one training set that is not empty")
    out = console(json_path)
    print_table(header, [[number(row[c], 5) for c in columns] for row in rows], title, out)
    if "worth" in columns:
        out.print(
            "one more in real ones: what one more pseudo-label changes over what one more real row"
            " does; below 0 one of the two hurts. Best weight: in the loss, needs a ridge"
        )


def _grid(name: str, sizes: list[float]) -> np.ndarray:
    positive = [size for size in sizes if size > 0]
    if len(positive) < 2:
        raise ValueError(f"{name} must name two sizes above 0 or more for a figure: its ends")
    return np.geomspace(min(positive), max(positive), GRID)

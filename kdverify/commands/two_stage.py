"""``kdverify risk -m``: the student of a surrogate that is itself trained on m samples."""

from __future__ import annotations

import warnings
from typing import Any

from kdverify import checks
from kdverify.commands.inputs import describe, plain_size, read_problem, sample_sizes
from kdverify.gaussian import theory
from kdverify.problem import Problem, Spectrum
from kdverify.report.output import console, document, number, print_table, write_json
from kdverify.stages import TRANSFORMS, covariate_shift_risk, two_stage_risk

COLUMNS = ("m", "n", "surrogate", "none", "gain", "mask", "strong")
HEADER = ("m", "n", "surrogate\nitself", "student", "gained", "masked", "strong\nlabels")


def run(
    m: list[str],
    n: list[str],
    alpha: str | None,
    beta: str | None,
    p: str | None,
    spectrum: str | None,
    source_alpha: str | None,
    noises: tuple[str, str],
    ridges: tuple[str, str],
    json_path: str | None,
) -> int:
    """Print the table and write the JSON document; first of each pair is the surrogate's."""
    problem = read_problem(alpha, beta, p, spectrum)
    if not isinstance(problem, Problem):
        raise ValueError("beta_star must be there: --beta, or a file that holds it")
    source = None if source_alpha is None else Spectrum.power_law(problem.p, source_alpha)
    noise = [float(checks.exact("noise_variance", text)) for text in noises]
    ridge = [float(checks.exact("ridge", text)) for text in ridges]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", theory.NoFiniteMeanWarning)
        rows = [
            _row(problem, source, plain_size(size), plain_size(students), noise, ridge)
            for size in sample_sizes(m)
            for students in sample_sizes(n)
        ]
    out = console(json_path)
    data = "the same spectrum" if source_alpha is None else f"α={source_alpha}"
    title = (
        f"excess risk: {describe(problem, spectrum)}; surrogate: m samples of {data}, "
        f"label noise {noises[0]}, ridge {ridges[0]}; student: noise {noises[1]}, ridge {ridges[1]}"
    )
    print_table(HEADER, [[number(row[c]) for c in COLUMNS] for row in rows], title, out)
    out.print(
        "student: of plain pseudo-labels; gained, masked: the trained surrogate's modes times the "
        "best gains, or masked; strong: n labels of beta* with the surrogate's label noise"
    )
    for note in dict.fromkeys(str(w.message) for w in caught):
        out.print(f"note: {note}")
    if json_path is not None:
        settings = {
            "alpha": alpha,
            "beta": beta,
            "p": problem.p,
            "spectrum": spectrum,
            "source_alpha": source_alpha,
            "source_noise_variance": noises[0],
            "noise_variance": noises[1],
            "source_ridge": ridges[0],
            "ridge": ridges[1],
        }
        write_json(document("risk", settings, rows), json_path)
    return 0


def _row(
    problem: Problem, source: Any, m: float, n: float, noise: list[float], ridge: list[float]
) -> dict[str, Any]:
    students = {
        transform: two_stage_risk(
            problem, source, m, n, noise[0], noise[1], ridge[0], ridge[1], transform
        )
        for transform in TRANSFORMS
    }
    return {
        "m": m,
        "n": n,
        "surrogate": covariate_shift_risk(problem, source, m, noise[0], ridge[0]),
        **students,
        "strong": theory.risk(problem, n, None, noise[0], ridge[1]),
    }

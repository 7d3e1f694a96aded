"""``kdverify risk --features``: students that see random features of the inputs."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

from kdverify import checks
from kdverify.commands.inputs import count_modes, describe, plain_size, read_problem, sample_sizes
from kdverify.commands.risk import RISKS, digits_of
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.problem import Problem, Spectrum
from kdverify.random_features import certified, theory
from kdverify.report.output import console, document, number, print_table, write_json

NUMBERS = ("nu", "upsilon", "crowding", "standard", "optimal", "masked")
COLUMNS = ("n", "features", *NUMBERS, "kept", "amplified")
HEADER = ("n", "q", "ν2", "Υ", "η", "standard", "optimal", "masked", "modes\nkept", "ampli-\nfied")


def run(
    n: list[str],
    features: list[str],
    source: tuple[str | None, str | None, str | None, str | None],
    noise_variance: str,
    ridge: str,
    digits: int | None,
    json_path: str | None,
    plot: str | None,
) -> int:
    """Print the table for every pair of n and q and write the JSON document.

    ``source`` is alpha, beta, p and the file of a spectrum, as the command line takes them.
    """
    if plot is not None:
        raise ValueError("--features must go without --plot")
    problem = read_problem(*source)
    noise, delta = checks.exact("noise_variance", noise_variance), checks.exact("ridge", ridge)
    pairs = [(size, q) for size in sample_sizes(n) for q in sample_sizes(features, "features")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NoFiniteMeanWarning)
        rows = [_row(problem, size, q, noise, delta, digits) for size, q in pairs]
    setting = f"{describe(problem, source[3])}, noise variance {noise_variance}, ridge {ridge}"
    columns = [name for name in COLUMNS if isinstance(problem, Problem) or name not in RISKS]
    header = [title for title, name in zip(HEADER, COLUMNS, strict=True) if name in columns]
    cells = [[_cell(row[name]) for name in columns] for row in rows]
    out = console(json_path)
    print_table(header, cells, f"excess risk with q random features: {setting}", out)
    for note in dict.fromkeys(str(warning.message) for warning in caught):
        out.print(f"note: {note}")
    if json_path is not None:
        alpha, beta, _, file = source
        settings = {
            "alpha": alpha,
            "beta": beta,
            "p": problem.p,
            "spectrum": file,
            "n": n,
            "features": features,
            "noise_variance": noise_variance,
            "ridge": ridge,
            "digits": digits,
        }
        write_json(document("risk", settings, rows), json_path)
    return 0


def _row(
    problem: Spectrum | Problem,
    size: Fraction,
    q: Fraction,
    noise: Fraction,
    ridge: Fraction,
    digits: int | None,
) -> dict[str, Any]:
    begin = {"n": plain_size(size), "features": plain_size(q)}
    if digits is None:
        found = theory.curve(
            problem,
            plain_size(size),
            plain_size(q),
            checks.non_negative("noise_variance", noise),
            checks.non_negative("ridge", ridge),
        )
        return begin | {name: getattr(found, name)[0].item() for name in COLUMNS[2:]}
    proof = certified.certificate(problem, size, q, noise, ridge, digits)
    values = {"nu": proof.tau, "upsilon": proof.omega, "crowding": proof.equivalents.crowding}
    if isinstance(problem, Problem):
        values |= {name: getattr(proof, name) for name in RISKS}
    counts = {name: count_modes(*getattr(proof, name)) for name in ("kept", "amplified")}
    texts = {name: digits_of(values[name], digits) if name in values else None for name in NUMBERS}
    return begin | texts | counts


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(value)

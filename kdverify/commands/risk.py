"""``kdverify risk``: risks of strong labels, best surrogate and best mask against n."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import flint

from kdverify import checks
from kdverify.arithmetic import certified_decimal
from kdverify.commands.inputs import (
    count_modes,
    describe,
    plain_size,
    read_problem,
    sample_sizes,
    shown,
)
from kdverify.gaussian import certified, theory
from kdverify.gaussian.finite_size import FIRST_ORDER, size_errors
from kdverify.problem import Problem, Spectrum
from kdverify.report.output import console, document, number, print_table, write_json

COLUMNS = ("n", "tau", "omega", "standard", "optimal", "masked", "kept", "amplified")
HEADER = ("n", "τ", "Ω", "standard", "optimal", "masked", "modes\nkept", "modes\namplified")
RISKS = ("standard", "optimal", "masked")

CERTIFIED = "every digit shown is certified; the last may be off by one unit"
TIED = "a range of modes: some are tied at this precision; either choice costs the same"
NO_SIGNAL = "no beta_star: the risks need it (--beta, or a file that holds it)"
LEAST_SQUARES = (
    "n >= p without ridge is ordinary least squares: τ = 0, the risks are exact means, and no "
    "surrogate does better than strong labels"
)


def run(
    n: list[str],
    alpha: str | None,
    beta: str | None,
    p: str | None,
    spectrum: str | None,
    noise_variance: str,
    ridge: str,
    digits: int | None,
    json_path: str | None,
    plot: str | None,
) -> int:
    """Print the table, write the JSON document and the figure that were asked for."""
    source = read_problem(alpha, beta, p, spectrum)
    has_signal = isinstance(source, Problem)
    if plot is not None and not has_signal:
        raise ValueError(f"plot={plot!r} must go with beta_star: without it there is no risk")
    sizes = sample_sizes(n)
    noise, delta = checks.exact("noise_variance", noise_variance), checks.exact("ridge", ridge)
    curve, notes = _curve(source, sizes, noise, delta)
    if digits is None:
        rows = [_double(curve, k, size) for k, size in enumerate(sizes)]
    else:
        rows = [_certified(source, size, noise, delta, digits) for size in sizes]
        notes.append(CERTIFIED)
        if any(isinstance(row[name], str) for row in rows for name in ("kept", "amplified")):
            notes.append(TIED)
    if isinstance(source, Problem):
        for row, size in zip(rows, sizes, strict=True):
            row["corrections"] = _corrections(source, size, noise, delta)
    else:
        notes.append(NO_SIGNAL)
    setting = f"{describe(source, spectrum)}, noise variance {noise_variance}, ridge {ridge}"
    _print(rows, notes, has_signal, setting, json_path)
    if json_path is not None:
        settings = {
            "alpha": alpha,
            "beta": beta,
            "p": source.p,
            "spectrum": spectrum,
            "n": n,
            "noise_variance": noise_variance,
            "ridge": ridge,
            "digits": digits,
        }
        write_json(document("risk", settings, rows), json_path)
    if plot is not None:
        from kdverify.report.figures import risk_figure, save

        save(risk_figure(curve, setting), plot)
    return 0


def _curve(
    source: Spectrum | Problem, sizes: list[Fraction], noise: Fraction, ridge: Fraction
) -> tuple[theory.Curve, list[str]]:
    """The curve in double precision, and what has to be said about some of its n."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", theory.NoFiniteMeanWarning)
        curve = theory.curve(
            source,
            [float(size) for size in sizes],
            checks.non_negative("noise_variance", noise),
            checks.non_negative("ridge", ridge),
        )
    notes = [str(warning.message) for warning in caught]
    if ridge == 0 and any(size >= source.p for size in sizes):
        notes.append(LEAST_SQUARES)
    return curve, notes


def _double(curve: theory.Curve, k: int, size: Fraction) -> dict[str, Any]:
    values = {name: getattr(curve, name)[k].item() for name in COLUMNS[1:]}
    return {"n": plain_size(size)} | values


def _certified(
    source: Spectrum | Problem, size: Fraction, noise: Fraction, ridge: Fraction, digits: int
) -> dict[str, Any]:
    proof = certified.certificate(source, size, noise, ridge, digits)
    risks = {
        name: digits_of(getattr(proof, name), digits) if isinstance(source, Problem) else None
        for name in RISKS
    }
    return {
        "n": plain_size(size),
        "tau": digits_of(proof.tau, digits),
        "omega": digits_of(proof.omega, digits),
        **risks,
        "kept": count_modes(*proof.kept),
        "amplified": count_modes(*proof.amplified),
    }


def digits_of(ball: flint.arb, digits: int) -> str:
    """Certified digits, or that the number is infinite."""
    infinite = not ball.is_finite() and ball > 0
    return "inf" if infinite else certified_decimal(ball, digits)


def _print(
    rows: list[dict[str, Any]],
    notes: list[str],
    has_signal: bool,
    setting: str,
    json_path: str | None,
) -> None:
    out = console(json_path)
    columns = [name for name in COLUMNS if has_signal or name not in RISKS]
    header = [h for h, name in zip(HEADER, COLUMNS, strict=True) if name in columns]
    cells = [[_cell(name, row[name]) for name in columns] for row in rows]
    print_table(header, cells, f"excess risk: {setting}" if has_signal else setting, out)
    if has_signal:
        beside = [[shown(row["n"]), *map(number, row["corrections"].values())] for row in rows]
        print_table(("n", *RISKS), beside, f"to be added at finite n: {FIRST_ORDER}", out)
    for note in notes:
        out.print(f"note: {note}")


def _corrections(
    problem: Problem, size: Fraction, noise: Fraction, ridge: Fraction
) -> dict[str, float]:
    """First corrections in 1/n of the three risks; 0 where they are exact means already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = size_errors(problem, float(size), float(noise), float(ridge))
    return {name: error.correction for name, error in found.items()}


def _cell(name: str, value: Any) -> str:
    if name == "n":
        return shown(value)
    return value if isinstance(value, str) else number(value)

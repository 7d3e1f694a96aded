"""``kdverify surrogate``: the best surrogate and the best mask, mode by mode."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

import kdverify as kd
from kdverify.commands.options import (
    Alpha,
    Beta,
    Digits,
    Integer,
    Json,
    P,
    Plot,
    Ridge,
    Sizes,
    SpectrumFile,
    settings,
)

if TYPE_CHECKING:
    from kdverify.problem import Problem, Spectrum

COLUMNS = ("mode", "lam", "zeta", "gain", "beta_star", "beta_opt", "kept", "improvement")
HEADER = ("mode", "λ", "ζ", "gain", "β*", "β_opt", "kept", "R_opt/R_std")
SIGNAL = ("beta_star", "beta_opt")


def surrogate(
    context: typer.Context,
    n: Sizes,
    alpha: Alpha = None,
    beta: Beta = None,
    p: P = None,
    spectrum: SpectrumFile = None,
    ridge: Ridge = "0",
    digits: Digits = None,
    modes: Annotated[int, Integer(metavar="K", help="Show so many modes from either end.")] = 10,
    show_all: Annotated[bool, typer.Option("--all", help="Show every mode.")] = False,
    json: Json = None,
    plot: Plot = None,
) -> None:
    """The best surrogate and the best mask, mode by mode.

    Columns, by falling eigenvalue: the mode's number in the order of the input; its eigenvalue
    lambda; zeta = tau/(lambda + tau); gain = beta_opt/beta*; the coefficients of the ground
    truth and of the best surrogate; whether the best mask keeps the mode; its risk under the
    best surrogate over that under strong labels, without label noise.

    Example: kdverify surrogate --alpha 2 --beta 1.5 -p 500 -n 200 --plot surrogate.png
    """
    from kdverify.commands.inputs import describe, read_problem, sample_sizes, shown
    from kdverify.report.output import console, document, print_table, write_json

    source = read_problem(alpha, beta, p, spectrum)
    has_signal = isinstance(source, kd.Problem)
    sizes = sample_sizes(n)
    exact_ridge = kd.checks.exact("ridge", ridge)
    delta = kd.checks.non_negative("ridge", exact_ridge)
    kd.checks.count("modes", modes)
    if plot is not None and (len(sizes) != 1 or not has_signal):
        raise ValueError(f"plot={plot!r} must go with one n and with beta_star")
    out = console(json)
    columns = [c for c in COLUMNS if has_signal or c not in SIGNAL]
    header = [h for h, c in zip(HEADER, COLUMNS, strict=True) if c in columns]
    results = [
        _in_doubles(source, size, delta)
        if digits is None
        else _certified(source, size, exact_ridge, digits)
        for size in sizes
    ]
    for found in results:
        ends = len(found["modes"]) if show_all else modes
        title = f"{describe(source, spectrum)}, n={shown(found['n'])}, ridge {ridge}\n"
        title += _summary(found)
        print_table(header, _cells(found["modes"], columns, ends), title, out)
    if json is not None:
        write_json(document("surrogate", settings(context, p=source.p), results), json)
    if plot is not None:
        from kdverify.problem import Problem
        from kdverify.report.figures import save, surrogate_figure

        assert isinstance(source, Problem)
        title = f"{describe(source, spectrum)}, n={shown(sizes[0])}, ridge {ridge}"
        save(surrogate_figure(source, float(sizes[0]), delta, title), plot)


def _summary(found: dict[str, Any]) -> str:
    if float(found["tau"]) == 0:
        return "n >= p: ordinary least squares; nothing is gained by another surrogate"
    return (
        f"{found['amplified']} modes amplified (ζ < 1 − Ω), {found['kept']} of "
        f"{len(found['modes'])} kept by the mask (ζ² < 1 − Ω)"
    )


def _in_doubles(source: Spectrum | Problem, size: Fraction, ridge: float) -> dict[str, Any]:
    """One row per mode, by falling eigenvalue; ``mode`` counts in the caller's order."""
    import numpy as np

    from kdverify.commands.inputs import plain_size
    from kdverify.gaussian import risks
    from kdverify.gaussian.solve import spectrum_of

    at = kd.equivalents(source, float(size), ridge)
    gains, order = risks.gains(at), spectrum_of(source).order
    vectors = {
        "mode": np.arange(1, order.size + 1),
        "lam": at.eigenvalues,
        "zeta": at.zeta,
        "gain": gains,
        "amplified": risks.amplification_margins(at) > 0,
        "kept": risks.keep_margins(at) > 0,
        "improvement": risks.improvements(at),
    }
    if isinstance(source, kd.Problem):
        vectors["beta_star"] = source.beta_modes
        vectors["beta_opt"] = gains * source.beta_modes
    columns = [vector[order].tolist() for vector in vectors.values()]
    rows = [dict(zip(vectors, row, strict=True)) for row in zip(*columns, strict=True)]
    return {
        "n": plain_size(size),
        "tau": at.tau,
        "omega": at.omega,
        "amplified": sum(row["amplified"] for row in rows),
        "kept": sum(row["kept"] for row in rows),
        "modes": rows,
    }


def _certified(
    source: Spectrum | Problem, size: Fraction, ridge: Fraction, digits: int
) -> dict[str, Any]:
    """The same on balls: certified digits as text; a tie that stays open is "undecided"."""
    from kdverify.arithmetic import certified_decimal
    from kdverify.commands.inputs import count_modes, plain_size
    from kdverify.gaussian.solve import spectrum_of

    proof = kd.certified.certificate(source, size, ridge=ridge, digits=digits)
    vectors = {
        "lam": proof.modes.lam,
        "zeta": proof.equivalents.zeta,
        "gain": proof.gains,
        "improvement": proof.improvements,
    }
    if isinstance(source, kd.Problem):
        vectors["beta_star"] = proof.modes.beta_star
        vectors["beta_opt"] = proof.optimal_surrogate
    kept = proof.membership()
    rows = [
        {name: certified_decimal(vector[i], digits) for name, vector in vectors.items()}
        | {"mode": int(i) + 1, "kept": kept[i]}
        for i in spectrum_of(source).order
    ]
    return {
        "n": plain_size(size),
        "tau": certified_decimal(proof.tau, digits),
        "omega": certified_decimal(proof.omega, digits),
        "amplified": count_modes(*proof.amplified),
        "kept": count_modes(*proof.kept),
        "modes": rows,
    }


def _cells(rows: list[dict[str, Any]], columns: list[str], ends: int) -> list[list[str]]:
    """The first and the last ``ends`` rows, with a gap where rows are left out."""
    from kdverify.commands.inputs import cell

    chosen = rows if 2 * ends >= len(rows) else [*rows[:ends], None, *rows[-ends:]]
    return [
        ["…" for _ in columns] if row is None else [cell(row[c], 4) for c in columns]
        for row in chosen
    ]

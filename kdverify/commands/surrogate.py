"""``kdverify surrogate``: the best surrogate and the best mask, mode by mode."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

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
from kdverify.gaussian import certified
from kdverify.gaussian import risks as compose
from kdverify.gaussian.solve import Equivalents, equivalents, spectrum_of
from kdverify.problem import Problem, Spectrum
from kdverify.report.output import console, document, number, print_table, write_json

COLUMNS = ("mode", "lam", "zeta", "gain", "beta_star", "beta_opt", "kept", "improvement")
HEADER = ("mode", "λ", "ζ", "gain", "β*", "β_opt", "kept", "R_opt/R_std")
SIGNAL = ("beta_star", "beta_opt")


def run(
    n: list[str],
    alpha: str | None,
    beta: str | None,
    p: str | None,
    spectrum: str | None,
    ridge: str,
    digits: int | None,
    modes: int,
    show_all: bool,
    json_path: str | None,
    plot: str | None,
) -> int:
    """Print the modes, write the JSON document and the figure that were asked for."""
    source = read_problem(alpha, beta, p, spectrum)
    sizes = sample_sizes(n)
    exact_ridge = checks.exact("ridge", ridge)
    delta = checks.non_negative("ridge", exact_ridge)
    checks.count("modes", modes)
    if plot is not None and (len(sizes) != 1 or isinstance(source, Spectrum)):
        raise ValueError(f"plot={plot!r} must go with one n and with beta_star")
    out = console(json_path)
    columns = [c for c in COLUMNS if c not in SIGNAL or isinstance(source, Problem)]
    header = [h for h, c in zip(HEADER, COLUMNS, strict=True) if c in columns]
    results = [
        _result(source, size, delta)
        if digits is None
        else _certified_result(source, size, exact_ridge, digits)
        for size in sizes
    ]
    for found in results:
        ends = len(found["modes"]) if show_all else modes
        title = f"{describe(source, spectrum)}, n={shown(found['n'])}, ridge {ridge}\n"
        title += _summary(found)
        print_table(header, _cells(found["modes"], columns, ends), title, out)
    if json_path is not None:
        settings = {
            "alpha": alpha,
            "beta": beta,
            "p": source.p,
            "spectrum": spectrum,
            "n": n,
            "ridge": ridge,
            "digits": digits,
        }
        write_json(document("surrogate", settings, results), json_path)
    if plot is not None:
        from kdverify.report.figures import save, surrogate_figure

        assert isinstance(source, Problem)
        title = f"{describe(source, spectrum)}, n={shown(sizes[0])}, ridge {ridge}"
        save(surrogate_figure(source, float(sizes[0]), delta, title), plot)
    return 0


def _summary(found: dict[str, Any]) -> str:
    if float(found["tau"]) == 0:
        return "n >= p: ordinary least squares; nothing is gained by another surrogate"
    return (
        f"{found['amplified']} modes amplified (ζ < 1 − Ω), {found['kept']} of "
        f"{len(found['modes'])} kept by the mask (ζ² < 1 − Ω)"
    )


def _result(source: Spectrum | Problem, size: Fraction, ridge: float) -> dict[str, Any]:
    at = equivalents(source, float(size), ridge)
    rows = _rows(source, at)
    return {
        "n": plain_size(size),
        "tau": at.tau,
        "omega": at.omega,
        "amplified": sum(row["amplified"] for row in rows),
        "kept": sum(row["kept"] for row in rows),
        "modes": rows,
    }


def _certified_result(
    source: Spectrum | Problem, size: Fraction, ridge: Fraction, digits: int
) -> dict[str, Any]:
    """The same on balls: certified digits as text; a tie that stays open is "undecided"."""
    proof = certified.certificate(source, size, ridge=ridge, digits=digits)
    order = spectrum_of(source).order
    vectors = {
        "lam": proof.modes.lam,
        "zeta": proof.equivalents.zeta,
        "gain": proof.gains,
        "improvement": proof.improvements,
    }
    if isinstance(source, Problem):
        vectors["beta_star"] = proof.modes.beta_star
        vectors["beta_opt"] = proof.optimal_surrogate
    kept = proof.membership()
    rows = [
        {name: certified_decimal(vector[i], digits) for name, vector in vectors.items()}
        | {"mode": int(i) + 1, "kept": kept[i]}
        for i in order
    ]
    return {
        "n": plain_size(size),
        "tau": certified_decimal(proof.tau, digits),
        "omega": certified_decimal(proof.omega, digits),
        "amplified": count_modes(*proof.amplified),
        "kept": count_modes(*proof.kept),
        "modes": rows,
    }


def _rows(source: Spectrum | Problem, at: Equivalents) -> list[dict[str, Any]]:
    """One row per mode, by falling eigenvalue; ``mode`` counts in the caller's order."""
    gains = compose.gains(at)
    order = spectrum_of(source).order
    vectors: dict[str, np.ndarray] = {
        "mode": np.arange(1, order.size + 1),
        "lam": at.eigenvalues,
        "zeta": at.zeta,
        "gain": gains,
        "amplified": compose.amplification_margins(at) > 0,
        "kept": compose.keep_margins(at) > 0,
        "improvement": compose.improvements(at),
    }
    if isinstance(source, Problem):
        vectors["beta_star"] = source.beta_modes
        vectors["beta_opt"] = gains * source.beta_modes
    columns = [vector[order].tolist() for vector in vectors.values()]
    return [dict(zip(vectors, row, strict=True)) for row in zip(*columns, strict=True)]


def _cells(rows: list[dict[str, Any]], columns: list[str], ends: int) -> list[list[str]]:
    """The first and the last ``ends`` rows, with a gap where rows are left out."""
    chosen = rows if 2 * ends >= len(rows) else [*rows[:ends], None, *rows[-ends:]]
    return [
        ["…" for _ in columns] if row is None else [_cell(row[c]) for c in columns]
        for row in chosen
    ]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int) else number(value, 4)

"""``kdverify surrogate``: the best surrogate and the best mask, mode by mode."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdverify import checks, theory
from kdverify.commands.inputs import describe, read_problem, sample_sizes, shown
from kdverify.problem import Problem, Spectrum
from kdverify.report.output import console, document, number, print_table, write_json
from kdverify.solve import equivalents

COLUMNS = ("mode", "lam", "zeta", "gain", "beta_star", "beta_opt", "kept", "improvement")
HEADER = ("mode", "λ", "ζ", "gain", "β*", "β_opt", "kept", "R_opt/R_std")
SIGNAL = ("beta_star", "beta_opt")


def run(
    n: list[str],
    alpha: str | None,
    beta: str | None,
    p: int | None,
    spectrum: str | None,
    ridge: str,
    modes: int,
    show_all: bool,
    json_path: str | None,
    plot: str | None,
) -> int:
    """Print the modes, write the JSON document and the figure that were asked for."""
    source = read_problem(alpha, beta, p, spectrum)
    if plot is not None:
        checks.figure_file("plot", plot)
    sizes = sample_sizes(n)
    delta = checks.exact("ridge", ridge)
    checks.non_negative("ridge", delta)
    checks.count("modes", modes)
    if plot is not None and (len(sizes) != 1 or isinstance(source, Spectrum)):
        raise ValueError(f"plot={plot!r} must go with one n and with beta_star")
    out = console(json_path)
    columns = [c for c in COLUMNS if c not in SIGNAL or isinstance(source, Problem)]
    header = [h for h, c in zip(HEADER, COLUMNS, strict=True) if c in columns]
    documents = []
    for size in sizes:
        rows = _rows(source, float(size), float(delta))
        kept, amplified = sum(r["kept"] for r in rows), sum(r["gain"] > 1 for r in rows)
        title = (
            f"{describe(source, spectrum)}, n={shown(size)}, ridge {ridge}: "
            f"{amplified} modes amplified, {kept} of {len(rows)} kept by the mask"
        )
        print_table(header, _cells(rows, columns, len(rows) if show_all else modes), title, out)
        documents.append({"n": shown(size), "amplified": amplified, "kept": kept, "modes": rows})
    if json_path is not None:
        settings = {"alpha": alpha, "beta": beta, "spectrum": spectrum, "ridge": ridge}
        write_json(document("surrogate", settings | {"p": source.p}, documents), json_path)
    if plot is not None:
        from kdverify.report.figures import save, surrogate_figure

        assert isinstance(source, Problem)
        title = f"{describe(source, spectrum)}, n={shown(sizes[0])}, ridge {ridge}"
        save(surrogate_figure(source, float(sizes[0]), float(delta), title), plot)
    return 0


def _rows(source: Spectrum | Problem, n: float, ridge: float) -> list[dict[str, Any]]:
    """One row per mode, by falling eigenvalue."""
    at = equivalents(source, n, ridge)
    spectrum = source.spectrum if isinstance(source, Problem) else source
    gains = theory.gains(source, n, ridge)
    vectors: dict[str, np.ndarray] = {
        "mode": np.arange(1, spectrum.p + 1)[spectrum.order],
        "lam": spectrum.eigenvalues,
        "zeta": at.zeta,
        "gain": gains,
        "kept": theory.optimal_mask(source, n, ridge),
        "improvement": theory.improvements(source, n, ridge),
    }
    if isinstance(source, Problem):
        vectors["beta_star"] = source.beta_modes
        vectors["beta_opt"] = gains * source.beta_modes
    order = spectrum.order
    columns = {
        name: (vector if name == "mode" else vector[order]).tolist()
        for name, vector in vectors.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cells(rows: list[dict[str, Any]], columns: list[str], modes: int) -> list[list[str]]:
    """The first and the last ``modes`` rows, with a gap where rows are left out."""
    shown_rows = rows if 2 * modes >= len(rows) else [*rows[:modes], None, *rows[-modes:]]
    return [
        ["…" for _ in columns] if row is None else [_cell(row[c]) for c in columns]
        for row in shown_rows
    ]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int) else number(value, 4)

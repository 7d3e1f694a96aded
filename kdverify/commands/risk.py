"""``kdverify risk``: risks of strong labels, best surrogate and best mask against n."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

from kdverify import certified, checks, theory
from kdverify.arithmetic import certified_decimal
from kdverify.commands.inputs import describe, read_problem, sample_sizes, shown
from kdverify.problem import Problem, Spectrum
from kdverify.report.output import console, document, number, print_table, write_json

COLUMNS = ("n", "tau", "omega", "standard", "optimal", "masked", "kept", "amplified")
HEADER = ("n", "τ", "Ω", "standard", "optimal", "masked", "modes\nkept", "modes\namplified")
RISKS = ("standard", "optimal", "masked")


def run(
    n: list[str],
    alpha: str | None,
    beta: str | None,
    p: int | None,
    spectrum: str | None,
    noise_variance: str,
    ridge: str,
    digits: int | None,
    json_path: str | None,
    plot: str | None,
) -> int:
    """Print the table, write the JSON document and the figure that were asked for."""
    source = read_problem(alpha, beta, p, spectrum)
    if plot is not None:
        checks.figure_file("plot", plot)
    sizes = sample_sizes(n)
    noise, delta = checks.exact("noise_variance", noise_variance), checks.exact("ridge", ridge)
    if digits is None:
        rows, notes = _double(source, sizes, noise, delta)
    else:
        rows, notes = _certified(source, sizes, noise, delta, digits)
    title = describe(source, spectrum)
    if isinstance(source, Spectrum):
        notes.append("no beta_star: the risks need it (--beta, or a file that holds it)")
    out = console(json_path)
    columns = [c for c in COLUMNS if c not in RISKS or isinstance(source, Problem)]
    header = [h for h, c in zip(HEADER, COLUMNS, strict=True) if c in columns]
    setting = f"{title}, noise variance {noise_variance}, ridge {ridge}"
    if digits is not None and digits > 12:
        _print_blocks(rows, columns, setting, out)
    else:
        cells = [[_cell(row[c]) for c in columns] for row in rows]
        print_table(header, cells, f"excess risk: {setting}", out)
    for note in dict.fromkeys(notes):
        out.print(f"note: {note}")
    if json_path is not None:
        settings = {
            "alpha": alpha,
            "beta": beta,
            "p": source.p,
            "spectrum": spectrum,
            "noise_variance": noise_variance,
            "ridge": ridge,
            "digits": digits,
        }
        write_json(document("risk", settings, rows), json_path)
    if plot is not None:
        _plot(source, sizes, noise, delta, setting, plot)
    return 0


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(value)


def _double(
    source: Spectrum | Problem, sizes: list[Fraction], noise: Fraction, ridge: Fraction
) -> tuple[list[dict[str, Any]], list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", theory.NoFiniteMeanWarning)
        curve = theory.curve(source, [float(s) for s in sizes], float(noise), float(ridge))
    rows = [
        {name: getattr(curve, name)[k] for name in COLUMNS if name != "n"} | {"n": shown(size)}
        for k, size in enumerate(sizes)
    ]
    return rows, [str(w.message) for w in caught]


def _certified(
    source: Spectrum | Problem,
    sizes: list[Fraction],
    noise: Fraction,
    ridge: Fraction,
    digits: int,
) -> tuple[list[dict[str, Any]], list[str]]:
    rows, notes = [], ["every digit shown is certified; the last may be off by one unit"]
    for size in sizes:
        proof = certified.certificate(source, size, noise, ridge, digits)
        row: dict[str, Any] = {
            "n": shown(size),
            "tau": certified_decimal(proof.tau, digits),
            "omega": certified_decimal(proof.omega, digits),
            "kept": _counted(*proof.kept),
            "amplified": _counted(*proof.amplified),
        }
        for name in RISKS:
            known = isinstance(source, Problem)
            row[name] = certified_decimal(getattr(proof, name), digits) if known else ""
        rows.append(row)
        if "-" in row["kept"] + row["amplified"]:
            notes.append(
                "a range of modes: some are tied at this precision; either choice costs the same"
            )
    return rows, notes


def _counted(certain: Any, possible: Any) -> str:
    low, high = int(certain.sum()), int(possible.sum())
    return str(low) if low == high else f"{low}-{high}"


def _print_blocks(rows: list[dict[str, Any]], columns: list[str], title: str, out: Any) -> None:
    """Long numbers one below the other: they would not fit into columns."""
    out.print(f"excess risk: {title}")
    for row in rows:
        out.print(f"n = {row['n']}")
        for name in columns[1:]:
            out.print(f"  {name:9} {row[name]}", soft_wrap=True)


def _plot(
    source: Spectrum | Problem,
    sizes: list[Fraction],
    noise: Fraction,
    ridge: Fraction,
    title: str,
    path: str,
) -> None:
    from kdverify.report.figures import risk_figure, save

    if isinstance(source, Spectrum):
        raise ValueError(f"plot={path!r} must go with beta_star: without it there is no risk")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", theory.NoFiniteMeanWarning)
        curve = theory.curve(source, [float(s) for s in sizes], float(noise), float(ridge))
    save(risk_figure(curve, title), path)

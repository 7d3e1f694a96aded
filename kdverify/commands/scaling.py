"""``kdverify scaling``: exponents, constants and ratios of the scaling law, and p = infinity."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import kdverify as kd
from kdverify.commands.options import Integer, Json, settings

LAW = ("alpha", "beta", "exponent", "standard", "optimal", "rho", "rho_mask", "amplified", "kept")
LAW_HEADER = ("α", "β", "r", "C_std", "C_opt", "ρ", "ρ_mask", "amplified\ni/n", "kept\ni/n")
EXACT = ("alpha", "beta", "n", "tau", "omega", "standard", "optimal", "masked")
EXACT_HEADER = ("α", "β", "n", "τ", "Ω", "standard", "optimal", "masked")


def scaling(
    context: typer.Context,
    alpha: Annotated[
        list[str], typer.Option(metavar="A[,A...]", help="Exponents of the spectrum, above 1.")
    ],
    beta: Annotated[
        list[str], typer.Option(metavar="B[,B...]", help="Exponents of the signal, above 1.")
    ],
    n: Annotated[
        list[str] | None,
        typer.Option("-n", metavar="N[,N...]", help="Exact values at p = infinity, too."),
    ] = None,
    digits: Annotated[int, Integer(help="Certified digits of the exact values.")] = 10,
    json: Json = None,
) -> None:
    """Scaling law: exponents, constants, ratios, exact values.

    Example: kdverify scaling --alpha 1.5,2 --beta 2,3 -n 100,1000
    """
    from kdverify.commands.inputs import cell, sample_sizes
    from kdverify.report.output import console, document, print_table, write_json

    pairs = [
        (a, b)
        for a in (part for text in alpha for part in text.split(","))
        for b in (part for text in beta for part in text.split(","))
    ]
    sizes = sample_sizes(n) if n else []
    kd.checks.count("digits", digits, most=kd.scaling.MAX_DIGITS)
    laws = [_law(a, b) for a, b in pairs]
    out = console(json)
    cells = [[cell(row[name], 5) for name in LAW] for row in laws]
    title = "risk ~ C (c/n)^r without noise, p = infinity; ρ = lim R_opt/R_std"
    print_table(LAW_HEADER, cells, title, out)
    for row in laws:
        if row["boundary"]:
            out.print(f"note: α={row['alpha']}, β={row['beta']}: the risks carry a factor log n")
    exact = [_exact(a, b, size, digits) for a, b in pairs for size in sizes]
    if exact:
        cells = [[str(row[name]) for name in EXACT] for row in exact]
        print_table(EXACT_HEADER, cells, "at p = infinity, certified digits", out)
    if json is not None:
        write_json(document("scaling", settings(context), [*laws, *exact]), json)


def _law(alpha: str, beta: str) -> dict[str, Any]:
    law = kd.scaling.constants(alpha, beta)
    return {
        "alpha": alpha,
        "beta": beta,
        "exponent": float(law.exponent),
        "standard": law.standard,
        "optimal": law.optimal,
        "rho": kd.scaling.rho(alpha, beta),
        "rho_mask": kd.scaling.rho_mask(alpha, beta),
        "amplified": law.amplified,
        "kept": law.kept,
        "c": law.c,
        "kappa": law.kappa,
        "omega": law.omega,
        "plateau": law.plateau,
        "boundary": kd.checks.exact("beta", beta) == 2 * kd.checks.exact("alpha", alpha) + 1,
    }


def _exact(alpha: str, beta: str, size: Any, digits: int) -> dict[str, Any]:
    from kdverify.arithmetic import certified_decimal
    from kdverify.commands.inputs import plain_size

    found = kd.scaling.infinite(alpha, beta, size, digits=digits)
    values = {
        name: certified_decimal(getattr(found, name), digits)
        for name in ("tau", "omega", "standard", "optimal", "masked")
    }
    return {"alpha": alpha, "beta": beta, "n": plain_size(size)} | values

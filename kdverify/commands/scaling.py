"""``kdverify scaling``: exponents, constants and ratios of the scaling law, and p = infinity."""

from __future__ import annotations

from typing import Any

from kdverify import checks
from kdverify.arithmetic import certified_decimal
from kdverify.commands.inputs import plain_size, sample_sizes
from kdverify.gaussian import infinite as scaling
from kdverify.report.output import console, document, number, print_table, write_json

LAW = ("alpha", "beta", "exponent", "standard", "optimal", "rho", "rho_mask", "amplified", "kept")
LAW_HEADER = ("α", "β", "r", "C_std", "C_opt", "ρ", "ρ_mask", "amplified\ni/n", "kept\ni/n")
EXACT = ("alpha", "beta", "n", "tau", "omega", "standard", "optimal", "masked")
EXACT_HEADER = ("α", "β", "n", "τ", "Ω", "standard", "optimal", "masked")


def run(alpha: list[str], beta: list[str], n: list[str], digits: int, json_path: str | None) -> int:
    """Print the law of every pair of exponents, then the exact values at every n."""
    pairs = [
        (a, b)
        for a in (part for text in alpha for part in text.split(","))
        for b in (part for text in beta for part in text.split(","))
    ]
    laws = [_law(a, b) for a, b in pairs]
    out = console(json_path)
    cells = [[_cell(row[name]) for name in LAW] for row in laws]
    title = "risk ~ C (c/n)^r without noise, p = infinity; ρ = lim R_opt/R_std"
    print_table(LAW_HEADER, cells, title, out)
    for row in laws:
        if row["boundary"]:
            out.print(f"note: α={row['alpha']}, β={row['beta']}: the risks carry a factor log n")
    exact = [_exact(a, b, size, digits) for a, b in pairs for size in sample_sizes(n)]
    if exact:
        cells = [[str(row[name]) for name in EXACT] for row in exact]
        print_table(EXACT_HEADER, cells, "at p = infinity, certified digits", out)
    if json_path is not None:
        settings = {"alpha": alpha, "beta": beta, "n": n, "digits": digits}
        write_json(document("scaling", settings, [*laws, *exact]), json_path)
    return 0


def _law(alpha: str, beta: str) -> dict[str, Any]:
    law = scaling.constants(alpha, beta)
    return {
        "alpha": alpha,
        "beta": beta,
        "exponent": float(law.exponent),
        "standard": law.standard,
        "optimal": law.optimal,
        "rho": scaling.rho(alpha, beta),
        "rho_mask": scaling.rho_mask(alpha, beta),
        "amplified": law.amplified,
        "kept": law.kept,
        "c": law.c,
        "kappa": law.kappa,
        "omega": law.omega,
        "plateau": law.plateau,
        "boundary": checks.exact("beta", beta) == 2 * checks.exact("alpha", alpha) + 1,
    }


def _exact(alpha: str, beta: str, size: Any, digits: int) -> dict[str, Any]:
    found = scaling.infinite(alpha, beta, size, digits=checks.count("digits", digits))
    values = {
        name: certified_decimal(getattr(found, name), digits)
        for name in ("tau", "omega", "standard", "optimal", "masked")
    }
    return {"alpha": alpha, "beta": beta, "n": plain_size(size)} | values


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(value, 5)

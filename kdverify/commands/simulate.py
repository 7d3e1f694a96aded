"""``kdverify simulate``: one setting, measured and predicted."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from kdverify import checks
from kdverify.commands.inputs import describe, read_problem, whole_number
from kdverify.gaussian import theory
from kdverify.problem import Problem
from kdverify.report.output import console, document, number, print_table, write_json
from kdverify.simulation import simulate

TEACHERS = ("standard", "optimal", "masked")
LEVEL = 0.95


def run(
    samples: str,
    alpha: str | None,
    beta: str | None,
    p: str | None,
    spectrum: str | None,
    noise_variance: str,
    ridge: str,
    design: str,
    student_df: float,
    trials: int,
    seed: int,
    jobs: int,
    backend: str,
    device: str,
    json_path: str | None,
) -> int:
    """Print measured and predicted risks side by side."""
    source = read_problem(alpha, beta, p, spectrum)
    if not isinstance(source, Problem):
        raise ValueError("beta_star must be there: --beta, or a file that holds it")
    n = whole_number("n", samples)
    noise, delta = (
        float(checks.exact(name, text))
        for name, text in (("noise_variance", noise_variance), ("ridge", ridge))
    )
    mask = theory.optimal_mask(source, n, delta)
    kept = source.spectrum.from_modes(source.beta_modes * mask)
    teachers = [None, theory.optimal_surrogate(source, n, delta), kept]
    found = simulate(
        source,
        n,
        teachers,
        trials=trials,
        seed=seed,
        noise_variance=noise,
        ridge=delta,
        design=design,
        student_df=student_df,
        workers=jobs,
        backend=backend,
        device=device,
    )
    predicted = (
        theory.risk(source, n, None, noise, delta),
        theory.optimal_risk(source, n, noise, delta),
        theory.masked_risk(source, n, mask, noise, delta),
    )
    intervals = found.intervals(LEVEL)
    rows: list[dict[str, Any]] = [
        {
            "labels": name,
            "predicted": predicted[k],
            "measured": found.means[k],
            "standard_error": found.standard_errors[k],
            "low": intervals[k, 0],
            "high": intervals[k, 1],
        }
        for k, name in enumerate(TEACHERS)
    ]
    out = console(json_path)
    header = ("labels", "predicted", "measured", "std. error", "95 % interval")
    cells = [
        [
            row["labels"],
            number(row["predicted"]),
            number(row["measured"]),
            number(row["standard_error"], 2),
            f"{number(row['low'])} to {number(row['high'])}",
        ]
        for row in rows
    ]
    title = f"excess risk: {describe(source, spectrum)}, n={n}, {trials} trials, {design}"
    print_table(header, cells, title, out)
    out.print("the predicted risk is exact for large n only: it is off by a fraction of order 1/n")
    for line in (*found.reductions, *found.warnings):
        out.print(f"note: {line}")
    if json_path is not None:
        settings = {
            "alpha": alpha,
            "beta": beta,
            "p": source.p,
            "spectrum": spectrum,
            "n": n,
            "noise_variance": str(Fraction(noise_variance)),
            "ridge": str(Fraction(ridge)),
            "design": design,
            "student_df": student_df,
            "trials": trials,
            "seed": seed,
            "backend": backend,
            "device": device,
        }
        write_json(document("simulate", settings, rows), json_path)
    return 0

"""``kdverify simulate``: one setting, measured and predicted."""

from __future__ import annotations

from typing import Annotated

import typer

import kdverify as kd
from kdverify.commands.options import (
    DESIGN_HELP,
    Alpha,
    Beta,
    Jobs,
    Json,
    Noise,
    P,
    Ridge,
    Seed,
    SpectrumFile,
    Trials,
    settings,
)

LEVEL = 0.95


def simulate(
    context: typer.Context,
    n: Annotated[str, typer.Option("-n", metavar="N", help="Samples of the student.")],
    alpha: Alpha = None,
    beta: Beta = None,
    p: P = None,
    spectrum: SpectrumFile = None,
    noise_variance: Noise = "0",
    ridge: Ridge = "0",
    design: Annotated[str, typer.Option(help=DESIGN_HELP)] = "gaussian",
    student_df: Annotated[float, typer.Option(help="Degrees of freedom, at least 8.")] = 8.0,
    trials: Trials = 400,
    seed: Seed = 0,
    jobs: Jobs = 1,
    backend: Annotated[str, typer.Option(help="numpy, or torch (an extra).")] = "numpy",
    device: Annotated[str, typer.Option(help="Where torch works: cpu, cuda, ...")] = "cpu",
    json: Json = None,
) -> None:
    """Measure the three risks by simulation, beside the theory.

    Example: kdverify simulate --alpha 2 --beta 1.5 -p 500 -n 200 --trials 400
    """
    from kdverify.commands.inputs import describe, not_negative, read_signal, whole_number
    from kdverify.report.output import console, document, number, print_table, write_json

    source = read_signal(alpha, beta, p, spectrum)
    size = whole_number("n", n)
    noise = float(not_negative("noise_variance", noise_variance))
    delta = float(not_negative("ridge", ridge))
    mask = kd.optimal_mask(source, size, delta)
    kept = source.spectrum.from_modes(source.beta_modes * mask)
    found = kd.simulate(
        source,
        size,
        [None, kd.optimal_surrogate(source, size, delta), kept],
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
    predicted = {
        "standard": kd.risk(source, size, None, noise, delta),
        "optimal": kd.optimal_risk(source, size, noise, delta),
        "masked": kd.masked_risk(source, size, mask, noise, delta),
    }
    intervals = found.intervals(LEVEL)
    rows = [
        {
            "labels": name,
            "predicted": value,
            "measured": found.means[k],
            "standard_error": found.standard_errors[k],
            "low": intervals[k, 0],
            "high": intervals[k, 1],
        }
        for k, (name, value) in enumerate(predicted.items())
    ]
    out = console(json)
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
    title = f"excess risk: {describe(source, spectrum)}, n={size}, {trials} trials, {design}"
    print_table(header, cells, title, out)
    out.print("the predicted risk is exact for large n only: it is off by a fraction of order 1/n")
    for line in (*found.reductions, *found.warnings):
        out.print(f"note: {line}")
    if json is not None:
        write_json(document("simulate", settings(context, p=source.p, n=size), rows), json)

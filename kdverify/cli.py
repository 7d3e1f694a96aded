"""The command line: commands and exit codes; `kdverify.commands` does the work.

Nothing of the library is imported before a command runs, so that ``--help`` is fast.
Exit codes: 0 done and all claims stand, 1 a claim fell, 2 bad input, 3 undecided,
70 internal error, 130 interrupted, 141 nobody read the output to its end.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kdverify.commands import features, options
from kdverify.commands.labels_options import labels
from kdverify.commands.mix_options import mix
from kdverify.commands.options import (
    Alpha,
    Axis,
    Beta,
    Digits,
    Html,
    Jobs,
    Json,
    Noise,
    P,
    Plot,
    RandomFeatures,
    Ridge,
    Seed,
    Sizes,
    SourceAlpha,
    SourceNoise,
    SourceRidge,
    SourceSizes,
    SpectrumFile,
    Table,
    Trials,
)
from kdverify.commands.runner import run_app, state

app = typer.Typer(
    name="kdverify",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command()(labels)
app.command()(mix)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Versions of kdverify and of all solvers.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show the traceback of an error.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Print no tables and notes, only errors.")
    ] = False,
) -> None:
    """Check the theory of knowledge distillation in ridgeless regression, and use it.

    Exit codes: 0 done, all claims stand; 1 a claim fell; 2 bad input; 3 undecided; 70 internal
    error; 130 interrupted.
    """
    state["verbose"] = verbose
    if quiet:
        from kdverify.report import output

        output.quiet.set(True)
    if version:
        from kdverify.provenance import environment

        for name, number in environment().items():
            print(f"{name} {number}")
        raise typer.Exit(0)


@app.command()
def verify(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Claim files or folders; the shipped claims."),
    ] = None,
    level: Annotated[str, typer.Option(help="quick or full: more trials and digits.")] = "quick",
    select: Annotated[
        str | None,
        typer.Option("-k", metavar="WORD", help="Ids or titles with WORD; 1. is section 1."),
    ] = None,
    json: Json = None,
    html: Html = None,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", help="Worker processes; one per processor.")
    ] = None,
    require_all: Annotated[
        bool, typer.Option("--require-all", help="Let 'not run' fail the run.")
    ] = False,
    smt_dir: Annotated[
        str | None, typer.Option(metavar="DIR", help="Keep every SMT problem as SMT-LIB text.")
    ] = None,
) -> None:
    """Run the claims and say which stand.

    Example: kdverify verify -k 3. --level full --json verdicts.json --html report.html
    """
    from kdverify.report.output import console
    from kdverify.verify import main_verify

    out = console(json, styled=True)
    raise typer.Exit(
        main_verify(paths or (), level, select, json, jobs, require_all, smt_dir, out, html)
    )


@app.command()
def risk(
    n: Sizes,
    alpha: Alpha = None,
    beta: Beta = None,
    p: P = None,
    spectrum: SpectrumFile = None,
    noise_variance: Noise = "0",
    ridge: Ridge = "0",
    digits: Digits = None,
    features: RandomFeatures = None,
    m: SourceSizes = None,
    source_alpha: SourceAlpha = None,
    source_noise_variance: SourceNoise = "0",
    source_ridge: SourceRidge = "0",
    json: Json = None,
    plot: Plot = None,
) -> None:
    """Excess risk against n: strong labels, best surrogate and mask.

    Columns: tau, the effective regularisation, in units of the eigenvalues; Omega; the excess
    risks |Sigma^(1/2)(b - beta*)|^2, label noise not added, of the student of strong labels
    (standard), of the best surrogate (optimal) and of the best mask (masked); how many modes
    the mask keeps (zeta^2 < 1 - Omega); how many the best surrogate amplifies (zeta < 1 -
    Omega): the transition index when the eigenvalues fall.

    With -m the surrogate is itself trained, on m samples, and the columns are the risks of
    that surrogate and of its students (two stages); --digits and --plot are then not taken. With
    --features a student sees q random features: nu2, Upsilon and the features' crowding eta.

    Example: kdverify risk --alpha 2 --beta 1.5 -p 500 -n 50,100,200
    """
    if m:
        from kdverify.commands import two_stage

        if digits is not None or plot is not None or features:
            raise ValueError("-m must go without --digits, --plot and --features")
        noises, ridges = (source_noise_variance, noise_variance), (source_ridge, ridge)
        raise typer.Exit(
            two_stage.run(m, n, alpha, beta, p, spectrum, source_alpha, noises, ridges, json)
        )
    from kdverify.commands import risk as command

    source = alpha, beta, p, spectrum
    if features:
        from kdverify.commands import random_features

        arguments = noise_variance, ridge, digits, json, plot
        raise typer.Exit(random_features.run(n, features, source, *arguments))
    raise typer.Exit(command.run(n, *source, noise_variance, ridge, digits, json, plot))


@app.command()
def surrogate(
    n: Sizes,
    alpha: Alpha = None,
    beta: Beta = None,
    p: P = None,
    spectrum: SpectrumFile = None,
    ridge: Ridge = "0",
    digits: Digits = None,
    modes: Annotated[
        int, typer.Option(metavar="K", help="Show so many modes from either end.")
    ] = 10,
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
    from kdverify.commands import surrogate as command

    raise typer.Exit(
        command.run(n, alpha, beta, p, spectrum, ridge, digits, modes, show_all, json, plot)
    )


@app.command()
def scaling(
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
    digits: Annotated[int, typer.Option(help="Certified digits of the exact values.")] = 10,
    json: Json = None,
) -> None:
    """Scaling law: exponents, constants, ratios, exact values.

    Example: kdverify scaling --alpha 1.5,2 --beta 2,3 -n 100,1000
    """
    from kdverify.commands import scaling as command

    raise typer.Exit(command.run(alpha, beta, n or [], digits, json))


@app.command()
def simulate(
    n: Annotated[str, typer.Option("-n", metavar="N", help="Samples of the student.")],
    alpha: Alpha = None,
    beta: Beta = None,
    p: P = None,
    spectrum: SpectrumFile = None,
    noise_variance: Noise = "0",
    ridge: Ridge = "0",
    design: Annotated[str, typer.Option(help=options.DESIGN_HELP)] = "gaussian",
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
    from kdverify.commands import simulate as command

    raise typer.Exit(
        command.run(
            n,
            alpha,
            beta,
            p,
            spectrum,
            noise_variance,
            ridge,
            design,
            student_df,
            trials,
            seed,
            jobs,
            backend,
            device,
            json,
        )
    )


@app.command()
def sweep(
    store: Annotated[str, typer.Argument(metavar="STORE", help="The SQLite file of results.")],
    grid: Annotated[
        str | None, typer.Option(metavar="FILE", help="TOML file with [grid] and [run].")
    ] = None,
    axis: Axis = None,
    trials: Annotated[int | None, typer.Option(help="Independent designs per point (400).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the sweep (0).")] = None,
    jobs: Jobs = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Use this Dask scheduler instead.")
    ] = None,
    json: Json = None,
    csv: Table = None,
    plot: Plot = None,
) -> None:
    """Simulate a grid of settings; kept in STORE and resumed from it.

    Example: kdverify sweep runs.sqlite -a p=500 -a alpha=2 -a beta=1.5 -a n=50,100,200
    """
    from kdverify.commands import sweep as command

    raise typer.Exit(
        command.run(store, grid, axis or [], trials, seed, jobs, scheduler, json, csv, plot)
    )


app.command()(features.features)


@app.command()
def figure(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Figures, or all.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where PNG, SVG and JSON go.")] = ".",
    scale: Annotated[float, typer.Option(help="Factor on the numbers of trials.")] = 1.0,
    seed: Seed = 0,
    jobs: Jobs = 1,
) -> None:
    """Draw the paper's figures, each with its data as JSON.

    Example: kdverify figure figure_1b --out figures -j 2
    """
    from kdverify.commands import figure as command

    raise typer.Exit(command.run(names, out, scale, seed, jobs))


def main() -> None:
    """Run the command line; never ends in a traceback unless ``-v`` asks for it."""
    run_app(app, "kdverify", hint="kdverify -v ...")


if __name__ == "__main__":
    main()

"""The command line: its commands are those of `kdverify.commands`.

Nothing of the library is imported before a command runs, so that ``--help`` is fast.
Exit codes: 0 done and all claims stand, 1 a claim fell, 2 bad input, 3 undecided,
70 internal error, 130 interrupted, 141 nobody read the output to its end.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kdverify.commands import (
    features,
    figure,
    labels,
    mix,
    risk,
    scaling,
    simulate,
    surrogate,
    sweep,
    verify,
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


for command in (
    verify.verify,
    risk.risk,
    surrogate.surrogate,
    scaling.scaling,
    simulate.simulate,
    mix.mix,
    sweep.sweep,
    labels.labels,
    features.features,
    figure.figure,
):
    app.command()(command)


def main() -> None:
    """Run the command line; never ends in a traceback unless ``-v`` asks for it."""
    run_app(app, "kdverify", hint="kdverify -v ...")


if __name__ == "__main__":
    main()

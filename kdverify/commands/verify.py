"""``kdverify verify``: run the claims and say which stand."""

from __future__ import annotations

from typing import Annotated

import typer

from kdverify.commands.options import Html, Integer, Json


def verify(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Claim files or folders; the shipped claims."),
    ] = None,
    level: Annotated[str, typer.Option(help="quick or full: more trials and digits.")] = "quick",
    select: Annotated[
        list[str] | None,
        typer.Option(
            "-k", metavar="WORD", help="Ids or titles with WORD; 1. is section 1; repeatable."
        ),
    ] = None,
    json: Json = None,
    html: Html = None,
    jobs: Annotated[
        int | None, Integer("-j", "--jobs", help="Worker processes; one per processor.")
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
        main_verify(paths or (), level, select or None, json, jobs, require_all, smt_dir, out, html)
    )

"""The runner: collects claim files as pytest collects tests, runs them, says what stands.

    from kdverify import verify

    claims = verify.collect(["proofs"])
    report = verify.run(claims, level="quick", select="1.")
    report.exit_code, report.to_json()

Which files are claim files, and how they share helpers: `kdverify.evidence.collect`.  Exit
codes, by precedence: 130 interrupted, 70 an error inside a check, 2 bad input or nothing
selected, 1 refuted or a control not rejected, 3 undecided, 0 otherwise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdverify import _locate, checks
from kdverify._files import write_json
from kdverify.evidence import execute
from kdverify.evidence.claim import Claim
from kdverify.evidence.collect import collect, matching
from kdverify.evidence.execute import Progress
from kdverify.evidence.outcome import LEVELS, level_named
from kdverify.evidence.results import EXIT_BAD_INPUT, ClaimResult, Report

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["ClaimResult", "Report", "collect", "main_verify", "run", "run_as_script"]


def run(
    claims: Iterable[Claim],
    level: str = "quick",
    select: str | Sequence[str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    require_all: bool = False,
    smt_dir: str | Path | None = None,
) -> Report:
    """Run the evidence and the controls of the claims.

    Args:
        claims: from `collect`, or made in this process.
        level: ``"quick"`` or ``"full"``.
        select: a word, or several of which one has to fit: a beginning of ids (``"1."`` is
            section 1), or a part of ids or titles.
        jobs: number of worker processes; one per processor if None.  The results do not
            depend on it.  Claims that were made in this process run in it.
        progress: called after each unit of work with the number done, the number of all,
            the unit and its outcome.
        require_all: let "not run" fail the run.
        smt_dir: folder in which each forall leaves its problem in SMT-LIB 2.

    Raises:
        ValueError: for an unknown level, or a word that selects nothing.
    """
    claims = list(claims)
    chosen = matching(claims, select)
    if not chosen:
        raise ValueError("claims must hold at least one claim")
    return execute.run(
        chosen,
        level_named(level),
        jobs,
        progress,
        require_all,
        None if smt_dir is None else checks.output_folder("smt_dir", smt_dir),
        claims,
    )


def main_verify(
    paths: Sequence[str | Path] = (),
    level: str = "quick",
    select: str | Sequence[str] | None = None,
    json_path: str | None = None,
    jobs: int | None = None,
    require_all: bool = False,
    smt_dir: str | Path | None = None,
    console: Console | None = None,
    html_path: str | Path | None = None,
) -> int:
    """What ``kdverify verify`` does: collect, run, print the table; returns the exit code.

    Without paths: the claims that come with the package.  ``json_path="-"`` writes the JSON
    document to standard output and the table to standard error.  ``html_path`` takes the
    same document as a page.
    """
    from rich.console import Console

    from kdverify.evidence.terminal import print_report, progress_bar

    console = console or Console(stderr=json_path == "-")
    try:
        # what claim files print is no part of a JSON document on standard output
        aside = redirect_stdout(sys.stderr) if json_path == "-" else nullcontext()
        with aside:
            claims = collect(paths or [_locate.folder("proofs")])
        with progress_bar(hidden=console.quiet) as progress:
            report = run(claims, level, select, jobs, progress, require_all, smt_dir)
    except (ValueError, TypeError, FileNotFoundError) as error:
        print(f"kdverify: error: {' '.join(str(error).split())}", file=sys.stderr)
        return EXIT_BAD_INPUT
    print_report(report, console)
    if json_path is not None or html_path is not None:
        _write(report.to_json(), json_path, html_path)
    return report.exit_code


def _write(document: dict[str, Any], json_path: str | None, html_path: str | Path | None) -> None:
    if json_path is not None:
        write_json(document, json_path)
    if html_path is not None:
        from kdverify.report import html

        html.write(document, html_path)


def run_as_script(claims: Iterable[Claim], arguments: Sequence[str] | None = None) -> int:
    """What running a claim file does: print each claim for a reader and run it, here.

    Returns the exit code of the claims together.  ``arguments`` are those of the command
    line unless given: ``[--level quick|full] [-k WORD ...]``.
    """
    from rich.console import Console

    from kdverify.evidence import collect as collecting
    from kdverify.evidence.terminal import (
        print_claim,
        print_outcomes,
        print_summary,
        progress_bar,
    )

    if collecting.loading:
        raise SystemExit(collecting.UNGUARDED)
    parser = argparse.ArgumentParser(description="Print these claims and run their evidence.")
    parser.add_argument("--level", choices=list(LEVELS), default="quick")
    parser.add_argument(
        "-k", dest="select", metavar="WORD", action="append", help="ids or titles; repeatable"
    )
    options = parser.parse_args(arguments)
    console = Console()
    claims = list(claims)
    try:
        with progress_bar() as progress:
            report = run(claims, options.level, options.select, progress=progress)
    except ValueError as error:
        parser.error(str(error))
    for result in report.results:
        print_claim(result.claim, console)
        print_outcomes((*result.evidence, *result.controls), console)
    print_summary(report, console)
    return report.exit_code

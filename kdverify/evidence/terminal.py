"""The report of a run for the terminal: readable at 80 columns, plain text when piped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from kdverify.evidence.claim import WHOLE, Claim
from kdverify.evidence.execute import Progress, Unit
from kdverify.evidence.outcome import Figures, Outcome, Verdict
from kdverify.evidence.results import ClaimResult, Report

_STYLES = {
    Verdict.PROVED: "green",
    Verdict.CERTIFIED: "green",
    Verdict.MEASURED: "green",
    Verdict.REJECTED: "green",
    Verdict.REFUTED: "bold red",
    Verdict.NOT_REJECTED: "bold red",
    Verdict.ERROR: "bold red",
    Verdict.UNDECIDED: "yellow",
    Verdict.NOT_RUN: "yellow",
}


def print_report(report: Report, console: Console) -> None:
    """The table of all claims, then what did not come out as expected, then the counts."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=False)
    table.add_column("claim", overflow="fold")
    table.add_column("evidence", overflow="fold")
    table.add_column("controls\nrejected", justify="right", no_wrap=True)
    table.add_column("s", justify="right", no_wrap=True)
    for result in report.results:
        table.add_row(
            f"{escape(result.claim.id)}\n{_claim_verdict(result)}{_rests(report, result)}",
            "\n".join(_lines(result.evidence)),
            f"{result.rejected} of {len(result.controls)}",
            f"{result.seconds:.1f}",
        )
    console.print(table)
    problems = [r for r in report.results if not r.as_expected]
    for result in sorted(problems, key=_urgency):
        _print_problem(result, console)
    console.print()
    print_summary(report, console)


def _rests(report: Report, result: ClaimResult) -> str:
    """What a verdict rests on, if that is less than it says."""
    texts = (
        ("dim]rests on measured", report.measured_below(result)),
        ("bold red]rests on what does not stand:", report.open_below(result)),
        ("yellow]by its own kind of evidence:", result.own_kinds),
    )
    return "".join(f"\n[{text} {escape(', '.join(names))}[/]" for text, names in texts if names)


def _urgency(result: ClaimResult) -> int:
    order = (Verdict.REFUTED, Verdict.ERROR, Verdict.NOT_REJECTED, Verdict.UNDECIDED)
    return order.index(result.verdict) if result.verdict in order else len(order)


def _painted(verdict: Verdict) -> str:
    return f"[{_STYLES[verdict]}]{verdict.value}[/]"


def _claim_verdict(result: ClaimResult) -> str:
    if result.claim.expect == "refuted" and result.as_expected:
        return "[green]refuted, as expected[/]"
    if result.verdict is Verdict.NOT_REJECTED:
        return "[bold red]control not rejected[/]"
    return _painted(result.verdict)


def _lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """One line for all evidence of one kind that came out the same way."""
    alike: dict[tuple[str, Verdict], list[Outcome]] = {}
    for outcome in outcomes:
        alike.setdefault((outcome.kind, outcome.verdict), []).append(outcome)
    for (kind, verdict), group in alike.items():
        times = f"{len(group)} x " if len(group) > 1 else ""
        parts = ", ".join(dict.fromkeys(outcome.part for outcome in group))
        about = "" if parts == WHOLE else f" ({escape(parts)})"
        most_used = max(group, key=lambda outcome: float(outcome.figures.get("used", 0)))
        figure = key_figure(most_used.figures)
        tail = f" [dim]{escape(figure)}[/]" if figure else ""
        yield f"{times}{kind}{about}: {_painted(verdict)}{tail}"


def _named(outcome: Outcome) -> str:
    return outcome.kind + ("" if outcome.part == WHOLE else f" ({escape(outcome.part)})")


def key_figure(figures: Figures) -> str:
    """The counterexample, or how much of its band an agreement takes and what it sees."""
    if "used" in figures:
        seen = figures.get("detectable error")
        sees = "" if seen is None else f", sees {100 * float(seen):.2g}%"
        return f"{float(figures['used']):.0%} of band{sees}"
    return f"at {figures['at']}" if "at" in figures else ""


def shown(value: str | float | int) -> str:
    """A figure at four significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_problem(result: ClaimResult, console: Console) -> None:
    console.print()
    expected = "expected to be refuted; " if result.claim.expect == "refuted" else ""
    console.print(
        f"{escape(result.claim.id)}  {escape(result.claim.title)}: {expected}"
        f"{_claim_verdict(result)}",
        highlight=False,
    )
    for outcome in (*result.evidence, *result.controls):
        if outcome.verdict.stands or outcome.verdict is Verdict.REJECTED:
            continue
        _print_outcome(outcome, console)


def _print_outcome(outcome: Outcome, console: Console) -> None:
    """An outcome in full: verdict, what was found, figures."""
    note = f"  [dim]{escape(outcome.note)}[/]" if outcome.note else ""
    about = f"{_named(outcome)}: {_painted(outcome.verdict)}{note}"
    figures = ", ".join(f"{name} {shown(value)}" for name, value in outcome.figures.items())
    console.print(Padding(about, (0, 0, 0, 2), expand=False), highlight=False)
    for line in filter(None, (outcome.detail, figures)):
        _print_indented(line, 4, console)


def _print_indented(text: str, indent: int, console: Console) -> None:
    """Plain text, wrapped behind an indent."""
    console.print(Padding(escape(text), (0, 0, 0, indent), expand=False), highlight=False)


def print_summary(report: Report, console: Console) -> None:
    """How many claims came out how, and at what error rate."""
    counts: dict[str, int] = {}
    for result in report.results:
        text = _claim_verdict(result)
        text += " but not what it needs" if report.open_below(result) else ""
        text += " by its own kind of evidence" if result.own_kinds else ""
        counts[text] = counts.get(text, 0) + 1
    controls = [outcome for result in report.results for outcome in result.controls]
    rejected = sum(outcome.verdict is Verdict.REJECTED for outcome in controls)
    listing = ", ".join(f"{count} {text}" for text, count in counts.items())
    stopped = "interrupted; " if report.interrupted else ""
    claims = "claim" if len(report.results) == 1 else "claims"
    console.print(
        f"{stopped}{len(report.results)} {claims}: {listing}\n"
        f"{rejected} of {len(controls)} controls rejected; level {report.level.name}, "
        f"family-wise error {report.level.family_wise_error:g}; {report.seconds:.1f} s",
        highlight=False,
    )


def print_claim(claim: Claim, console: Console) -> None:
    """A claim for a reader: title, statement, derivation."""
    needs = f"; needs {', '.join(claim.needs)}" if claim.needs else ""
    console.print(f"[bold]{escape(claim.id)}  {escape(claim.title)}[/]", highlight=False)
    console.print(f"source: {claim.source}{needs}\n", highlight=False)
    _print_indented(claim.statement, 4, console)
    console.print()
    for number, step in enumerate(claim.steps, start=1):
        console.print(f"{number}. {step.text}", highlight=False, markup=False)
        if step.expression is not None:
            import sympy

            drawn = sympy.pretty(step.expression(), wrap_line=False)
            indented = "\n".join(f"     {line}" for line in drawn.splitlines())
            console.print(
                indented, highlight=False, markup=False, no_wrap=True, overflow="ignore", crop=False
            )


def print_outcomes(outcomes: Iterable[Outcome], console: Console) -> None:
    """The outcomes of a claim, in full."""
    console.print()
    for outcome in outcomes:
        _print_outcome(outcome, console)
    console.print()


@contextmanager
def progress_bar(hidden: bool = False) -> Iterator[Progress | None]:
    """A progress bar on standard error, on a terminal only, unless ``hidden``."""
    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield None
        return
    from rich import progress

    columns = (
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.description}"),
    )
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def advance(done: int, total: int, unit: Unit, outcome: Outcome) -> None:
            bar.update(task, completed=done, total=total, description=unit.claim_id)

        yield advance

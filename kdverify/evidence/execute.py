"""Runs claims: one unit of work is one piece of evidence, in worker processes.

A worker loads the claim file itself and looks the evidence up, so that claims may hold
functions of any kind.  Seeds hang on the claim and the place of the evidence in it, and
every unit works alone: the results do not depend on the number of workers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import ExitStack, closing, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from kdverify import checks
from kdverify._files import write_text
from kdverify.evidence.agreement import Agreement
from kdverify.evidence.base import Control, Evidence
from kdverify.evidence.ceiling import ended_by
from kdverify.evidence.claim import Claim
from kdverify.evidence.collect import (
    check_ids,
    claims_in,
    formulas_kept,
    helpers_importable,
    whole_families,
)
from kdverify.evidence.forall import Forall
from kdverify.evidence.outcome import Context, Level, NotRun, Outcome, Verdict
from kdverify.evidence.results import ClaimResult, Report
from kdverify.workers import WorkerDied, run_in_workers

#: Called after each unit with the number done, the number of all, the unit and its outcome.
Progress = Callable[[int, int, "Unit", Outcome], None]


@dataclass(frozen=True)
class Unit:
    """One piece of evidence of one claim.

    Attributes:
        claim_id, index: the claim, and the place among its `Claim.checks`.
        origin: the claim file; None if the claim was made in this process.
        context: what the evidence is told.
        smt_dir: where a forall leaves its SMT-LIB text.
    """

    claim_id: str
    index: int
    origin: Path | None
    context: Context
    smt_dir: Path | None = None


def run(
    claims: Iterable[Claim],
    level: Level,
    jobs: int | None = None,
    progress: Progress | None = None,
    require_all: bool = False,
    smt_dir: Path | None = None,
    family: Iterable[Claim] = (),
) -> Report:
    """Run all evidence and all controls of the claims.

    ``family``: the claims from which these were selected; the family-wise error is shared by
    the agreements of all of them.

    Claims that were collected from files run in ``jobs`` worker processes (one per
    processor if None); claims that were made in this process run in it.  Ctrl-C ends the
    run with a report of what there is.
    """
    claims = tuple(claims)
    check_ids(claims)
    for claim in claims:
        claim.check_complete()
    jobs = None if jobs is None else checks.count("jobs", jobs)
    started = time.perf_counter()
    cached = not require_all and not os.environ.get("CI")
    random = any(isinstance(_inner(item), Agreement) for c in claims for item in c.checks)
    rate = error_rate(family or claims, level) if random else level.family_wise_error
    units = _units(claims, level, smt_dir, cached, rate)
    outcomes: dict[tuple[str, int], Outcome] = {}
    interrupted = False
    try:
        with closing(_outcomes(claims, units, jobs)) as stream:
            for unit, outcome in stream:
                outcomes[unit.claim_id, unit.index] = outcome
                if progress:
                    progress(len(outcomes), len(units), unit, outcome)
    except KeyboardInterrupt:
        interrupted = True
    return Report(
        tuple(_result(claim, outcomes, level) for claim in claims),
        level,
        time.perf_counter() - started,
        require_all,
        interrupted,
    )


def _result(claim: Claim, outcomes: Mapping[tuple[str, int], Outcome], level: Level) -> ClaimResult:
    """The claim with its outcomes; what the run did not reach is "not run"."""
    found = [
        (item, outcomes.get((claim.id, index)) or item.unexamined(Verdict.NOT_RUN, "interrupted"))
        for index, item in enumerate(claim.checks)
        if asked(item, level)
    ]
    evidence = tuple(outcome for item, outcome in found if not isinstance(item, Control))
    return ClaimResult(claim, evidence, tuple(o for item, o in found if isinstance(item, Control)))


def asked(item: Evidence, level: Level) -> bool:
    """Whether a run of this level examines it."""
    return level.thorough or not item.thorough


def error_rate(claims: Iterable[Claim], level: Level) -> float:
    """The share of each agreement, and control of one, in the family-wise error of a run.

    It is shared by all agreements of the claims and of their ledgers, whichever are run, so
    that a part of a run is judged as in the whole.
    """
    family = {claim.id: claim for claim in whole_families(claims)}.values()
    random = sum(isinstance(_inner(item), Agreement) for c in family for item in c.checks)
    return level.family_wise_error / max(random, 1)


def _units(
    claims: tuple[Claim, ...], level: Level, smt_dir: Path | None, cached: bool, rate: float
) -> list[Unit]:
    """All units, the longest first."""
    checked = [
        (claim, i, item)
        for claim in claims
        for i, item in enumerate(claim.checks)
        if asked(item, level)
    ]
    checked.sort(key=lambda entry: -_inner(entry[2]).typical_seconds)
    return [
        Unit(
            claim.id,
            i,
            claim.origin,
            Context(level, rate, claim.seeds_of(i), cached=cached),
            smt_dir,
        )
        for claim, i, _ in checked
    ]


def _inner(item: Evidence) -> Evidence:
    return item.evidence if isinstance(item, Control) else item


def _outcomes(
    claims: tuple[Claim, ...], units: list[Unit], jobs: int | None
) -> Generator[tuple[Unit, Outcome], None, None]:
    from joblib import cpu_count

    by_id = {claim.id: claim for claim in claims}
    placed: dict[str, list[Unit]] = {}
    for place, unit in enumerate(units):
        if unit.origin is not None:
            name = by_id[unit.claim_id].checks[unit.index].together
            placed.setdefault(name or str(place), []).append(unit)
    groups = [tuple(group) for group in placed.values()]
    workers = jobs or cpu_count()
    with closing(run_in_workers(run_units, groups, workers, _file_of)) as results:
        for group, found in results:
            if isinstance(found, WorkerDied):
                verdict, detail = _of_death(found.exit_code, group[0].context.level)
                items = [by_id[unit.claim_id].checks[unit.index] for unit in group]
                found = [item.unexamined(verdict, detail) for item in items]
            yield from zip(group, found, strict=True)
    for unit in units:
        if unit.origin is None:
            yield unit, _examine(by_id[unit.claim_id], unit)


def _of_death(exit_code: int, level: Level) -> tuple[Verdict, str]:
    """What the end of a worker says of its task."""
    if ended_by(exit_code):
        text = f"no answer in {level.seconds:g} s of processor time"
        return Verdict.UNDECIDED, text
    return Verdict.ERROR, f"the worker process died (exit code {exit_code})"


@cache
def _claims_by_id(file: Path) -> dict[str, Claim]:
    return {claim.id: claim for claim in claims_in(file)}


def _file_of(units: tuple[Unit, ...]) -> object:
    """Where the first of some units is stated: what it computes is remembered for its kin."""
    return units[0].origin


def run_units(units: tuple[Unit, ...]) -> list[Outcome]:
    """Run one unit, or several that are examined together, in a worker process.

    Each of several takes its share of the time that preparing them took.
    """
    found = [(claim_of(unit), unit) for unit in units]
    items = [_inner(claim.checks[unit.index]) for claim, unit in found]
    started = time.perf_counter()
    if len(items) > 1:
        with ExitStack() as helpers, suppress(NotRun):  # each says itself what is missing
            for folder in {unit.origin.parent for unit in units if unit.origin}:
                helpers.enter_context(helpers_importable(folder))
            items[0].prepare(items, units[0].context)
    share = (time.perf_counter() - started) / len(units)
    outcomes = [_examine(claim, unit) for claim, unit in found]
    return [replace(each, seconds=each.seconds + share) for each in outcomes]


def claim_of(unit: Unit) -> Claim:
    """The claim of a unit, loaded from its file."""
    assert unit.origin is not None
    return _claims_by_id(unit.origin)[unit.claim_id]


def _examine(claim: Claim, unit: Unit) -> Outcome:
    item = claim.checks[unit.index]
    inner = _inner(item)
    with helpers_importable(unit.origin.parent) if unit.origin else nullcontext():
        try:
            with formulas_kept():
                outcome = item.run(unit.context)
        except TypeError as changed:
            return item.unexamined(Verdict.ERROR, str(changed))
        if unit.smt_dir and isinstance(inner, Forall) and outcome.verdict is not Verdict.ERROR:
            write_text(unit.smt_dir / f"{unit.claim_id}-{unit.index}.smt2", inner.smtlib())
    return outcome

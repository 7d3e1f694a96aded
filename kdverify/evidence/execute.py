"""Runs claims: one unit of work is one piece of evidence, in worker processes.

A worker loads the claim file itself and looks the evidence up, so that claims may hold
functions of any kind.  Seeds hang on the claim and the place of the evidence in it, and
every unit works alone: the results do not depend on the number of workers.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from kdverify import checks
from kdverify._files import write_text
from kdverify.evidence.agreement import Agreement
from kdverify.evidence.claim import Claim
from kdverify.evidence.collect import claims_in, helpers_importable
from kdverify.evidence.control import Control
from kdverify.evidence.forall import Forall
from kdverify.evidence.outcome import Context, Evidence, Level, Outcome, Verdict
from kdverify.evidence.results import ClaimResult, Report

#: Called after each unit with the number done, the number of all, the unit and its outcome.
Progress = Callable[[int, int, "Unit", Outcome], None]

#: One thread per worker: the workers themselves fill the processor.
_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


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
) -> Report:
    """Run all evidence and all controls of the claims.

    Claims that were collected from files run in ``jobs`` worker processes (one per
    processor if None); claims that were made in this process run in it.  Ctrl-C ends the
    run with a report of what there is.
    """
    claims = tuple(claims)
    jobs = None if jobs is None else checks.count("jobs", jobs)
    started = time.perf_counter()
    units = _units(claims, level, smt_dir)
    outcomes: dict[tuple[str, int], Outcome] = {}
    interrupted = False
    try:
        for unit, outcome in _outcomes(claims, units, jobs):
            outcomes[unit.claim_id, unit.index] = outcome
            if progress:
                progress(len(outcomes), len(units), unit, outcome)
    except KeyboardInterrupt:
        interrupted = True
    return Report(
        tuple(_result(claim, outcomes) for claim in claims),
        level,
        time.perf_counter() - started,
        require_all,
        interrupted,
    )


def _result(claim: Claim, outcomes: Mapping[tuple[str, int], Outcome]) -> ClaimResult:
    """The claim with its outcomes; what the run did not reach is "not run"."""
    found = tuple(
        outcomes.get((claim.id, index)) or item.unexamined(Verdict.NOT_RUN, "interrupted")
        for index, item in enumerate(claim.checks)
    )
    return ClaimResult(claim, found[: len(claim.evidence)], found[len(claim.evidence) :])


def _units(claims: tuple[Claim, ...], level: Level, smt_dir: Path | None) -> list[Unit]:
    """All units, the longest first; the family-wise error is shared out equally."""
    checked = [(claim, i, item) for claim in claims for i, item in enumerate(claim.checks)]
    random = sum(isinstance(_inner(item), Agreement) for _, _, item in checked)
    error_rate = level.family_wise_error / max(random, 1)
    checked.sort(key=lambda entry: -_inner(entry[2]).typical_seconds)
    return [
        Unit(claim.id, i, claim.origin, Context(level, error_rate, f"{claim.id}#{i}"), smt_dir)
        for claim, i, _ in checked
    ]


def _inner(item: Evidence) -> Evidence:
    return item.evidence if isinstance(item, Control) else item


def _outcomes(
    claims: tuple[Claim, ...], units: list[Unit], jobs: int | None
) -> Iterator[tuple[Unit, Outcome]]:
    by_id = {claim.id: claim for claim in claims}
    elsewhere = [unit for unit in units if unit.origin is not None]
    if elsewhere:
        for unit, future in _in_workers(elsewhere, jobs):
            failure = future.exception()
            if failure is None:
                yield unit, future.result()
            else:  # killed, or out of memory
                item = by_id[unit.claim_id].checks[unit.index]
                yield unit, item.unexamined(Verdict.ERROR, f"the worker died: {failure}"[:200])
    for unit in units:
        if unit.origin is None:
            yield unit, _examine(by_id[unit.claim_id], unit)


def _in_workers(units: list[Unit], jobs: int | None) -> Iterator[tuple[Unit, Future[Outcome]]]:
    """The finished units, in the order in which they end; leaves no worker behind."""
    from joblib.externals.loky import ProcessPoolExecutor, cpu_count

    workers = min(jobs or cpu_count(), len(units))
    executor = ProcessPoolExecutor(workers, initializer=_begin_worker, env=_ONE_THREAD)
    waiting = iter(units)
    running: dict[Future[Outcome], Unit] = {}
    finished = False
    try:
        while True:
            # No more than the workers are about to take: the rest can be dropped at once.
            for unit in islice(waiting, 2 * workers - len(running)):
                running[_submit(executor, unit)] = unit
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future
        finished = True
    finally:
        executor.shutdown(wait=True, kill_workers=not finished)


def _submit(executor: Executor, unit: Unit) -> Future[Outcome]:
    """A future in any case: it fails if a worker died before."""
    try:
        return executor.submit(run_unit, unit)
    except BrokenExecutor as failure:
        future: Future[Outcome] = Future()
        future.set_exception(failure)
        return future


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent, which ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@cache
def _claims_by_id(file: Path) -> dict[str, Claim]:
    return {claim.id: claim for claim in claims_in(file)}


def run_unit(unit: Unit) -> Outcome:
    """Run one unit in a worker process."""
    assert unit.origin is not None
    return _examine(_claims_by_id(unit.origin)[unit.claim_id], unit)


def _examine(claim: Claim, unit: Unit) -> Outcome:
    item = claim.checks[unit.index]
    inner = _inner(item)
    with helpers_importable(unit.origin.parent) if unit.origin else nullcontext():
        outcome = item.run(unit.context)
        if unit.smt_dir and isinstance(inner, Forall) and outcome.verdict is not Verdict.ERROR:
            write_text(unit.smt_dir / f"{unit.claim_id}-{unit.index}.smt2", inner.smtlib())
    return outcome

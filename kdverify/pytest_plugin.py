"""pytest collects claims: ``pytest --claims proofs/``.

Each piece of evidence and each control is one test.  Markers select by kind (``-m forall``),
by ``control``, and by section (``-m section_4``: the ids that begin with ``4.``).  What needs
something that is missing is skipped with the reason.  Seeds hang on the claim, so that the
results are those of ``kdverify verify``, also with ``-n``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kdverify.evidence import Claim, Context, Evidence, Outcome

_KEY = pytest.StashKey["dict[Path, list[Claim]]"]()
_RATE = pytest.StashKey[float]()
_VERDICT = "kdverify verdict"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--claims PATH`` and ``--claims-level LEVEL``."""
    group = parser.getgroup("kdverify", "claims as tests")
    group.addoption(
        "--claims",
        action="append",
        default=[],
        metavar="PATH",
        help="collect the claims of this file or folder, one test an evidence or control",
    )
    group.addoption(
        "--claims-level", choices=["quick", "full"], default="quick", help="as of kdverify verify"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Without other paths, collect the claims only."""
    paths = [Path(path).resolve() for path in config.getoption("claims")]
    if not paths:
        return
    claims = _collected(paths)
    by_file: dict[Path, list[Claim]] = {}
    for claim in claims:
        assert claim.origin is not None
        by_file.setdefault(claim.origin, []).append(claim)
    config.stash[_KEY] = by_file
    config.stash[_RATE] = _rate(claims, config.getoption("claims_level"))
    if config.args_source != pytest.Config.ArgsSource.ARGS:
        config.args = [str(path) for path in paths]
    kinds = {check.kind for claim in claims for check in claim.checks}
    for name in sorted(kinds | {_section(claim) for claim in claims}):
        config.addinivalue_line("markers", f"{name}: claims of kdverify")


def _collected(paths: Iterable[Path]) -> list[Claim]:
    from kdverify.verify import collect

    try:
        return collect(paths)
    except (ValueError, TypeError) as error:
        raise pytest.UsageError(f"--claims: {error}") from None


def _rate(claims: list[Claim], level: str) -> float:
    from kdverify.evidence.execute import error_rate
    from kdverify.evidence.outcome import level_named

    return error_rate(claims, level_named(level))


def _section(claim: Claim) -> str:
    return "section_" + re.sub(r"\W", "_", claim.id.split(".")[0])


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """A file of claims is collected as that, and as nothing else."""
    found = yield
    if file_path.resolve() in parent.config.stash.get(_KEY, {}):
        return [ClaimFile.from_parent(parent, path=file_path)]
    return found


class ClaimFile(pytest.File):
    """A file of claims."""

    def collect(self) -> Iterator[pytest.Item]:
        """Evidence and controls of the level, in the order in which a run numbers them."""
        from kdverify.evidence.execute import asked
        from kdverify.evidence.outcome import level_named

        level = level_named(self.config.getoption("claims_level"))
        for claim in self.config.stash[_KEY][self.path.resolve()]:
            for index, check in enumerate(claim.checks):
                if asked(check, level):
                    name = f"{claim.id}[{index}-{check.kind}-{check.part}]"
                    yield ClaimItem.from_parent(self, name=name, claim=claim, index=index)


class ClaimFailure(Exception):
    """A verdict that is not the one expected."""


class ClaimItem(pytest.Item):
    """One piece of evidence, or one control."""

    def __init__(self, *, claim: Claim, index: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.claim = claim
        self.index = index
        self.check: Evidence = claim.checks[index]
        for name in {self.check.kind, _inner(self.check).kind, _section(claim)}:
            self.add_marker(name)

    def runtest(self) -> None:
        """Run the check; what is not run is skipped."""
        from contextlib import nullcontext

        from kdverify.evidence import Verdict
        from kdverify.evidence.collect import helpers_importable

        origin = self.claim.origin
        with helpers_importable(origin.parent) if origin else nullcontext():
            outcome = self.check.run(self._context())
        self.user_properties.append((_VERDICT, outcome.verdict.value))
        self.add_report_section("call", "verdict", _text(outcome))
        if outcome.verdict is Verdict.NOT_RUN:
            pytest.skip(outcome.detail)  # never counted as standing; the detail is the reason
        if not (outcome.verdict.stands or outcome.verdict in self._welcome()):
            raise ClaimFailure(f"{self.claim.id}: {self.claim.title}\n{_text(outcome)}")

    def _welcome(self) -> set[Any]:
        """Verdicts that are right besides those that establish something."""
        from kdverify.evidence import Control, Verdict

        if isinstance(self.check, Control):
            return {Verdict.REJECTED}
        return {Verdict.REFUTED} if self.claim.expect == "refuted" else set()

    def _context(self) -> Context:
        from kdverify.evidence import Context
        from kdverify.evidence.outcome import level_named

        level = level_named(self.config.getoption("claims_level"))
        return Context(level, self.config.stash[_RATE], self.claim.seeds_of(self.index))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The verdict and its figures; no traceback, which shows this file only."""
        if isinstance(excinfo.value, ClaimFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the claim stands, and its unit of work."""
        return self.path, None, self.name


def _inner(check: Evidence) -> Evidence:
    return getattr(check, "evidence", check)


def _text(outcome: Outcome) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in outcome.figures.items())
    note = f" ({outcome.note})" if outcome.note else ""
    lines = [f"{outcome.kind} ({outcome.part}): {outcome.verdict}{note}", outcome.detail, figures]
    return "\n".join(line for line in lines if line)


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(
    report: pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """With ``-v``, the verdict in the place of PASSED."""
    verdict = dict(getattr(report, "user_properties", ())).get(
        _VERDICT
    )  # none where collecting fails
    if report.when == "call" and report.passed and verdict is not None:
        return "passed", ".", str(verdict).upper()
    return None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many pieces of evidence and controls came out how."""
    reports = [
        r for kind in ("passed", "failed", "skipped") for r in terminalreporter.getreports(kind)
    ]
    verdicts = Counter(
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == _VERDICT and report.when == "call"
    )
    if verdicts:
        listed = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        terminalreporter.write_sep("-", f"claims: {listed}")

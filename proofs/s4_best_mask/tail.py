"""Claim of section 4: the best mask, weak-to-strong by dropping features."""

from __future__ import annotations

from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian.certified import certificate
from kdverify.gaussian.risks import keep_margins
from kdverify.problem import Spectrum
from kdverify.verify import run_as_script

from ..lib.balls import integers
from ..lib.modes import Pairs

TAIL = Claim(
    "4.tail",
    title="The dropped modes are those below some eigenvalue",
    statement=r"\lambda_i\ge\lambda_j,\ M_{ii}=0\ \Rightarrow\ M_{jj}=0",
    source="paper",
    needs=("4.rule",),
    parts=("zeta falls with lam", "margin falls with zeta"),
    steps=[Step("zeta falls with lam, and 1 - Omega - zeta^2 with zeta: signs change once.")],
)


@TAIL.forall(
    "zeta falls with lam",
    witness={"large": "2", "small": "1", "tau": "1"},
    but={"the other way round": {"swapped": True}},
)
def tail_step(smt: Any, swapped: bool = False) -> Any:
    """If a mode is dropped, so is every mode with a smaller eigenvalue."""
    large, small, tau = smt.Real("large"), smt.Real("small"), smt.Real("tau")
    assumptions = [small > 0, large >= small, tau > 0]
    first, second = f.zeta(large, tau), f.zeta(small, tau)
    if swapped:
        first, second = second, first
    return assumptions, first <= second


@TAIL.forall(
    "margin falls with zeta",
    witness={"less": "1/4", "more": "1/2", "rest": "1"},
    but={"the other way round": {"swapped": True}},
)
def square_grows(smt: Any, swapped: bool = False) -> Any:
    """The margin falls as zeta grows."""
    less, more, rest = smt.Real("less"), smt.Real("more"), smt.Real("rest")
    assumptions = [less > 0, more >= less, more < 1]
    first, second = f.keep_margin(more, rest), f.keep_margin(less, rest)
    if swapped:
        first, second = second, first
    return assumptions, first <= second


@TAIL.below(
    "three examples", note="one with ridge", but={"the other way round": {"backward": True}}
)
def margins_fall(digits: int, backward: bool = False) -> Pairs:
    """The margins along falling eigenvalues, on spectra without repeats."""
    for spectrum, n, ridge in (
        (Spectrum.power_law(40, 2), 15, 0),
        (integers(12), 5, 0),
        (integers(12), 20, 3),
    ):
        margins = keep_margins(certificate(spectrum, n, 0, ridge, digits).equivalents)
        pairs = list(zip(margins[1:], margins[:-1], strict=True))
        yield from ((b, a) for a, b in pairs) if backward else pairs


if __name__ == "__main__":
    raise SystemExit(run_as_script([TAIL]))

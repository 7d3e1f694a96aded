"""Claim of section 4: the best mask, weak-to-strong by dropping features."""

from fractions import Fraction
from typing import Any

import numpy as np

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian.certified import certificate
from kdverify.gaussian.risks import keep_margins
from kdverify.problem import Spectrum

from ..lib.balls import integers, number
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
    but={"what is learnt in the place of zeta": {"share": f.one_minus_zeta}},
)
def tail_step(smt: Any, share: Any = f.zeta) -> Any:
    """If a mode is dropped, so is every mode with a smaller eigenvalue."""
    large, small, tau = smt.Real("large"), smt.Real("small"), smt.Real("tau")
    assumptions = [small > 0, large >= small, tau > 0]
    return assumptions, share(large, tau) <= share(small, tau)


@TAIL.forall(
    "margin falls with zeta",
    witness={"less": "1/4", "more": "1/2", "rest": "1"},
    but={"zeta from -1 on": {"least": -1}},
)
def square_grows(smt: Any, least: int = 0) -> Any:
    """The margin falls as zeta grows."""
    less, more, rest = smt.Real("less"), smt.Real("more"), smt.Real("rest")
    assumptions = [less > least, more >= less, more < 1]
    return assumptions, f.keep_margin(more, rest) <= f.keep_margin(less, rest)


@TAIL.below(
    "three examples",
    note="one with ridge",
    but={"margins times eigenvalues": {"weighted": True}},
)
def margins_fall(digits: int, weighted: bool = False) -> Pairs:
    """The margins along falling eigenvalues, on spectra without repeats."""
    for spectrum, n, ridge in (
        (Spectrum.power_law(40, 2), 15, 0),
        (integers(12), 5, 0),
        (integers(12), 20, 3),
    ):
        margins = keep_margins(certificate(spectrum, n, 0, ridge, digits).equivalents)
        if weighted:
            exact = [number(Fraction(x)) for x in spectrum.eigenvalues.tolist()]
            margins = margins * np.array(exact, dtype=object)
        yield from zip(margins[1:], margins[:-1], strict=True)

"""Claims 12.mask and 12.tail: the best mask, and what it drops."""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.problem import Problem
from kdverify.random_features import certified
from kdverify.random_features.risks import keep_margins

from ..lib.balls import number
from ..lib.features import UNIT, mode, tame_cases, unit
from ..lib.modes import Pairs
from .optimal import savings

MASK = Claim(
    id="12.mask",
    title="The best mask keeps mode i iff zeta^2 (1 + chi lambda) < 1 - Upsilon",
    statement=r"\arg\min_M R(M\beta^*):\quad M_{ii} = 1 \iff \zeta_i^2(1+\chi\lambda_i) ="
    r" \zeta_i\big(\zeta_i+\eta(1-\zeta_i)\big) < 1-\Upsilon",
    needs=("12.risk", "12.positive-forms"),
    parts=("costs", "rule"),
    steps=[
        Step("(17) is additive over the modes: each is decided for itself."),
        Step("A kept mode costs its energy times zeta (zeta + eta (1-zeta))/(1-Upsilon)."),
        Step("A dropped one costs its energy: keep iff the first is smaller. A tie is dropped."),
    ],
)

TAIL = Claim(
    id="12.tail",
    title="The dropped modes are those below some eigenvalue, with random features too",
    statement=r"\lambda_i\ge\lambda_j,\ M_{ii}=0\ \Rightarrow\ M_{jj}=0",
    needs=("12.mask", "12.positive-forms"),
    parts=("zeta falls with lambda", "cost grows with zeta"),
    steps=[
        Step(
            "chi lambda grows with lambda while zeta^2 falls, so that the rule does not show it. In"
            " zeta it does: zeta (zeta + eta (1-zeta)) = (1-eta) zeta^2 + eta zeta grows, as 0 <="
            " eta <= 1, and zeta falls with lambda."
        )
    ],
)


@MASK.identity("costs", but={"a kept mode costs its energy": {"kept": False}})
def costs(kept: bool = True) -> tuple[list[Any], list[Any]]:
    """(17) in one mode at beta* and at 0, and the library's two costs."""
    m = mode()

    def at(surrogate: Any) -> Any:
        return f.feature_risk(
            m.lam, surrogate, m.beta_star, *m.values, 0, total=lambda share: share
        )

    cost = f.feature_kept_risk(m.signal, m.zeta, 1 - m.zeta, 1 - m.upsilon, m.crowding)
    return [at(m.beta_star), at(0)], [cost if kept else m.signal, f.dropped_risk(m.signal)]


@MASK.forall("rule", witness=UNIT, but={"zeta^2 < 1 - Upsilon": {"eta": 0}})
def keep_iff(smt: Any, eta: Any = None) -> Any:
    """Keeping costs less than dropping iff the margin is positive."""
    zeta, values, inside = unit(smt)
    rest, crowding = values[3], values[4]
    kept = f.feature_kept_risk(1, zeta, values[1], rest, crowding)
    margin = f.feature_keep_margin(zeta, values[1], rest, crowding if eta is None else eta)
    return inside, (kept < 1) == (margin > 0)


@MASK.below("every mask", but={"the Gaussian rule": {"gaussian": True}})
def every_mask(digits: int, gaussian: bool = False) -> Pairs:
    """The rule's mask against all 127 others of seven modes, on four problems without ties."""
    problem = Problem.power_law(7, "1", "2")
    for n, q, ridge in ((3, 5, 0), (5, 3, 0), (4, 4, "0.1"), (3, 12, "0.01")):
        proof = certified.certificate(problem, n, q, 0, ridge, digits)
        at = proof.equivalents
        best = proof.kept[0]
        if gaussian:
            best = np.array([bool(z * z < at.one_minus_upsilon) for z in at.zeta])
        least = proof.masked_by(best)
        for mask in product((True, False), repeat=7):
            if mask != tuple(best.tolist()):
                yield least, proof.masked_by(np.array(mask))


saved = MASK.agreement(
    "saving by simulation", savings, which=2, draws="savings with random features"
)
saved.shifted(1)


@TAIL.forall("zeta falls with lambda", witness={"large": 2, "small": 1, "nu": 1})
def zeta_falls(smt: Any) -> Any:
    """A larger eigenvalue has no larger zeta."""
    large, small, nu = smt.Real("large"), smt.Real("small"), smt.Real("nu")
    inside = [small > 0, large >= small, nu > 0]
    return inside, f.zeta(large, nu) <= f.zeta(small, nu)


@TAIL.forall(
    "cost grows with zeta",
    witness={"less": "1/4", "more": "1/2", "eta": "1/3", "rest": "1/2"},
    but={"for eta up to 3": {"most": 3}},
)
def margin_falls(smt: Any, most: int = 1) -> Any:
    """The margin falls as zeta grows."""
    less, more, eta, rest = (smt.Real(name) for name in ("less", "more", "eta", "rest"))
    inside = [less > 0, more > less, more < 1, eta >= 0, eta <= most]
    above = f.feature_keep_margin(more, 1 - more, rest, eta)
    return inside, above < f.feature_keep_margin(less, 1 - less, rest, eta)


@TAIL.below("seven spectra", but={"margins times eigenvalues": {"weighted": True}})
def margins_in_order(digits: int, weighted: bool = False) -> Pairs:
    """The library's margins along falling eigenvalues, where these differ."""
    for case in tame_cases():
        at = case.solved(digits)
        lam = case.spectrum.eigenvalues
        margins = keep_margins(at)
        if weighted:
            exact = [number(Fraction(x)) for x in lam.tolist()]
            margins = margins * np.array(exact, dtype=object)
        for i in np.flatnonzero(lam[1:] < lam[:-1]):
            yield margins[i + 1], margins[i]

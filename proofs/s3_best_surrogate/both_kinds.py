"""Claim of section 3: amplified and shrunk modes, and when the best surrogate is beta*."""

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian.certified import certificate

from ..lib import modes as one
from ..lib import sums as m
from ..lib.balls import Case, isotropic, ridgeless_cases
from ..lib.modes import Pairs

BOTH_KINDS = Claim(
    "3.both-kinds",
    title="Ridgeless, unless Sigma is a multiple of I there are modes of each kind",
    statement=r"\Sigma\not\propto I,\ \delta=0,\ n<p \Rightarrow \exists i,j:\ "
    r"\zeta_i < 1-\Omega < \zeta_j",
    needs=("1.omega-mean", "3.transition"),
    parts=("sum", "one side", "equal modes"),
    steps=[
        Step(
            "Ridgeless, Omega is the mean of 1 - zeta_i with weights 1 - zeta_i: the weighted sum"
            " of the margins 1 - Omega - zeta_i is n Omega - n Omega = 0.",
            lambda: weighted_margins(),
        ),
        Step(
            "If no mode were amplified, every term would be at most 0; a sum of such terms"
            " vanishes only if each does, that is if zeta_i = 1 - Omega for all i, and modes with"
            " one zeta have one eigenvalue.  If none were shrunk: the same with the other sign."
        ),
    ],
)


def weighted_margins(ridge: bool = False) -> Any:
    """sum (1 - zeta_i)(1 - Omega - zeta_i), any number of modes."""
    zeta, learnt = m.split()
    margin = f.amplification_margin(zeta, 1 - m.omega)
    return (m.ridge_total if ridge else m.total)(learnt * margin)


weighted_sum = BOTH_KINDS.identity(
    "sum", lambda: (weighted_margins(), 0), note="any number of modes"
)
weighted_sum.but("with ridge", sides=lambda: (weighted_margins(ridge=True), 0))


@BOTH_KINDS.forall(
    "one side", note="none shrunk", witness={"zeta": "1/4", "Omega": "1/2"}, amplified=True
)
@BOTH_KINDS.forall(
    "one side",
    note="none amplified",
    witness={"zeta": "3/4", "Omega": "1/2"},
    amplified=False,
    but={"strictly, equal modes included": {"strict": True}},
)
def one_sided_term(smt: Any, amplified: bool, strict: bool = False) -> Any:
    """Where gain - 1 has one sign, or is zero, the term has it too, zero only at the tie."""
    zeta, omega, inside = one.unit(smt)
    excess = f.gain_excess(zeta, 1 - zeta, omega, 1 - omega)
    term = (1 - zeta) * f.amplification_margin(zeta, 1 - omega)
    sign = 1 if amplified else -1
    signed = sign * term
    conclusion = signed > 0 if strict else smt.And(signed >= 0, (term == 0) == (zeta == 1 - omega))
    return [*inside, sign * excess >= 0], conclusion


@BOTH_KINDS.forall(
    "equal modes",
    witness={"first": "1", "second": "1", "tau": "1"},
    but={"twice the eigenvalue": {"scale": 2}},
)
def equal_zeta(smt: Any, scale: int = 1) -> Any:
    """Modes with one zeta have one eigenvalue."""
    first, second, tau = smt.Real("first"), smt.Real("second"), smt.Real("tau")
    assumptions = [first > 0, second > 0, tau > 0, f.zeta(first, tau) == f.zeta(second, tau)]
    return assumptions, first == scale * second


@BOTH_KINDS.below(
    "seven spectra",
    but={
        "with ridge: Sigma = I, p = 120, n = 60, delta = 30 amplifies every mode": {"ridge": True}
    },
)
def both_kinds(digits: int, ridge: bool = False) -> Pairs:
    """The largest mode is amplified, the smallest shrunk."""
    cases = [Case(isotropic(120), Fraction(60), Fraction(30))] if ridge else ridgeless_cases()
    for case in cases:
        at = certificate(case.spectrum, case.n, ridge=case.ridge, digits=digits).equivalents
        order = case.spectrum.order
        yield at.zeta[order[0]], at.one_minus_omega
        yield at.one_minus_omega, at.zeta[order[-1]]

"""Claims 12.strong-exponent and 12.same-ridge: against strong labels of the same student."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.problem import Problem
from kdverify.random_features import certified
from kdverify.random_features.infinite import infinite

from ..lib.features import student
from ..lib.modes import Pairs
from ..lib.weak_to_strong import local_exponents
from .optimal import curvature_is_bounded, curvature_is_bounded_too, spread_is_bounded

STRONG = Claim(
    id="12.strong-exponent",
    title="Against strong labels no teacher improves the exponent of a ridgeless student",
    statement=r"\delta=0,\ q = cn,\ c\ne1,\ \sigma=0:\quad"
    r" R_{\rm opt} \ge \min(\Upsilon,1-\Upsilon)R_{\rm std},\quad"
    r" \Upsilon \to \frac{(\alpha-1)(c-1)+1}{\alpha(c-1)+1}\ (c>1),\ c\ (c<1):"
    r"\ \text{within } (0,1)",
    needs=("12.optimal", "12.plateau"),
    parts=("bound", "limit"),
    steps=[
        Step("The bound is that of claim 12.optimal, mode by mode."),
        Step("Upsilon/(1-Upsilon) tends to the plateau of 12.plateau, neither 0 nor infinite."),
        Step("So R_opt/R_std stays between two positive constants: equal exponents."),
    ],
)

SAME = Claim(
    id="12.same-ridge",
    title="False reading: whatever the ridge, no teacher improves on the exponent of strong labels",
    statement=r"\delta = n^{1-\ell}:\quad R_{\rm opt} \gtrsim R_{\rm std}",
    needs=("12.strong-exponent", "12.exponents"),
    expect="refuted",
    steps=[
        Step(
            "With a large ridge few modes are learnt, k/n tends to 0, and Upsilon with it: the"
            " bound of 12.strong-exponent says less and less."
        ),
        Step(
            "The best teacher undoes the shrinkage, amplifying modes by 1/(1-zeta) at a cost of"
            " order Upsilon: nu acts like nu sqrt(Upsilon)."
        ),
        Step(
            "Strong labels with the ridge tuned (here: none, sigma = 0) are better still: what the"
            " teacher repairs is the ridge."
        ),
    ],
)

STRONG.forall("bound", curvature_is_bounded, note="curvature")
STRONG.forall("bound", curvature_is_bounded_too, note="curvature, the other half")
STRONG.forall("bound", spread_is_bounded, note="spread")


@STRONG.identity("limit", but={"alpha for alpha - 1": {"lost": 0}})
def limit_of_upsilon(lost: int = 1) -> tuple[Any, Any]:
    """Upsilon at S = n/alpha, T_2 = n - S, q = cn; and from the plateau."""
    alpha, more = sympy.symbols("alpha d", positive=True)
    s = student(1 / alpha, (alpha - 1) / alpha, sympy.Integer(0), more, sympy.Integer(1))
    stated = ((alpha - lost) * more + 1) / (alpha * more + 1)
    odds = f.feature_plateau(alpha, 1 + more)
    return [s.upsilon, s.upsilon / s.one_minus_upsilon], [stated, odds]


@STRONG.below("exact values", but={"a share of 0.9": {"share": "9/10"}})
def shares_at_hand(digits: int, share: str = "1/4") -> Pairs:
    """p = infinity, n = 10^3 and 10^6: min(Upsilon, 1 - Upsilon) above 1/4 at q = 2n, n/2."""
    for alpha, beta in ((2, 2), ("1.5", 5)):
        for n in (10**3, 10**6):
            for q in (2 * n, n // 2):
                at = infinite(alpha, beta, n, q, digits=12).equivalents
                yield Fraction(share), at.upsilon
                yield Fraction(share), at.one_minus_upsilon


SIZES = (64, 1024)


def best_and_standard(digits: int) -> tuple[list[Any], list[Any], list[Any]]:
    """alpha = 2, beta = 5, q = n^3, ridge n^0 (l = 1): best, standard, and without ridge."""
    problem = Problem.power_law(1500, 2, 5)
    proofs = [certified.certificate(problem, n, n**3, 0, 1, digits) for n in SIZES]
    free = [certified.certificate(problem, n, n**3, 0, 0, digits) for n in SIZES]
    return (
        [proof.optimal for proof in proofs],
        [proof.standard for proof in proofs],
        [proof.standard for proof in free],
    )


@SAME.below("whole")
def best_no_faster(digits: int) -> Pairs:
    """The reading: the best teacher's student falls no faster (up to 0.1) than strong labels."""
    best, standard, _ = best_and_standard(digits)
    (fast,), (slow,) = local_exponents(SIZES, best), local_exponents(SIZES, standard)
    yield fast, slow + BALLS.number(Fraction(1, 10))


@SAME.limit("whole", symbol="x", point=0)
def bound_stays() -> tuple[Any, Any]:
    """The reading: R_opt/R_std of one mode, Upsilon = x^4, zeta = x, stays at 1 as x tends to 0."""
    x = sympy.Symbol("x", positive=True)
    return f.feature_improvement(x, 1 - x, x**4, 1 - x**4, 0), sympy.Integer(1)


@SAME.below("tuned", but={"the best teacher beats tuning": {"turned": True}})
def tuning_is_better(digits: int, turned: bool = False) -> Pairs:
    """Strong labels without ridge are below the best teacher's student with it, at each n."""
    best, _, free = best_and_standard(digits)
    for pair in zip(free, best, strict=True):
        yield pair[::-1] if turned else pair

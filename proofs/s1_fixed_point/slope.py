"""Claim of section 1: the slope of g, the function whose root the solvers seek.

u = log tau; the eigenvalues are sorted downward, the head is i <= n, the tail i > n.
"For all p" is shown as in `1.unique`: the sums over head and tail are variables that
are known through lemmas about one mode.
"""

from fractions import Fraction
from typing import Any

import flint
import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step

from ..lib.balls import ridge_cases, ridgeless_cases
from ..lib.modes import Pairs, growth, one_mode, together

SLOPE = Claim(
    "1.slope",
    title="Newton's function g has slope in (-2, -1] everywhere",
    statement=r"\lambda_1 \ge \dots \ge \lambda_p,\ u = \log\tau,\ g(u) = \log"
    r" \frac{\sum_{i>n}(1-\zeta_i) + \delta/\tau}{\sum_{i\le n}\zeta_i + \max(n-p, 0)}:\quad"
    r" -2 < g'(u) \le -1,\quad g'(u) = -1 \iff \Sigma \propto I,\ \delta = 0",
    parts=("derivative", "below 2", "at least 1", "equality"),
    steps=[
        Step(
            "dzeta/du = zeta (1 - zeta), d(1 - zeta)/du = -zeta (1 - zeta), d(delta/tau)/du ="
            " -delta/tau, so that -g' is the sum of two means: of zeta over the tail with weights"
            " 1 - zeta (the ridge: weight delta/tau, zeta = 1), and of 1 - zeta over the head with"
            " weights zeta (the surplus n - p: 1 - zeta = 0).",
            lambda: slope_of_sums()[1],
        ),
        Step("Both means are at most 1 and the second is below 1: -g' < 2."),
        Step(
            "n < p: the first mean is at least zeta_{n+1}, the second at least 1 - zeta_n, and"
            " zeta_{n+1} >= zeta_n in this order: together at least 1."
        ),
        Step("n >= p: the tail is empty, the first mean is 1 and the second is positive."),
        Step(
            "Equality needs delta = 0, a constant zeta in the tail and in the head, and"
            " zeta_{n+1} = zeta_n: all eigenvalues are equal, and then the sum is 1."
        ),
    ],
)


@SLOPE.identity("derivative", note="one mode")
def growth_of_shares() -> tuple[list[Any], list[Any]]:
    """d/du of one mode's zeta and 1 - zeta, by the derivative and by `spread`."""
    zeta, learnt = f.split_mode(*one_mode())
    spread = f.spread(zeta, learnt)
    return [growth(zeta), growth(learnt)], [spread, -spread]


def slope_of_sums(ridge: bool = True) -> tuple[Any, Any]:
    """-g' from the derivatives of head and tail sums, and by the formula."""
    tau = one_mode()[1]
    tail, head = (sympy.Function(name)(tau) for name in ("T", "H"))
    tail_spread, head_spread = sympy.symbols("T_s H_s", positive=True)
    over_tau = (sympy.Symbol("delta", positive=True) / tau,) if ridge else ()
    surplus = (sympy.Symbol("s", positive=True),) if ridge else ()
    numerator = f.split_numerator(tail, *over_tau)
    denominator = f.split_denominator(head, *surplus)
    known = {sympy.diff(tail, tau): -tail_spread / tau, sympy.diff(head, tau): head_spread / tau}
    derivative = growth(sympy.log(numerator / denominator)).subs(known)
    formula = f.split_minus_slope(tail_spread, head_spread, numerator, denominator, *over_tau)
    return -derivative, formula


SLOPE.identity(
    "derivative",
    lambda: together(slope_of_sums(), slope_of_sums(False)),
    note="any head and tail sums",
)


def slope_isotropic() -> Any:
    """-g' for p equal modes without ridge."""
    n, p = sympy.symbols("n p", positive=True)
    zeta, learnt = f.split_mode(*one_mode())
    spread = f.spread(zeta, learnt)
    numerator, denominator = f.split_numerator((p - n) * learnt), f.split_denominator(n * zeta)
    return f.split_minus_slope((p - n) * spread, n * spread, numerator, denominator)


SLOPE.identity("equality", lambda: (slope_isotropic(), 1), note="Sigma = lambda I")


@SLOPE.forall("below 2", note="one mode")
def spread_of_one_mode(smt: Any) -> Any:
    """One mode's spread is positive and below zeta and 1 - zeta."""
    lam, tau = smt.Real("lambda"), smt.Real("tau")
    zeta, learnt = f.split_mode(lam, tau)
    spread = f.spread(zeta, learnt)
    return [lam > 0, tau > 0], smt.And(spread > 0, spread < zeta, spread < learnt)


@SLOPE.forall("below 2", note="sums", but={"-g' < 3/2": {"bound": "3/2"}})
def slope_below(smt: Any, bound: str = "2") -> Any:
    """Summed: -g' < 2, for any ridge and surplus, head not empty."""
    tail, head, tail_spread, head_spread, ridge, surplus = (
        smt.Real(s) for s in ("T", "H", "T_s", "H_s", "ridge_over_tau", "surplus")
    )
    numerator = f.split_numerator(tail, ridge)
    assumptions = [tail >= 0, head > 0, ridge >= 0, surplus >= 0, numerator > 0]
    assumptions += [tail_spread >= 0, tail_spread <= tail, head_spread > 0, head_spread < head]
    denominator = f.split_denominator(head, surplus)
    slope = f.split_minus_slope(tail_spread, head_spread, numerator, denominator, ridge)
    return assumptions, slope < smt.number(bound)


@SLOPE.forall("at least 1", note="two modes")
def zeta_falls(smt: Any) -> Any:
    """A larger eigenvalue has the smaller zeta."""
    larger, smaller, tau = smt.Real("lambda_larger"), smt.Real("lambda_smaller"), smt.Real("tau")
    assumptions = [larger >= smaller, smaller > 0, tau > 0]
    return assumptions, f.zeta(larger, tau) <= f.zeta(smaller, tau)


@SLOPE.forall("at least 1", note="two modes")
def learnt_grows(smt: Any) -> Any:
    """A larger eigenvalue has the larger 1 - zeta."""
    larger, smaller, tau = smt.Real("lambda_larger"), smt.Real("lambda_smaller"), smt.Real("tau")
    assumptions = [larger >= smaller, smaller > 0, tau > 0]
    return assumptions, f.one_minus_zeta(larger, tau) >= f.one_minus_zeta(smaller, tau)


@SLOPE.forall("equality", note="one mode of the tail, of the head")
@SLOPE.forall("at least 1", note="one mode of the tail, of the head")
def spread_from_least(smt: Any) -> Any:
    """A least zeta, or a least 1 - zeta, bounds the spread from below, strictly above it."""
    zeta, least = smt.Real("zeta"), smt.Real("least")
    learnt = 1 - zeta
    spread = f.spread(zeta, learnt)
    return [zeta > 0, zeta < 1], smt.And(
        smt.Implies(zeta >= least, spread >= least * learnt),
        smt.Implies(zeta > least, spread > least * learnt),
        smt.Implies(learnt >= least, spread >= least * zeta),
        smt.Implies(learnt > least, spread > least * zeta),
    )


@SLOPE.forall("equality", note="between head and tail")
@SLOPE.forall("at least 1", note="between head and tail")
def least_shares(smt: Any) -> Any:
    """zeta_{n+1} + 1 - zeta_n is 1 for equal eigenvalues and more for unequal ones."""
    lam_n, lam_next, tau = smt.Real("lambda_n"), smt.Real("lambda_next"), smt.Real("tau")
    both = f.zeta(lam_next, tau) + f.one_minus_zeta(lam_n, tau)
    assumptions = [lam_n >= lam_next, lam_next > 0, tau > 0]
    return assumptions, smt.And(both >= 1, smt.Implies(lam_n > lam_next, both > 1))


@SLOPE.forall(
    "at least 1",
    note="sums, n < p",
    but={"zeta_{n+1} + 1 - zeta_n as small as 0.9": {"least_sum": "9/10"}},
)
def slope_above(smt: Any, least_sum: str = "1") -> Any:
    """Summed, n < p: -g' >= 1, from the least zeta of the tail and 1 - zeta of the head."""
    tail, head, tail_spread, head_spread, ridge, in_tail, in_head = (
        smt.Real(s) for s in ("T", "H", "T_s", "H_s", "ridge_over_tau", "zeta_next", "learnt_n")
    )
    assumptions = [tail > 0, head > 0, ridge >= 0, in_tail + in_head >= smt.number(least_sum)]
    assumptions += [in_tail > 0, in_tail < 1, in_head > 0, in_head < 1]
    assumptions += [tail_spread >= in_tail * tail, head_spread >= in_head * head]
    numerator, denominator = f.split_numerator(tail, ridge), f.split_denominator(head)
    slope = f.split_minus_slope(tail_spread, head_spread, numerator, denominator, ridge)
    return assumptions, slope >= 1


@SLOPE.forall("at least 1", note="sums, n >= p")
def slope_above_without_tail(smt: Any) -> Any:
    """Summed, n >= p with a ridge: -g' > 1."""
    head, head_spread, ridge, surplus = (
        smt.Real(s) for s in ("H", "H_s", "ridge_over_tau", "surplus")
    )
    numerator, denominator = f.split_numerator(0, ridge), f.split_denominator(head, surplus)
    slope = f.split_minus_slope(0, head_spread, numerator, denominator, ridge)
    return [head > 0, head_spread > 0, ridge > 0, surplus >= 0], slope > 1


@SLOPE.forall("equality", note="tail and ridge")
def strict_tail(smt: Any) -> Any:
    """The tail's mean exceeds the least zeta if one zeta does, or with a ridge."""
    tail, spread, ridge, least = (smt.Real(s) for s in ("T", "T_s", "ridge_over_tau", "least"))
    mean = f.split_minus_slope(spread, 0, f.split_numerator(tail, ridge), 1, ridge)
    assumptions = [tail > 0, ridge >= 0, least > 0, least < 1, spread >= least * tail]
    return [*assumptions, smt.Or(spread > least * tail, ridge > 0)], mean > least


@SLOPE.forall("equality", note="head")
def strict_head(smt: Any) -> Any:
    """The head's mean exceeds the least 1 - zeta if one 1 - zeta does."""
    head, spread, least = (smt.Real(s) for s in ("H", "H_s", "least"))
    mean = f.split_minus_slope(0, spread, 1, f.split_denominator(head))
    return [head > 0, least > 0, least < 1, spread > least * head], mean > least


@SLOPE.below("twelve spectra", but={"-g' < 3/2": {"upper": Fraction(3, 2)}})
def slopes(digits: int, upper: Fraction = Fraction(2)) -> Pairs:
    """1 < -g' < 2 at many tau, for unequal eigenvalues and with a ridge."""
    for case in ridgeless_cases() + ridge_cases():
        root = case.solved(digits).tau
        for factor in (Fraction(1, 10**6), Fraction(1, 3), Fraction(1), Fraction(10**6)):
            slope = case.evaluation(root * BALLS.number(factor)).minus_slope
            yield 1, slope
            yield slope, upper


@SLOPE.below("p = 12", downward=True, but={"eigenvalues sorted upward": {"downward": False}})
def slope_by_hand(digits: int, downward: bool) -> Pairs:
    """-g' >= 1 for eigenvalues 1 to 12, n = 5, tau = 3, sorted downward or upward."""
    tau = flint.arb(3)
    shares = [f.split_mode(flint.arb(k), tau) for k in range(1, 13)]
    ordered = shares[::-1] if downward else shares
    head, tail = ordered[:5], ordered[5:]
    slope = f.split_minus_slope(
        sum(f.spread(*s) for s in tail),
        sum(f.spread(*s) for s in head),
        f.split_numerator(sum(learnt for _, learnt in tail)),
        f.split_denominator(sum(zeta for zeta, _ in head)),
    )
    yield 1, slope

"""Claim of section 1: one evaluation of g certifies the root, for integer and for real n.

"For all p" is shown as in `1.slope`.
"""

from fractions import Fraction
from typing import Any

import flint
import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.gaussian.solve.exact import FixedPoint

from ..lib.balls import Case, isotropic, ridge_cases, ridgeless_cases, two_levels
from ..lib.modes import Pairs

CERTIFICATE = Claim(
    "1.certificate",
    title="One evaluation of g at t encloses the root between e^(|g|/2) and e^|g| from t",
    statement=r"g(\log t) = 0 \iff t = \tau,\qquad \tfrac12 |g(\log t)| \le |\log(\tau/t)| \le"
    r" |g(\log t)|,\qquad \log(\tau/t) \in \frac{g}{-g' + [-|g|/8, |g|/8]}"
    r" \quad (g, g' \text{ at } \log t,\ |g| < 8);\qquad \text{a step of Newton's method in }"
    r" \log t \text{ takes a distance } d > 0 \text{ below } d \text{ and to at most } d^2/8",
    needs=("1.slope", "1.curvature"),
    parts=("root", "bounds", "interval", "Newton"),
    steps=[
        Step(
            "The head's 1 - zeta sum to min(n, p) less its sum of zeta. So numerator less"
            " denominator of g is the left less the right side of (1): g = 0 there only.",
            lambda: numerator_minus_denominator()[1][0],
        ),
        Step(
            "Mean value theorem: g(log t) = -g'(xi) log(tau/t) with 1 <= -g'(xi) < 2. A slope of"
            " at most -1 everywhere also makes g take the value 0 once: existence, uniqueness."
        ),
        Step(
            "|g''| <= 1/4, so that the mean slope on the way to the root differs from the slope at"
            " log t by at most |log(tau/t)|/8 <= |g|/8 (the certified solver allows |g|/2)."
        ),
        Step(
            "A Newton step leaves d (1 - mean slope/slope here): less than d since the quotient"
            " lies in (1/2, 2), and at most d^2/8. From any start the distances fall; a limit"
            " above 0 would be a point where a step does not reduce the distance, so it is 0."
        ),
    ],
)


@CERTIFICATE.identity(
    "root",
    note="any head and tail sums; n < p, no ridge, n >= p",
    but={"n - p left out of the denominator": {"surplus_in": False}},
)
def numerator_minus_denominator(surplus_in: bool = True) -> tuple[list[Any], list[Any]]:
    """For n < p and for n >= p: what vanishes where g does, and (1), from head and tail sums.

    The head holds min(n, p) modes; its 1 - zeta sum to their number less the sum of zeta.
    """
    tail, head, p, ridge, surplus = sympy.symbols("T H p r s", positive=True)
    n = sympy.Symbol("n", positive=True)
    split = [
        f.split_numerator(tail, ridge) - f.split_denominator(head),
        f.split_numerator(tail) - f.split_denominator(head),
        f.split_numerator(0, ridge) - f.split_denominator(head, surplus if surplus_in else 0),
    ]
    equation = [
        f.fixed_point_residual([n - head, tail], n, ridge),
        f.fixed_point_residual([n - head, tail], n),
        f.fixed_point_residual([p - head], p + surplus, ridge),
    ]
    return split, equation


def absolute(smt: Any, value: Any) -> Any:
    """|value|."""
    return smt.If(value >= 0, value, -value)


@CERTIFICATE.forall(
    "bounds",
    note="lemma: the mean value theorem's slope is in [1, 2)",
    but={"at most 0.9 |g|": {"upper": "9/10"}, "at least 2|g|/3": {"lower": "2/3"}},
)
def distance_bounds(smt: Any, lower: str = "1/2", upper: str = "1") -> Any:
    """|g| times two factors bounds the distance to the root."""
    distance, slope = smt.Real("log(tau/t)"), smt.Real("minus_slope")
    g = slope * distance  # mean value theorem, g = 0 at the root
    size = absolute(smt, g)
    inside = smt.And(
        smt.number(lower) * size <= absolute(smt, distance),
        absolute(smt, distance) <= smt.number(upper) * size,
    )
    return [slope >= 1, slope < 2], inside


def newton(smt: Any) -> tuple[list[Any], Any, Any, Any]:
    """Assumptions, distance to the root, mean slope on the way there, slope here.

    |g''| <= 1/4 keeps the mean slope within an eighth of the distance from the slope here.
    """
    distance, mean, here = (smt.Real(s) for s in ("log(tau/t)", "mean_slope", "minus_slope"))
    curved = absolute(smt, mean - here) <= absolute(smt, distance) / 8
    return [mean >= 1, mean < 2, here >= 1, here < 2, curved], distance, mean, here


@CERTIFICATE.forall("interval", but={"a slack of |g|/10 for the slope": {"share": "4/5"}})
def newton_interval(smt: Any, share: str = "1") -> Any:
    """The root lies in u + g/(m + [-slack, slack]), m = -g' at u: the solver's slack."""
    assumptions, distance, mean, here = newton(smt)
    g = mean * distance
    size, step = absolute(smt, g), absolute(smt, distance)
    slack = smt.number(share) * f.slope_slack(size)
    return assumptions, smt.And((here - slack) * step <= size, size <= (here + slack) * step)


@CERTIFICATE.forall(
    "Newton", note="lemma: one step", but={"a step leaves at most d^2/10": {"factor": "1/10"}}
)
def newton_step(smt: Any, factor: str = "1/8") -> Any:
    """A step of Newton's method leaves less than before, and at most an eighth of its square."""
    assumptions, distance, mean, here = newton(smt)
    left = absolute(smt, distance - mean * distance / here)
    nearer = smt.Implies(smt.Not(distance == 0), left < absolute(smt, distance))
    return assumptions, smt.And(nearer, left <= smt.number(factor) * distance * distance)


@CERTIFICATE.below(
    "twelve spectra, t from e^-30 tau to e^30 tau",
    but={"at least 2|g|/3": {"lower": Fraction(2, 3)}},
)
def g_and_distance(
    digits: int, lower: Fraction = Fraction(1, 2), upper: Fraction = Fraction(1)
) -> Pairs:
    """|g(t)|/2 < |log(tau/t)| < |g(t)| from far to near, unequal eigenvalues or a ridge."""
    low, high = BALLS.number(lower), BALLS.number(upper)
    for case in ridgeless_cases() + ridge_cases():
        for size, distance in case.distances(digits):
            yield low * size, distance
            yield distance, high * size


@CERTIFICATE.below("twelve spectra, one step")
def newton_steps(digits: int) -> Pairs:
    """The distance after a step of Newton's method, and an eighth of the squared one before."""
    for case in ridgeless_cases() + ridge_cases():
        tau = case.solved(digits).tau
        for offset in (-8, -1, 1, 8):
            there = case.evaluation(tau * BALLS.exp(BALLS.number(offset)))
            left = -offset - BALLS.log(there.ratio) / there.minus_slope
            yield abs(left), Fraction(offset * offset, 8)


@CERTIFICATE.equal("Sigma = I", note="the upper bound is reached", guard=10)
def g_is_distance(digits: int) -> Pairs:
    """|g(t)| and |log(tau/t)| for Sigma = I."""
    return iter(Case(isotropic(20), Fraction(7)).distances(digits))


@CERTIFICATE.below(
    "twelve certified intervals",
    note="by (1), not by g",
    but={"intervals moved by one unit of the last digit asked for": {"units": 1}},
)
def sign_changes(digits: int, units: int = 0) -> Pairs:
    """(1) changes sign within every interval of the certified solver."""
    for case in ridgeless_cases() + ridge_cases():
        yield from case.sign_change(digits, 1 + Fraction(units, 10**digits))


@CERTIFICATE.below(
    "twelve intervals, from e and from e^(1/1000) away",
    note="the solver's enclosure",
    but={"moved by a thousandth": {"moved": Fraction(1001, 1000)}},
)
def from_afar(digits: int, moved: Fraction = Fraction(1)) -> Pairs:
    """The root is in the ball that one evaluation proves, wherever that is."""
    for case in ridgeless_cases() + ridge_cases():
        yield from around_root(case.equation, case.solved(digits).tau, moved)


def around_root(equation: FixedPoint, root: Any, moved: Fraction) -> Pairs:
    """The root between the ends of balls from far and near, times ``moved``."""
    for offset in (Fraction(-1), Fraction(1, 1000)):
        found, _ = equation.enclosed(root.mid() * BALLS.exp(BALLS.number(offset)))
        found *= BALLS.number(moved)
        yield found.lower(), root
        yield root, found.upper()


@CERTIFICATE.equal("roots in closed form", but={"the root at n + 1": {"n_shift": 1}})
def known_roots(digits: int, n_shift: int = 0) -> Pairs:
    """Certified tau and the roots of linear and quadratic equations."""
    isotropic_root = Case(isotropic(20), Fraction(7 + n_shift)).solved(digits).tau
    yield isotropic_root, Fraction(13, 7)  # 20/(1 + tau) = 7
    reciprocal = Case(two_levels(4, 0.25, 10), Fraction(10)).solved(digits)
    yield reciprocal.tau, 1  # 4/5 + 1/5 = 1
    with_ridge = Case(isotropic(120), Fraction(60), Fraction(30)).solved(digits)
    yield with_ridge.tau, (3 + flint.arb(17).sqrt()) / 4  # 2 tau^2 - 3 tau - 1 = 0

"""Claim of section 1: the slope of g changes slowly, which makes a single Newton step rigorous.

u = log tau; the eigenvalues are sorted downward, the head is i <= n, the tail i > n.
"For all p" is shown as in `1.slope`.
"""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step

from ..lib.balls import OFFSETS, Case, real_n_cases, ridge_cases, ridgeless_cases, two_levels
from ..lib.modes import Pairs, growth, one_mode, together

CURVATURE = Claim(
    "1.curvature",
    title="The slope of g changes slowly: |g''| <= 1/4",
    statement=r"|g''(u)| \le \tfrac14 \text{ everywhere, so that } |g'(u) - g'(v)| \le"
    r" \tfrac14 |u - v|",
    needs=("1.slope",),
    parts=("derivatives", "moments", "bound"),
    steps=[
        Step(
            "Numerator N: weights w = 1 - zeta with rate z = zeta, and delta/tau with rate 1:"
            " w' = -w z, w'' = w (2 z^2 - z). Denominator D: weights w = zeta with rate"
            " z = 1 - zeta, and n - p with rate 0: w' = w z, w'' = w (2 z^2 - z).",
            lambda: twice_grown()[1][0][1],
        ),
        Step(
            "With m = E[z] and q = E[z^2] under the weights, (log N)'' and (log D)'' are both"
            " 2q - m - m^2.",
            lambda: log_sum_curvature(1)[1],
        ),
        Step(
            "Rates in the tail lie in [a, 1] with a = zeta_{n+1}, rates in the head in [1 - a, 1]"
            " (the eigenvalues are sorted), hence m^2 <= q <= (1 + a) m - a, and likewise there."
        ),
        Step(
            "Then m^2 - m <= (log N)'' <= (1 - m)(m - 2a), and the same for D with 1 - a: if"
            " a < 1/2, g'' <= (1/2 - a)^2 + a (1 - a) = 1/4, and so on by symmetry."
        ),
        Step(
            "Nothing here needs whole modes: for real n a mode may count in part in N and in part"
            " in D, with a its zeta."
        ),
        Step("n >= p: (log N)'' = 0, and |2q - m - m^2| <= m - m^2 <= 1/4 for rates in [0, 1]."),
    ],
)


def log_curvature(mean: Any, mean_square: Any) -> Any:
    """(log sum)'' for weights whose growth rates have this mean and mean square."""
    return 2 * mean_square - mean - mean * mean


@CURVATURE.identity("derivatives", note="one mode, and the ridge")
def twice_grown() -> tuple[list[Any], list[Any]]:
    """First and second derivatives by u of the weights in N and D, and by their rates.

    In N: 1 - zeta with rate zeta, delta/tau with rate 1.  In D: zeta with rate 1 - zeta.
    """
    tau = one_mode()[1]
    zeta, learnt = f.split_mode(*one_mode())
    over_tau = sympy.Symbol("delta", positive=True) / tau
    rated = [(learnt, zeta, -1), (over_tau, sympy.Integer(1), -1), (zeta, learnt, 1)]
    derivatives = [[growth(weight), growth(growth(weight))] for weight, _, _ in rated]
    by_rates = [[sign * w * rate, w * (2 * rate * rate - rate)] for w, rate, sign in rated]
    return derivatives, by_rates


def log_sum_curvature(sign: int) -> tuple[Any, Any]:
    """(log N)'' with N' = sign E[rate] N and N'' = (2 E[rate^2] - E[rate]) N."""
    u, mean, square = sympy.symbols("u m q", positive=True)
    total = sympy.Function("N")(u)
    first, second = sympy.diff(total, u), sympy.diff(total, u, 2)
    derivative = sympy.diff(sympy.log(total), u, 2)
    derivative = derivative.subs(second, (2 * square - mean) * total)
    return derivative.subs(first, sign * mean * total), log_curvature(mean, square)


derivatives = CURVATURE.identity(
    "derivatives",
    lambda: together(log_sum_curvature(-1), log_sum_curvature(1)),
    note="lemma: any sums",
)
derivatives.but(
    "the sign of (log N)''", sides=lambda: (log_sum_curvature(1)[0], -log_sum_curvature(1)[1])
)


@CURVATURE.forall("moments", note="lemma: induction over the modes")
def variance_step(smt: Any) -> Any:
    """E[z]^2 <= E[z^2]: one more value z of weight w, sums W, M and Q so far."""
    total, weight, squares, values, z = (smt.Real(s) for s in ("W", "w", "Q", "M", "z"))
    assumptions = [total > 0, weight >= 0, total * squares >= values * values]
    more = (total + weight) * (squares + weight * z * z)
    return assumptions, more >= (values + weight * z) * (values + weight * z)


def on_chord(rate: Any, least: Any) -> Any:
    """The chord of the square between ``least`` and 1, at ``rate``."""
    return (1 + least) * rate - least


@CURVATURE.forall("moments", note="lemma: one mode")
def below_chord(smt: Any) -> Any:
    """A rate between its least value and 1 has its square below the chord."""
    rate, least = smt.Real("rate"), smt.Real("least")
    return [rate >= least, rate <= 1], rate * rate <= on_chord(rate, least)


@CURVATURE.forall(
    "bound",
    note="lemma: n < p",
    but={
        "|g''| <= 1/8": {"bound": "1/8"},
        "rates in the head in [a, 1] as well: not sorted": {"sorted_downward": False},
    },
)
def curvature_bound(smt: Any, bound: str = "1/4", sorted_downward: bool = True) -> Any:
    """(log N)'' - (log D)'' at its largest, for rates in [a, 1] in N and [1 - a, 1] in D.

    `log_curvature` grows with the mean square: at most on the chord in N, at least the squared
    mean in D.  For the other sign exchange N and D, and a and 1 - a.
    """
    m, k, least = smt.Real("m"), smt.Real("k"), smt.Real("a")
    head_least = 1 - least if sorted_downward else least
    assumptions = [least >= 0, least <= 1, m >= least, m <= 1, k >= head_least, k <= 1]
    curvature = log_curvature(m, on_chord(m, least)) - log_curvature(k, k * k)
    return assumptions, curvature <= smt.number(bound)


@CURVATURE.forall("bound", note="lemma: n >= p")
def curvature_bound_without_tail(smt: Any) -> Any:
    """n >= p: the ridge alone has no curvature; rates in the head, surplus included, in [0, 1]."""
    k, r = smt.Real("k"), smt.Real("r")
    curvature = log_curvature(1, 1) - log_curvature(k, r)
    inside = smt.And(4 * curvature <= 1, -4 * curvature <= 1)
    return [k >= 0, k <= 1, k * k <= r, r <= k], inside


@CURVATURE.below("eighteen spectra", but={"|g''| <= 1/5": {"bound": Fraction(1, 5)}})
def slope_changes(digits: int, bound: Fraction = Fraction(1, 4)) -> Pairs:
    """|g'(log t) - g'(log tau)| < |log(t/tau)|/4; the last spectrum has g'' close to -1/4."""
    steep = Case(two_levels(1e10, 1e-10, 1), Fraction(1))
    cases = ridgeless_cases() + ridge_cases() + real_n_cases()
    at = [(case, case.solved(digits).tau) for case in cases]
    for case, tau in [*at, (steep, BALLS.number(1e-10))]:
        for offset in map(BALLS.number, OFFSETS):
            there = case.evaluation(tau * BALLS.exp(offset)).minus_slope
            yield abs(there - case.evaluation(tau).minus_slope), BALLS.number(bound) * abs(offset)

"""Claims of section 1: one evaluation of g certifies the root, for integer and for real n.

"For all p" is shown as in ``section1_slope.py``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from _notation import Pairs, growth, one_mode

from kdverify import formulas as f
from kdverify.evidence import Claim, Control, Enclosure, Forall, Identity, Step

# --------------------------------------------------------------------------
# 1.certificate
# --------------------------------------------------------------------------


def numerator_minus_denominator(surplus_in: bool = True) -> tuple[list[Any], list[Any]]:
    """For n < p and for n >= p: what vanishes where g does, and (1), from head and tail sums.

    The head holds min(n, p) modes; its 1 - zeta sum to their number less the sum of zeta.
    """
    import sympy

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


def newton_interval(smt: Any, share: str = "1/8") -> Any:
    """The root lies in u + g/(m + [-share |g|, share |g|]), m = -g' at u."""
    assumptions, distance, mean, here = newton(smt)
    g = mean * distance
    size, step = absolute(smt, g), absolute(smt, distance)
    slack = smt.number(share) * size
    return assumptions, smt.And((here - slack) * step <= size, size <= (here + slack) * step)


def newton_step(smt: Any, factor: str = "1/8") -> Any:
    """A step of Newton's method leaves less than before, and at most an eighth of its square."""
    assumptions, distance, mean, here = newton(smt)
    left = absolute(smt, distance - mean * distance / here)
    nearer = smt.Implies(smt.Not(distance == 0), left < absolute(smt, distance))
    return assumptions, smt.And(nearer, left <= smt.number(factor) * distance * distance)


def g_and_distance(
    digits: int, lower: Fraction = Fraction(1, 2), upper: Fraction = Fraction(1)
) -> Pairs:
    """|g(t)|/2 < |log(tau/t)| < |g(t)| from far to near, unequal eigenvalues or a ridge."""
    from _fixed_point import ridge_cases, ridgeless_cases

    from kdverify.arithmetic import BALLS

    low, high = BALLS.number(lower), BALLS.number(upper)
    for case in ridgeless_cases() + ridge_cases():
        for size, distance in case.distances(digits):
            yield low * size, distance
            yield distance, high * size


def newton_steps(digits: int) -> Pairs:
    """The distance after a step of Newton's method, and an eighth of the squared one before."""
    from _fixed_point import ridge_cases, ridgeless_cases

    from kdverify.arithmetic import BALLS

    for case in ridgeless_cases() + ridge_cases():
        tau = case.solved(digits).tau
        for offset in (-8, -1, 1, 8):
            there = case.evaluation(tau * BALLS.exp(BALLS.number(offset)))
            left = -offset - BALLS.log(there.ratio) / there.minus_slope
            yield abs(left), Fraction(offset * offset, 8)


def g_is_distance(digits: int) -> Pairs:
    """|g(t)| and |log(tau/t)| for Sigma = I."""
    from _fixed_point import Case, isotropic

    return iter(Case(isotropic(20), Fraction(7)).distances(digits))


def sign_changes(digits: int, factor: Fraction = Fraction(1)) -> Pairs:
    """(1) changes sign within every interval of the certified solver."""
    from _fixed_point import ridge_cases, ridgeless_cases

    for case in ridgeless_cases() + ridge_cases():
        yield from case.sign_change(digits, factor)


def known_roots(digits: int, n_shift: int = 0) -> Pairs:
    """Certified tau and the roots of linear and quadratic equations."""
    import flint
    from _fixed_point import Case, isotropic, two_levels

    isotropic_root = Case(isotropic(20), Fraction(7 + n_shift)).solved(digits).tau
    yield isotropic_root, Fraction(13, 7)  # 20/(1 + tau) = 7
    reciprocal = Case(two_levels(4, 0.25, 10), Fraction(10)).solved(digits)
    yield reciprocal.tau, 1  # 4/5 + 1/5 = 1
    with_ridge = Case(isotropic(120), Fraction(60), Fraction(30)).solved(digits)
    yield with_ridge.tau, (3 + flint.arb(17).sqrt()) / 4  # 2 tau^2 - 3 tau - 1 = 0


CERTIFICATE = Claim(
    id="1.certificate",
    title="One evaluation of g at t encloses the root between e^(|g|/2) and e^|g| from t",
    statement=r"g(\log t) = 0 \iff t = \tau,\qquad \tfrac12 |g(\log t)| \le |\log(\tau/t)| \le"
    r" |g(\log t)|,\qquad \log(\tau/t) \in \frac{g}{-g' + [-|g|/8, |g|/8]}"
    r" \quad (g, g' \text{ at } \log t,\ |g| < 8);\qquad \text{a step of Newton's method in }"
    r" \log t \text{ takes a distance } d > 0 \text{ below } d \text{ and to at most } d^2/8",
    source="new",
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
    evidence=[
        Identity(
            "root",
            left=lambda: numerator_minus_denominator()[0],
            right=lambda: numerator_minus_denominator()[1],
            note="any head and tail sums; n < p, no ridge, n >= p",
        ),
        Forall("bounds", build=distance_bounds),
        Forall("interval", build=newton_interval),
        Forall("Newton", build=newton_step),
        Enclosure("twelve spectra, t from e^-30 tau to e^30 tau", below=g_and_distance),
        Enclosure("twelve spectra, one step", below=newton_steps),
        Enclosure("Sigma = I", equal=g_is_distance, guard=10, note="the upper bound is reached"),
        Enclosure("twelve certified intervals", below=sign_changes, note="by (1), not by g"),
        Enclosure("roots in closed form", equal=known_roots),
    ],
    controls=[
        Control(
            Identity(
                "root",
                left=lambda: numerator_minus_denominator(False)[0],
                right=lambda: numerator_minus_denominator(False)[1],
            ),
            wrong="n - p left out of the denominator",
        ),
        Control(
            Forall("bounds", build=lambda smt: distance_bounds(smt, upper="9/10")),
            wrong="at most 0.9 |g|",
        ),
        Control(
            Forall("bounds", build=lambda smt: distance_bounds(smt, lower="2/3")),
            wrong="at least 2|g|/3",
        ),
        Control(
            Forall("interval", build=lambda smt: newton_interval(smt, "1/10")),
            wrong="a slack of |g|/10 for the slope",
        ),
        Control(
            Forall("Newton", build=lambda smt: newton_step(smt, "1/10")),
            wrong="a step leaves at most d^2/10",
        ),
        Control(
            Enclosure(
                "twelve certified intervals",
                below=lambda d: sign_changes(d, 1 + Fraction(1, 10**d)),
            ),
            wrong="intervals moved by one unit of the last digit asked for",
        ),
        Control(
            Enclosure("twelve spectra", below=lambda d: g_and_distance(d, lower=Fraction(2, 3))),
            wrong="at least 2|g|/3",
        ),
        Control(
            Enclosure("roots in closed form", equal=lambda d: known_roots(d, 1)),
            wrong="the root at n + 1",
        ),
    ],
)

# --------------------------------------------------------------------------
# 1.real-n
# --------------------------------------------------------------------------


def split_mode_shared(whole: bool = False) -> tuple[list[Any], list[Any]]:
    """Numerator less denominator with one mode on both sides, and (1) at n = k + w."""
    import sympy

    tail, head, k, w, ridge = sympy.symbols("T H k w r", positive=True)
    zeta, learnt = f.split_mode(*one_mode())
    in_tail = 1 if whole else 1 - w
    numerator = f.split_numerator(tail + in_tail * learnt, ridge)
    difference = numerator - f.split_denominator(head + w * zeta)
    return [difference], [f.fixed_point_residual([k - head, learnt, tail], k + w, ridge)]


def solver_on_symbols() -> tuple[list[Any], list[Any]]:
    """What the solvers evaluate at n = 1 + w, p = 3, with a ridge: exp(g) - 1 and -g'.

    The other side: (1) over the sum of zeta that the head holds, and the derivative of g.
    """
    import numpy as np
    import sympy

    from kdverify.gaussian.solve.newton import Split, Wanted, evaluate, pieces

    tau = one_mode()[1]
    w, delta = sympy.symbols("w delta", positive=True)
    lam = np.array(sympy.symbols("lambda_1:4", positive=True), dtype=object)
    head, tail = pieces(lam, Split(1, w, 0.0), tau, sum, 3, Wanted.OMEGA)
    now = evaluate(head, tail, tau, 1 + w, delta, sympy.Integer(0), sum)
    zeta, learnt = f.split_mode(lam, tau)
    residual = f.fixed_point_residual(learnt, 1 + w, delta / tau)
    from_equation = residual / (zeta[0] + w * zeta[1])
    slope = -growth(sympy.log(now.ratio))
    return [now.ratio - 1, now.minus_slope], [from_equation, slope]


def tail_with_part(smt: Any) -> Any:
    """The tail's mean of zeta, 1 - w of the split mode and a ridge in it: at least zeta_{k+1}."""
    tail, spreads, w, zeta, ridge = (smt.Real(s) for s in ("T", "T_s", "w", "zeta", "r"))
    in_tail, learnt = 1 - w, 1 - zeta
    assumptions = [tail >= 0, spreads >= zeta * tail, w > 0, w < 1, zeta > 0, zeta < 1, ridge >= 0]
    numerator = f.split_numerator(tail + in_tail * learnt, ridge)
    spreads = spreads + in_tail * f.spread(zeta, learnt)
    return assumptions, f.split_minus_slope(spreads, 0, numerator, 1, ridge) >= zeta


def head_with_part(smt: Any, part: Any = lambda w: w) -> Any:
    """The head's mean of 1 - zeta, w of the split mode in it: at least 1 - zeta_{k+1}."""
    head, spreads, w, zeta = (smt.Real(s) for s in ("H", "H_s", "w", "zeta"))
    learnt = 1 - zeta
    assumptions = [head >= 0, spreads >= learnt * head, w > 0, w < 1, zeta > 0, zeta < 1]
    denominator = f.split_denominator(head + part(w) * zeta)
    spreads = spreads + w * f.spread(zeta, learnt)
    return assumptions, f.split_minus_slope(0, spreads, 1, denominator) >= learnt


def real_bounds(digits: int, upper: Fraction = Fraction(1)) -> Pairs:
    """The bounds by g, and the sign change of (1), at n between integers."""
    from _fixed_point import real_n_cases

    from kdverify.arithmetic import BALLS

    for case in real_n_cases():
        for size, distance in case.distances(digits):
            yield size / 2, distance
            yield distance, BALLS.number(upper) * size
        yield from case.sign_change(digits)


REAL_N = Claim(
    id="1.real-n",
    title="For real n the mode ceil(n) is split: same root, same bounds",
    statement=r"n = k + w,\ 0 \le w < 1:\ g(u) = \log\frac{\sum_{i>k+1}(1-\zeta_i) +"
    r" (1-w)(1-\zeta_{k+1}) + \delta/\tau}{\sum_{i\le k}\zeta_i + w\,\zeta_{k+1}}"
    r"\ \text{has the root of (1), and } -2 < g' \le -1",
    source="new",
    needs=("1.slope", "1.curvature", "1.certificate"),
    parts=("root", "slope"),
    steps=[
        Step(
            "Numerator less denominator is again the left less the right side of (1): the"
            " fractions of mode k + 1 combine to (1 - zeta) - w.",
            lambda: split_mode_shared()[0][0],
        ),
        Step(
            "-g' is again a mean of zeta plus a mean of 1 - zeta. Mode k + 1 enters the first with"
            " weight (1 - w)(1 - zeta), the second with w zeta; the means are at least zeta_{k+1}"
            " and 1 - zeta_{k+1}, together 1."
        ),
        Step(
            "All else in 1.slope, and 1.curvature and 1.certificate, holds for modes of any"
            " positive weight as it stands, with zeta_{k+1} in the place of zeta_n, zeta_{n+1}."
        ),
    ],
    evidence=[
        Identity(
            "root",
            left=lambda: split_mode_shared()[0],
            right=lambda: split_mode_shared()[1],
            note="any head and tail sums",
        ),
        Identity(
            "p = 3, as the solvers evaluate it",
            left=lambda: solver_on_symbols()[0],
            right=lambda: solver_on_symbols()[1],
        ),
        Forall("slope", build=tail_with_part, note="tail"),
        Forall("slope", build=head_with_part, note="head"),
        Enclosure("five spectra, real n", below=real_bounds),
    ],
    controls=[
        Control(
            Identity(
                "root",
                left=lambda: split_mode_shared(True)[0],
                right=lambda: split_mode_shared(True)[1],
            ),
            wrong="the whole split mode in the tail",
        ),
        Control(
            Forall("slope", build=lambda smt: head_with_part(smt, lambda w: 1)),
            wrong="the whole split mode in the denominator, a part in the slope",
        ),
        Control(
            Enclosure("five spectra, real n", below=lambda d: real_bounds(d, Fraction(3, 4))),
            wrong="at most 3|g|/4",
        ),
    ],
)

CLAIMS = [CERTIFICATE, REAL_N]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))

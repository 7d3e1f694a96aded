"""Claim 12.certificate: one evaluation of g encloses the root of both fixed points."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.gaussian.solve.newton import Split, Wanted, pieces
from kdverify.random_features.solve.newton import evaluate

from ..lib.features import cases
from ..lib.modes import Pairs, symbol_vector
from ..s1_fixed_point.certificate import around_root

CLAIM = Claim(
    id="12.certificate",
    title="One evaluation of g at t encloses nu between e^(|g|/2) and e^(2|g|) from t",
    statement=r"g(u) = \log\frac{\sum_{i>k}(1-\zeta_i) + e}{\sum_{i\le k}\zeta_i + (k-p)_+},"
    r"\ k = \min(n,q),\ u = \log\nu:\quad g = 0 \iff (16),\quad \tfrac12 \le -g' < 2,\ "
    r" |g''| \le \tfrac12,\quad \tfrac12|g| \le |\log(\nu/t)| \le 2|g|,\quad \log(\nu/t) \in"
    r" \frac{g}{-g'+[-|g|/2,|g|/2]}",
    needs=("12.one-equation", "1.certificate"),
    parts=("root", "rate of e", "slope", "curvature", "interval", "Newton"),
    steps=[
        Step(
            "Numerator less denominator of g is e - (k - df): it vanishes where (16) holds, as in"
            " claim 1.certificate with e in the place of delta/tau."
        ),
        Step(
            "-d log(e)/du = s = (e + |n-q|)/(2e + |n-q|), between 1/2 and 1, with ds/du = s(1-s)"
            "(2s-1).",
            lambda: rate_of_gap()[1][0],
        ),
        Step(
            "-g' is a weighted mean of zeta_i (i > k) and s, plus a mean of 1 - zeta_i (i <= k) and"
            " 0. The first is at least min(zeta_{k+1}, 1/2), the second at least 1 - zeta_{k+1}"
            " unless k >= p: together at least 1/2; either is below or at 1."
        ),
        Step(
            "The derivative of a mean of rates r is the variance of r less the mean of dr/du: with"
            " 0 <= dr/du <= r(1-r) it lies in [-1/4, 1/4]. g'' is the difference of two such."
        ),
        Step(
            "Mean value theorem: g = (mean slope) log(nu/t), and the mean slope differs from the"
            " slope at t by at most |log(nu/t)|/4 <= |g|/2."
        ),
        Step(
            "A step divided by -g' where |g| <= 1/2, and by at least 1 elsewhere, never leads away:"
            " of d it leaves d (1 - mean slope/divisor), and that quotient is below 2."
        ),
    ],
)


@CLAIM.identity("root", but={"half of e in the numerator": {"share": sympy.Rational(1, 2)}})
def numerator_less_denominator(share: Any = 1) -> tuple[list[Any], list[Any]]:
    """For k < p and k >= p: what vanishes with g, and df + e - k."""
    tail, head, p, gap, k, surplus = sympy.symbols("T H p e k s", positive=True)
    split = [
        f.split_numerator(tail, share * gap) - f.split_denominator(head),
        f.split_numerator(0, share * gap) - f.split_denominator(head, surplus),
    ]
    return split, [(k - head) + tail + gap - k, (p - head) + gap - (p + surplus)]


@CLAIM.identity("rate of e", but={"s in the place of 1 - s": {"swapped": True}})
def rate_of_gap(swapped: bool = False) -> tuple[list[Any], list[Any]]:
    """The library's rate s from the quadratic, and ds/du."""
    gap, surplus = sympy.symbols("e Delta", positive=True)
    rate = f.feature_gap_rate(gap, surplus)
    load = gap * (gap + surplus)
    falls = load / (gap * sympy.diff(load, gap))  # -d log(e)/d log(nu), as load ~ 1/nu
    grows = -gap * rate * sympy.diff(rate, gap)
    other = rate if swapped else 1 - rate
    return [rate, grows], [falls, rate * other * (2 * rate - 1)]


@CLAIM.identity("p = 3, as the solvers evaluate it")
def solver_on_symbols() -> tuple[list[Any], list[Any]]:
    """exp(g) - 1 and -g' at k = 1 + w, p = 3: over the head's sum, and by differentiation.

    e is the free symbol; the load, and with it delta, follow from it.
    """
    nu, gap, surplus, w = sympy.symbols("nu e Delta w", positive=True)
    lam = symbol_vector("lambda", 3, positive=True)
    load, root = gap * (gap + surplus), 2 * gap + surplus
    head, tail = pieces(lam, Split(1, w, 0.0), nu, sum, 3, Wanted.OMEGA)
    now = evaluate(head, tail, load, surplus, sympy.Integer(0), lambda _: root, sum)
    zeta, learnt = f.split_mode(lam, nu)
    below = zeta[0] + w * zeta[1]
    residual = sum(learnt) + gap - (1 + w)
    moving = sympy.Function("e")(nu)
    numerator = (1 - w) * learnt[1] + learnt[2] + moving
    slope = -nu * sympy.diff(sympy.log(numerator / below), nu)
    rate = -f.feature_gap_rate(gap, surplus) * gap / nu
    slope = slope.subs(sympy.Derivative(moving, nu), rate).subs(moving, gap)
    squares = sum(f.learnt_square(learnt))
    spreads = sum(f.spread(zeta, learnt))
    here = {s: sympy.Rational(v, 7) for s, v in zip(lam, (9, 4, 2), strict=True)}
    left = [now.ratio - 1, now.slope, now.gap, now.spreads, now.learnt_squares]
    right = [residual / below, slope, gap, spreads, squares]
    return [x.subs(here) for x in left], [x.subs(here) for x in right]


@CLAIM.forall(
    "slope",
    witness={"T": 1, "T_s": "1/2", "e": 1, "s": "3/4", "z": "1/4"},
    note="tail, zeta_{k+1} up to 1/2",
    but={"up to 1": {"most": 1}},
)
def tail_mean(smt: Any, most: Any = "1/2") -> Any:
    """The tail's mean of rates is at least z = zeta_{k+1} where that is at most 1/2."""
    tail, spread, gap, rate, z, inside = above(smt)
    slope = f.split_minus_slope(spread, 0, tail + gap, 1, gap * rate)
    return [*inside, z <= smt.number(str(most))], slope >= z


@CLAIM.forall(
    "slope",
    witness={"T": 1, "T_s": "3/4", "e": 1, "s": "3/4", "z": "3/4"},
    note="tail, zeta_{k+1} from 1/2",
    but={"at least 0.6": {"least": "3/5"}},
)
def tail_mean_beyond(smt: Any, least: str = "1/2") -> Any:
    """It is at least 1/2 where z is."""
    tail, spread, gap, rate, z, inside = above(smt)
    slope = f.split_minus_slope(spread, 0, tail + gap, 1, gap * rate)
    return [*inside, z >= smt.number("1/2")], slope >= smt.number(least)


@CLAIM.forall(
    "slope",
    witness={"T": 1, "T_s": "1/2", "e": 1, "s": "3/4", "z": "1/4"},
    note="tail, from above",
    but={"at most 0.9": {"most": "9/10"}},
)
def tail_mean_below(smt: Any, most: str = "1") -> Any:
    """It is at most 1."""
    tail, spread, gap, rate, _, inside = above(smt)
    slope = f.split_minus_slope(spread, 0, tail + gap, 1, gap * rate)
    return inside, slope <= smt.number(most)


@CLAIM.forall("slope", witness={"H": 1, "H_s": "3/4", "z": "1/2"}, note="head")
def head_mean(smt: Any) -> Any:
    """The head's mean of 1 - zeta is at least 1 - z: together at least 1/2."""
    head, spread, z = (smt.Real(name) for name in ("H", "H_s", "z"))
    inside = [head > 0, spread >= (1 - z) * head, z > 0, z < 1]
    return inside, f.split_minus_slope(0, spread, 1, head) >= 1 - z


@CLAIM.forall("slope", witness={"H": 1, "H_s": "3/4"}, note="head, from above")
def head_mean_below(smt: Any) -> Any:
    """And below 1: together below 2."""
    head, spread = smt.Real("H"), smt.Real("H_s")
    return [head > 0, spread < head], f.split_minus_slope(0, spread, 1, head) < 1


def above(smt: Any) -> tuple[Any, ...]:
    """The tail: sum of 1 - zeta and of its spreads, e and its rate, the least zeta."""
    tail, spread, gap, rate, z = (smt.Real(name) for name in ("T", "T_s", "e", "s", "z"))
    inside = [tail > 0, spread >= z * tail, spread <= tail, gap >= 0, z > 0, z < 1]
    return tail, spread, gap, rate, z, [*inside, rate >= smt.number("1/2"), rate <= 1]


@CLAIM.forall("slope", witness={"e": 1, "s": "3/4", "H": 1, "H_s": "1/2", "b": 0}, note="k >= p")
def slope_bounds_beyond(smt: Any) -> Any:
    """The same where all modes are in the head: nothing but e is above."""
    gap, rate, head, spread, beyond = (smt.Real(name) for name in ("e", "s", "H", "H_s", "b"))
    inside = [gap > 0, rate >= smt.number("1/2"), rate <= 1, head > 0, beyond >= 0]
    inside += [spread > 0, spread < head]
    slope = f.split_minus_slope(0, spread, gap, head + beyond, gap * rate)
    return inside, smt.And(slope >= smt.number("1/2"), slope < 2)


@CLAIM.forall(
    "curvature",
    witness={"m": "1/2", "square": "1/3", "drift": "1/10"},
    note="lemma: from above",
    but={"within 1/5": {"bound": "1/5"}},
)
def mean_bends(smt: Any, bound: str = "1/4") -> Any:
    """variance - drift <= 1/4, rates in [0, 1], drift the mean of dr/du."""
    mean, square, drift, inside = rates(smt)
    return inside, square - mean * mean - drift <= smt.number(bound)


@CLAIM.forall(
    "curvature",
    witness={"m": "1/2", "square": "1/3", "drift": "1/10"},
    note="lemma: from below",
    but={"within 1/5": {"bound": "1/5"}},
)
def mean_bends_back(smt: Any, bound: str = "1/4") -> Any:
    """drift - variance <= 1/4."""
    mean, square, drift, inside = rates(smt)
    return inside, drift - square + mean * mean <= smt.number(bound)


def rates(smt: Any) -> tuple[Any, Any, Any, list[Any]]:
    """Mean and mean square of rates in [0, 1], and the mean of their drifts."""
    mean, square, drift = (smt.Real(name) for name in ("m", "square", "drift"))
    inside = [square >= mean * mean, square <= mean, drift >= 0, drift <= mean - square]
    return mean, square, drift, inside


@CLAIM.forall(
    "curvature",
    witness={"e": 1, "Delta": 1, "s": "2/3"},
    note="the rate of e and its drift",
    but={"e of the larger of n and q": {"side": -1}},
)
def drift_of_rate(smt: Any, side: int = 1) -> Any:
    """1/2 <= s <= 1 and 0 <= s(1-s)(2s-1) <= s(1-s) for the library's rate s."""
    gap, surplus, rate = (smt.Real(name) for name in ("e", "Delta", "s"))
    drift = rate * (1 - rate) * (2 * rate - 1)
    known = [gap > 0, surplus >= 0, gap + side * surplus > 0]
    known.append(rate == f.feature_gap_rate(gap, side * surplus))
    bounds = smt.And(rate >= smt.number("1/2"), rate <= 1)
    return known, smt.And(bounds, drift >= 0, drift <= rate * (1 - rate))


def absolute(smt: Any, value: Any) -> Any:
    """|value|."""
    return smt.If(value >= 0, value, -value)


def step(smt: Any) -> tuple[list[Any], Any, Any, Any]:
    """Assumptions, distance to the root, mean slope on the way there, slope here."""
    distance, mean, here = (smt.Real(s) for s in ("log(nu/t)", "mean_slope", "minus_slope"))
    curved = absolute(smt, mean - here) <= absolute(smt, distance) / 4
    bounds = [x >= smt.number("1/2") for x in (mean, here)] + [mean < 2, here < 2]
    return [*bounds, curved], distance, mean, here


@CLAIM.forall("interval", but={"a slack of 0.4 |g|": {"share": "4/5"}})
def newton_interval(smt: Any, share: str = "1") -> Any:
    """|g|/2 <= |log(nu/t)| <= 2|g|, and the root lies in u + g/(-g' + [-|g|/2, |g|/2])."""
    assumptions, distance, mean, here = step(smt)
    size, way = absolute(smt, mean * distance), absolute(smt, distance)
    slack = smt.number(share) * f.feature_slope_slack(size)
    within = smt.And((here - slack) * way <= size, size <= (here + slack) * way)
    return assumptions, smt.And(size / 2 <= way, smt.And(way <= 2 * size, within))


@CLAIM.forall(
    "Newton",
    witness={"distance": "1/2", "mean_slope": "3/4", "minus_slope": "3/4"},
    note="lemma: one step",
    but={"by the slope itself, near and far": {"safe": False}},
)
def newton_step(smt: Any, safe: bool = True) -> Any:
    """The slope on the way is less than twice what a step is divided by.

    What is left of a distance d is d (1 - mean slope/divisor): less than d.
    """
    distance, mean, here = (smt.Real(s) for s in ("distance", "mean_slope", "minus_slope"))
    inside = [x >= smt.number("1/2") for x in (mean, here)] + [mean < 2, here < 2]
    inside += [distance >= 0, absolute(smt, mean - here) <= distance / 4]
    far = smt.If(here >= 1, here, 1) if safe else here
    divisor = smt.If(mean * distance <= smt.number("1/2"), here, far)
    return inside, mean < 2 * divisor


@CLAIM.below(
    "nine spectra, t from e^-30 nu to e^30 nu",
    but={"at most 0.9 |g|": {"most": Fraction(9, 10)}, "at least 0.7 |g|": {"least": "7/10"}},
)
def g_and_distance(digits: int, least: Any = "1/2", most: Fraction = Fraction(2)) -> Pairs:
    """|g(t)|/2 < |log(nu/t)| < 2 |g(t)|, from far to near."""
    low, high = BALLS.number(Fraction(least)), BALLS.number(most)
    for case in cases():
        nu = case.solved(digits).nu
        for offset in (-30, -2, Fraction(-1, 8), Fraction(1, 8), 2, 30):
            t = nu.mid() * BALLS.exp(BALLS.number(Fraction(offset)))
            size, way = abs(BALLS.log(case.evaluation(t).ratio)), abs(BALLS.log(nu / t))
            yield low * size, way
            yield way, high * size


@CLAIM.below(
    "nine intervals, from e and from e^(1/1000) away",
    note="the solver's enclosure",
    but={"moved by a thousandth": {"moved": Fraction(1001, 1000)}},
)
def from_afar(digits: int, moved: Fraction = Fraction(1)) -> Pairs:
    """The root is in the ball that one evaluation proves, wherever that is."""
    for case in cases():
        yield from around_root(case.equation, case.solved(digits).nu, moved)


@CLAIM.below("nine certified intervals", but={"moved by a digit": {"moved": True}})
def sign_changes(digits: int, moved: bool = False) -> Pairs:
    """(n - df)(q - df) - q delta/nu changes sign within every interval, evaluated without g."""
    factor = Fraction(1) + (Fraction(1, 10**digits) if moved else 0)
    for case in cases():
        nu = case.solved(digits).nu
        with BALLS.precision(2 * digits + 60):
            lam = np.array([BALLS.number(x) for x in case.spectrum.eigenvalues.tolist()])
            if case.spectrum.exponent is not None:
                lam = exact_powers(case.spectrum)
            n, q, load = (BALLS.number(v) for v in (case.n, case.q, case.q * case.ridge))
            for end, sign in ((nu.lower(), -1), (nu.upper(), 1)):
                at = end * BALLS.number(factor)
                df = BALLS.total(f.one_minus_zeta(lam, at))
                value = min(n, q) - df if not case.ridge else (n - df) * (q - df) - load / at
                yield 0, sign * value


def exact_powers(spectrum: Any) -> np.ndarray:
    """The eigenvalues of a power law at the precision in force."""
    from kdverify.arithmetic import powers

    return powers(BALLS, spectrum.p, spectrum.exponent)

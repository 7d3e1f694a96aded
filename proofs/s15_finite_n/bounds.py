"""Claim 15.bounds: explicit bounds of the mean risk with a ridge, at every n."""

from typing import Any

import numpy as np
import sympy

from kdverify import Problem, Spectrum, equivalents, risk, simulate
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.bounds import risk_bounds

from ..lib import batches as b
from ..lib.ensembles import seed
from ..lib.modes import Pairs
from ..lib.written import Written, ball, exact, mp, same

BOUNDS = Claim(
    "15.bounds",
    title="Gaussian rows with a ridge: explicit bounds of the mean student and the mean risk",
    statement=r"\frac1{\tau(n+1,\delta;\Sigma)}-\frac1\delta \le \mathbb E\,"
    r"\mathrm{tr}(XX^\top+\delta)^{-1} \le \frac1{\tau(n,\delta;\Sigma(1+c\Sigma)^{-1})},\quad"
    r" c = \frac{16\lambda_1}{27\delta^2}+\frac2\delta;\quad \sum_i\lambda_i\beta_i^{*2}"
    r"(\mathbb EN_{ii})^2 \le \mathbb ER \le \Big(1+\frac{\mathrm{tr}\Sigma+2\lambda_1}\delta"
    r"\Big)^2\frac\delta{n+1}\sum_i\beta_i^{*2}\,\mathbb EN_{ii}(1-\mathbb EN_{ii})\big|_{n+1}",
    needs=("1.ridge",),
    parts=("one column", "above", "below", "left out", "rows trained on", "holds", "simulated"),
    steps=[
        Step(
            "N = delta (X'X + delta)^-1, K = XX' + delta, t = E tr K^-1; A is K^-1 without column"
            " i, T = E tr A. N_ii = 1/(1 + lam z'Az) with z independent of A.",
            lambda: one_column()[1],
        ),
        Step(
            "Jensen: E N_ii >= 1/(1 + lam T). Eigenvalues interlace: T <= t + 1/delta. With"
            " sum (1 - N_ii) = n - delta tr K^-1 this is (1) at n + 1, as an inequality."
        ),
        Step(
            "E x/(1+x) >= (E x)^2/(E x + E x^2), x = lam z'Az. E (z'Az)^2 is E (tr A)^2 + 2 E tr"
            " A^2; Var tr A <= 4 E |K^-2 X Sigma^(1/2)|^2 by Poincare's inequality, u^2 (1-u) <="
            " 4/27 for u = delta/k: together T^2 + c T. This is (1) for lam/(1 + c lam)."
        ),
        Step(
            "E N is diagonal, by signs of columns: the mean student's error is at most E R. Above:"
            " of n + 1 rows, the k-th left out has the error e_k (1 + h_k), and sum e_k^2 ="
            " delta beta'(N - N^2)beta; E (N^2)_ii >= (E N_ii)^2.",
            lambda: residuals()[1],
        ),
        Step(
            "Jensen, with weights (x'v)^2: E e^2 >= R/(1 + E h)^2, E h = tr M Sigma + 2 v'Sigma M"
            " Sigma v/v'Sigma v <= (tr Sigma + 2 lam_1)/delta, M = (X'X + delta)^-1."
        ),
    ],
)


def real(*names: str) -> list[Any]:
    """Real symbols."""
    return list(sympy.symbols(names, real=True))


lam, delta = sympy.symbols("lambda delta", positive=True)


@BOUNDS.identity("one column", note="lemma: n = p = 2", but={"of the column itself": {"own": 1}})
def one_column(own: int = 0) -> tuple[Any, Any]:
    """N_11 and 1/(1 + lam_1 z'Az), lam_1 taken into z."""
    z, w = sympy.Matrix(real("z_1", "z_2")), sympy.Matrix(real("w_1", "w_2"))
    X = sympy.Matrix.hstack(z, w)
    N = delta * (X.T * X + delta * sympy.eye(2)).inv()
    A = (w * w.T + own * z * z.T + delta * sympy.eye(2)).inv()
    return N[0, 0], 1 / (1 + (z.T * A * z)[0])


@BOUNDS.identity("one column", note="lemma: tr P = n - delta tr K^-1, n = 1, p = 2")
def trace() -> tuple[Any, Any]:
    """Both traces."""
    X = sympy.Matrix([real("x_1", "x_2")])
    N = delta * (X.T * X + delta * sympy.eye(2)).inv()
    return (sympy.eye(2) - N).trace(), 1 - delta * (X * X.T + delta * sympy.eye(1)).inv().trace()


@BOUNDS.forall(
    "above",
    witness={"x": "1/2", "m": "2"},
    note="lemma: Jensen's inequality, by a tangent",
    but={"above the tangent": {"sign": -1}},
)
def jensen(smt: Any, sign: int = 1) -> Any:
    """1/(1+x) is above its tangent at m."""
    x, m = smt.Real("x"), smt.Real("m")
    gap = (1 + m) ** 2 - ((1 + m) - (x - m)) * (1 + x)
    return [x >= 0, m >= 0], sign * gap >= 0


ORDER = {"k_1": "1/4", "m_1": "1/3", "k_2": "1/2", "m_2": "3/4", "D": "1"}


@BOUNDS.forall(
    "above", witness=ORDER, note="lemma: n = 2", but={"half of 1/delta": {"room": "1/2"}}
)
def interlacing(smt: Any, room: str = "1") -> Any:
    """Inverses of eigenvalues interlace, 0 <= k_1 <= m_1 <= k_2 <= m_2 <= D = 1/delta: sums."""
    k1, m1, k2, m2, most = (smt.Real(name) for name in ("k_1", "m_1", "k_2", "m_2", "D"))
    ordered = [k1 >= 0, m1 >= k1, k2 >= m1, m2 >= k2, most >= m2]
    return ordered, m1 + m2 - k1 - k2 <= smt.number(room) * most


@BOUNDS.forall(
    "below",
    witness={"x": "1", "a": "1/3"},
    note="lemma: Cauchy and Schwarz, by a tangent",
    but={"twice as much": {"factor": 2}},
)
def cauchy_schwarz(smt: Any, factor: int = 1) -> Any:
    """x/(1+x) >= 2 a x - a^2 x (1+x): the mean at a = E x/(E x + E x^2) is the bound."""
    x, a = smt.Real("x"), smt.Real("a")
    return [x >= 0, a > 0], x >= factor * (2 * a * x - a * a * x * (1 + x)) * (1 + x)


@BOUNDS.forall(
    "below",
    witness={"u": "1/2", "lambda": 1, "delta": 1},
    note="the gradient",
    but={"three quarters of c": {"share": "3/4"}},
)
def gradient(smt: Any, share: str = "1") -> Any:
    """4 lam u^2 (1 - u)/delta^2 + 2/delta <= c at every eigenvalue k = delta/u of K."""
    u, largest, ridge = (smt.Real(name) for name in ("u", "lambda", "delta"))
    found = 4 * largest * u * u * (1 - u) / (ridge * ridge) + 2 / ridge
    most = smt.number(share) * f.trace_excess(largest, ridge)
    return [u >= 0, u <= 1, largest > 0, ridge > 0], found <= most


def moments(expression: Any, variances: dict[Any, Any]) -> Any:
    """The mean over independent normal symbols, to the fourth power."""
    normal = {0: 1, 2: 1, 4: 3}
    total = sympy.Integer(0)
    for powers, factor in sympy.Poly(sympy.expand(expression), *variances).terms():
        for power, variance in zip(powers, variances.values(), strict=True):
            factor *= normal.get(power, 0) * variance ** sympy.Rational(power, 2)
        total += factor
    return total


@BOUNDS.identity("below", note="lemma: E (z'Az)^2, two rows", but={"without tr A^2": {"part": 0}})
def square_of_form(part: int = 1) -> tuple[Any, Any]:
    """The mean over z of the square of a quadratic form."""
    z, (a, c, d) = real("z_1", "z_2"), real("a", "c", "d")
    A = sympy.Matrix([[a, c], [c, d]])
    form = (sympy.Matrix([z]) * A * sympy.Matrix(z))[0]
    return moments(form**2, dict.fromkeys(z, 1)), A.trace() ** 2 + 2 * part * (A * A).trace()


@BOUNDS.identity("below", note="(1) with the damped eigenvalue", but={"c for 2 c": {"times": 2}})
def damped(times: int = 1) -> tuple[list[Any], list[Any]]:
    """lam t/(1 + lam (t + c)) is 1 - zeta of the damped eigenvalue at tau = 1/t; 1 less it."""
    t, c = sympy.symbols("t c", positive=True)
    share = f.one_minus_zeta(f.damped_eigenvalue(lam, times * c), 1 / t)
    return [share, f.most_unlearnt(lam, t, c)], [lam * t / (1 + lam * (t + c)), 1 - share]


@BOUNDS.identity("below", note="c", but={"8 for 16": {"four": 2}})
def excess(four: int = 4) -> tuple[Any, Any]:
    """4 lam_1 (4/27)/delta^2 of the variance, and 2/delta."""
    return f.trace_excess(lam, delta), four * lam * sympy.Rational(4, 27) / delta**2 + 2 / delta


@BOUNDS.identity("above", note="(1) at n + 1", but={"n": {"more": 0}})
def one_more(more: int = 1) -> tuple[Any, Any]:
    """n - delta t <= sum (1 - zeta) at tau = 1/s, s = t + 1/delta, is n + 1 <= delta s + sum."""
    t, n = sympy.symbols("t n", positive=True)
    s = t + 1 / delta
    learnt = 1 - f.least_unlearnt(lam, t, delta)
    return n - delta * t - learnt, n + more - delta * s - f.one_minus_zeta(lam, 1 / s)


@BOUNDS.identity("left out", note="lemma: two rows, p = 1", but={"1 - h": {"sign": -1}})
def left_out(sign: int = 1) -> tuple[Any, Any]:
    """The error of a row that was trained on, and the one of it left out over 1 + h."""
    x, y, beta = real("x", "y", "beta")
    both, one = delta / (x**2 + y**2 + delta), delta / (y**2 + delta)
    return x * both * beta, x * one * beta / (1 + sign * x**2 / (y**2 + delta))


@BOUNDS.identity("left out", note="lemma: n = 1, p = 2", but={"without N^2": {"part": 0}})
def residuals(part: int = 1) -> tuple[Any, Any]:
    """|X N beta|^2 and delta beta'(N - N^2)beta."""
    X, beta = sympy.Matrix([real("x_1", "x_2")]), sympy.Matrix(real("b_1", "b_2"))
    N = delta * (X.T * X + delta * sympy.eye(2)).inv()
    seen = X * N * beta
    return (seen.T * seen)[0], delta * (beta.T * (N - part * N * N) * beta)[0]


WITNESS = {"x": "1/2", "m": "2"}


@BOUNDS.forall(
    "rows trained on", witness=WITNESS, note="lemma: a tangent", but={"once": {"slope": 1}}
)
def tangent(smt: Any, slope: int = 2) -> Any:
    """1/(1+x)^2 is above its tangent at m, multiplied out."""
    x, m = smt.Real("x"), smt.Real("m")
    below = ((1 + m) - slope * (x - m)) * (1 + x) ** 2
    return [x >= 0, m >= 0], (1 + m) ** 3 >= below


@BOUNDS.identity("rows trained on", note="lemma: p = 2", but={"1 for 2": {"times": 1}})
def weighted_mean(times: int = 2) -> tuple[Any, Any]:
    """E (x'v)^2 x'Mx for x with the covariance diag(l_1, l_2)."""
    x, v, (a, c, d) = real("x_1", "x_2"), real("v_1", "v_2"), real("a", "c", "d")
    l1, l2 = sympy.symbols("l_1 l_2", positive=True)
    S, M, w = sympy.diag(l1, l2), sympy.Matrix([[a, c], [c, d]]), sympy.Matrix(v)
    row = sympy.Matrix([x])
    mean = moments((row * w)[0] ** 2 * (row * M * row.T)[0], {x[0]: l1, x[1]: l2})
    energy = (w.T * S * w)[0]
    return mean, energy * (M * S).trace() + times * (w.T * S * M * S * w)[0]


@BOUNDS.identity("rows trained on", note="the factor")
def factor() -> tuple[Any, Any]:
    """1 + tr Sigma/delta + 2 lam_1/delta."""
    energy = sympy.Symbol("E", positive=True)
    return f.left_out_bound(energy, lam, delta), 1 + energy / delta + 2 * lam / delta


SPECTRA = (np.arange(1, 31.0) ** -1, np.ones(20), 0.5 ** np.arange(12))
CASES = ((5, "1/2"), (20, "20"), (200, "200"), (1000, "20"))


@BOUNDS.below("holds", note="zeta and (2) between the bounds", but={"at n/2": {"fewer": 2}})
def around_the_equivalents(digits: int, fewer: int = 1) -> Pairs:
    """The equivalents lie between; at ridge = n = 10^3 within 1 % of each other."""
    del digits
    for values in SPECTRA:
        problem = Problem(Spectrum(values), np.cos(np.arange(values.size)) + 1.5)
        for n, text in CASES:
            found, ridge = risk_bounds(problem, n, text), float(sympy.Rational(text))
            at = equivalents(problem, n // fewer, ridge)
            low, high = found.unlearnt
            for m, zeta, most in zip(low, at.zeta, high, strict=True):
                yield BALLS.number(float(m)), BALLS.number(float(zeta))
                yield BALLS.number(float(zeta)), BALLS.number(float(most))
            middle = BALLS.number(risk(problem, n // fewer, ridge=ridge))
            yield BALLS.number(found.risk[0]), middle
            yield middle, BALLS.number(found.risk[1])


@BOUNDS.below("holds", note="the bounds as they are written", but={"n + 1 for n": {"more": 1}})
def written(digits: int, more: int = 0) -> Pairs:
    """`risk_bounds` is the statement with tau from (1) by bisection, rounded outwards."""
    del digits
    values, truth = (3.0, 0.5, 1.25, 0.25), (1.0, -2.0, 0.5, 3.0)
    problem = Problem(Spectrum(np.array(values)), np.array(truth))
    lam, beta = [exact(x) for x in values], [exact(x) for x in truth]
    for n, ridge in ((2, 0.5), (3, 4.0), (40, 25.0)):
        found, delta = risk_bounds(problem, n + more, ridge), exact(ridge)
        c = 16 * max(lam) / (27 * delta**2) + 2 / delta

        def unlearnt(size: int) -> tuple[list[Any], list[Any]]:
            damped = Written([x / (1 + c * x) for x in lam], truth, size, ridge)  # noqa: B023 - called in its turn
            after = Written(values, truth, size + 1, ridge)  # noqa: B023 - called in its turn
            trace = max(mp.mpf(0), 1 / after.tau - 1 / delta)  # noqa: B023 - called in its turn
            low = [1 / (1 + x * (1 / damped.tau + 1 / delta)) for x in lam]  # noqa: B023 - called in its turn
            high = [(1 + x * c) / (1 + x * (trace + c)) for x in lam]  # noqa: B023 - called in its turn
            return low, [min(mp.mpf(1), m) for m in high]

        low, high = unlearnt(n)
        missed = sum(x * own**2 * m**2 for x, own, m in zip(lam, beta, low, strict=True))
        spread = mp.mpf(0)
        for own, *ends in zip(beta, *unlearnt(n + 1), strict=True):
            inside = [mp.mpf(1) / 2] if ends[0] < 0.5 < ends[1] else []
            spread += own**2 * max(m * (1 - m) for m in (*ends, *inside))
        factor = 1 + (sum(lam) + 2 * max(lam)) / delta
        most = factor**2 * delta / (n + 1) * spread
        wanted = zip((*low, missed, *high, most), (-1,) * 5 + (1,) * 5, strict=True)
        bounds = (*found.unlearnt[0], found.risk[0], *found.unlearnt[1], found.risk[1])
        for bound, (true, side) in zip(bounds, wanted, strict=True):
            yield same(bound, true)
            outwards = side * (mp.mpf(float(bound)) - true)
            yield ball(0), ball(outwards)


@BOUNDS.below("holds", note="distance of the bounds, of order 1/n", but={"a tenth": {"part": 10}})
def shrinking(digits: int, part: int = 1) -> Pairs:
    """n = ridge: bounds of E N_ii and of the risk within 2/n and 15/n relatively."""
    del digits
    for n in (100, 1000, 10_000):
        found = risk_bounds(b.PROBLEM, n, n)
        widest = float((found.unlearnt[1] / found.unlearnt[0] - 1).max())
        yield BALLS.number(widest), BALLS.number(2 / (part * n))
        yield BALLS.number(found.risk[1] / found.risk[0] - 1), BALLS.number(15 / (part * n))


@BOUNDS.agreement("simulated", note="mean risks between the bounds", but={"n": {"size": 4}})
def between(context: Context, size: int = 1) -> list[Comparison]:
    """The band is what lies between the bounds."""
    found = []
    for n, ridge, trials in ((20, 20, 150), (60, 60, 150), (200, 400, 250)):
        bounds = risk_bounds(b.PROBLEM, size * n, ridge).risk
        run = simulate(b.PROBLEM, n, [None], context.trials(trials), seed(context, n), ridge=ridge)
        middle, band = sum(bounds) / 2, (bounds[1] - bounds[0]) / 2
        error, degrees = run.standard_errors[0], run.degrees_of_freedom
        found.append(Comparison(f"n = {n}", run.means[0], error, degrees, middle, band))
    return found

"""Claim 10.surrogate-ridge: with the best surrogate the best ridge is none, or negative."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import Problem, best_ridge, optimal_risk
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import certified

from ..lib import sums as m
from ..lib.modes import Pairs

RIDGE = Claim(
    "10.surrogate-ridge",
    title="Best ridge and best surrogate together: without noise no positive ridge helps",
    statement=r"\sigma=0:\ \bar R_{\rm opt} = \sum_i\lambda_i\beta_i^{*2}"
    r"\frac{\kappa^2}{\lambda_i^2+\kappa^2},\ \kappa^2=\frac{\tau^2\Omega}{1-\Omega};\quad"
    r" \frac{d\kappa^2}{d\delta} \ge 0 \iff n\sum_i(1-\zeta_i)^3 \ge"
    r" \Big(\sum_i(1-\zeta_i)^2\Big)^2,\text{ true for }\delta\ge0",
    needs=("3.optimal", "10.best-ridge"),
    parts=("scale", "margin", "not negative", "strict", "condition"),
    steps=[
        Step(
            "(5) in lambda and tau: the noiseless best risk depends on n and the ridge through one"
            " number, kappa^2, and rises with it in every mode.",
            lambda: scale()[1],
        ),
        Step("d kappa^2/d tau has the sign of n S_3 - S_2^2.", lambda: margin()[1]),
        Step(
            "Cauchy-Schwarz: S_2^2 = (sum x^(1/2) x^(3/2))^2 <= S_1 S_3, x = 1 - zeta, and"
            " S_1 = n - ridge/tau <= n unless the ridge is negative. So the best ridge >= 0 is 0;"
            " unless Sigma is a multiple of I the inequality is strict at ridge 0, and a negative"
            " ridge, at which n S_3 = S_2^2, is better still."
        ),
        Step("With noise the condition has one more term, of the other sign.", lambda: slope()[1]),
    ],
)


@RIDGE.identity("scale", but={"kappa in the place of its square": {"square": False}})
def scale(square: bool = True) -> tuple[Any, Any]:
    """One mode's best risk over its signal, by (5), and the share of kappa^2."""
    lam, tau, omega = sympy.symbols("lambda tau Omega", positive=True)
    split = f.split_mode(lam, tau)
    one = f.optimal_risk(1, *split, omega, 1 - omega, total=lambda value: value)
    kappa = f.surrogate_scale(tau, omega, 1 - omega)
    return one, f.optimal_share(lam, kappa if square else kappa / tau)


@RIDGE.identity("margin", note="any number of modes", but={"S_1 for n": {"learnt": True}})
def margin(learnt: bool = False) -> tuple[Any, Any]:
    """d kappa^2/d tau at fixed n, and 2 tau (n S_3 - S_2^2)/(n - S_2)^2."""
    one_mode = m.split()[1]
    sums = [m.ridge_total(one_mode**k) for k in (2, 3)]
    moved = m.ridge_total(sympy.diff(one_mode**2, m.tau))
    square = sympy.Symbol("S", positive=True)
    law = f.surrogate_scale(m.tau, square, m.n - square)
    slope = (sympy.diff(law, m.tau) + sympy.diff(law, square) * moved).subs(square, sums[0])
    size = m.ridge_total(one_mode) if learnt else m.n
    margin = f.scale_margin(sums[0], sums[1], size)
    return slope, 2 * m.tau * margin / (m.n - sums[0]) ** 2


@RIDGE.forall("not negative", witness={"S1": 2, "S2": 1, "S3": 1, "n": 2})
def not_negative(smt: Any) -> Any:
    """The margin is not negative where S_2^2 <= S_1 S_3 and S_1 <= n."""
    learnt, square, cube, n = (smt.Real(name) for name in ("S1", "S2", "S3", "n"))
    inside = [learnt > 0, square > 0, cube > 0, n >= learnt, square * square <= learnt * cube]
    return inside, f.scale_margin(square, cube, n) >= 0


@RIDGE.forall(
    "not negative",
    witness={"S1": 1, "S2": 1, "S3": 1, "x": 1},
    note="Cauchy-Schwarz by induction: one more mode",
    but={"S_1 S_2 in its place": {"power": 2}},
)
def one_more_mode(smt: Any, power: int = 3) -> Any:
    """S_2^2 <= S_1 S_3 stays true as a mode with 1 - zeta = x joins."""
    learnt, square, cube, x = (smt.Real(name) for name in ("S1", "S2", "S3", "x"))
    inside = [learnt >= 0, square >= 0, cube >= 0, x > 0]
    inside.append(f.scale_margin(square, cube, learnt) >= 0)
    last = cube + (x * x * x if power == 3 else x * x * x * x)
    return inside, f.scale_margin(square + x * x, last, learnt + x) >= 0


@RIDGE.identity("strict", note="two modes: the gap is a square, 0 iff both are equal")
def gap() -> tuple[Any, Any]:
    """S_1 S_3 - S_2^2 for two modes."""
    x, y = sympy.symbols("x y", positive=True)
    sums = [x**k + y**k for k in (1, 2, 3)]
    return f.scale_margin(sums[1], sums[2], sums[0]), x * y * (x - y) ** 2


@RIDGE.identity("condition", note="one mode's signal, any number of modes in the sums")
def slope() -> tuple[Any, Any]:
    """dR/d tau by kappa^2 and Omega, and the condition times 2/(tau (n - S_2)^2)."""
    lam, signal, tau, n, noise = sympy.symbols("l P tau n sigma^2", positive=True)
    square, cube = sympy.symbols("S_2 S_3", positive=True)
    kappa = sympy.Symbol("K", positive=True)
    moved = -2 * (square - cube) / tau  # of S_2 by tau: d (1-zeta)^2 = -2 zeta (1-zeta)^2/tau
    law = f.surrogate_scale(tau, square, n - square)
    along = sympy.diff(law, tau) + sympy.diff(law, square) * moved
    share = sympy.diff(signal * f.optimal_share(lam, kappa), kappa).subs(kappa, law)
    omega = sympy.diff(square / (n - square), square) * moved
    condition = f.surrogate_ridge_condition(
        lam, signal, tau, square, cube, n, n - square, noise, lambda value: value
    )
    return share * along + noise * omega, 2 * condition / (tau * (n - square) ** 2)


@RIDGE.below("p = 20", note="certified: ridges 0.01 to 1 are worse than none, a negative better")
def none_is_best(digits: int) -> Pairs:
    """Best risks without ridge and with some; with the best negative one and without."""
    for alpha, beta in ((1, 2), (2, "1.5"), ("1.5", 5)):
        problem = Problem.power_law(20, alpha, beta)
        plain = certified.certificate(problem, 9, digits=digits).optimal
        for ridge in ("0.01", "0.1", "1"):
            yield plain, certified.certificate(problem, 9, 0, ridge, digits).optimal
        yield best_ridge(problem, 9, 0, "optimal", negative=True, digits=digits).risk, plain


@RIDGE.below("p = 20", note="with noise 1/2", but={"no noise": {"noise": Fraction(0)}})
def with_noise(digits: int, noise: Fraction = Fraction(1, 2)) -> Pairs:
    """With noise some ridge is better than none, here."""
    problem = Problem.power_law(20, 1, 2)
    some = certified.certificate(problem, 9, noise, Fraction(1, 10), digits).optimal
    yield some, certified.certificate(problem, 9, noise, 0, digits).optimal


@RIDGE.below("doubles", but={"of another n": {"n": 10}})
def doubles(digits: int, n: int = 9) -> Pairs:
    """float64 beside the certified optimum with noise."""
    problem = Problem.power_law(20, 1, 2)
    ball = best_ridge(problem, 9, 0.5, "optimal", digits=digits)
    found = best_ridge(problem, n, 0.5, "optimal")
    yield abs(type(ball.risk)(found.risk) - ball.risk), ball.risk / 10**12
    again = optimal_risk(problem, n, 0.5, found.ridge)
    yield abs(type(ball.risk)(again) - ball.risk), ball.risk / 10**12

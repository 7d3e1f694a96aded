"""Claims 10.best-ridge and 10.best-ridge-falls: where it lies, and no double descent."""

from fractions import Fraction
from typing import Any

import sympy

from kdverify import Problem, best_ridge
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.gaussian import certified
from kdverify.gaussian.solve.exact import ExactModes

from ..lib import sums as m
from ..lib.modes import Pairs

BEST = Claim(
    "10.best-ridge",
    title="The best ridge: its condition, and when a positive one helps",
    statement=r"\frac{d\bar R}{d\delta}=0 \iff (1-\Omega)\sum_i\lambda_i\beta_i^{*2}\zeta_i^2"
    r"(1-\zeta_i) = \Big(\sigma^2+\sum_i\lambda_i\zeta_i^2\beta_i^{*2}\Big)"
    r"\frac1n\sum_i\zeta_i(1-\zeta_i)^2",
    source="classic",
    needs=("2.classical", "1.ridge"),
    parts=("condition", "sign", "noise"),
    steps=[
        Step("tau rises with the ridge, so that dR/d tau has the sign of dR/d ridge."),
        Step(
            "d zeta/d tau = zeta (1 - zeta)/tau: 2/(tau (1 - Omega)^2) times the condition.",
            lambda: derivative()[1],
        ),
        Step(
            "It is linear in sigma^2, with a negative factor: at any ridge a larger one is better"
            " iff the noise exceeds a threshold, which may be negative; at the ridgeless end that"
            " says whether a positive ridge helps."
        ),
        Step(
            "Beyond an explicit tau it is positive, and with n > p and sigma > 0 negative near 0:"
            " there is a best ridge, found as a change of sign from - to +."
        ),
    ],
)


@BEST.identity("condition", but={"1/n left out": {"over_n": False}})
def derivative(over_n: bool = True) -> tuple[Any, Any]:
    """dR/d tau at fixed n, any number of modes, and the condition times 2/(tau (1 - Omega)^2)."""
    zeta, learnt = m.split()
    signal = m.lam * m.beta_star**2
    unlearnt = m.total(signal * zeta * zeta)
    moved = m.total(sympy.diff(signal * zeta * zeta, m.tau))
    omega_moved = m.total(sympy.diff(learnt * learnt, m.tau)) / m.n
    risk = moved / (1 - m.omega) + omega_moved * (m.noise + unlearnt) / (1 - m.omega) ** 2
    size = m.n if over_n else 1
    condition = f.ridge_condition(signal, zeta, learnt, 1 - m.omega, size, m.noise, m.total)
    return risk, 2 * condition / (m.tau * (1 - m.omega) ** 2)


@BEST.identity("noise", but={"the threshold's sign": {"sign": -1}})
def threshold(sign: int = 1) -> tuple[Any, Any]:
    """The condition at the noise that the threshold says."""
    zeta, learnt = m.split()
    signal = m.lam * m.beta_star**2
    noise = f.ridge_noise_threshold(signal, zeta, learnt, 1 - m.omega, m.n, m.total)
    at = f.ridge_condition(signal, zeta, learnt, 1 - m.omega, m.n, sign * noise, m.total)
    return at, sympy.Integer(0)


@BEST.forall("sign", witness={"S": 1, "z": 1, "l": 1, "Omega": "1/2", "s": 1, "t": 2})
def falls_with_noise(smt: Any) -> Any:
    """More noise lowers the condition: the best ridge lies further out."""
    signal, zeta, learnt, omega, less, more = (
        smt.Real(name) for name in ("S", "z", "l", "Omega", "s", "t")
    )
    inside = [signal > 0, zeta > 0, learnt > 0, omega > 0, omega < 1, less >= 0, more > less]

    def condition(noise: Any) -> Any:
        # one mode stands for all: with zeta and 1 - zeta free, so are the condition's three sums
        return f.ridge_condition(signal, zeta, learnt, 1 - omega, 1, noise, lambda value: value)

    return inside, condition(more) < condition(less)


#: alpha, beta, n, noise at p = 20: ridges above and below 0 are best.
CASES: tuple[tuple[Any, Any, int, str], ...] = (
    (1, 2, 9, "0.25"),
    (2, 3, 9, "0"),
    (1, 2, 30, "0.1"),
    (1, "0.2", 9, "0"),
)


def solved(case: tuple[Any, Any, int, str], digits: int) -> tuple[Problem, Any]:
    """The certified best ridge of any sign."""
    alpha, beta, n, noise = case
    problem = Problem.power_law(20, alpha, beta)
    return problem, best_ridge(problem, n, noise, negative=True, digits=digits)


@BEST.below("p = 20", note="4 cases: moved ridges are worse", but={"a tenth of it": {"part": 0.1}})
def neighbours_are_worse(digits: int, part: float = 1.0) -> Pairs:
    """The risk at the best ridge, and certified risks at ridges moved by a tenth."""
    for case in CASES:
        problem, best = solved(case, digits)
        for factor in (0.9, 1.1):
            ridge = float(best.ridge.mid()) * factor * part
            if ridge >= 0:
                own = certified.risk(problem, case[2], None, case[3], ridge, digits)
                yield best.risk if part == 1 else risk_at(problem, case, ridge / factor), own


def risk_at(problem: Problem, case: tuple, ridge: float) -> Any:
    """The certified risk at another ridge."""
    return certified.risk(problem, case[2], None, case[3], ridge, 30)


@BEST.below("p = 20", note="one case: no tau further than a tenth away does as well")
def nowhere_better(digits: int) -> Pairs:
    """R >= (A(a) + sigma^2 Omega(b))/(1 - Omega(b)) for tau in [a, b]: A rises, Omega falls.

    Intervals are halved until this bound is above the least risk.
    """
    problem, best = solved(CASES[0], digits)
    with BALLS.precision(digits + 10):
        modes = ExactModes(BALLS, problem.spectrum, problem)

        def bound(low: float, high: float) -> Any:
            start, end = (f.split_mode(modes.lam, BALLS.number(tau)) for tau in (low, high))
            omega = modes.total(f.learnt_square(end[1])) / 9
            if not omega < 1:  # no ridge has such a tau, or the next half will tell
                return BALLS.number(0 if low > least / 2 else 10**6)
            noise = BALLS.number(Fraction(1, 4))
            return f.standard_risk(modes.signal, start[0], omega, 1 - omega, noise, modes.total)

        least = float(best.tau.mid())
        todo = [(least / 100, 0.9 * least), (1.1 * least, 300.0)]
        while todo:
            low, high = todo.pop()
            found = bound(low, high)
            if found > best.risk or high < low * (1 + 1e-4):
                yield best.risk, found
            else:
                middle = (low * high) ** 0.5
                todo += [(low, middle), (middle, high)]


@BEST.equal("p = 20", note="the condition changes sign where the risk is flat")
def flat(digits: int) -> Pairs:
    """Condition and derivative vanish together: the ball of the condition at tau holds 0."""
    problem, best = solved(CASES[0], digits)
    with BALLS.precision(digits + 10):
        modes = ExactModes(BALLS, problem.spectrum, problem)
        zeta, learnt = f.split_mode(modes.lam, best.tau)
        omega = modes.total(learnt * learnt) / 9
        noise = f.ridge_noise_threshold(modes.signal, zeta, learnt, 1 - omega, 9, modes.total)
        yield noise, BALLS.number(Fraction(1, 4))


FALLS = Claim(
    "10.best-ridge-falls",
    title="With the best ridge the risk falls with n: no double descent",
    statement=r"n < n' \Rightarrow \min_\delta\bar R(n',\delta) < \min_\delta\bar R(n,\delta)",
    source="classic",
    needs=("10.best-ridge",),
    parts=("at fixed tau", "feasible"),
    steps=[
        Step(
            "Written in tau, (2) on strong labels is (A(tau) + sigma^2 Omega)/(1 - Omega) with"
            " Omega = S(tau)/n: at fixed tau it falls strictly with n."
        ),
        Step(
            "A tau that some ridge (not negative) has at n, some larger ridge has at n' > n:"
            " tau (n' - sum (1 - zeta)) >= tau (n - sum (1 - zeta)) >= 0. So the least risk falls."
        ),
    ],
)


@FALLS.forall(
    "at fixed tau",
    witness={"less": "1/4", "more": "1/2", "A": 1, "s": 0},
    but={"Omega above 1": {"below_one": False}},
)
def falls(smt: Any, below_one: bool = True) -> Any:
    """A smaller Omega at the same tau, which is what more samples make, has a smaller risk."""
    less, more, unlearnt, noise = (smt.Real(name) for name in ("less", "more", "A", "s"))
    known = [less > 0, less < more, unlearnt > 0, noise >= 0]
    known += [more < 1] if below_one else [less < 1, more > 1]

    def risk(omega: Any) -> Any:
        return f.standard_risk(unlearnt, 1, omega, 1 - omega, noise, lambda value: value)

    return known, risk(less) < risk(more)


@FALLS.forall("feasible", witness={"t": 1, "L": 1, "n": 2, "m": 3})
def feasible(smt: Any) -> Any:
    """The ridge of this tau at n' is not below that at n."""
    tau, learnt, n, more = (smt.Real(name) for name in ("t", "L", "n", "m"))
    known = [tau > 0, learnt > 0, more > n, f.ridge_of_root(tau, n - learnt) >= 0]
    return known, f.ridge_of_root(tau, more - learnt) > f.ridge_of_root(tau, n - learnt)


@FALLS.below("p = 20", note="n = 4 to 60 through n = p", but={"without ridge": {"tuned": False}})
def along_n(digits: int, tuned: bool = True) -> Pairs:
    """Best risks at a larger and a smaller n, certified; without ridge there is a peak at p."""
    sizes = (4, 9, 14, 19, 20, 21, 30, 60)
    problem = Problem.power_law(20, 1, 2)
    risks = [
        best_ridge(problem, n, "0.25", digits=digits).risk
        if tuned
        else certified.risk(problem, n, None, "0.25", Fraction(1, 1000), digits)
        for n in sizes
    ]
    yield from zip(risks[1:], risks, strict=False)

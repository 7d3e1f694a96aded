"""One generic mode: sections 3 and 4 need no more, since (2) is additive over the modes.

Omega enters (2) as a number that no single mode controls; here it is a symbol, or a solver
variable, of its own.  ``additive`` is the statement that makes this enough for every p.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from kdverify import formulas as f
from kdverify.problem import Problem

#: The setting of the paper's figure 1a.
FIGURE_1A = ("500", "2", "1.5", 200)


def symbols() -> tuple[Any, ...]:
    """SymPy: lam, zeta, Omega, beta*, beta^s, sigma^2 of one mode."""
    import sympy

    lam, zeta, omega = sympy.symbols("lambda zeta Omega", positive=True)
    beta_star, surrogate = sympy.symbols("beta^* beta^s", real=True)
    return lam, zeta, omega, beta_star, surrogate, sympy.Symbol("sigma^2", nonnegative=True)


def itself(value: Any) -> Any:
    """The sum over one mode."""
    return value


def share(surrogate: Any, noise: Any = 0, truth: Any = None) -> Any:
    """(2) with one mode, at symbols."""
    lam, zeta, omega, beta_star, _, _ = symbols()
    truth = beta_star if truth is None else truth
    return f.risk(lam, surrogate, truth, zeta, 1 - zeta, omega, 1 - omega, noise, total=itself)


def best() -> Any:
    """(4) with one mode, at symbols."""
    _, zeta, omega, beta_star, _, _ = symbols()
    return f.optimal_surrogate(beta_star, zeta, 1 - zeta, omega, 1 - omega)


def signal() -> Any:
    """lam beta*^2 of the mode."""
    lam, _, _, beta_star, _, _ = symbols()
    return lam * beta_star * beta_star


def additive() -> tuple[Any, Any]:
    """(2) for any number of modes, and the sum of its one-mode shares plus the noise part."""
    import _mode_sums as m

    def one(value: Any) -> Any:
        return value

    zeta, learnt = m.split()
    mode = f.risk(m.lam, m.surrogate, m.beta_star, zeta, learnt, m.omega, 1 - m.omega, 0, total=one)
    return m.risk(), m.total(mode) + f.variance_factor(m.omega, 1 - m.omega) * m.noise


def unit(smt: Any) -> tuple[Any, Any, list[Any]]:
    """Solver variables zeta and Omega in (0, 1)."""
    zeta, omega = smt.Real("zeta"), smt.Real("Omega")
    return zeta, omega, [zeta > 0, zeta < 1, omega > 0, omega < 1]


def keep_iff(smt: Any, relation: str, power: int = 2) -> Any:
    """Keeping costs less than dropping iff zeta^2 < 1 - Omega; the same at the tie."""
    zeta, omega, inside = unit(smt)
    signal = smt.Real("signal")
    kept, dropped = f.kept_risk(signal, zeta, 1 - omega), f.dropped_risk(signal)
    margin = f.keep_margin(zeta, 1 - omega) if power == 2 else 1 - omega - zeta
    assumptions = [*inside, signal > 0]
    if relation == "kept":
        return assumptions, (kept < dropped) == (margin > 0)
    return assumptions, (kept > dropped) == (margin < 0)


def figure_1a() -> tuple[Problem, int]:
    """The problem of figure 1a and its n."""
    p, alpha, beta, n = FIGURE_1A
    return Problem.power_law(int(p), alpha, beta), n


@cache
def certificate(digits: int, ridge: Fraction = Fraction(0)) -> Any:
    """The certified solution at the setting of figure 1a."""
    from kdverify.gaussian.certified import certificate as certify

    problem, n = figure_1a()
    return certify(problem, n, ridge=ridge, digits=digits)

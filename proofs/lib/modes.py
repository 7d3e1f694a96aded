"""Symbols for the claims: modes whose fixed point holds by construction.

The effective regularisation tau is taken as the free parameter and n is *defined* by
equation (1), n = sum (1 - zeta_i) + ridge/tau.  That map is one to one (claim
``1.unique``), so that an identity in lam, tau holds for every admissible n.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy

from kdverify import formulas
from kdverify import formulas as f
from kdverify.gaussian.certified import certificate as certify
from kdverify.problem import Problem

from . import sums as m


@dataclass(frozen=True, eq=False)
class SymbolicModes:
    """p modes with positive symbols; vectors are object arrays of length p."""

    lam: np.ndarray
    tau: Any
    ridge: Any
    zeta: np.ndarray
    one_minus_zeta: np.ndarray
    n: Any
    omega: Any
    one_minus_omega: Any
    beta_star: np.ndarray
    surrogate: np.ndarray
    noise: Any

    @property
    def signal(self) -> np.ndarray:
        """lam beta_star^2."""
        return self.lam * self.beta_star * self.beta_star


def symbolic_modes(p: int, ridge: bool = False) -> SymbolicModes:
    """``p`` modes, ridgeless or with a positive ridge."""
    lam = symbol_vector("lambda", p, positive=True)
    tau = sympy.Symbol("tau", positive=True)
    delta = sympy.Symbol("delta", positive=True) if ridge else sympy.Integer(0)
    zeta, learnt = formulas.split_mode(lam, tau)
    n = formulas.fixed_point_residual(learnt, 0, delta / tau)
    return SymbolicModes(
        lam=lam,
        tau=tau,
        ridge=delta,
        zeta=zeta,
        one_minus_zeta=learnt,
        n=n,
        omega=formulas.omega(sum(formulas.learnt_square(learnt)), n),
        one_minus_omega=formulas.one_minus_omega(
            sum(formulas.spread(zeta, learnt)), n, delta / tau
        ),
        beta_star=symbol_vector("beta^*", p, real=True),
        surrogate=symbol_vector("beta^s", p, real=True),
        noise=sympy.Symbol("sigma^2", nonnegative=True),
    )


def symbol_vector(name: str, length: int, **assumptions: bool) -> np.ndarray:
    """Symbols ``name_1`` to ``name_length`` as an object array."""
    vector = np.empty(length, dtype=object)
    vector[:] = [sympy.Symbol(f"{name}_{i}", **assumptions) for i in range(1, length + 1)]
    return vector


#: What `Enclosure` asks for: pairs of balls or exact numbers.
Pairs = Iterator[tuple[Any, Any]]


def together(*identities: tuple[Any, Any]) -> tuple[list[Any], list[Any]]:
    """Several identities as one: all left sides, all right sides."""
    return [left for left, _ in identities], [right for _, right in identities]


def one_mode() -> tuple[Any, Any]:
    """SymPy symbols: one eigenvalue and tau."""
    return sympy.symbols("lambda tau", positive=True)


def equal_modes_total(count: Any) -> formulas.Total:
    """The sum over ``count`` equal modes, of which the vector holds one; ``count`` may be real."""
    return lambda share: count * share


def growth(expression: Any) -> Any:
    """The derivative of a SymPy expression by log tau."""
    tau = one_mode()[1]
    return tau * sympy.diff(expression, tau)


#: The setting of the paper's figure 1a.
FIGURE_1A = ("500", "2", "1.5", 200)


def symbols() -> tuple[Any, ...]:
    """SymPy: lam, zeta, Omega, beta*, beta^s, sigma^2 of one mode."""
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
    problem, n = figure_1a()
    return certify(problem, n, ridge=ridge, digits=digits)

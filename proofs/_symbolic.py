"""Symbols for the claims: modes whose fixed point holds by construction.

The effective regularisation tau is taken as the free parameter and n is *defined* by
equation (1), n = sum (1 - zeta_i) + ridge/tau.  That map is one to one (claim
``1.unique``), so that an identity in lam, tau holds for every admissible n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from kdverify import formulas


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

"""The mean over the signs of the design's columns, for symbolic P.

Flipping the sign of column i of X changes P_ij into e_i e_j P_ij, and not the law of X.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import sympy
from _symbolic import symbol_vector

from kdverify import formulas


def modes(p: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """lambda, surrogate, beta_star (p,) and a symmetric P (p, p)."""
    entries = sympy.Matrix(p, p, lambda i, j: sympy.Symbol(f"P_{min(i, j)}{max(i, j)}"))
    lam = symbol_vector("lambda", p, positive=True)
    surrogate = symbol_vector("beta^s", p, real=True)
    return lam, surrogate, symbol_vector("beta^*", p, real=True), np.array(entries)


def by_moments(p: int) -> list[Any]:
    """The mean risk of P surrogate by `transfer_risk` and by `moment_risk`."""
    lam, s, b, projector = modes(p)
    squares, diagonal = projector * projector, projector.diagonal()
    return [
        formulas.transfer_risk(lam, s, s * s, b, diagonal, lam @ squares, 0),
        formulas.moment_risk(lam, diagonal * s, squares @ (s * s), b),
    ]


def by_flipping(p: int) -> list[Any]:
    """The same, twice, as the mean of `predictor_risk` over all 2^p choices of signs."""
    lam, s, b, projector = modes(p)
    flips = [np.array(signs) for signs in itertools.product((1, -1), repeat=p)]
    risks = [formulas.predictor_risk(lam, e * (projector @ (e * s)), b) for e in flips]
    return [sum(risks) / sympy.Integer(len(flips))] * 2

"""What a solve of the two nested fixed points (16) returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdverify import formulas
from kdverify.gaussian.solve.result import Code, Modal
from kdverify.random_features.solve.newton import Evaluation


@dataclass(frozen=True, eq=False, repr=False)
class FeatureEquivalents(Modal):
    """The deterministic equivalents of a student with q random features on n samples.

    Attributes:
        n, q, ridge: what was asked (ridge in the units of ``|y - Za|^2 + ridge |a|^2``).
        nu: nu_2, the effective regularisation of the modes; 0 where n and q reach p without
            ridge.
        nu_1: the effective regularisation of the features, ``nu (q - df)/q``.
        sample_gap, feature_gap: n - df and q - df, ``df = sum (1 - zeta)``; no digits are lost.
        crowding, one_minus_crowding: eta, 0 for infinitely many features, and its complement.
        upsilon, one_minus_upsilon: Upsilon, which is Omega for infinitely many features.
        spreads: ``sum zeta (1 - zeta)``.
        eigenvalues: (p,) in the caller's order.
        zeta, one_minus_zeta: (p,) in the caller's order, ``nu/(lam + nu)`` and its complement.
        log_error: upper bound of ``|log(true nu / nu)|``, rounding included.
        evaluations: how often all eigenvalues were gone through.
        code: how the solve ended.
        minus_slope: -dg/dlog(nu) there, where the double-precision solver found it.
    """

    n: Any
    q: Any
    ridge: Any
    nu: Any
    nu_1: Any
    sample_gap: Any
    feature_gap: Any
    crowding: Any
    one_minus_crowding: Any
    upsilon: Any
    one_minus_upsilon: Any
    spreads: Any
    eigenvalues: np.ndarray = field(repr=False)
    log_error: Any = 0.0
    evaluations: int = 0
    code: Code = Code.CONVERGED
    minus_slope: Any = None
    split: tuple[np.ndarray, np.ndarray] | None = field(default=None, repr=False)

    @property
    def regularisation(self) -> Any:
        """nu."""
        return self.nu

    @property
    def values(self) -> tuple[np.ndarray, np.ndarray, Any, Any, Any]:
        """zeta, 1 - zeta, Upsilon, 1 - Upsilon, eta: what the risks are made of."""
        return (*self._split, self.upsilon, self.one_minus_upsilon, self.crowding)


def assemble(
    n: Any, q: Any, ridge: Any, surplus: Any, few_samples: bool, nu: Any, now: Evaluation
) -> dict[str, Any]:
    """The numbers of `FeatureEquivalents` from sums at ``nu``.

    ``surplus`` is ``|n - q|``, ``few_samples`` whether n <= q.
    """
    larger = now.gap + surplus
    sample_gap, feature_gap = (now.gap, larger) if few_samples else (larger, now.gap)
    crowding = formulas.crowding(now.spreads, feature_gap)
    room = formulas.one_minus_crowding(now.spreads, feature_gap)
    return {
        "n": n,
        "q": q,
        "ridge": ridge,
        "nu": nu,
        "nu_1": formulas.first_regularisation(nu, feature_gap, q),
        "sample_gap": sample_gap,
        "feature_gap": feature_gap,
        "crowding": crowding,
        "one_minus_crowding": room,
        "upsilon": formulas.upsilon(now.learnt_squares, now.spreads, crowding, n),
        "one_minus_upsilon": formulas.one_minus_upsilon(now.spreads, room, sample_gap, n),
        "spreads": now.spreads,
    }


def unregularised(
    number: Callable[[Any], Any], n: Any, q: Any, p: int, eigenvalues: np.ndarray
) -> FeatureEquivalents:
    """The values where n and q reach p without ridge: least squares on all p modes."""
    samples, features, zero = number(n), number(q), number(0)
    return FeatureEquivalents(
        n=samples,
        q=features,
        ridge=zero,
        nu=zero,
        nu_1=zero,
        sample_gap=number(n - p),
        feature_gap=number(q - p),
        crowding=zero,
        one_minus_crowding=number(1),
        upsilon=formulas.unregularised_omega(samples, p),
        one_minus_upsilon=formulas.unregularised_one_minus_omega(samples, p),
        spreads=zero,
        eigenvalues=eigenvalues,
        log_error=zero,
        code=Code.UNREGULARISED,
        split=formulas.split_mode(eigenvalues, zero),
    )

"""What a solve of the fixed point returns: values, a code that explains itself, statistics."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from kdverify import formulas
from kdverify.shown import Shown


class Code(enum.Enum):
    """How a solve ended; the value is the explanation."""

    CONVERGED = "the root is enclosed to working precision"
    UNREGULARISED = "n >= p without ridge: least squares, tau = zeta = 0 (nothing to solve)"
    NOT_CONVERGED = (
        "the residual stayed above rounding level; log_error still bounds |log(tau_true/tau)|. "
        "Likely cause: eigenvalues close to the limits of double precision. "
        "Use kdverify.gaussian.certified, or rescale the covariance"
    )

    @property
    def ok(self) -> bool:
        """Whether the values can be used at full precision."""
        return self is not Code.NOT_CONVERGED


class Modal(Shown):
    """What each mode is split into: for the fields ``eigenvalues`` and ``split``.

    ``split``: (zeta, one_minus_zeta) where they were computed at the solver's own precision;
    computed when first asked for otherwise.
    """

    eigenvalues: np.ndarray
    split: tuple[np.ndarray, np.ndarray] | None

    @property
    def regularisation(self) -> Any:
        """The effective regularisation of the modes."""
        raise NotImplementedError

    @cached_property
    def _split(self) -> tuple[np.ndarray, np.ndarray]:
        return self.split or formulas.split_mode(self.eigenvalues, self.regularisation)

    @property
    def zeta(self) -> np.ndarray:
        """(p,) ``tau / (lam_i + tau)``, the fraction of each mode that is not learnt."""
        return self._split[0]

    @property
    def one_minus_zeta(self) -> np.ndarray:
        """(p,) ``lam_i / (lam_i + tau)``, the fraction of each mode that is learnt."""
        return self._split[1]


@dataclass(frozen=True, eq=False, repr=False)
class Equivalents(Modal):
    """The deterministic equivalents at one sample size.

    Attributes:
        n, ridge: what was asked (ridge in the units of ``|y - Xb|^2 + ridge |b|^2``).
        tau: effective regularisation, the root of (1); 0 for n >= p without ridge.
        omega, one_minus_omega: Omega and its complement, both to full relative precision.
        eigenvalues: (p,) in the caller's order.
        zeta, one_minus_zeta: (p,) in the caller's order.
        log_error: upper bound of ``|log(true tau / tau)|``, rounding included.
        evaluations: how often g (theory fact 1.6) was evaluated on all eigenvalues.
        code: how the solve ended.
        minus_slope: -dg/dlog(tau) there, where the double-precision solver found it.
        split: (zeta, one_minus_zeta) where they were computed at the solver's own precision;
            computed when first asked for otherwise.
    """

    n: Any
    ridge: Any
    tau: Any
    omega: Any
    one_minus_omega: Any
    eigenvalues: np.ndarray = field(repr=False)
    log_error: Any = 0.0
    evaluations: int = 0
    code: Code = Code.CONVERGED
    minus_slope: Any = None
    split: tuple[np.ndarray, np.ndarray] | None = field(default=None, repr=False)

    @property
    def regularisation(self) -> Any:
        """tau."""
        return self.tau

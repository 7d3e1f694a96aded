"""Self-distillation on data: the student, and its mixing tuned without the truth.

Any rows, any labels.  The student of ``(1 - xi) y + xi X b_teacher`` needs no second training: it
is a combination of two ridge solutions (claims ``10.same-data``, ``10.two-ridges``), and so is
its leave-one-out error, whose generalised form is least at a xi in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class TunedMixing(Shown):
    """The tuned self-distillation of one training set.

    Attributes:
        mixing: xi, of either sign; one entry a label column.
        coefficients: (p, K) of the student at that xi.
        error, plain_error: estimated total errors ``E (y - x'b)^2`` at xi and at 0, (K,).
    """

    mixing: np.ndarray
    coefficients: np.ndarray
    error: np.ndarray
    plain_error: np.ndarray


class SameData:
    """One training set in the singular vectors of X: every ridge, every mixing.

    Args:
        rows: (n, p).  labels: (n,) or (n, K).
    """

    def __init__(self, rows: Any, labels: Any) -> None:
        matrix = checks.feature_rows("rows", rows).astype(float)
        self.n = len(matrix)
        self.labels = checks.label_matrix("labels", labels, self.n)
        self.left, self.sizes, self.right = np.linalg.svd(matrix, full_matrices=False)
        self.energies = self.sizes**2
        self.seen = self.left.T @ self.labels

    def coefficients(self, ridge: Any) -> np.ndarray:
        """(p, K) ridge solution; ``ridge`` above zero."""
        delta = checks.positive("ridge", ridge)
        kept = formulas.ridge_filter(self.energies, delta)
        return self._in_space(kept[:, None] * self.seen)

    def student(self, mixing: Any, ridge: Any, teacher_ridge: Any = None) -> np.ndarray:
        """(p, K) student with ``ridge`` of ``(1 - xi) y + xi X b``, b with ``teacher_ridge``."""
        delta, given = self._ridges(ridge, teacher_ridge)
        kept = formulas.ridge_filter(self.energies, delta)
        secant = -formulas.ridge_filter(self.energies, given) / (self.energies + delta)
        factors = formulas.mixed_student(kept, secant, given, np.asarray(mixing, dtype=float))
        return self._in_space(factors[:, None] * self.seen)

    def tuned(self, ridge: Any, teacher_ridge: Any = None) -> TunedMixing:
        """xi by generalised cross-validation, in closed form.

        ``v + xi teacher_ridge w`` are the left-out errors of the student, v those of ridge and w
        their secant by the ridge (or derivative); their mean square is least at
        ``-v.w/(teacher_ridge w.w)``.  For the tuned risk the derivative of the *estimate* is
        taken, not the estimate of a smoother as if it were ridge, which is off by up to a factor
        of two in xi (claim ``10.tuned-mixing``).
        """
        delta, given = self._ridges(ridge, teacher_ridge)
        errors = self._errors(delta)
        if delta == given:
            secant = self._error_slope(delta)
        else:
            secant = (errors - self._errors(given)) / (delta - given)
        slope = np.einsum("ik,ik->k", errors, secant) / self.n
        curvature = np.einsum("ik,ik->k", secant, secant) / self.n
        plain = np.einsum("ik,ik->k", errors, errors) / self.n
        mixing = formulas.best_mixing(slope, curvature, given)
        columns = [self.student(xi, delta, given)[:, k] for k, xi in enumerate(mixing)]
        return TunedMixing(
            mixing, np.stack(columns, axis=1), plain - formulas.mixing_gain(slope, curvature), plain
        )

    def _ridges(self, ridge: Any, teacher_ridge: Any) -> tuple[float, float]:
        delta = checks.positive("ridge", ridge)
        given = delta if teacher_ridge is None else teacher_ridge
        return delta, checks.positive("teacher_ridge", given)

    def _in_space(self, values: np.ndarray) -> np.ndarray:
        sizes = self.sizes[:, None]
        scaled = np.divide(values, sizes, out=np.zeros_like(values), where=sizes > 0)
        return np.asarray(self.right.T @ scaled)

    def _solved(self, ridge: float, power: int) -> tuple[np.ndarray, float]:
        """``Q^power y`` and ``tr Q^power`` for ``Q = (XX' + ridge)^-1``."""
        outside = self.n - self.sizes.size
        inside = (self.energies + ridge) ** -power
        rest = self.labels - self.left @ self.seen
        solved = self.left @ (inside[:, None] * self.seen) + rest * ridge**-power
        return solved, float(inside.sum() + outside * ridge**-power)

    def _errors(self, ridge: float) -> np.ndarray:
        solved, trace = self._solved(ridge, 1)
        return formulas.left_out_errors(solved, trace, self.n)

    def _error_slope(self, ridge: float) -> np.ndarray:
        (solved, trace), (twice, square) = self._solved(ridge, 1), self._solved(ridge, 2)
        return formulas.left_out_slope(solved, twice, trace, square, self.n)

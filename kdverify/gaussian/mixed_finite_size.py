"""How far off are (14) and (15) at the n in hand?  The first correction, for Gaussian rows.

Rows and what their labels disagree on depend on each other, so that the correction is not that of
one kind with more noise.  Claim ``15.mixed``; what is left, of order 1/n^2, is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import formulas
from kdverify.arithmetic.jets import Jet, S, T, solved, summed
from kdverify.gaussian.finite_size import EXACT, FIRST_ORDER, SizeError
from kdverify.gaussian.mixed import Kind, checked_weights, laws, mixed_risk, ridge_of_weight
from kdverify.gaussian.numbers import Numbers, numbers
from kdverify.gaussian.risks import Modes
from kdverify.gaussian.solve import Code
from kdverify.gaussian.solve.weighted import Weighted
from kdverify.problem import Problem


def mixed_error(
    problem: Problem, n: Any, kinds: Sequence[Kind], ridge: Any = 0.0, digits: int | None = None
) -> SizeError:
    """`kdverify.mixed_risk` with its first correction in 1/n for Gaussian rows.

    Arguments as there.  For n > p + 1 without ridge noise has its exact mean, and the correction is
    what the kinds' disagreement adds.

    >>> import kdverify as kd
    >>> problem = kd.Problem.power_law(p=500, alpha=2.0, beta=1.5)
    >>> kinds = [kd.Kind(0.5), kd.Kind(0.5, 0.5 * problem.beta_star)]
    >>> error = kd.mixed_error(problem, 200, kinds)
    >>> round(error.risk, 6), round(error.correction, 6)
    (0.507835, 0.000866)
    """
    risk = mixed_risk(problem, n, kinds, ridge, digits)
    if not risk < np.inf:
        return SizeError(risk, 0.0, EXACT)
    with numbers(problem, digits) as on:
        saddle, exact = _saddle(on, problem, n, kinds, ridge)
        added = saddle.correction(on.modes)
        if saddle.base == 0:
            added = added - saddle.first_noise(on.modes)
        return SizeError(risk, added if digits else float(added), EXACT if exact else FIRST_ORDER)


@dataclass(frozen=True, eq=False)
class Saddle:
    """The equivalent of the log determinant of rows of several kinds, one entry a kind.

    Attributes:
        rows: numbers of rows; slacks: ridge/v; noises: of the labels.
        spare: ``lam' zeta``, or p/(n - p) for least squares.
        base: 1, or 0 for least squares.
        parts: independent parts of the labels: coefficients of each kind, and what is aimed at.
    """

    rows: list[Any]
    slacks: list[Any]
    noises: list[Any]
    spare: Any
    base: int
    parts: list[tuple[list[Any], Any]]

    def correction(self, modes: Modes) -> Any:
        """What finite n adds to the risk, to first order."""
        total, count = summed(modes.total), range(len(self.rows))
        spares: list[Any] = [Jet.of(self.spare) for _ in count]
        known = list(zip(self.rows, self.slacks, strict=True))
        kept = formulas.kept_of_truth(modes.lam, self.base, S) if self.base else 0
        labels = [[b + (kept - 1) * aim for b in kinds] for kinds, aim in self.parts]
        for left in (2, 1, 0):
            levels = [formulas.row_level(*k, s) for k, s in zip(known, spares, strict=True)]
            load = formulas.mode_load(modes.lam, self.base, S, sum(levels))
            errors = [self._errors(modes.lam, kinds, levels, load) for kinds in labels]
            crossed = [
                [
                    formulas.crossed_kinds(
                        modes.lam, load, T, sum(e[g] * e[h] for e in errors), total
                    )
                    * (levels[h] * levels[h] / self.rows[h])
                    for h in count
                ]
                for g in count
            ]
            matrix = [[(g == h) - crossed[g][h] for h in count] for g in count]
            misses = [
                spares[g]
                - formulas.spare_of_kind(
                    modes.lam,
                    load,
                    T,
                    sum(e[g] * e[g] for e in errors),
                    self.noises[g],
                    total,
                )
                for g in count
            ]
            pivots, steps = solved(matrix, [Jet.of(miss).change() for miss in misses])
            if left:  # a step of Newton's method doubles the order in s and t that is right
                spares = [s - step for s, step in zip(spares, steps, strict=True)]
        return sum(pivot.log_both() for pivot in pivots) / 2

    @staticmethod
    def _errors(lam: Any, kinds: list[Any], levels: list[Any], load: Any) -> list[Any]:
        pulled = sum(level * b for level, b in zip(levels, kinds, strict=True))
        return [formulas.label_residual(lam, b, pulled, load) for b in kinds]

    def first_noise(self, modes: Modes) -> Any:
        """Least squares: the first order of ``p/(n - p - 1)``, which the risk has already."""
        n, shares = sum(self.rows), [rows / sum(self.rows) for rows in self.rows]
        apart = 0
        for kinds, _ in self.parts:
            centre = sum(w * b for w, b in zip(shares, kinds, strict=True))
            distances = [formulas.disagreement(modes.lam, b, centre, modes.total) for b in kinds]
            apart = apart + sum(w * d for w, d in zip(shares, distances, strict=True))
        noise = apart + sum(w * noise for w, noise in zip(shares, self.noises, strict=True))
        return formulas.spare_first_order(noise, self.spare, n - len(modes.lam))


def _saddle(
    on: Numbers, problem: Problem, n: Any, kinds: Sequence[Kind], ridge: Any
) -> tuple[Saddle, bool]:
    """The saddle of the kinds that have rows and weight; whether the risk is an exact mean."""
    weights = checked_weights(on, kinds)
    if ridge == 0:
        weights = [1 + 0 * v for v in weights]
    shares = [on.number("share", kind.share) for kind in kinds]
    if len(set(map(float, weights))) > 1:
        at: Any = Weighted.solve(problem, n, shares, weights, ridge, on)
    else:
        at = on.solve(n, ridge_of_weight(ridge, weights[0]))
    least_squares = getattr(at, "code", None) is Code.UNREGULARISED
    size, delta = on.number("n", n), on.number("ridge", ridge)
    counted = [g for g, v in enumerate(weights) if v > 0 and shares[g] > 0]
    coordinates = laws(on, problem, kinds)
    zero = 0 * on.modes.lam
    parts = [([coordinates[g][0] for g in counted], on.modes.beta_star)]
    for g in counted:
        if coordinates[g][1] is not None:
            own = np.sqrt(coordinates[g][1])
            parts.append(([own if h == g else zero for h in counted], zero))
    modes = on.modes
    spare = (
        formulas.variance_factor(at.omega, at.one_minus_omega)
        if least_squares
        else formulas.spared_trace(modes.lam, at.zeta, modes.total)
    )
    saddle = Saddle(
        [size * shares[g] for g in counted],
        [1 if least_squares else delta / weights[g] for g in counted],
        [on.number("noise_variance", kinds[g].noise_variance) for g in counted],
        spare,
        0 if least_squares else 1,
        parts,
    )
    return saddle, least_squares and len(counted) == 1

"""How far off are (14) and (15) at the n in hand?  The first correction, for Gaussian rows.

Rows and what their labels disagree on depend on each other, so that the correction is not that of
one kind with more noise.  Claims ``15.mixed``, ``15.mixed-least-squares``, ``15.trained-kinds``;
what is left, of order 1/n^2, is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import formulas
from kdverify.arithmetic.jets import Jet, S, T, solved, summed
from kdverify.gaussian.finite_size import EXACT, FIRST_ORDER, SizeError
from kdverify.gaussian.mixed import Kind, laws, mixed_risk, ridge_of_weight, trained_on
from kdverify.gaussian.numbers import Numbers, numbers
from kdverify.gaussian.risks import Modes
from kdverify.gaussian.solve import Code
from kdverify.gaussian.solve.weighted import Weighted
from kdverify.problem import Problem
from kdverify.training import Coefficients, Form


def mixed_error(
    problem: Problem, n: Any, kinds: Sequence[Kind], ridge: Any = 0.0, digits: int | None = None
) -> SizeError:
    """`kdverify.mixed_risk` with its first correction in 1/n for Gaussian rows.

    Arguments as there.  For n > p + 1 without ridge the corrected risk is an exact mean, of kinds
    with fixed numbers of rows.  What the samples of a trained surrogate add is in the correction
    where its law is from `kdverify.chain_law`; any other law is taken as it is.

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
        n, kinds, weights = trained_on(on, n, kinds)
        rows = _Rows.of(on, problem, n, kinds, weights, ridge)
        if rows.least_squares:
            added = rows.spread_correction()
        else:
            added = rows.saddle().correction(on.modes)
        taught = sum(
            kind.surrogate.added(rows.form(k))
            for k, kind in enumerate(kinds)
            if isinstance(kind.surrogate, Coefficients)
        )
        exact = rows.least_squares and taught == 0
        added = added + taught
        return SizeError(risk, added if digits else float(added), EXACT if exact else FIRST_ORDER)


@dataclass(frozen=True, eq=False)
class Saddle:
    """The equivalent of the log determinant of rows of several kinds, one entry a kind.

    What is asked is the mean of a form ``b'Ab - 2 l'b`` of the student's coefficients b.

    Attributes:
        rows: numbers of rows; slacks: ridge/v; noises: of the labels.
        spare: ``lam' zeta``.
        weights: (p,) the diagonal of A.
        parts: independent parts of the labels: coefficients of each kind, and l.

    Weights, coefficients and l may be stacks (k, p), with a sum over the last axis that is kept.
    """

    rows: list[Any]
    slacks: list[Any]
    noises: list[Any]
    spare: Any
    weights: Any
    parts: list[tuple[list[Any], Any]]

    def correction(self, modes: Modes) -> Any:
        """What finite n adds to the form, to first order."""
        total, count = summed(modes.total), range(len(self.rows))
        spares: list[Any] = [Jet.of(self.spare) for _ in count]
        known = list(zip(self.rows, self.slacks, strict=True))
        labels = []
        for kinds, linear in self.parts:
            moved = formulas.pulled_to_aim(self.weights, linear, S)
            labels.append([b + moved for b in kinds])
        for left in (2, 1, 0):
            levels = [formulas.row_level(*k, s) for k, s in zip(known, spares, strict=True)]
            load = formulas.mode_load(modes.lam, self.weights, S, sum(levels))
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


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of several kinds with the solution of their fixed point; one entry a kind.

    Attributes:
        modes, n, ridge, shares, weights, noises: what was asked.
        laws: mean of the surrogates' coordinates, and their variances (None without).
        at: the solution, of `Weighted` where weights differ.
    """

    modes: Modes
    n: Any
    ridge: Any
    shares: list[Any]
    weights: list[Any]
    noises: list[Any]
    laws: list[tuple[Any, Any]]
    at: Any

    @classmethod
    def of(
        cls,
        on: Numbers,
        problem: Problem,
        n: Any,
        kinds: Sequence[Kind],
        weights: list[Any],
        ridge: Any,
    ) -> _Rows:
        """Solve for them."""
        if ridge == 0:
            weights = [1 + 0 * v for v in weights]
        shares = [on.number("share", kind.share) for kind in kinds]
        if len(set(map(float, weights))) > 1:
            at: Any = Weighted.solve(problem, n, shares, weights, ridge, on)
        else:
            at = on.solve(n, ridge_of_weight(ridge, weights[0]))
        noises = [on.number("noise_variance", kind.noise_variance) for kind in kinds]
        known = on.modes, on.number("n", n), on.number("ridge", ridge)
        return cls(*known, shares, weights, noises, laws(on, problem, kinds), at)

    @property
    def least_squares(self) -> bool:
        """Whether there is no ridge and n > p + 1."""
        return getattr(self.at, "code", None) is Code.UNREGULARISED

    def saddle(self) -> Saddle:
        """The saddle of all kinds, for the excess risk."""
        modes = self.modes
        zero = 0 * modes.lam
        parts = [([mean for mean, _ in self.laws], modes.lam * modes.beta_star)]
        for g, (_, variance) in enumerate(self.laws):
            if variance is not None:
                own = np.sqrt(variance)
                parts.append(([own if h == g else zero for h in range(len(self.laws))], zero))
        return Saddle(
            [self.n * share for share in self.shares],
            [self.ridge / weight for weight in self.weights],
            self.noises,
            formulas.spared_trace(modes.lam, self.at.zeta, modes.total),
            modes.lam,
            parts,
        )

    def spread_correction(self) -> Any:
        """Least squares: what the kinds' disagreement adds exactly, less what (14) has."""
        total, lam = self.modes.total, self.modes.lam
        known = list(zip(self.shares, self.laws, strict=True))
        centre = sum(share * mean for share, (mean, _) in known)
        apart = 0 * self.n
        for share, (mean, variance) in known:
            apart = apart + share * formulas.disagreement(lam, mean, centre, total)
            if variance is not None:
                apart = apart + share * (1 - share) * total(lam * variance)
        size = len(lam)
        if not self.n > size + 1:  # a finite risk there has no disagreement
            return 0 * apart
        as_noise = formulas.ols_noise_risk(1, self.n, size)
        return apart * (formulas.least_squares_spread(self.n, size) - as_noise)

    def form(self, k: int) -> Form:
        """What the student's risk makes of the coefficients of the kind k."""
        at, lam = self.at, self.modes.lam
        if isinstance(at, Weighted):
            pulls, scale = at.pulls, at.n * at.tau * at.tau * at.square / at.one_minus_omega
            levels = [scale * square for square in at.square_pulls]
        else:
            factor = formulas.variance_factor(at.omega, at.one_minus_omega)
            if self.least_squares:
                factor = formulas.least_squares_spread(self.n, len(lam))
            pulls, levels = self.shares, [factor * share for share in self.shares]
        learnt = at.one_minus_zeta
        means = [mean if g != k else 0 * lam for g, (mean, _) in enumerate(self.laws)]
        rest = sum(pull * mean for pull, mean in zip(pulls, means, strict=True))
        missed = sum(
            level * (mean - learnt * rest) for level, mean in zip(levels, means, strict=True)
        )
        own = pulls[k], levels[k]
        return Form(
            formulas.kind_energy(lam, learnt, *own, sum(levels)),
            formulas.kind_linear(lam, self.modes.beta_star, learnt, *own, rest, missed),
        )

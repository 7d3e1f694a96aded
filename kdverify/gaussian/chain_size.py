"""How far off are the risks of several stages at the sample sizes in hand?  First order in 1/n.

What follows a stage sees its student's coefficients b through ``tr(A bb') - 2 l'b`` alone, so
that A and l are passed back from the last stage to the first.  A stage in whose eigenbasis the
labels come from coefficients c turns them into ``E(PAP)`` and ``E P l``, both with a correction:

    E(PAP)_ii: `kdverify.gaussian.finite_size.correction` with the weights A_ii;
    E(PAP)_ij: `kdverify.formulas.product_correction`, with what (7) leaves out (``6.rank-one``).

Source: claim ``15.two-stages``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kdverify import formulas
from kdverify.gaussian.finite_size import (
    EXACT,
    FIRST_ORDER,
    Correction,
    SizeError,
    correction,
)
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.solve import Code, Equivalents, equivalents
from kdverify.gaussian.stages import train
from kdverify.problem import Problem, Spectrum
from kdverify.training import Coefficients, Stage, ground_truth, source_modes


@dataclass(frozen=True, eq=False)
class _Form:
    """What follows sees of coefficients b: ``tr(square bb') - 2 linear'b``, plus a constant."""

    square: np.ndarray
    linear: np.ndarray

    def within(self, basis: np.ndarray) -> _Form:
        """The same in coordinates of ``basis``, (p, r)."""
        return _Form(basis.T @ self.square @ basis, basis.T @ self.linear)

    def scaled(self, factors: np.ndarray) -> _Form:
        """The form seen before each coordinate is multiplied by a factor."""
        return _Form(np.outer(factors, factors) * self.square, factors * self.linear)

    def at(self, law: Coefficients) -> float:
        """Its mean over a law of coefficients."""
        square = law.covariance if law.covariance.ndim == 2 else np.diag(law.covariance)
        square = square + np.outer(law.mean, law.mean)
        return float(np.vdot(self.square, square) - 2 * self.linear @ law.mean)


def chain_error(
    problem: Problem, stages: Sequence[Stage], factors: np.ndarray | None = None
) -> SizeError:
    """Risk after the last of some stages on inputs, with its first correction in 1/n.

    ``factors``: (p,) what the labels of the last stage's teacher are multiplied by, mode by mode.
    """
    laws = [ground_truth(problem)]
    for index, stage in enumerate(stages):
        if factors is not None and index == len(stages) - 1:
            laws[-1] = laws[-1].scaled(factors)
        laws.append(train(problem, laws[-1], stage))
    risk = laws[-1].risk(problem)
    if not np.isfinite(risk):
        return SizeError(risk, 0.0, EXACT)
    lam = problem.spectrum.eigenvalues
    form, added, exact = _Form(np.diag(lam), lam * problem.beta_modes), 0.0, True
    for index, (stage, law) in reversed(list(enumerate(zip(stages, laws, strict=False)))):
        values, basis = source_modes(problem.spectrum, stage.source)
        if basis is None:
            kept = values > 0
            values, basis = values[kept], np.eye(problem.p)[:, kept]
        at = equivalents(Spectrum(values), stage.n, stage.ridge)
        form, change, noise = _passed_back(form.within(basis), problem, at)
        added += change.within(basis.T).at(law) + stage.noise_variance * noise
        form = form.within(basis.T)
        if factors is not None and index == len(stages) - 1:
            form = form.scaled(factors)
        exact = exact and at.code is Code.UNREGULARISED
    return SizeError(risk, added, EXACT if exact else FIRST_ORDER)


def square_correction(square: np.ndarray, at: Equivalents, found: Correction) -> np.ndarray:
    """(r, r) what finite n adds to ``E(P A P)``, A any symmetric matrix, to first order.

    ``found``: the corrections at `at` for the diagonal of A as weights.
    """
    learnt, change = at.one_minus_zeta, found.learnt
    width = formulas.spread(at.zeta, learnt)
    added = formulas.product_correction(
        square,
        learnt[:, None],
        change[:, None],
        width[:, None],
        learnt,
        change,
        width,
        at.n * at.one_minus_omega,
    )
    np.fill_diagonal(added, found.energy)
    return added


def _passed_back(form: _Form, problem: Problem, at: Equivalents) -> tuple[_Form, _Form, float]:
    """A stage's ``E(PAP)`` and ``E P l`` in its eigenbasis, their corrections, and the noise's."""
    if at.code is Code.UNREGULARISED:
        return form, _Form(0 * form.square, 0 * form.linear), 0.0
    learnt, lam = at.one_minus_zeta, at.eigenvalues
    weights = form.square.diagonal()
    shares = formulas.trained_variance(1.0, at.n, learnt, lam + at.tau) @ weights
    spread = formulas.trained_scale(formulas.unlearnt_energy(lam, 1.0, at.zeta), at.one_minus_omega)
    passed = np.outer(learnt, learnt) * form.square + np.diag(shares * spread)
    found = correction(FloatModes.of(problem), at, weights)
    change = _Form(square_correction(form.square, at, found), found.learnt * form.linear)
    return _Form(passed, learnt * form.linear), change, float(found.noise)

"""What a stage makes of the form that follows it sees, with the first correction in 1/n.

What follows a stage sees its student's coefficients b through ``tr(A bb') - 2 l'b`` alone
(`kdverify.training.Form`), so that A and l are passed back from the last stage to the first.  A
stage in whose eigenbasis the labels come from coefficients c turns them into ``E(PAP)`` and
``E P l``, both with a correction:

    E(PAP)_ii: `kdverify.gaussian.finite_size.correction` with the weights A_ii;
    E(PAP)_ij: `kdverify.formulas.product_correction`, with what (7) leaves out (``6.rank-one``).

`kdverify.stages` puts stages together.  Source: claim ``15.two-stages``.
"""

from __future__ import annotations

import numpy as np

from kdverify import formulas
from kdverify.gaussian.finite_size import Correction, correction
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.solve import Code, Equivalents, equivalents
from kdverify.gaussian.solve.result import Modal
from kdverify.problem import Problem, Spectrum
from kdverify.training import Coefficients, Form, Stage, source_modes


def passed_back(
    problem: Problem, stage: Stage, form: Form, labels: Coefficients
) -> tuple[Form, float, bool]:
    """The form that a stage sees of its labels' coefficients.

    Returns:
        It; what finite n adds to the form's mean over the law ``labels``, noise included, to first
        order; whether that is exact (least squares: nothing).
    """
    values, basis = source_modes(problem.spectrum, stage.source)
    kept = values > 0
    at = equivalents(Spectrum(values[kept]), stage.n, stage.ridge)
    if basis is None and form.square.ndim == 1:
        before, change, noise = _within(form.kept(kept), problem, at)
        before, change = before.placed(kept), change.placed(kept)
    else:
        turn = np.eye(problem.p)[:, kept] if basis is None else basis
        before, change, noise = _within(form.within(turn), problem, at)
        before, change = before.within(turn.T), change.within(turn.T)
    added = change.at(labels) + float(stage.noise_variance) * noise
    return before, added, at.code is Code.UNREGULARISED


def square_correction(square: np.ndarray, at: Equivalents, found: Correction) -> np.ndarray:
    """(r, r) what finite n adds to ``E(P A P)``, A any symmetric matrix, to first order.

    ``found``: the corrections at `at` for the diagonal of A as weights.
    """
    added = products_correction(square, at, found.learnt, at.n * at.one_minus_omega)
    np.fill_diagonal(added, found.energy)
    return added


def products_correction(
    square: np.ndarray, at: Modal, change: np.ndarray, spreads: float
) -> np.ndarray:
    """(r, r) the same off the diagonal; ``change`` (r,) is what finite n adds to ``E P_ii``."""
    learnt, width = at.one_minus_zeta, formulas.spread(at.zeta, at.one_minus_zeta)
    one = learnt[:, None], change[:, None], width[:, None]
    added = formulas.product_correction(square, *one, learnt, change, width, spreads)
    return np.asarray(added)


def _within(form: Form, problem: Problem, at: Equivalents) -> tuple[Form, Form, float]:
    """A stage's ``E(PAP)`` and ``E P l`` in its eigenbasis, their corrections, and the noise's."""
    if at.code is Code.UNREGULARISED:
        return form, Form(0 * form.square, 0 * form.linear), 0.0
    learnt, weights = at.one_minus_zeta, form.weights
    found = correction(FloatModes.of(problem), at, weights)
    linear = found.learnt * form.linear
    if form.square.ndim == 1:
        change = Form(found.energy, linear)
        return Form(energies(at, weights), learnt * form.linear), change, float(found.noise)
    passed = np.outer(learnt, learnt) * form.square
    np.fill_diagonal(passed, energies(at, weights))
    change = Form(square_correction(form.square, at, found), linear)
    return Form(passed, learnt * form.linear), change, float(found.noise)


def energies(at: Equivalents, weights: np.ndarray) -> np.ndarray:
    """(r,) equivalents of ``E(PAP)_jj`` for a diagonal A: `formulas.transfer_energy` at Sigma."""
    lam, learnt = at.eigenvalues, at.one_minus_zeta
    spread = formulas.trained_scale(formulas.unlearnt_energy(lam, 1.0, at.zeta), at.one_minus_omega)
    shares = formulas.trained_variance(1.0, at.n, learnt, lam + at.tau) @ weights
    return np.asarray(learnt * learnt * weights + shares * spread)

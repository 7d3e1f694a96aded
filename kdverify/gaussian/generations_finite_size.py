"""How far off are the risks of generations at the n in hand?  The first correction, Gaussian rows.

A student's risk is a form ``b'Ab - 2 l'b`` of its coefficients; the student before is seen through
such a form as well.  What n rows add is summed over the students of a family, each at the form that
the later ones make of it.  In the long run all these forms together are one, the solution of a
linear equation.  Claim ``15.generations``; what is left, of order 1/n^2, is measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from kdverify import formulas
from kdverify.gaussian.chain_size import energies
from kdverify.gaussian.finite_size import EXACT, FIRST_ORDER, SizeError, correction
from kdverify.gaussian.generation_laws import GenerationLaws
from kdverify.gaussian.mixed_finite_size import Saddle
from kdverify.gaussian.numbers import FloatModes
from kdverify.gaussian.solve import Code
from kdverify.training import Coefficients, Form, ground_truth


def errors(line: GenerationLaws, count: int) -> list[SizeError]:
    """One entry a generation."""
    laws = line.laws(count)
    risks = [law.risk(line.problem) for law in laws]
    if line.at.code is Code.UNREGULARISED:
        return _least_squares(line, risks)
    forms = [Form.risk(line.problem)]
    for _ in laws[1:]:
        forms.append(before(line, forms[-1]))
    found = []
    for k, risk in enumerate(risks):  # the student j is seen through the form of k - j students
        first = _one_kind(line, forms[k], ground_truth(line.problem), later=False)
        added = first + rows_added(line, forms[:k][::-1], laws[:k])
        found.append(SizeError(risk, added, FIRST_ORDER))
    return found


def settled_error(line: GenerationLaws) -> SizeError:
    """Of the risk after infinitely many generations."""
    law = line.settled_law()
    risk = law.risk(line.problem)
    if not risk < math.inf:
        return SizeError(risk, 0.0, EXACT)
    if line.at.code is Code.UNREGULARISED:
        return _settled_least_squares(line, risk)
    return SizeError(risk, rows_added(line, [settled_form(line)], [law]), FIRST_ORDER)


def before(line: GenerationLaws, form: Form) -> Form:
    """The form that a student with a form on its coefficients makes of those of the one before."""
    at, lam, truth = line.at, line.problem.spectrum.eigenvalues, line.problem.beta_modes
    level = form.square @ line.unit / line.rest
    known = energies(at, form.square), line.share, line.gap_factor * level
    return Form(
        formulas.generation_energy(lam, *known),
        formulas.generation_linear(lam, truth, form.linear, at.one_minus_zeta, *known),
    )


def settled_form(line: GenerationLaws) -> Form:
    """The sum of all forms `before` makes of the risk, the risk's own included."""
    at, w = line.at, float(line.share)
    lam, truth, learnt = at.eigenvalues, line.problem.beta_modes, at.one_minus_zeta
    unit, rest = line.unit / line.rest, 1 - w
    per_level = rest * rest * formulas.unlearnt_energy(lam, 1.0, at.zeta) + line.gap_factor * lam
    own, back = (formulas.settled_spread(asked, learnt, w) for asked in (lam, per_level))
    level = float(unit @ own) / (1 - float(unit @ back))
    square = own + level * back
    linear = formulas.generation_linear(
        lam, truth, 0 * lam, learnt, energies(at, square), w, line.gap_factor * level
    )
    return Form(square, (lam * truth + linear) / (1 - rest * learnt))


def rows_added(line: GenerationLaws, forms: Sequence[Form], laws: Sequence[Coefficients]) -> float:
    """What the rows of later students add: of each the form, and the law of the one before."""
    if not forms:
        return 0.0
    if line.gap_factor > 0:
        return _two_kinds(line, forms, laws)
    return sum(_one_kind(line, *pair) for pair in zip(forms, laws, strict=True))


def _one_kind(line: GenerationLaws, form: Form, law: Coefficients, later: bool = True) -> float:
    """What the rows of a student add where all its labels come from one law."""
    found = correction(FloatModes.of(line.problem), line.at, form.square)
    change = Form(found.energy, found.learnt * form.linear)
    labels = line.labels(law) if later else law
    return change.at(labels) + line.noise(later) * float(found.noise)


def _two_kinds(line: GenerationLaws, forms: Sequence[Form], laws: Sequence[Coefficients]) -> float:
    """The same for rows of two kinds, which depend on their disagreement; all students at once."""
    lam, truth = line.problem.spectrum.eigenvalues, line.problem.beta_modes
    modes = FloatModes(lam, truth, line.problem.signal, partial(np.sum, axis=-1, keepdims=True))
    mean, variance = (np.stack([getattr(law, x) for law in laws]) for x in ("mean", "variances"))
    square, linear = (np.stack([getattr(f, x) for f in forms]) for x in ("square", "linear"))
    saddle = Saddle(
        [line.share * line.n, (1 - line.share) * line.n],
        [line.ridge, line.ridge],
        [line.noise_variance, line.own_noise_variance],
        formulas.spared_trace(lam, line.at.zeta, np.sum),
        square,
        [([truth, mean], linear), ([0 * truth, np.sqrt(variance)], 0 * truth)],
    )
    return float(np.sum(saddle.correction(modes)))


def _least_squares(line: GenerationLaws, risks: list[float]) -> list[SizeError]:
    """The first students of least squares, exactly: (14) takes the kinds' distance as noise."""
    if line.keep == "labels" or not any(risks):
        return [SizeError(risk, 0.0, EXACT) for risk in risks]
    known = _least_squares_factors(line)
    exact = [known[0] * line.noise(later=False)]
    for _ in risks[1:]:
        exact.append(formulas.least_squares_generation(exact[-1], line.share, *known))
    return [SizeError(risk, found - risk, EXACT) for found, risk in zip(exact, risks, strict=True)]


def _settled_least_squares(line: GenerationLaws, risk: float) -> SizeError:
    if line.keep == "labels" or risk == 0:
        return SizeError(risk, 0.0, EXACT)
    exact = formulas.settled_least_squares(line.share, *_least_squares_factors(line))
    return SizeError(risk, exact - risk if exact >= 0 else math.inf, EXACT)


def _least_squares_factors(line: GenerationLaws) -> tuple[float, float, float, float]:
    """What noise costs, what the kinds' distance costs, and both noises."""
    n, p = line.n, line.problem.p
    costs = formulas.ols_noise_risk(1, n, p), formulas.least_squares_spread(n, p)
    return *costs, line.noise_variance, line.own_noise_variance

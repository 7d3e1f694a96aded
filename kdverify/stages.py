"""Several stages: a surrogate that is itself trained, covariate shift, chains.

What a stage passes on is the law of its student's coefficients, of which the next stage and
the risk need the mean and the covariance: `kdverify.gaussian.stages` where a student sees the
inputs, `kdverify.random_features.stages` where it sees random features; both may be mixed.

Risks are excess risks on the target covariance, label noise not added, and deterministic
equivalents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdverify import checks, formulas, random_features
from kdverify.gaussian import chain_size as on_inputs_size
from kdverify.gaussian import stages as on_inputs
from kdverify.gaussian import theory
from kdverify.gaussian.finite_size import EXACT, FIRST_ORDER, SizeError
from kdverify.problem import Problem
from kdverify.random_features import chain_size as on_features_size
from kdverify.random_features import stages as on_features
from kdverify.random_features.solve import equivalents
from kdverify.training import Coefficients, Form, Stage, ground_truth

TRANSFORMS = ("none", "gain", "mask")


def train(problem: Problem, labels: Coefficients, stage: Stage) -> Coefficients:
    """The law of the student of ``labels``, averaged over their law."""
    where = on_inputs if stage.features is None else on_features
    return where.train(problem, labels, stage)


def chain_risks(problem: Problem, stages: Sequence[Stage]) -> list[float]:
    """Excess risk after each stage of a chain on fresh data; the first learns from beta*."""
    _check_chain(problem, stages)
    return [law.risk(problem) for law in _laws(problem, stages)[1:]]


def covariate_shift_risk(
    problem: Problem, source: Any, m: Any, noise_variance: Any = 0.0, ridge: Any = 0.0
) -> float:
    """Excess risk on the target covariance of a model trained on m samples of ``source``."""
    return chain_risks(problem, [Stage(m, source, noise_variance, ridge)])[0]


def two_stage_risk(
    problem: Problem,
    source: Any,
    m: Any,
    n: Any,
    source_noise_variance: Any = 0.0,
    noise_variance: Any = 0.0,
    source_ridge: Any = 0.0,
    ridge: Any = 0.0,
    transform: str = "none",
    source_features: Any = None,
    features: Any = None,
) -> float:
    """Excess risk of a student of a surrogate that is itself trained.

    Stage 1: m samples with covariance ``source`` (see `Stage`), labels of beta* with noise
    ``source_noise_variance``.  Stage 2: n fresh samples with the target covariance, labels
    of the trained surrogate with noise ``noise_variance`` (0: plain pseudo-labels).  Either may
    see random ``features``.

    Args:
        transform: what is done to the trained surrogate in between: ``"none"``, or
            multiply its modes by the ``"gain"`` of the best surrogate, or drop those that
            the best ``"mask"`` drops.  Both need only the target spectrum, n, the ridge and the
            number of the student's features.

    Returns:
        The expectation of (2) over the law (7) of the surrogate; ``inf`` where a stage has
        noise and no finite covariance.

    Source: the paper's second theorem; claims ``6.*``, ``12.two-stages``.
    """
    checks.instance("problem", problem, Problem)
    checks.choice("transform", transform, TRANSFORMS)
    first = Stage(m, source, source_noise_variance, source_ridge, source_features)
    last = Stage(n, None, noise_variance, ridge, features)
    return train(problem, _taught(problem, first, last, transform), last).risk(problem)


def two_stage_error(
    problem: Problem, teacher: Stage, student: Stage, transform: str = "none"
) -> SizeError:
    """The risk of `two_stage_risk` with its first correction in 1/m and 1/n, for Gaussian rows.

    What the teacher's sample adds is that of ``E P`` and of ``E P'AP``, A what the student makes of
    products of coordinates; the part of (7) that is left out is in it.  With random features
    both samples, of rows and of features, are in it.

    Args:
        teacher: on m samples of any covariance, or of random features of the target's.
        student: on n samples of the target; transform: as in `two_stage_risk`.

    Source: claims ``15.two-stages``, ``15.feature-stages``.
    """
    checks.choice("transform", transform, TRANSFORMS)
    _check_chain(problem, [teacher, student])
    factors = None if transform == "none" else _factors(problem, student, transform)
    return _sized(problem, [teacher, student], factors)


def chain_error(problem: Problem, stages: Sequence[Stage]) -> SizeError:
    """The last of `chain_risks` with its first correction in 1/n, for Gaussian rows.

    Stages see the inputs, of any covariance, or random features.

    Source: claims ``15.two-stages``, ``15.feature-stages``.
    """
    _check_chain(problem, stages)
    return _sized(problem, stages)


@dataclass(frozen=True, eq=False, repr=False)
class ChainLaw(Coefficients):
    """The law of the last student of a chain, which knows what finite samples add to it.

    Attributes:
        problem, stages, laws: the chain, and the laws of the labels of each stage.
    """

    problem: Problem = field(repr=False)
    stages: Sequence[Stage] = field(repr=False)
    laws: Sequence[Coefficients] = field(repr=False)

    def added(self, form: Form) -> float:
        """To the mean of a form, to first order in the stages' 1/n."""
        return _added(self.problem, self.stages, self.laws, form)[0]


def chain_law(problem: Problem, stages: Sequence[Stage]) -> ChainLaw:
    """The law of the coefficients of a chain's last student, as a surrogate of `kdverify.Kind`.

    Corrections at finite n of what learns from it then have those of the chain's own samples.
    Source: claims ``6.*``, ``15.trained-kinds``.
    """
    _check_chain(problem, stages)
    laws = _laws(problem, stages)
    return ChainLaw(laws[-1].mean, laws[-1].covariance, problem, list(stages), laws[:-1])


def two_stage_map(
    problem: Problem,
    teachers: Sequence[Stage],
    students: Sequence[Stage],
    transform: str = "none",
) -> np.ndarray:
    """(len(teachers), len(students)) risks as `two_stage_risk`, by two matrix products.

    A student's risk is linear in the mean and in the mean square of its teacher's coordinates,
    with coefficients (3) that depend on the student alone; its rows are the target's.
    """
    checks.instance("problem", problem, Problem)
    checks.choice("transform", transform, TRANSFORMS)
    laws = [train(problem, ground_truth(problem), stage) for stage in teachers]
    means = np.stack([law.mean for law in laws])
    squares = np.stack([law.mean_squares for law in laws])
    learnt, energy, floor = zip(*(_student(problem, s, transform) for s in students), strict=True)
    signal = problem.spectrum.eigenvalues * problem.beta_modes
    cross = means @ (np.stack(learnt) * signal).T
    finite = np.isfinite(squares).all(axis=1, keepdims=True)
    taught = np.where(finite, np.where(finite, squares, 0.0) @ np.stack(energy).T, np.inf)
    return np.asarray(taught - 2 * cross + problem.signal.sum() + np.array(floor))


def performance_gap_recovered(weak: float, student: float, strong: float) -> float:
    """PGR: the share of the gap between teacher and strong student that the student closes.

    Risks of the surrogate, of its student and of the student on strong labels.  Not
    clipped; NaN unless the surrogate is worse than the strong student.
    """
    values = [
        checks.number(n, v) for n, v in (("weak", weak), ("student", student), ("strong", strong))
    ]
    if not values[0] > values[2]:
        return float("nan")
    return float(formulas.performance_gap_recovered(*values))


def _check_chain(problem: Problem, stages: Sequence[Stage]) -> None:
    checks.instance("problem", problem, Problem)
    checks.instances("stages", stages, Stage)


def _laws(
    problem: Problem, stages: Sequence[Stage], factors: np.ndarray | None = None
) -> list[Coefficients]:
    """What the labels of each stage come from, and the law of the last student.

    ``factors``: (p,) what the labels of the last stage's teacher are multiplied by, mode by mode.
    """
    laws = [ground_truth(problem)]
    for index, stage in enumerate(stages):
        if factors is not None and index == len(stages) - 1:
            laws[-1] = laws[-1].scaled(factors)
        laws.append(train(problem, laws[-1], stage))
    return laws


def _sized(
    problem: Problem, stages: Sequence[Stage], factors: np.ndarray | None = None
) -> SizeError:
    """The risk after some stages with its correction; ``factors`` as in `_laws`."""
    laws = _laws(problem, stages, factors)
    risk = laws[-1].risk(problem)
    if not np.isfinite(risk):
        return SizeError(risk, 0.0, EXACT)
    added, exact = _added(problem, stages, laws, Form.risk(problem), factors)
    return SizeError(risk, added, EXACT if exact else FIRST_ORDER)


def _added(
    problem: Problem,
    stages: Sequence[Stage],
    laws: Sequence[Coefficients],
    form: Form,
    factors: np.ndarray | None = None,
) -> tuple[float, bool]:
    """What the samples of all stages add to the mean of a form of the last student's coefficients.

    And whether that is exact.
    """
    added, exact, last = 0.0, True, len(stages) - 1
    for index in reversed(range(len(stages))):
        stage = stages[index]
        where = on_inputs_size if stage.features is None else on_features_size
        form, change, same = where.passed_back(problem, stage, form, laws[index])
        added, exact = added + change, exact and same
        if factors is not None and index == last:
            form = form.scaled(factors)
    return added, exact


def _taught(problem: Problem, teacher: Stage, student: Stage, transform: str) -> Coefficients:
    """The law of what the student's labels come from."""
    law = train(problem, ground_truth(problem), teacher)
    return law if transform == "none" else law.scaled(_factors(problem, student, transform))


def _factors(problem: Problem, student: Stage, transform: str) -> np.ndarray:
    """(p,) what "gain" or "mask" multiplies the surrogate's modes by; needs no beta*."""
    recipes: Any = theory if student.features is None else random_features
    sizes = (student.n,) if student.features is None else (student.n, student.features)
    wanted = recipes.gains if transform == "gain" else recipes.optimal_mask
    return np.asarray(wanted(problem, *sizes, student.ridge), dtype=float)


def _student(
    problem: Problem, stage: Stage, transform: str
) -> tuple[np.ndarray, np.ndarray, float]:
    """What a student makes of the means and of the mean squares of labels, and its noise part."""
    noise = checks.non_negative("noise_variance", stage.noise_variance)
    if stage.source is not None:
        raise ValueError("source of a student must be None: its rows are the target's")
    if stage.features is None:
        learnt, energy, floor = on_inputs.transfer(problem.spectrum, stage.n, noise, stage.ridge)
    else:
        at = equivalents(problem, stage.n, stage.features, stage.ridge)
        random_features.theory.warn_without_mean(at, noise, stacklevel=5)
        learnt, energy, floor = on_features.transfer(at, noise)
    if transform == "none":
        return learnt, energy, floor
    factors = _factors(problem, stage, transform)
    return factors * learnt, factors * factors * energy, floor

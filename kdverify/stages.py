"""Several stages: a surrogate that is itself trained, covariate shift, chains.

What a stage passes on is the law of its student's coefficients, of which the next stage and
the risk need the mean and the covariance: `kdverify.gaussian.stages` where a student sees the
inputs, `kdverify.random_features.stages` where it sees random features; both may be mixed.

Risks are excess risks on the target covariance, label noise not added, and deterministic
equivalents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdverify import checks, formulas, random_features
from kdverify.gaussian import stages as on_inputs
from kdverify.gaussian import theory
from kdverify.gaussian.chain_size import chain_error as chain_size_error
from kdverify.gaussian.finite_size import SizeError
from kdverify.problem import Problem
from kdverify.random_features import stages as on_features
from kdverify.random_features.solve import equivalents
from kdverify.training import Coefficients, Stage, ground_truth

TRANSFORMS = ("none", "gain", "mask")


def train(problem: Problem, labels: Coefficients, stage: Stage) -> Coefficients:
    """The law of the student of ``labels``, averaged over their law."""
    where = on_inputs if stage.features is None else on_features
    return where.train(problem, labels, stage)


def chain_risks(problem: Problem, stages: Sequence[Stage]) -> list[float]:
    """Excess risk after each stage of a chain on fresh data; the first learns from beta*."""
    _check_chain(problem, stages)
    law, risks = ground_truth(problem), []
    for stage in stages:
        law = train(problem, law, stage)
        risks.append(law.risk(problem))
    return risks


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

    What the teacher's sample adds is that of ``E P`` and of ``E PAP``, A what the student makes of
    products of coordinates; the part of (7) that is left out is in it.

    Args:
        teacher: on m samples of any covariance.
        student: on n samples of the target; transform: as in `two_stage_risk`.

    Source: claim ``15.two-stages``.
    """
    checks.choice("transform", transform, TRANSFORMS)
    _check_on_inputs(problem, [teacher, student])
    factors = None if transform == "none" else _factors(problem, student, transform)
    return chain_size_error(problem, [teacher, student], factors)


def chain_error(problem: Problem, stages: Sequence[Stage]) -> SizeError:
    """The last of `chain_risks` with its first correction in 1/n, for Gaussian rows.

    Every stage sees the inputs, of any covariance.  Source: claim ``15.two-stages``.
    """
    _check_on_inputs(problem, stages)
    return chain_size_error(problem, stages)


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
    if not stages:
        raise ValueError("stages must hold at least one stage")
    for index, stage in enumerate(stages):
        checks.instance(f"stages[{index}]", stage, Stage)


def _check_on_inputs(problem: Problem, stages: Sequence[Stage]) -> None:
    _check_chain(problem, stages)
    if any(stage.features is not None for stage in stages):
        raise ValueError("features must be None: no correction is known for stages with them")


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

"""Students that share data: crossed risks (13), combinations, ensembles.

Risks are excess risks on the problem's covariance, label noise not added, deterministic
equivalents as in `kdverify.risk`.  With ``digits`` they are balls (`kdverify.gaussian.numbers`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian import risks as compose
from kdverify.gaussian.numbers import Numbers, numbers, slack
from kdverify.gaussian.solve import Equivalents, equivalents
from kdverify.gaussian.stages import train
from kdverify.problem import Problem
from kdverify.training import Coefficients, Stage, ground_truth

#: How far a covariance of noises may lie beyond its bound, squared: a few units of rounding.
ROUNDING = 1e-15


@dataclass(frozen=True, eq=False)
class Student:
    """What one student is trained on.

    Args:
        n: number of samples, any positive real number.
        surrogate: (p,) coefficients of its labels in the problem's coordinates; None: beta*.
        noise_variance: variance of the noise in its labels.
        ridge: delta of ``|y - Xb|^2 + delta |b|^2``.
    """

    n: Any
    surrogate: Any = None
    noise_variance: Any = 0.0
    ridge: Any = 0.0


def crossed_risk(
    problem: Problem,
    first: Student,
    second: Student,
    shared: Any,
    noise_covariance: Any = None,
    digits: int | None = None,
) -> Any:
    """Mean of ``(b_1 - beta*)' Sigma (b_2 - beta*)`` for two students with common samples: (13).

    Args:
        first, second: the two students.
        shared: number of samples that both train on, from 0 to the smaller n.
        noise_covariance: covariance of their label noises on a shared sample; None: both have
            the same noise, whose variance must then be one.

    Returns:
        The equivalent; for two students that are one and the same it is `kdverify.risk`, except
        that least squares (n >= p, no ridge) enters with the limit ``sigma^2 p/(n - p)``.
        ``inf`` for least squares that has noise and n = p.

    Raises:
        ValueError, TypeError: shared > min(n_1, n_2), a covariance beyond what two variances
            allow, or what `kdverify.risk` refuses.

    Source: claims ``10.crossed``, ``10.crossed-self``.
    """
    checks.instances("students", (first, second), Student)
    with numbers(problem, digits) as on:
        covariance = _noise_covariance(on, first, second, noise_covariance)
        value = _crossed(on, _solved(on, first), _solved(on, second), shared, covariance)
        return value if digits else float(value)


def crossed_risks(
    problem: Problem, students: Sequence[Student], shared: Any, noise_covariance: Any = None
) -> np.ndarray:
    """(B, B) crossed risks of B students; the diagonal is `kdverify.risk`.

    Args:
        shared: one number for all pairs, or a symmetric (B, B) matrix (its diagonal is not read).
        noise_covariance: as in `crossed_risk`, for all pairs.
    """
    checks.instances("students", students, Student)
    count = len(students)
    table = checks.real_array("shared", shared, "number or matrix")
    if table.shape not in ((), (count, count)) or not np.array_equal(table, table.T):
        raise ValueError(
            f"shared of shape {table.shape} must be one number or a symmetric matrix of shape "
            f"({count}, {count})"
        )
    table = np.broadcast_to(table, (count, count))
    with numbers(problem, None) as on:
        solved = [_solved(on, student) for student in students]
        result = np.empty((count, count))
        for i, one in enumerate(solved):
            noise = on.number("noise_variance", students[i].noise_variance)
            result[i, i] = compose.excess_risk(on.modes, one[0], one[1], noise)
            for j in range(i):
                covariance = _noise_covariance(on, students[i], students[j], noise_covariance)
                result[i, j] = result[j, i] = _crossed(
                    on, one, solved[j], float(table[i, j]), covariance
                )
        return result


def combined_risk(
    problem: Problem,
    students: Sequence[Student],
    weights: Any,
    shared: Any,
    noise_covariance: Any = None,
) -> float:
    """Excess risk of ``sum_b weight_b b_b``; the weights must add up to 1 (any sign)."""
    checks.instances("students", students, Student)
    vector = checks.real_vector("weights", weights)
    if vector.size != len(students):
        raise ValueError(f"weights of length {vector.size} must have one entry a student")
    checks.adds_up("weights", vector)
    return float(vector @ crossed_risks(problem, students, shared, noise_covariance) @ vector)


def ensemble_risk(
    problem: Problem,
    n: Any,
    size: Any,
    members: Any = math.inf,
    surrogate: Any = None,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
    digits: int | None = None,
) -> Any:
    """Excess risk of the mean of students that each train on ``size`` of the same n samples.

    Args:
        n: samples in all.  size: samples of each member, drawn without replacement, at most n.
        members: how many; ``math.inf`` for all subsets.
        surrogate, noise_variance, ridge: of every member, as in `kdverify.risk`.

    The overlap of two subsets enters at its mean, ``size^2/n``.  Source: claims
    ``10.ensemble``, ``10.subagging``; Du, Patil, Kuchibhotla 2023.
    """
    count = members if members == math.inf else checks.count("members", members)
    member = Student(size, surrogate, noise_variance, ridge)
    with numbers(problem, digits) as on:
        solved = at, vector = _solved(on, member)
        total = on.number("n", n)
        checks.at_most("size", at.n, total, "n")
        noise = on.number("noise_variance", noise_variance)
        crossed = _crossed(on, solved, solved, formulas.subsample_overlap(at.n, total), noise)
        if count == math.inf:
            return crossed if digits else float(crossed)
        single = compose.excess_risk(on.modes, at, vector, noise)
        value = formulas.ensemble_risk(single, crossed, on.number("members", 1) / int(count))
        return value if digits else float(value)


def subagging_ridge(problem: Problem, n: Any, size: Any, ridge: Any = 0.0) -> float:
    """The ridge on all n samples whose one student does as well as all subsets of ``size``.

    ``tau_k (n - sum (1 - zeta_k))``; 0 for subsets of ``size`` >= p without ridge.
    """
    total = checks.positive("n", n)
    at = equivalents(problem, size, ridge)
    checks.at_most("size", at.n, total, "n")
    learnt = formulas.degrees_of_freedom(at.one_minus_zeta, np.sum)
    return float(formulas.subagging_ridge(at.tau, total, learnt))


def ensemble_law(
    problem: Problem,
    n: Any,
    size: Any,
    members: Any = math.inf,
    noise_variance: Any = 0.0,
    ridge: Any = 0.0,
) -> Coefficients:
    """Mean and variance of the coefficients of an ensemble on strong labels: (7), polarised.

    A law for `kdverify.stages.train`, so that an ensemble can be a teacher.  Arguments
    as in `ensemble_risk`.
    """
    count = members if members == math.inf else checks.count("members", members)
    total = checks.positive("n", n)
    single = train(problem, ground_truth(problem), Stage(size, None, noise_variance, ridge))
    at = equivalents(problem, size, ridge)
    checks.at_most("size", at.n, total, "n")
    overlap = formulas.subsample_overlap(at.n, total)
    rest = pair_omega(at, at, overlap, np.sum)[1]
    lam = problem.spectrum.eigenvalues
    leftover = formulas.unlearnt_energy(lam, problem.beta_modes, at.zeta).sum()
    noise = checks.non_negative("noise", noise_variance)
    if rest == 0:  # least squares that shares all of n = p samples, as in `_crossed`
        scale = math.inf if noise > 0 else 0.0
    else:
        scale = formulas.trained_scale(leftover, rest, noise)
    shared = formulas.trained_covariance(
        scale, overlap, at.n, at.n, at.one_minus_zeta, lam + at.tau
    )
    variances = formulas.ensemble_risk(single.variances, shared, 1 / count)
    return Coefficients(single.mean, variances)


def _solved(on: Numbers, student: Student) -> tuple[Equivalents, np.ndarray]:
    checks.instance("student", student, Student)
    return on.solve(student.n, student.ridge), on.vector("surrogate", student.surrogate)


def _noise_covariance(on: Numbers, first: Student, second: Student, given: Any) -> Any:
    """The covariance asked for, within what the two variances allow."""
    one, other = (on.number("noise_variance", s.noise_variance) for s in (first, second))
    if given is None:
        if first.noise_variance != second.noise_variance:
            raise ValueError(
                f"noise_covariance=None must go with one noise variance, not "
                f"{first.noise_variance!r} and {second.noise_variance!r}"
            )
        return one
    below = isinstance(given, Real) and given < 0
    size, most = on.number("noise_covariance", -given if below else given), one * other
    if size * size > most * (1 + ROUNDING):
        shown = float(given) if isinstance(given, Real) else given
        raise ValueError(
            f"noise_covariance={shown!r} must be at most the root of the product of the variances"
        )
    if size * size > most:
        size = on.number("noise_covariance", 1) * most**0.5
    return -size if below else size


def pair_omega(first: Equivalents, second: Equivalents, shared: Any, total: Any) -> tuple[Any, Any]:
    """omega of (13) and its complement, for the solutions of (1) of two students."""
    sizes = (shared, first.n, second.n)
    omega = formulas.shared_omega(total(first.one_minus_zeta * second.one_minus_zeta), *sizes)
    half = total(first.zeta * second.one_minus_zeta)
    return omega, formulas.one_minus_shared_omega(half, slack(second), *sizes)


def _crossed(
    on: Numbers,
    first: tuple[Equivalents, np.ndarray],
    second: tuple[Equivalents, np.ndarray],
    shared: Any,
    noise: Any,
) -> Any:
    (one, own), (other, others) = first, second
    overlap = shared if hasattr(shared, "mid") else on.number("shared", shared)
    for size in (one.n, other.n):
        checks.at_most("shared", overlap, size, "both sample sizes")
    modes = on.modes
    omega, rest = pair_omega(one, other, overlap, modes.total)
    if rest == 0:  # all samples shared by least squares with n = p: omega = 1, zeta = 0
        if noise != 0:
            return noise * math.inf
        omega, rest = 0 * omega, 1 + rest  # there is nothing for the factor to multiply
    splits = [(at.zeta, at.one_minus_zeta) for at in (one, other)]
    return formulas.crossed_risk(
        modes.lam,
        own,
        others,
        modes.beta_star,
        *splits[0],
        *splits[1],
        omega,
        rest,
        noise,
        modes.total,
    )

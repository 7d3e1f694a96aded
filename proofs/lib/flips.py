"""Chains of students drawn here, their risks averaged over column signs and noise exactly.

Flipping the signs of a design's columns, in the eigenbasis of its covariance, leaves its law
unchanged and turns ``P_ij`` into ``e_i e_j P_ij``.  Labels whose coefficients have the mean m and
the second moment S give, averaged over all flips and over the noise,

    P_ii m_i,    S_ij (P_ii P_jj + P_ij^2) for i != j,    sum_k P_ik^2 S_kk + noise (A A')_ii,

A the pseudo-inverse (with the ridge) and ``P = A X``.  The bases of two stages may differ.
What variates of known mean explain of the risks is taken off.
"""

from collections.abc import Sequence

import numpy as np

from kdverify import Problem, Spectrum, equivalents
from kdverify.simulation.zero_means import ZeroMeans
from kdverify.steady import steadied
from kdverify.training import Stage, source_modes

from .drawn import shared

#: Trials that are solved together.
TOGETHER = 50


@shared
def chain_risks(
    problem: Problem,
    stages: Sequence[Stage],
    trials: int,
    draw: np.random.Generator,
    factors: np.ndarray | None = None,
) -> np.ndarray:
    """(trials, stages) mean excess risk after each stage, given its designs up to signs.

    ``factors``: (p,) what the labels of the last stage's teacher are multiplied by.
    """
    starts = range(0, trials, TOGETHER)
    sizes = [min(TOGETHER, trials - start) for start in starts]
    known = _zero_means(problem, stages, factors)
    found = [_batch(problem, stages, known, size, draw, factors) for size in sizes]
    return steadied(*(np.concatenate(each) for each in zip(*found, strict=True)))


def _zero_means(
    problem: Problem, stages: Sequence[Stage], factors: np.ndarray | None
) -> list[ZeroMeans]:
    """Of each stage in its own modes, with weights from what is expected of the others."""
    lam, found = problem.spectrum.eigenvalues, []
    expected, noises = [], []
    for stage in stages:
        values, basis = _modes(problem, stage)
        learnt = 1 - equivalents(Spectrum(values), stage.n, stage.ridge).zeta
        expected.append(basis * learnt @ basis.T)
        noises.append(basis * (learnt**2 / values) @ basis.T)
    if factors is not None:
        expected[-1] = expected[-1] * factors
    for j, stage in enumerate(stages):
        values, basis = _modes(problem, stage)
        after = np.eye(problem.p)
        for later in expected[j + 1 :]:
            after = later @ after
        taught = problem.beta_modes
        for earlier in expected[:j]:
            taught = earlier @ taught
        if factors is not None and j == len(stages) - 1:
            taught, noises[j - 1] = factors * taught, np.outer(factors, factors) * noises[j - 1]
        aim = basis.T @ after.T @ (lam * problem.beta_modes)
        weights = basis.T @ after.T @ (lam[:, None] * after) @ basis
        own, form = basis.T @ taught, np.diagonal(weights)
        crossed = (weights - np.diag(form)) @ (np.diagonal(basis.T @ expected[j] @ basis) * own)
        squares = [own**2] + [np.diagonal(basis.T @ noises[j - 1] @ basis)] * (j > 0)
        weighed = np.stack([aim * own, crossed * own], axis=1), np.stack(squares, axis=1)
        found.append(ZeroMeans(values, stage.n, stage.ridge, form, *weighed))
    return found


def _modes(problem: Problem, stage: Stage) -> tuple[np.ndarray, np.ndarray]:
    """(r,) eigenvalues of a stage's rows, and (p, r) its modes in those of the problem."""
    values, basis = source_modes(problem.spectrum, stage.source)
    return values[values > 0], np.eye(problem.p)[:, values > 0] if basis is None else basis


def _batch(
    problem: Problem,
    stages: Sequence[Stage],
    known: Sequence[ZeroMeans],
    trials: int,
    draw: np.random.Generator,
    factors: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    lam, truth = problem.spectrum.eigenvalues, problem.beta_modes
    mean = np.tile(truth, (trials, 1))
    square = np.einsum("ti,tj->tij", mean, mean)
    risks, zeros = [], []
    for index, stage in enumerate(stages):
        if factors is not None and index == len(stages) - 1:
            mean, square = factors * mean, np.outer(factors, factors) * square
        rows = designs(draw, trials, stage.n, _modes(problem, stage)[0])
        zeros.append(known[index].summed(known[index].of(rows)))
        mean, square = _student(problem, stage, mean, square, rows)
        squares = np.diagonal(square, axis1=1, axis2=2)
        risks.append(squares @ lam - 2 * mean @ (lam * truth) + problem.signal.sum())
    return np.stack(risks, axis=1), np.concatenate(zeros, axis=1)


def _student(
    problem: Problem,
    stage: Stage,
    mean: np.ndarray,
    square: np.ndarray,
    rows: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and second moment of a student's coefficients, over signs and noise."""
    _, basis = _modes(problem, stage)
    hat, solved = hats(rows, stage.ridge)
    own = np.diagonal(hat, axis1=1, axis2=2)
    inner = basis.T @ square @ basis
    diagonal = np.diagonal(inner, axis1=1, axis2=2)
    squares = np.square(hat)
    after = np.einsum("tij,tj->ti", squares, diagonal) + stage.noise_variance * solved
    inner = inner * (own[:, :, None] * own[:, None, :] + squares)
    modes = np.arange(own.shape[1])
    inner[:, modes, modes] = after
    return (mean @ basis * own) @ basis.T, basis @ inner @ basis.T


def designs(draw: np.random.Generator, trials: int, n: int, values: np.ndarray) -> np.ndarray:
    """(trials, n, r) Gaussian rows."""
    return np.asarray(draw.standard_normal((trials, n, values.size)) * np.sqrt(values))


def hats(rows: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """(trials, r, r) P, and (trials, r) the diagonal of ``A A'``, of designs."""
    across, (_, n, r) = rows.transpose(0, 2, 1), rows.shape
    if n < r:
        inverse = across @ np.linalg.inv(rows @ across + ridge * np.eye(n))
    else:
        inverse = np.linalg.inv(across @ rows + ridge * np.eye(r)) @ across
    return inverse @ rows, np.square(inverse).sum(axis=2)

"""Chains of students drawn here, their risks averaged over column signs and noise exactly.

Flipping the signs of a design's columns, in the eigenbasis of its covariance, leaves its law
unchanged and turns ``P_ij`` into ``e_i e_j P_ij``.  Labels whose coefficients have the mean m and
the second moment S give, averaged over all flips and over the noise,

    P_ii m_i,    S_ij (P_ii P_jj + P_ij^2) for i != j,    sum_k P_ik^2 S_kk + noise (A A')_ii,

A the pseudo-inverse (with the ridge) and ``P = A X``.  The bases of two stages may differ.
"""

from collections.abc import Sequence

import numpy as np

from kdverify import Problem
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
    return np.concatenate([_batch(problem, stages, size, draw, factors) for size in sizes])


def _batch(
    problem: Problem,
    stages: Sequence[Stage],
    trials: int,
    draw: np.random.Generator,
    factors: np.ndarray | None,
) -> np.ndarray:
    lam, truth = problem.spectrum.eigenvalues, problem.beta_modes
    mean = np.tile(truth, (trials, 1))
    square = np.einsum("ti,tj->tij", mean, mean)
    risks = []
    for index, stage in enumerate(stages):
        if factors is not None and index == len(stages) - 1:
            mean, square = factors * mean, np.outer(factors, factors) * square
        mean, square = _student(problem, stage, mean, square, draw)
        squares = np.diagonal(square, axis1=1, axis2=2)
        risks.append(squares @ lam - 2 * mean @ (lam * truth) + problem.signal.sum())
    return np.stack(risks, axis=1)


def _student(
    problem: Problem,
    stage: Stage,
    mean: np.ndarray,
    square: np.ndarray,
    draw: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and second moment of a student's coefficients, over signs and noise."""
    values, basis = source_modes(problem.spectrum, stage.source)
    if basis is None:
        basis = np.eye(problem.p)[:, values > 0]
        values = values[values > 0]
    hat, solved = hats(draw, len(mean), stage.n, values, stage.ridge)
    own = np.diagonal(hat, axis1=1, axis2=2)
    inner = basis.T @ square @ basis
    diagonal = np.diagonal(inner, axis1=1, axis2=2)
    squares = np.square(hat)
    after = np.einsum("tij,tj->ti", squares, diagonal) + stage.noise_variance * solved
    inner = inner * (own[:, :, None] * own[:, None, :] + squares)
    modes = np.arange(values.size)
    inner[:, modes, modes] = after
    return (mean @ basis * own) @ basis.T, basis @ inner @ basis.T


def hats(
    draw: np.random.Generator, trials: int, n: int, values: np.ndarray, ridge: float
) -> tuple[np.ndarray, np.ndarray]:
    """(trials, r, r) P, and (trials, r) the diagonal of ``A A'``, of Gaussian designs."""
    design = draw.standard_normal((trials, n, values.size)) * np.sqrt(values)
    across = design.transpose(0, 2, 1)
    if n < values.size:
        kernel = design @ across + ridge * np.eye(n)
        inverse = across @ np.linalg.inv(kernel)
    else:
        inverse = np.linalg.inv(across @ design + ridge * np.eye(values.size)) @ across
    return inverse @ design, np.square(inverse).sum(axis=2)

"""Chances of the classes whose linear part is a given signal: a multinomial logit model.

A draw of the signal says what the best linear fit to the one-hot labels is, ``pi + x'beta``; it
is no law of classes, its values leave [0, 1].  The law taken is ``p = softmax(a z + c)`` with
``z = x'beta``, whose shares are pi and whose own linear fit along z has slope 1:
``E sum p_k z_k = E sum z_k^2``.  These are the conditions of the minimum of a convex function of
(a, c); where no finite a meets them classes are what the largest score says, nearly surely.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp, softmax

#: Largest a, in units of one over the root mean square of z; steps; change that ends them.
LARGEST, STEPS, TOLERANCE = 30.0, 40, 1e-8


def logit_model(scores: np.ndarray, shares: np.ndarray) -> tuple[float, np.ndarray]:
    """Factor a and constants c (C,) for linear scores z (k, C) of rows and shares pi (C,).

    Newton's method in (a s, c), s the root mean square of z, with a step that is halved until
    the function falls.
    """
    size = float(np.sqrt(np.square(scores).mean()))
    z = scores / size
    aim = np.append(np.square(scores).sum(axis=1).mean() / size, shares)
    at = np.append(1.0, np.log(shares))

    def value(point: np.ndarray) -> float:
        return float(logsumexp(point[0] * z + point[1:], axis=1).mean() - aim @ point)

    now = value(at)
    for _ in range(STEPS):
        chances = softmax(at[0] * z + at[1:], axis=1)
        mean = (chances * z).sum(axis=1)
        gradient = np.append(mean.mean(), chances.mean(axis=0)) - aim
        hessian = np.empty((len(at), len(at)))
        hessian[0, 0] = (chances * np.square(z)).sum(axis=1).mean() - np.square(mean).mean()
        hessian[0, 1:] = hessian[1:, 0] = (chances * (z - mean[:, None])).mean(axis=0)
        hessian[1:, 1:] = np.diag(chances.mean(axis=0)) - chances.T @ chances / len(z)
        hessian[np.diag_indices_from(hessian)] += 1e-9  # c is free up to a constant
        step = -np.linalg.solve(hessian, gradient)
        length = 1.0
        while length > 1e-6 and not value(at + length * step) < now:
            length /= 2
        at = at + length * step
        at[0] = min(at[0], LARGEST)
        before, now = now, value(at)
        if before - now < TOLERANCE:
            break
    return float(at[0] / size), at[1:]


def class_chances(scores: np.ndarray, model: tuple[float, np.ndarray]) -> np.ndarray:
    """Chances (k, C) of rows with linear scores z (k, C)."""
    factor, constants = model
    return np.asarray(softmax(factor * scores + constants, axis=1))

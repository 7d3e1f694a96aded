"""Smaller standard errors from variates whose means are known."""

from __future__ import annotations

import numpy as np

#: Parts of the trials that `steadied` takes its coefficients from, all but one.
FOLDS = 8


def steadied(values: np.ndarray, zeros: np.ndarray) -> np.ndarray:
    """``values`` (T, ...) less what least squares explains by variates of mean zero, (T, m).

    The mean stays what it is: coefficients for one part of the trials come from the other parts,
    and are independent of the variates that they multiply.
    """
    if len(zeros) != len(values):
        raise ValueError(f"zeros of {len(zeros)} trials must be of the {len(values)} of values")
    steady, fold = np.empty_like(values), np.arange(len(values)) % FOLDS
    zeros = zeros / np.maximum(zeros.std(axis=0), 1e-300)
    for k in range(FOLDS):
        own, others = fold == k, fold != k
        centred = values[others] - values[others].mean(axis=0)
        varied = zeros[others] - zeros[others].mean(axis=0)
        flat = centred.reshape(len(centred), -1)
        explained = zeros[own] @ np.linalg.lstsq(varied, flat, rcond=1e-10)[0]
        steady[own] = values[own] - explained.reshape(values[own].shape)
    return steady


def steadied_apart(values: np.ndarray, zeros: np.ndarray) -> np.ndarray:
    """`steadied` column by column: ``values`` (T, q, p) by ``zeros`` (T, m, p) of the same p."""
    steady, fold = np.empty_like(values), np.arange(len(values)) % FOLDS
    for k in range(FOLDS):
        own, others = fold == k, fold != k
        centred, varied = (each[others] - each[others].mean(axis=0) for each in (values, zeros))
        crossed = np.einsum("tmp,tqp->pmq", varied, centred)
        inverse = np.linalg.pinv(np.einsum("tmp,tlp->pml", varied, varied), rcond=1e-10)
        steady[own] = values[own] - np.einsum("tmp,pmq->tqp", zeros[own], inverse @ crossed)
    return steady

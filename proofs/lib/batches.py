"""Many small training sets at once: Gaussian rows, ridge students, excess risks.

One problem for all: 30 modes 1/i with spread-out signal of both signs, and surrogates that differ
from it in every mode.  Bands are relative to the prediction, of the width 1/(n (1 - Omega)) as
those of section 2 (`proofs.lib.ensembles`).
"""

from typing import Any

import numpy as np

from kdverify import Problem, equivalents
from kdverify.evidence import Comparison

from .ensembles import generator as generator
from .ensembles import harmonic, waves

P = 30
PROBLEM = harmonic(P)
LAM, TRUTH = PROBLEM.spectrum.eigenvalues, PROBLEM.beta_modes
#: Surrogates: the strong modes too large, and the weak ones missing; one with turned signs.
BOLD = TRUTH * np.where(np.arange(P) < 12, 1.3, 0.2)
OTHER = TRUTH * waves(P, 2.3) * np.sqrt(P)
EXACT = Problem.power_law(20, 1, 2)


def designs(draw: np.random.Generator, trials: int, n: int) -> np.ndarray:
    """(trials, n, P) rows of `PROBLEM`."""
    return np.asarray(draw.standard_normal((trials, n, P)) * np.sqrt(LAM))


def noise(draw: np.random.Generator, shape: tuple[int, ...], variance: float) -> np.ndarray:
    """Label noise."""
    return np.asarray(draw.standard_normal(shape) * np.sqrt(variance))


def students(rows: np.ndarray, labels: np.ndarray, ridge: float) -> np.ndarray:
    """(trials, P) ridge solutions; the least-norm one for ridge 0 and n < P, else least squares."""
    n = rows.shape[1]
    if ridge == 0 and n > P:
        gram = np.swapaxes(rows, 1, 2) @ rows
        seen = np.einsum("tnp,tn->tp", rows, labels)
        return np.asarray(np.linalg.solve(gram, seen[..., None])[..., 0])
    kernel = rows @ np.swapaxes(rows, 1, 2) + ridge * np.eye(n)
    solved = np.linalg.solve(kernel, labels[..., None])[..., 0]
    return np.asarray(np.einsum("tnp,tn->tp", rows, solved))


def predictions(rows: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """(trials, n) labels of fixed coefficients (P,) or of one model a trial, (trials, P)."""
    if coefficients.ndim == 1:
        return np.asarray(rows @ coefficients)
    return np.asarray(np.einsum("tnp,tp->tn", rows, coefficients))


def excess(one: np.ndarray, other: np.ndarray | None = None) -> np.ndarray:
    """(trials,) ``(b_1 - beta*)' Sigma (b_2 - beta*)``; of one model with itself its risk."""
    second = one if other is None else other
    return np.asarray(((one - TRUTH) * (second - TRUTH)) @ LAM)


def band(n: float, ridge: float = 0.0, factor: float = 1.0) -> float:
    """Half-width relative to the prediction, ``factor/(n (1 - Omega))``."""
    return factor / (n * float(equivalents(PROBLEM, n, ridge).one_minus_omega))


def compared(name: str, values: Any, theory: Any, relative: Any) -> Comparison:
    """Means over trials beside a prediction, with a relative band."""
    predicted = np.asarray(theory, dtype=float)
    return Comparison.of(name, values, predicted, np.abs(predicted) * relative)

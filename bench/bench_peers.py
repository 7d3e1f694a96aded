"""The effective regularisation as other repositories solve for it, beside kdverify.

Each peer is its own equation, starting point, method and stopping rule, written anew on the
eigenvalues (where a peer solves p x p systems in every step, this is kinder to it):

* eigenlearning: ``scipy.optimize.fsolve`` on log kappa from max(ridge/n, lambda_n);
* ood-ridge: ``scipy.optimize.fixed_point`` on v = 1/tau from the isotropic root, xtol 1e-3;
* self-distillation ridge: bisection on kappa until the bracket is 1e-12 max(1, upper end);
* feature-ridge-regression: iteration on m = 1/(n tau) from 1 until it moves by 1e-8 or less.

Errors of tau are relative, against a ball.  Times are the best of several runs.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
from scipy.optimize import fixed_point, fsolve

import kdverify as kd
from bench.timing import best, print_table
from kdverify.gaussian import certified

#: Steps after which the iteration without a cap of its own is given up.
CAP = 100_000


def eigenlearning(lam: np.ndarray, n: int, ridge: float) -> float:
    def law(log_kappa: np.ndarray) -> np.ndarray:
        kappa = np.exp(log_kappa)
        return (lam / (lam + kappa)).sum() + ridge / kappa - n

    start = max(ridge / n, lam[min(n, lam.size - 1)])
    return math.exp(fsolve(law, math.log(start)).item())


def ood_ridge(lam: np.ndarray, n: int, ridge: float) -> float:
    phi, penalty = lam.size / n, ridge / n
    scaled = phi + penalty - 1
    if penalty > 0:
        start = (math.sqrt(scaled**2 + 4 * penalty) - scaled) / (2 * penalty)
    else:
        start = 1 / (phi - 1)

    def step(v: float) -> float:
        return 1 / (penalty + phi * np.mean(lam / (1 + v * lam)))

    return 1 / float(fixed_point(step, start, xtol=1e-3, maxiter=10_000))


def self_distillation(lam: np.ndarray, n: int, ridge: float) -> float:
    gamma, penalty = lam.size / n, ridge / n

    def law(kappa: float) -> float:
        return kappa * (1 - gamma * float(np.mean(lam / (lam + kappa)))) - penalty

    low, high = 0.0, max(penalty, 1.0)
    while law(high) <= 0:
        high *= 2
    while high - low > 1e-12 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (low, middle) if law(middle) > 0 else (middle, high)
    return (low + high) / 2


def feature_ridge(lam: np.ndarray, n: int, ridge: float) -> float:
    old, m = 0.0, 1.0
    for _ in range(CAP):
        if abs(m - old) <= 1e-8:
            break
        old, m = m, 1 / (ridge + (lam / (n * m * lam + 1)).sum())
    return 1 / (n * m)


def kdverify(lam: np.ndarray, n: int, ridge: float) -> float:
    return kd.equivalents(kd.Spectrum(lam), n, ridge).tau


Solver = Callable[[np.ndarray, int, float], float]
SOLVERS: list[Solver] = [kdverify, eigenlearning, ood_ridge, self_distillation, feature_ridge]


def settings() -> dict[str, tuple[np.ndarray, int, float]]:
    """Name -> eigenvalues, n, ridge."""
    i, many = np.arange(1, 501.0), np.arange(1, 20_001.0)
    gap = np.where(i <= 150, 1e3 + i, 1e-3 * i)
    return {
        "i^-2, p 500, n 200": (i**-2, 200, 0.0),
        "the same, ridge 0.01": (i**-2, 200, 0.01),
        "i^-2, p 20000, n 15000": (many**-2, 15_000, 0.0),
        "gap, p 500, n 200": (gap, 200, 0.0),
    }


def error(solver: Solver, lam: np.ndarray, n: int, ridge: float) -> str:
    """Relative error of tau, or what went wrong."""
    exact = certified.equivalents(kd.Spectrum(lam), n, ridge, digits=30).tau
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = solver(lam, n, ridge)
        except (ArithmeticError, RuntimeError) as problem:
            return type(problem).__name__
    return f"{abs(float((type(exact)(found) / exact - 1).mid())):.0e}"


def main() -> None:
    """Errors and times of all solvers at all settings."""
    rows = []
    for name, (lam, n, ridge) in settings().items():
        for solver in SOLVERS:
            found = error(solver, lam, n, ridge)
            taken = ""
            if found[0].isdigit():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    taken = f"{1e3 * best(lambda s=solver, a=(lam, n, ridge): s(*a)):.2f}"
            rows.append([name, solver.__name__, found, taken])
    print_table("tau: relative error and time", ["setting", "solver", "error", "ms"], rows)


if __name__ == "__main__":
    main()

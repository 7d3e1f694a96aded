"""Random features on strong labels as two papers state them, beside kdverify.

* Defilippis, Loureiro, Misiakiewicz (arXiv 2405.15699): nu_1 in closed form from nu_2, one
  equation for nu_2, their Upsilon and chi.  The paper has no solver: ``scipy.optimize.brentq`` on
  log nu_2 between bounds of ours.
* Simon, Karkada, Ghosh, Belkin (arXiv 2311.14646): their test error, and the method of their
  repository ``more-is-better``: bisection for gamma inside a bisection for log10 kappa, each until
  its equation is met to 1e-5, in float64 here (theirs is single precision).

Both are written anew from the papers.  Errors of the excess risk are relative, against a ball;
times are the best of several runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

import kdverify as kd
from bench.timing import best, print_table
from kdverify import random_features
from kdverify.random_features import certified

TOLERANCE, STEPS = 1e-5, 200


def kdverify(problem: kd.Problem, n: float, q: float, ridge: float, noise: float) -> float:
    return random_features.risk(problem, n, q, None, noise, ridge)


def defilippis(problem: kd.Problem, n: float, q: float, ridge: float, noise: float) -> float:
    lam, signal = problem.spectrum.eigenvalues, problem.signal

    def root(nu: float) -> float:
        return math.sqrt((1 - n / q) ** 2 + 4 * ridge / (q * nu))

    def law(log_nu: float) -> float:
        nu = math.exp(log_nu)
        return 1 + n / q - root(nu) - 2 / q * float((lam / (lam + nu)).sum())

    largest = (lam.size * lam.max() + ridge) / min(n, q) * 4
    nu = math.exp(brentq(law, math.log(lam.min()) - 5, math.log(largest)))
    ratio = (1 - n / q + root(nu)) / 2  # nu_1/nu_2
    squares = float(np.square(lam / (lam + nu)).sum())
    upsilon = q / n * ((1 - ratio) ** 2 + ratio**2 * squares / (q - squares))
    chi = float((lam / np.square(lam + nu)).sum()) / (q - squares)
    energy = signal / np.square(lam + nu)
    bias = nu**2 * float(energy.sum() + chi * (lam * energy).sum())
    return (bias + noise * upsilon) / (1 - upsilon)


def simon(problem: kd.Problem, n: float, k: float, ridge: float, noise: float) -> float:
    lam, signal = problem.spectrum.eigenvalues, problem.signal

    def gamma_of(kappa: float) -> float:
        return bisection(lambda g: float((lam / (lam + g)).sum()) + ridge / kappa - n, 1e-15, 1e15)

    def law(log_kappa: float) -> float:
        kappa = 10**log_kappa
        gamma = gamma_of(kappa)
        return float((lam / (lam + gamma)).sum()) + k * kappa / gamma - k

    kappa = 10 ** bisection(law, -15, 15)
    gamma = gamma_of(kappa)
    learnt = lam / (lam + gamma)
    z, q = float(learnt.sum()), float(np.square(learnt).sum())
    overfitting = 1 / (1 - (q * (k - 2 * z) + z**2) / (n * (k - q)))
    shares = gamma / (lam + gamma) - kappa * lam / np.square(lam + gamma) * k / (k - q)
    return overfitting * (float(shares @ signal) + noise) - noise


def bisection(law: Callable[[float], float], low: float, high: float) -> float:
    """A root of a monotone function, until it is met to `TOLERANCE`."""
    rises, middle = law(high) > law(low), (low + high) / 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        found = law(middle)
        if abs(found) <= TOLERANCE:
            break
        low, high = (low, middle) if (found > 0) == rises else (middle, high)
    return middle


def main() -> None:
    """Errors and times of all three at four settings."""
    problem = kd.Problem.power_law(500, "2", "1.5")
    rows = []
    for n, q, ridge in ((200, 400, 0.01), (200, 100, 0.01), (200, 200, 0.01), (200, 400, 0.0)):
        exact = certified.risk(problem, n, q, None, 0.25, ridge, digits=30)
        times = []
        for solver in (kdverify, defilippis, simon):
            found = solver(problem, n, q, ridge, 0.25)
            off = abs(float((type(exact)(found) / exact - 1).mid()))
            times.append(best(lambda s=solver, a=(n, q, ridge): s(problem, *a, 0.25)))
            taken = [f"{1e3 * times[-1]:.2f}", f"{times[-1] / times[0]:.1f}"]
            rows.append([f"{n}, {q}, {ridge:g}", solver.__name__, f"{off:.0e}", *taken])
    header = ["n, q, ridge", "formulas", "error", "ms", "of kdverify's"]
    print_table("i^-2, i^-1.5, p = 500, noise 1/4: excess risk on strong labels", header, rows)


if __name__ == "__main__":
    main()

"""The fixed point at one n: kdverify against scipy's brentq, mpmath and balls.

A *pass* is one ``(lam / (lam + tau)).sum()`` over all eigenvalues, timed in the same run.
Errors are relative, against the ball-arithmetic solver.
"""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import brentq

import kdverify as kd
from bench.timing import best, one_pass, print_table
from kdverify.arithmetic import MULTIPRECISION
from kdverify.gaussian import certified
from kdverify.gaussian.risks import keep_margins, masked_risk, optimal_risk, standard_risk
from kdverify.gaussian.solve import multiprecision
from kdverify.gaussian.solve.exact import GUARD_DIGITS, ExactModes
from kdverify.problem import Problem, Spectrum

P = 10**6


def spectra(p: int) -> dict[str, np.ndarray]:
    """Eigenvalues of the shapes that the solver has to cope with."""
    rng = np.random.default_rng(1)
    i = np.arange(1, p + 1, dtype=float)
    return {
        "power law 2": i**-2.0,
        "power law 1.2": i**-1.2,
        "gamma(1/2)": rng.gamma(0.5, size=p),
        "10 values repeated": np.repeat(np.logspace(0, -8, 10), p // 10),
        "gap at p/3": np.where(i <= p // 3, 1e10 + i, 1e-10 * (1 + i / p)),
        "200 decades": np.logspace(100, -100, p),
        "within 2 per cent": np.linspace(1, 1.02, p),
    }


def brentq_tau(lam: np.ndarray, n: float) -> tuple[float, int]:
    """What a user would write: a bracketing root finder on (1)."""
    calls = 0

    def residual(log_tau: float) -> float:
        nonlocal calls
        calls += 1
        return float((lam / (lam + math.exp(log_tau))).sum()) - n

    low, high = math.log(lam.min()) - 40, math.log(lam.max() * lam.size)
    root = brentq(residual, low, high, xtol=1e-15, rtol=4 * np.finfo(float).eps)
    return math.exp(root), calls


def relative_error(value: float, ball: Any) -> float:
    """|value/ball - 1|, an upper bound as a float."""
    return abs(float((type(ball)(value) / ball - 1).abs_upper()))


def speed() -> None:
    """p = 10^6: evaluations and cost in passes, beside brentq."""
    rows = []
    for name, lam in spectra(P).items():
        spectrum = Spectrum(lam)
        descending = spectrum.descending
        for n in (1, P // 100, P // 3, P - 1):
            solved = kd.equivalents(spectrum, n)
            unit = one_pass(descending, solved.tau)
            ours = best(lambda s=spectrum, n=n: kd.equivalents(s, n))
            begin = time.perf_counter()
            tau, calls = brentq_tau(descending, n)
            theirs = time.perf_counter() - begin
            rows.append(
                [
                    name,
                    str(n),
                    str(solved.evaluations),
                    f"{ours / unit:.1f}",
                    f"{calls}",
                    f"{theirs / unit:.0f}",
                    f"{solved.log_error:.0e}",
                    f"{abs(math.log(tau / solved.tau)):.0e}",
                    f"{unit * 1e3:.2f}",
                ]
            )
    print_table(
        f"tau at p = {P}: evaluations over lambda and cost in passes; "
        "'bound' is proved for kdverify, 'brentq off' is its distance from kdverify's root",
        [
            "spectrum",
            "n",
            "evals",
            "passes",
            "brentq evals",
            "passes",
            "bound",
            "brentq off",
            "ms/pass",
        ],
        rows,
    )


def accuracy() -> None:
    """p = 3000: errors of kdverify and brentq against balls."""
    rows = []
    p = 3000
    for name, lam in spectra(p).items():
        problem = Problem(Spectrum(lam), 1 / np.sqrt(lam))
        worst = {"tau": 0.0, "1-Omega": 0.0, "risks": 0.0, "brentq": 0.0, "brentq 1-Omega": 0.0}
        for n in (1, p // 100, p // 3, p - 1):
            exact = certified.certificate(problem, n, digits=30)
            at = kd.equivalents(problem, n)
            curve = kd.curve(problem, n)
            tau, _ = brentq_tau(lam, n)
            theirs = 1 - ((lam / (lam + tau)) ** 2).sum() / n
            errors = {
                "tau": relative_error(at.tau, exact.tau),
                "1-Omega": relative_error(at.one_minus_omega, exact.equivalents.one_minus_omega),
                "risks": max(
                    relative_error(float(curve.standard[0]), exact.standard),
                    relative_error(float(curve.optimal[0]), exact.optimal),
                    relative_error(float(curve.masked[0]), exact.masked),
                ),
                "brentq": relative_error(tau, exact.tau),
                "brentq 1-Omega": relative_error(theirs, exact.equivalents.one_minus_omega),
            }
            worst = {key: max(worst[key], errors[key]) for key in worst}
        rows.append([name, *(f"{v:.0e}" for v in worst.values())])
    print_table(
        f"worst relative error over n in (1, p/100, p/3, p-1) at p = {p}",
        ["spectrum", "tau", "1-Omega", "three risks", "brentq tau", "brentq 1-Omega"],
        rows,
    )


def digits() -> None:
    """Many digits: balls (with proof) against mpmath (without)."""
    problem = Problem.power_law(500, "2", "1.5")

    def balls() -> None:
        proof = certified.certificate(problem, 200, digits=100)
        assert proof.standard > proof.masked > proof.optimal > proof.tau

    def mpmath_way() -> None:
        with MULTIPRECISION.precision(100 + GUARD_DIGITS):
            at = multiprecision.solve(problem.spectrum, Fraction(200), digits=100)
            modes = ExactModes(MULTIPRECISION, problem.spectrum, problem)
            standard_risk(modes, at, 0), optimal_risk(modes, at, 0)
            masked_risk(modes, at, keep_margins(at) > 0, 0)

    unit = one_pass(np.arange(1, P + 1.0) ** -2, 1e-9)
    fast, slow = best(balls, 30), best(mpmath_way, 5)
    large = Problem.power_law(10**5, "2", "1.5")

    def large_balls() -> None:
        proof = certified.certificate(large, 40_000, digits=50)
        assert proof.standard > proof.masked > proof.optimal > 0

    seconds = best(large_balls, 3, budget=6)
    print_table(
        "tau and all three risks, certified",
        ["case", "ms", "passes at p=10^6", "times faster than mpmath"],
        [
            ["p=500, 100 digits", f"{fast * 1e3:.2f}", f"{fast / unit:.1f}", f"{slow / fast:.1f}"],
            ["p=100000, 50 digits", f"{seconds * 1e3:.0f}", f"{seconds / unit:.0f}", ""],
        ],
    )


def main() -> None:
    """All three tables."""
    speed()
    accuracy()
    digits()

"""Students that share data, beside what the peers do for the same numbers.

* ensembles of 100 members by (13), beside a simulation to a standard error of one per cent;
* self-distillation: the best mixing and its risk by the formulas of
  ``optimal_self_distillation_ridge`` (``asymptotic_risk_and_estimation.py``), written anew with
  their bisection, beside a ball;
* the mixing tuned on data: regret of the peer's cross-validation and of ours, on the same sets;
* the best ridge: a bounded search on the logarithm, as the peers do, beside the condition.
"""

from __future__ import annotations

import math
import time

import numpy as np
from scipy.optimize import minimize_scalar

import kdverify as kd
from bench.bench_peers import self_distillation as bisected
from bench.timing import best, print_table
from kdverify.rows import SameData

P, N, NOISE = 500, 200, 0.1


def problem() -> kd.Problem:
    return kd.Problem.power_law(P, 1, 2)


def simulated_ensemble(trials: int, members: int, size: int) -> tuple[float, float, float]:
    """Mean risk, its standard error, seconds: fits of all members, one training set a trial."""
    case, draw = problem(), np.random.default_rng(0)
    lam, truth = case.spectrum.eigenvalues, case.beta_modes
    started, risks = time.perf_counter(), []
    for _ in range(trials):
        rows = draw.standard_normal((N, P)) * np.sqrt(lam)
        labels = rows @ truth + math.sqrt(NOISE) * draw.standard_normal(N)
        mean = np.zeros(P)
        for _ in range(members):
            chosen = draw.choice(N, size, replace=False)
            mean += kd.rows.fit(rows[chosen], labels[chosen, None])[:, 0] / members
        risks.append(float(lam @ (mean - truth) ** 2))
    return (
        float(np.mean(risks)),
        float(np.std(risks) / math.sqrt(trials)),
        time.perf_counter() - started,
    )


def peer_mixing(ridge: float) -> tuple[float, float]:
    """(xi*, excess risk at it) by the peer's formulas A, B, C."""
    case = problem()
    lam, signal, gamma = case.spectrum.eigenvalues, case.beta_modes**2, P / N
    penalty, k = ridge / N, bisected(case.spectrum.eigenvalues, N, ridge)
    g = 1 / (lam + k)
    t2, t3, t4 = (gamma * np.mean(lam**2 * g**power) for power in (2, 3, 4))
    b = 1 / (1 - t2)
    e = k - b * penalty + b**2 * k * penalty * t3
    a2 = b * e**2 + b**4 * k**2 * penalty**2 * t4 + b**5 * k**2 * penalty**2 * t3**2
    a3, a4 = 2 * b**2 * k * penalty * e, b**3 * k**2 * penalty**2
    u2, u3, u4 = t2 * b, t3 * b**3, t4 * b**4 + 2 * t3**2 * b**5
    q2, q3, q4 = (float(signal @ (lam * g**power)) for power in (2, 3, 4))
    second = k**2 * b * q2
    third = 2 * k * b * e * q2 + 2 * k**2 * b**2 * penalty * q3
    fourth = a2 * q2 + a3 * q3 + a4 * q4
    own = second + NOISE * u2
    crossed = 2 * second - third / 2 + NOISE * (u2 - penalty * u3)
    taught = 4 * second - 2 * third + fourth + NOISE * (u2 - 2 * penalty * u3 + penalty**2 * u4)
    spread = own + taught - 2 * crossed
    return (own - crossed) / spread, own - (own - crossed) ** 2 / spread


def tuned_regrets(ridge: float, sets: int) -> tuple[float, float]:
    """Mean excess risk over the best mixing's: the peer's cross-validation, and ours."""
    case, draw = problem(), np.random.default_rng(1)
    lam, truth = case.spectrum.eigenvalues, case.beta_modes
    law = kd.self_distillation(case, N, ridge, noise_variance=NOISE)
    lost = []
    for _ in range(sets):
        rows = draw.standard_normal((N, P)) * np.sqrt(lam)
        labels = rows @ truth + math.sqrt(NOISE) * draw.standard_normal(N)
        ours = float(SameData(rows, labels).tuned(ridge).mixing[0])
        kernel = np.linalg.inv(rows @ rows.T + ridge * np.eye(N))
        u, w = kernel @ labels, kernel @ (kernel @ labels)
        q, q2 = np.trace(kernel), np.sum(kernel * kernel)
        v, taught = u / q, (2 * u - ridge * w) / (2 * q - ridge * q2)
        step = taught - v
        theirs = -(v @ step) / (step @ step)
        lost.append([law.at(xi) - law.best_risk for xi in (theirs, ours)])
    return tuple(np.mean(lost, axis=0))


def main() -> None:
    """All four comparisons."""
    case = problem()
    mean, error, seconds = simulated_ensemble(12, 100, 120)
    theory = kd.ensemble_risk(case, N, 120, 100, noise_variance=NOISE)
    taken = best(lambda: kd.ensemble_risk(case, N, 120, 100, noise_variance=NOISE))
    rows = [
        ["simulated, 12 sets", f"{mean:.4f} ± {error:.4f}", f"{1e3 * seconds:.0f}"],
        ["(13)", f"{theory:.4f}", f"{1e3 * taken:.2f}"],
    ]
    print_table("ensemble of 100 on 120 of 200", ["", "excess risk", "ms"], rows)

    rows = []
    for ridge in (0.02, 0.2, 2.0):
        law = kd.self_distillation(case, N, ridge, noise_variance=NOISE)
        ball = kd.self_distillation(case, N, ridge, noise_variance=NOISE, digits=30)
        xi, risk = peer_mixing(ridge)
        sought = float(ball.best_mixing), float(ball.best_risk)
        rows.append(
            [
                f"{ridge:g}",
                f"{sought[0]:.6f}",
                f"{abs(xi / sought[0] - 1):.0e}, {abs(risk / sought[1] - 1):.0e}",
                f"{abs(law.best_mixing / sought[0] - 1):.0e}, "
                f"{abs(law.best_risk / sought[1] - 1):.0e}",
            ]
        )
    heads = ["ridge", "xi*", "peer: error of xi*, risk", "kdverify"]
    print_table("self-distillation on the same data", heads, rows)

    rows = []
    for ridge in (0.2, 2.0):
        theirs, ours = tuned_regrets(ridge, 40)
        rows.append([f"{ridge:g}", f"{theirs:.5f}", f"{ours:.5f}"])
    print_table("tuned mixing: risk lost", ["ridge", "peer", "kdverify"], rows)

    def searched() -> float:
        law = minimize_scalar(
            lambda u: kd.risk(case, N, noise_variance=NOISE, ridge=math.exp(u)),
            bounds=(-15, 10),
            method="bounded",
        )
        return math.exp(law.x)

    exact = float(kd.best_ridge(case, N, NOISE, digits=30).ridge)
    rows = []
    for name, find in (
        ("bounded search on log ridge", searched),
        ("condition", lambda: kd.best_ridge(case, N, NOISE).ridge),
    ):
        rows.append([name, f"{abs(find() / exact - 1):.0e}", f"{1e3 * best(find):.1f}"])
    print_table("best ridge", ["", "relative error", "ms"], rows)


if __name__ == "__main__":
    main()

"""Two stages at p = 1,000: covariances that commute, and a source turned against the target.

Printed beside reference passes of the same run: one ``(lam / (lam + tau)).sum()``, one
product of two (p, p) matrices, and one ``numpy.linalg.eigh``, which is what any method needs
that starts from a covariance matrix.  A simulation would need many least-norm solves: one is
timed, too.
"""

from __future__ import annotations

import numpy as np

import kdverify as kd
from bench.timing import best, one_pass, print_table
from kdverify.gaussian.stages import two_stage_map
from kdverify.seeds import stream

P, M, N = 1000, 400, 300
NOISES = (0.3, 0.1)


def turned(lam: np.ndarray) -> np.ndarray:
    """A covariance with these eigenvalues and random eigenvectors."""
    rng = stream(0, "eigenvectors")
    basis = np.linalg.qr(rng.standard_normal((lam.size, lam.size)))[0]
    matrix = (basis * lam) @ basis.T
    return (matrix + matrix.T) / 2


def main(p: int = P) -> None:
    """Print one line per call."""
    problem = kd.Problem.power_law(p, 1.5, 2.0)
    lam = problem.spectrum.eigenvalues
    source = turned(1 / np.arange(1.0, p + 1))
    rng = stream(0, "rows")
    x = rng.standard_normal((N, p)) * np.sqrt(lam)
    y = x @ problem.beta_star
    sizes = np.unique(np.geomspace(10, p / 2, 20).astype(int))
    passes = {
        "one pass over the eigenvalues": one_pass(lam, 1e-3),
        "one product of two matrices": best(lambda: source @ source),
        "one eigh": best(lambda: np.linalg.eigh(source)),
        f"one least-norm solve, n={N}": best(lambda: x.T @ np.linalg.solve(x @ x.T, y)),
    }
    calls = {
        "two_stage_risk, one covariance": lambda: kd.two_stage_risk(problem, None, M, N, *NOISES),
        "two_stage_risk, turned source": lambda: kd.two_stage_risk(problem, source, M, N, *NOISES),
        f"two_stage_map, {sizes.size} x {sizes.size}": lambda: two_stage_map(
            problem, None, sizes, sizes, *NOISES
        ),
    }
    found = {name: best(call) for name, call in calls.items()}
    eigh = passes["one eigh"]
    rows = [
        [name, f"{1e3 * seconds:.3f} ms", f"{seconds / eigh:.3g}"]
        for name, seconds in {**passes, **found}.items()
    ]
    print_table(f"two stages, p = {p}", ["what", "time", "in units of one eigh"], rows)


if __name__ == "__main__":
    main()

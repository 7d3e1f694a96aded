"""Random features: the fixed points at p = 10^6, balls, maps of two stages, simulation."""

from __future__ import annotations

import numpy as np

import kdverify as kd
from bench.bench_solver import P, spectra
from bench.timing import best, one_pass, print_table
from kdverify.random_features import certified, equivalents
from kdverify.simulation.features import FeatureWorkspace, factorise_features
from kdverify.stages import Stage, two_stage_map


def fixed_points() -> None:
    """p = 10^6: evaluations and cost in passes over the eigenvalues."""
    rows = []
    for name, lam in spectra(P).items():
        spectrum = kd.Spectrum(lam)
        for n, q, share in ((P // 100, P // 50, 0), (P // 3, P // 100, 0), (2 * P, P, 1e-3)):
            ridge = share * float(lam.sum())
            at = equivalents(spectrum, n, q, ridge)
            unit = one_pass(spectrum.descending, at.nu)
            ours = best(lambda s=spectrum, n=n, q=q, r=ridge: equivalents(s, n, q, r))
            rows.append(
                [
                    name,
                    str(n),
                    str(q),
                    str(at.evaluations),
                    f"{ours / unit:.1f}",
                    f"{at.log_error:.0e}",
                ]
            )
    header = ["spectrum", "n", "q", "evaluations", "passes", "bound"]
    print_table(f"nu_2 at p = {P}: evaluations over lambda, and cost in passes", header, rows)


def balls_and_maps() -> None:
    """50 digits at p = 500 (all three risks), and a map of 60 x 60 students."""
    problem = kd.Problem.power_law(500, "2", "1.5")

    def proof() -> None:
        found = certified.certificate(problem, 200, 400, digits=50)
        assert found.standard > found.masked > found.optimal

    stages = [Stage(n, None, 0.1, 0.01, 300) for n in np.linspace(10, 600, 60)]
    rows = [
        ["three risks to 50 digits, p = 500", f"{best(proof) * 1e3:.1f} ms"],
        [
            "60 x 60 two stages, p = 500",
            f"{best(lambda: two_stage_map(problem, stages, stages)):.2f} s",
        ],
    ]
    print_table("certified, and maps", ["what", "time"], rows)


def simulation() -> None:
    """One student with all transfer functions, against draw, product and Cholesky alone."""
    rows = []
    for p, n, q in ((500, 100, 200), (500, 300, 150), (1000, 200, 800)):
        rng, space = np.random.default_rng(0), FeatureWorkspace(p, n, q)
        weights = np.arange(1, p + 1.0) ** -2

        def draw(rng=rng, space=space) -> None:
            rng.standard_normal(out=space.rows)
            space.draw_layer(rng)

        def floor(space=space, draw=draw) -> None:
            draw()
            z = space.rows @ space.layer.T
            np.linalg.cholesky(z @ z.T if len(z) < z.shape[1] else z.T @ z)

        def ours(space=space, draw=draw, weights=weights) -> None:
            draw()
            factorise_features(space, 0.0)[0].transfer(weights)

        lowest, taken = best(floor), best(ours)
        rows.append(
            [f"{p}, {n}, {q}", f"{lowest * 1e3:.2f}", f"{taken * 1e3:.2f}", f"{taken / lowest:.2f}"]
        )
    print_table("one trial, ms", ["p, n, q", "floor", "ours", "floors"], rows)


def main() -> None:
    """All tables."""
    fixed_points()
    balls_and_maps()
    simulation()


if __name__ == "__main__":
    main()

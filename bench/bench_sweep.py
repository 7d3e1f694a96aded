"""Cost and errors of a sweep: 200 values of n at p = 10^6 with all three risks.

Cost is in passes, one pass being ``(lam / (lam + t)).sum()`` over the same p; it holds the
preparation (`Sweep`), all 200 solves and the risks, not the sort of the eigenvalues.  Both
are CPU time of one thread, the least of several repeats, taken in turn.  Errors are
relative, against extended precision (64 bits) summed over all modes, at some of the n.

    python bench/bench_sweep.py [p]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from kdverify import formulas
from kdverify.gaussian.solve.many_n import Sweep, SweepResult, SweepRisks
from kdverify.gaussian.solve.newton import Split, Wanted, evaluate, pieces
from kdverify.problem import Spectrum
from kdverify.seeds import stream

SAMPLE_SIZES = 200
REPEATS = 9
CHECKED = (0, 40, 90, 140, 185, 199)
BLOCK = 32768
QUANTITIES = ("tau", "1-Omega", "standard", "optimal", "masked")


def spectra(p: int) -> dict[str, np.ndarray]:
    """Eigenvalues, sorted downward."""
    rng = stream(0, "spectra")
    index = np.arange(1, p + 1.0)
    half = p // 2
    quantile = (index - 0.5) / p
    return {
        "power law, alpha = 2": index**-2.0,
        "power law, alpha = 1.2": index**-1.2,
        "gamma-like": _descending(rng.gamma(0.5, size=p)),
        "gap of 20 decades": _descending(
            np.concatenate([1 + rng.random(half), 1e-20 * (1 + rng.random(p - half))])
        ),
        "10 distinct values": _descending(2.0 ** -(np.arange(p) % 10)),
        "200 decades": 10.0 ** np.linspace(100, -100, p),
        "bulk in [0.1, 4]": 0.1 + 3.9 * np.sin(np.pi * (1 - quantile) / 2) ** 2,
        "within 1.02": _descending(1 + 0.02 * rng.random(p)),
    }


def _descending(values: np.ndarray) -> np.ndarray:
    return np.sort(values)[::-1].copy()


def least_seconds(calls: list[Callable[[], object]]) -> list[float]:
    """Least CPU time of each call over several rounds of all calls."""
    rounds = []
    for _ in range(REPEATS):
        times = []
        for call in calls:
            begin = time.process_time()
            call()
            times.append(time.process_time() - begin)
        rounds.append(times)
    return np.min(rounds, axis=0).tolist()


def measured(
    spectrum: Spectrum, signal: np.ndarray, sizes: np.ndarray
) -> tuple[list[float], SweepResult, SweepRisks]:
    """Seconds of one pass, of preparation, solves and risks; and what they gave."""
    lam = spectrum.descending
    middle = lam[lam.size // 2]
    sweep = Sweep(spectrum, signal)
    at = sweep.solve(sizes)
    risks = sweep.risks(at)
    seconds = least_seconds(
        [
            lambda: (lam / (lam + middle)).sum(),
            lambda: Sweep(spectrum, signal),
            lambda: sweep.solve(sizes),
            lambda: sweep.risks(at),
        ]
    )
    return seconds, at, risks


def worst_errors(
    spectrum: Spectrum, signal: np.ndarray, at: SweepResult, risks: SweepRisks
) -> np.ndarray:
    """Worst relative error of each of `QUANTITIES` over the checked n."""
    lam, energy = spectrum.descending.astype(np.longdouble), signal.astype(np.longdouble)
    rows = []
    for i in CHECKED:
        n = at.n[i]
        split, tau = Split.at(n, lam.size), np.longdouble(at.tau[i])
        for wanted in (Wanted.SLOPE, Wanted.SLOPE, Wanted.OMEGA):
            head, tail = pieces(lam, split, tau, np.sum, BLOCK, wanted)
            now = evaluate(head, tail, tau, n, 0.0, 0.0, sum)
            if wanted is Wanted.SLOPE:
                tau *= np.exp(np.log(now.ratio) / now.minus_slope)
        zeta, learnt = formulas.split_mode(lam, tau)
        omegas = now.omega, now.one_minus_omega
        keep = formulas.keep_margin(zeta, now.one_minus_omega) > 0
        truths = (
            tau,
            now.one_minus_omega,
            formulas.standard_risk(energy, zeta, *omegas, total=np.sum),
            formulas.optimal_risk(energy, zeta, learnt, *omegas, total=np.sum),
            formulas.masked_risk(energy[keep], zeta[keep], energy[~keep], *omegas, total=np.sum),
        )
        values = (
            at.tau[i],
            at.one_minus_omega[i],
            risks.standard[i],
            risks.optimal[i],
            risks.masked[i],
        )
        rows.append([float(abs(v / t - 1)) for v, t in zip(values, truths, strict=True)])
    return np.max(rows, axis=0)


def main(p: int = 10**6) -> None:
    """Print one line per spectrum."""
    if np.finfo(np.longdouble).eps > 2.0**-60:
        sys.exit("this benchmark needs a long double of 64 bits or more for its errors")
    print(f"p = {p}, {SAMPLE_SIZES} values of n from 1 to p - 1")
    cost = "all / one pass = passes (prepare, solve, risks)"
    print(f"{'spectrum':24s} {cost:48s} evaluations, errors of " + ", ".join(QUANTITIES))
    sizes = np.geomspace(1, p - 1, SAMPLE_SIZES)
    sizes[1::3] = np.rint(sizes[1::3])
    for name, lam in spectra(p).items():
        spectrum = Spectrum(lam)
        rng = stream(0, "signals")
        signal = spectrum.descending / lam[0] * rng.exponential(size=p)
        (one_pass, *parts), at, risks = measured(spectrum, signal, sizes)
        passes = [part / one_pass for part in parts]
        shown = ", ".join(f"{x:.1f}" for x in passes)
        errors = " ".join(f"{e:.1e}" for e in worst_errors(spectrum, signal, at, risks))
        cost = f"{1e3 * sum(parts):6.1f} / {1e3 * one_pass:4.2f} ms = {sum(passes):5.1f} ({shown})"
        print(f"{name:24s} {cost:48s} {at.evaluations.mean():.1f}  {errors}")


if __name__ == "__main__":
    with threadpool_limits(1):
        main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 10**6)

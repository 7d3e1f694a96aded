"""Claim of section 6: stages, chains, maps as the library computes them, in every branch."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

import kdverify as kd
from kdverify import stages
from kdverify.evidence import Claim, Step
from kdverify.gain_map import GainMap, gain_map
from kdverify.gaussian.theory import NoFiniteMeanWarning
from kdverify.training import Coefficients, Form, Stage, ground_truth

from ..lib.balls import reflection
from ..lib.modes import Pairs
from ..lib.written import Written, agree, all_same, exact, mp, same

AS_RUN = Claim(
    "6.as-run",
    title="Stages, covariate shift, chains, two-stage and gain maps are (7), in every branch",
    statement=r"\text{mean and variance (7) of every stage, risks after it, maps over }(m,n)"
    r"\text{, rivals, best cell}:\ \text{within}\ 10^{-12}\ \text{of the equations};\quad"
    r"\ m < p,\ m \ge p,\ \text{ridge, noise, singular sources}",
    needs=("6.two-stage", "6.covariate-shift", "6.joint-diagonal"),
    parts=("stages", "maps", "infinite"),
    steps=[
        Step("A stage maps mean mu and variance q of each mode to (1 - zeta) mu and (7)."),
        Step("A zero eigenvalue of the source is a mode that its student does not have."),
    ],
)

LAM = (3.0, 0.5, 1.25, 0.25, 2.0)
BETA = (1.0, -2.0, 0.5, 3.0, -0.75)
SOURCE = (0.5, 2.0, 0.0, 1.0, 0.25)
#: Not symmetric: a basis and its inverse differ.
BASIS = np.array(reflection((1, -2, 3, 1, 1)), dtype=float) @ np.array(
    reflection((2, 1, 1, -1, 1)), dtype=float
)
PROBLEM = kd.Problem(kd.Spectrum(np.array(LAM)), np.array(BETA))
#: The same, in coordinates of its own.
TURNED = kd.Problem(kd.Spectrum(np.array(LAM), BASIS), BASIS @ np.array(BETA))


def stage(
    lam: Sequence[Any], law: tuple[list[Any], list[Any]], n: Any, noise: Any, ridge: Any
) -> tuple[list[Any], list[Any]]:
    """(7): mean and variance of the student of labels with the given ones, mode by mode."""
    own = [k for k, x in enumerate(lam) if x > 0]
    at = Written([lam[k] for k in own], [0] * len(own), n, ridge)
    mean, variance = [mp.mpf(0)] * len(lam), [mp.mpf(0)] * len(lam)
    left = sum(
        x * z**2 * (law[0][k] ** 2 + law[1][k])
        for k, x, z in zip(own, at.modes, at.zeta, strict=True)
    )
    if at.least_squares:
        spare = exact(n) - len(own) - 1
        scale = (exact(noise) / spare if spare > 0 else mp.inf) if noise else mp.mpf(0)
    else:
        scale = (exact(noise) + left) / (1 - at.omega) / exact(n)
    for k, x, z in zip(own, at.modes, at.zeta, strict=True):
        mean[k] = (1 - z) * law[0][k]
        variance[k] = (1 - z) ** 2 * law[1][k] + scale * x / (x + at.tau) ** 2
    return mean, variance


def truth() -> tuple[list[Any], list[Any]]:
    """beta*, without spread."""
    return [exact(b) for b in BETA], [mp.mpf(0)] * len(BETA)


def excess(law: tuple[list[Any], list[Any]]) -> Any:
    """Mean excess risk of coefficients with these means and variances."""
    return sum(
        exact(x) * ((m - exact(b)) ** 2 + v)
        for x, b, m, v in zip(LAM, BETA, law[0], law[1], strict=True)
    )


#: (n, source, noise, ridge) of each stage of a chain.
CHAINS: tuple[tuple[tuple[float, Any, float, float], ...], ...] = (
    ((3.0, None, 0.5, 0.0), (2.5, SOURCE, 0.25, 0.0), (12.0, None, 0.5, 0.0)),
    ((8.0, SOURCE, 1.5, 0.0), (4.0, None, 0.0, 0.5), (5.0, None, 0.0, 0.0)),
    ((6.0, None, 0.5, 1.25), (2.0, None, 0.125, 0.0)),
)


@AS_RUN.below("stages", note="three chains, five modes", but={"ridge + 1/100": {"more": 0.01}})
def chains(digits: int, more: float = 0.0) -> Pairs:
    """Laws and risks after every stage; the same for a matrix with other eigenvectors."""
    for chain in CHAINS:
        law, now = truth(), ground_truth(PROBLEM)
        given, turned, risks = [], [], []
        for n, source, noise, ridge in chain:
            law = stage(LAM if source is None else source, law, n, noise, ridge)
            values = None if source is None else np.array(source)
            given.append(Stage(n, values, noise, ridge + more))
            matrix = None if source is None else (BASIS * values) @ BASIS.T
            turned.append(Stage(n, matrix, noise, ridge + more))
            now = stages.train(PROBLEM, now, given[-1])
            yield from all_same(now.mean, law[0], least=1e-3)
            yield from all_same(now.variances, law[1], least=1e-3)
            risks.append(excess(law))
        yield from all_same(kd.chain_risks(PROBLEM, given), risks)
        close = Fraction(1, 10**10)  # eigenvectors of a matrix in float64
        yield from all_same(kd.chain_risks(TURNED, turned), risks, close=close)
    n, source, noise, ridge = 3.0, np.array(SOURCE), 0.5, 0.25
    alone = excess(stage(SOURCE, truth(), n, noise, ridge))
    yield same(kd.covariate_shift_risk(PROBLEM, source, n, noise, ridge), alone)


#: Covariances that do not commute with the target's, nor with each other.
TURNS = ((2, -1, 1, 0, 1), (1, 1, -2, 1, 3), (1, -1, 1, 2, 0))


def dense(
    sigma: np.ndarray, law: tuple[np.ndarray, np.ndarray], n: float, noise: float, ridge: float
) -> tuple[np.ndarray, np.ndarray]:
    """(7) by matrices: mean and covariance of the student of labels with these."""
    at = Written(np.linalg.eigvalsh(sigma).tolist(), [0] * len(sigma), n, ridge)
    mean, covariance = law
    if at.least_squares:
        return mean, covariance + np.linalg.inv(sigma) * noise / (n - len(sigma) - 1)
    tau, omega = float(at.tau), float(at.omega)
    resolvent = np.linalg.inv(sigma + tau * np.eye(len(sigma)))
    learnt, unlearnt = resolvent @ sigma, tau**2 * resolvent @ sigma @ resolvent
    square = covariance + np.outer(mean, mean)
    scale = (noise + np.trace(unlearnt @ square)) / (1 - omega) / n
    return learnt @ mean, learnt @ covariance @ learnt.T + scale * resolvent @ sigma @ resolvent


@AS_RUN.below(
    "stages", note="sources that do not commute", but={"noise of the first": {"first": 0.375}}
)
def turned_chains(digits: int, first: float = 0.5) -> Pairs:
    """Risks after each of four stages whose covariances have other eigenvectors each."""
    sources = [
        (q * np.array(SOURCE[k:] + SOURCE[:k]) + 0.25 * q) @ q.T
        for k, q in enumerate(np.array(reflection(axis), dtype=float) for axis in TURNS)
    ]
    target = np.diag(LAM)
    nearly = np.diag(np.array(SOURCE) + 0.5) + 0.02  # off its diagonal by a fiftieth
    law = dense(nearly, (np.array(BETA), np.zeros((5, 5))), 3.0, first, 0.25)
    apart = law[0] - BETA
    risk = apart @ target @ apart + np.trace(target @ law[1])
    found_risk = kd.covariate_shift_risk(PROBLEM, nearly, 3.0, 0.5, 0.25)
    yield same(found_risk, risk, Fraction(1, 10**9))
    for problem, sigma in ((PROBLEM, target), (TURNED, BASIS @ target @ BASIS.T)):
        truth_here = problem.spectrum.from_modes(problem.beta_modes)
        for sizes in ((3.0, 2.5, 8.0), (9.0, 3.5, 2.0)):
            law, links, risks = (truth_here, np.zeros((5, 5))), [], []
            settings = zip(sizes, sources, (0.5, 1.25, 0.25), (0.0, 0.5, 0.0), strict=True)
            for index, (n, source, noise, ridge) in enumerate(settings):
                law = dense(source, law, n, noise, ridge)
                links.append(Stage(n, source, noise if index else first, ridge))
                risks.append(law)
            law = dense(sigma, law, 4.0, 0.125, 0.25)
            links.append(Stage(4.0, None, 0.125, 0.25))
            wanted = [
                (mean - truth_here) @ sigma @ (mean - truth_here) + np.trace(sigma @ covariance)
                for mean, covariance in (*risks, law)
            ]
            found = kd.chain_risks(problem, links)
            yield from all_same(found, wanted, close=Fraction(1, 10**9))


def two_stages(m: float, n: float, source: Any, transform: str, first: Any, second: Any) -> Any:
    """Risk of two stages; ``first`` and ``second`` are pairs of noise and ridge."""
    law = stage(LAM if source is None else source, truth(), m, *first)
    at = Written(LAM, BETA, n, second[1])
    factors = {"none": [1] * 5, "gain": at.gains, "mask": [int(k) for k in at.kept]}[transform]
    law = (
        [g * mu for g, mu in zip(factors, law[0], strict=True)],
        [g**2 * v for g, v in zip(factors, law[1], strict=True)],
    )
    return excess(stage(LAM, law, n, *second))


M, N = (2.0, 7.5, 4.0), (3.0, 1.5, 9.0, 4.5)
FIRST, SECOND = (0.5, 0.25), (0.125, 0.5)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warning where noise has no finite mean."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoFiniteMeanWarning)
        yield


@AS_RUN.below("maps", note="12 cells, every kind", but={"noises exchanged": {"exchanged": True}})
def maps(digits: int, exchanged: bool = False) -> Pairs:
    """`two_stage_risk`, `two_stage_map` and `gain_map`, cell by cell, and what is read off them."""
    for source in (None, SOURCE):
        values = None if source is None else np.array(source)
        for transform in ("none", "gain", "mask"):
            for first, second in ((FIRST, SECOND), ((0.5, 0.0), (0.0, 0.0))):
                noises = (second[0], first[0]) if exchanged else (first[0], second[0])
                options = (*noises, first[1], second[1], transform)
                with quiet():
                    teachers = [Stage(m, values, noises[0], first[1]) for m in M]
                    students = [Stage(n, None, noises[1], second[1]) for n in N]
                    drawn = stages.two_stage_map(PROBLEM, teachers, students, transform)
                    alone = [
                        [kd.two_stage_risk(PROBLEM, values, m, n, *options) for n in N] for m in M
                    ]
                true = [[two_stages(m, n, source, transform, first, second) for n in N] for m in M]
                for k in range(len(M)):
                    yield from all_same(drawn[k], true[k], close=Fraction(1, 10**11))
                    yield from all_same(alone[k], true[k])
    for rival, noise in (("same n", None), ("same m", None), ("same m", 0.75), ("same n", 0.0)):
        found = gain_map(
            PROBLEM,
            M,
            N,
            np.array(SOURCE),
            *(FIRST[0], SECOND[0]),
            *(FIRST[1], SECOND[1]),
            "gain",
            rival,
            noise,
        )
        level = FIRST[0] if noise is None else noise
        cells = [[two_stages(m, n, SOURCE, "gain", FIRST, SECOND) for n in N] for m in M]
        strong = [
            [Written(LAM, BETA, n if rival == "same n" else m, SECOND[1], level).risk() for n in N]
            for m in M
        ]
        for k in range(len(M)):
            yield from all_same(found.strong[k], strong[k])
            ratios = [r / s for r, s in zip(cells[k], strong[k], strict=True)]
            yield from all_same(found.ratio[k], ratios, close=Fraction(1, 10**11))
            yield from agree(found.wins[k], [ratio < 1 for ratio in ratios])
        told = [[one[name] for name in ("m", "n", "risk", "strong")] for one in found.records()]
        for one, (i, j) in zip(told, np.ndindex(len(M), len(N)), strict=True):
            yield from all_same(one, [M[i], N[j], cells[i][j], strong[i][j]])
        best = min((cells[i][j] / strong[i][j], i, j) for i in range(len(M)) for j in range(len(N)))
        yield from all_same(
            found.best(), [M[best[1]], N[best[2]], best[0]], close=Fraction(1, 10**11)
        )
    equal = GainMap(
        np.array([1.0, 2.0]), np.array([1.0]), np.array([[2.0], [0.0]]), np.array([[2.0], [0.0]])
    )
    yield from agree(equal.wins.ravel(), [False, False])
    yield from agree(equal.best(), [1.0, 1.0, 1.0])
    pgr = [
        stages.performance_gap_recovered(*risks) for risks in ((4.0, 3.25, 1.0), (1.0, 0.5, 1.0))
    ]
    yield from agree(pgr, [0.25, float("nan")])


@AS_RUN.below("maps", note="forms and laws", but={"factors once": {"power": 0.5}})
def scaled(digits: int, power: float = 1.0) -> Pairs:
    """A form before a factor a coordinate, of a law, is the form of the law after it."""
    factors, mean = np.array([0.5, -2.0, 1.5]), np.array([1.0, 0.25, -1.0])
    turned = factors * np.abs(factors) ** (power - 1)
    for square in (np.array([2.0, 1.0, 0.5]), np.diag([2.0, 1.0, 0.5]) + 0.25):
        for spread in (np.array([0.5, 0.25, 1.0]), np.diag([0.5, 0.25, 1.0]) + 0.125):
            form, law = Form(square, np.array([1.0, -1.0, 0.5])), Coefficients(mean, spread)
            yield same(form.scaled(turned).at(law), mp.mpf(form.at(law.scaled(factors))))
            whole = square if square.ndim == 2 else np.diag(square)
            S = spread if spread.ndim == 2 else np.diag(spread)
            second = (np.outer(mean, mean) + S) * np.outer(factors, factors)
            true = float((whole * second).sum() - 2 * form.linear @ (factors * mean))
            yield same(form.scaled(turned).at(law), mp.mpf(true))


@AS_RUN.below("infinite", note="least squares without a finite mean", but={"m = 7": {"m": 7.0}})
def infinite(digits: int, m: float = 6.0) -> Pairs:
    """Noise and m = p + 1 without ridge: no finite covariance, then no finite risk; no noise: 0."""
    with quiet():
        chain = [Stage(m, None, 0.5), Stage(3.0)]
        yield from all_same(kd.chain_risks(PROBLEM, chain), [mp.inf] * 2)
        turned = [Stage(m, None, 0.5), Stage(3.0, BASIS @ np.diag(LAM) @ BASIS.T)]
        yield from all_same(kd.chain_risks(PROBLEM, turned), [mp.inf] * 2)
        noiseless = kd.chain_risks(PROBLEM, [Stage(m), Stage(m)])
        yield from all_same(noiseless, [0, 0], least=1)


@AS_RUN.identity("Sigma = I", but={"one stage more": {"stages": 3}})
def isotropic(stages: int = 2) -> tuple[Any, Any]:
    """Self-training at Sigma = I on symbols by `stage`'s recursion: ``isotropic_chain_risk``."""
    from kdverify import formulas as f

    omega, energy, noise = sympy.symbols("Omega beta2 sigma2", positive=True)
    # mean square c^2 and variance q of all modes together; zeta = 1 - Omega, tau = 1/Omega - 1
    mean, spread, level = sympy.Integer(1), sympy.Integer(0), noise
    for _ in range(2):
        left = (1 - omega) ** 2 * (mean**2 * energy + spread)
        scale = (level + left) / (1 - omega)
        mean, spread = omega * mean, omega**2 * spread + scale * omega
        level = sympy.Integer(0)
    risk = (mean - 1) ** 2 * energy + spread
    return sympy.expand(risk), sympy.expand(
        f.isotropic_chain_risk(omega**stages, 1 - omega, energy, noise)
    )

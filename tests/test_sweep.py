"""Sweeps over n against balls: the defining equation, 1 - Omega, the risks and the counts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kdverify import formulas
from kdverify.arithmetic import BALLS, vector
from kdverify.gaussian.solve import Code, equivalents
from kdverify.gaussian.solve import many_n as module
from kdverify.gaussian.solve.compressed import LARGEST_BLOCK, NARROW_ORDER, WIDE_ORDER, compress
from kdverify.gaussian.solve.many_n import Sweep, SweepResult
from kdverify.gaussian.solve.newton import Split
from kdverify.problem import Problem, Spectrum

#: What the sweep promises, relative errors.
TAU_ERROR = 1e-14
RISK_ERROR = 1e-13
#: A mode whose margin is this close to a tie, over 1 - Omega, may be counted either way.
TIE = 1e-13
DIGITS = 40
#: What log_error stays below, by the size of long doubles.
BOUND = TAU_ERROR if np.finfo(np.longdouble).eps < 2.0**-62 else 2e-13


@dataclass(frozen=True)
class Reference:
    """True values at one n, as balls."""

    tau: Any
    omega: Any
    one_minus_omega: Any
    standard: Any
    optimal: Any
    masked: Any
    kept: tuple[int, int]
    amplified: tuple[int, int]


def reference(lam: np.ndarray, signal: np.ndarray, n: float, ridge: float, near: float):
    """Newton on (1) itself in balls; a change of sign proves the root to 30 digits."""
    # Beside a gap the terms that decide are as small as the ratio of the eigenvalues.
    digits = DIGITS + int(np.log10(lam.max()) - np.log10(lam.min()))
    with BALLS.precision(digits):
        modes, energy = vector(BALLS, lam), vector(BALLS, signal)
        size, delta = BALLS.number(n), BALLS.number(ridge)

        def residual(tau):
            learnt = formulas.one_minus_zeta(modes, tau)
            return formulas.fixed_point_residual(learnt, size, delta / tau, BALLS.total)

        def unlearnt(tau):
            spreads = BALLS.total(formulas.spread(*formulas.split_mode(modes, tau)))
            return formulas.one_minus_omega(spreads, size, delta / tau)

        tau = BALLS.number(near)
        for _ in range(3):
            tau = (tau * BALLS.exp(residual(tau) / (size * unlearnt(tau)))).mid()
        tiny = BALLS.number(Fraction(1, 10**30))
        assert residual(tau * (1 - tiny)) > 0
        assert residual(tau * (1 + tiny)) < 0

        zeta, learnt = formulas.split_mode(modes, tau)
        omega = formulas.omega(BALLS.total(formulas.learnt_square(learnt)), size)
        one_minus_omega = unlearnt(tau)
        keep = formulas.keep_margin(zeta, one_minus_omega) / one_minus_omega
        amplify = formulas.amplification_margin(zeta, one_minus_omega) / one_minus_omega
        kept = np.array([m > 0 for m in keep], dtype=bool)
        return Reference(
            tau,
            omega,
            one_minus_omega,
            formulas.standard_risk(energy, zeta, omega, one_minus_omega, total=BALLS.total),
            formulas.optimal_risk(energy, zeta, learnt, omega, one_minus_omega, total=BALLS.total),
            formulas.masked_risk(
                energy[kept], zeta[kept], energy[~kept], omega, one_minus_omega, total=BALLS.total
            ),
            tuple(sum(bool(m > tie) for m in keep) for tie in (TIE, -TIE)),
            tuple(sum(bool(m > tie) for m in amplify) for tie in (TIE, -TIE)),
        )


def relative(value: float, truth: Any) -> float:
    """Upper bound of the relative error of ``value``."""
    if value == 0 and truth == 0:
        return 0.0
    return float((value / truth - 1).abs_upper())


def errors(lam: np.ndarray, signal: np.ndarray, sizes: list[float], ridge: float = 0.0):
    """Worst relative errors (tau, 1 - Omega, Omega, three risks); the counts are asserted."""
    sweep = Sweep(Spectrum(lam), signal)
    at = sweep.solve(sizes, ridge)
    risks = sweep.risks(at)
    worst = np.zeros(6)
    for i, n in enumerate(sizes):
        truth = reference(lam, signal, n, ridge, at.tau[i])
        tau_error = relative(at.tau[i], truth.tau)
        assert tau_error <= at.log_error[i] <= BOUND
        assert at.codes[i] is Code.CONVERGED
        assert truth.kept[0] <= risks.kept[i] <= truth.kept[1]
        assert truth.amplified[0] <= risks.amplified[i] <= truth.amplified[1]
        here = [
            tau_error,
            relative(at.one_minus_omega[i], truth.one_minus_omega),
            relative(at.omega[i], truth.omega),
            relative(risks.standard[i], truth.standard),
            relative(risks.optimal[i], truth.optimal),
            relative(risks.masked[i], truth.masked),
        ]
        worst = np.maximum(worst, here)
    return worst


def assert_promised(worst: np.ndarray) -> None:
    assert worst[:3].max() <= TAU_ERROR, worst
    assert worst[3:].max() <= RISK_ERROR, worst


def families(p: int) -> dict[str, np.ndarray]:
    """Spectra of p modes that a compressed measure could get wrong."""
    rng = np.random.default_rng(np.random.SeedSequence([p, 1]))
    index = np.arange(1, p + 1.0)
    half = p // 2
    return {
        "power law 2": index**-2.0,
        "power law 1.2": index**-1.2,
        "gamma": rng.gamma(0.5, size=p),
        "gap": np.concatenate([1 + rng.random(half), 1e-40 * (1 + rng.random(p - half))]),
        "repeats": rng.choice(2.0 ** -np.arange(10), size=p),
        "rounded repeats": rng.choice(2.0 ** -np.arange(10), size=p)
        * (1 + rng.integers(-2, 3, size=p) * 2.0**-52),
        "200 decades": 10.0 ** rng.uniform(-100, 100, size=p),
        "one octave": 1 + rng.random(p),
        "within 1.02": 1 + 0.02 * rng.random(p),
        "edges of blocks": rng.choice([1.0, 2.0**-0.25, np.nextafter(2.0**-0.25, 0)], size=p),
        "isotropic": np.full(p, 3.0),
        "two points": np.where(index <= half, 1e12, 1e-12),
        "outlier": np.where(index == 7, 1e200, 1.0 / index),
    }


@pytest.mark.parametrize("name", families(10))
def test_errors_and_counts_on_every_family(name):
    p = 2000
    lam = families(p)[name]
    rng = np.random.default_rng(np.random.SeedSequence([p, 2]))
    signal = lam / lam.max() * rng.standard_normal(p) ** 2
    assert_promised(errors(lam, signal, [1.0, 700.25, p // 2, p - 1]))


@pytest.mark.parametrize("ridge", [1e-8, 3.0])
def test_ridge_reaches_beyond_p(ridge):
    p = 1500
    lam = families(p)["power law 1.2"]
    assert_promised(errors(lam, lam * lam, [0.5, 20.0, p - 1.0, p, 4.5 * p], ridge))


@st.composite
def dangerous(draw):
    """Clusters of modes over 200 decades, in random order; n at a cluster's edge or anywhere."""
    clusters = draw(
        st.lists(
            st.tuples(
                st.floats(-100, 100),
                st.sampled_from([0.0, 1e-15, 1e-6, 0.05, 3.0, 30.0]),
                st.integers(1, 150),
            ),
            min_size=1,
            max_size=4,
        )
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    exponents = [at + width * rng.random(size) for at, width, size in clusters]
    lam = 10.0 ** rng.permutation(np.concatenate(exponents))
    p = lam.size
    edges = np.cumsum([size for _, _, size in sorted(clusters, reverse=True)])[:-1]
    below = np.nextafter(p, 0)
    n = draw(
        st.one_of(
            st.floats(0.01, p - 0.01) if p > 1 else st.floats(0.01, 0.99),
            st.sampled_from([1.0, p - 1.0, p - 0.5, *edges.astype(float)]),
        ).filter(lambda n: 0 < n <= below)
    )
    signal = lam / lam.max() * 10.0 ** rng.uniform(-draw(st.sampled_from([0.0, 20.0])), 0, p)
    ridge = draw(st.sampled_from([0.0, 0.0, 1e-3, 1.0, 1e3]))
    return lam, signal, n, ridge * float(np.median(lam))


@settings(max_examples=60, deadline=None)
@given(dangerous())
@example((np.array([2.5]), np.array([1.0]), 0.3, 0.0))
@example((np.array([1e-300, 1e300]), np.array([1.0, 1.0]), 1.0, 0.0))
@example((np.ones(40), np.zeros(40), 39.0, 0.0))
def test_dangerous_spectra(case):
    lam, signal, n, ridge = case
    assert_promised(errors(lam, signal, [n], ridge))


def test_nodes_reproduce_inverse_and_sum_of_every_block():
    parts = families(10_000)["gamma"], families(30_000)["within 1.02"], np.full(100, 5.0)
    lam = np.sort(np.concatenate(parts))[::-1]
    signal = lam * np.cos(np.arange(lam.size)) ** 2
    measure = compress(lam, signal)
    sizes = np.diff(measure.edges)
    assert sizes.max() <= LARGEST_BLOCK
    assert measure.edges[0] == 0
    assert measure.edges[-1] == lam.size
    assert measure.nodes.size < lam.size / 3
    used = np.diff(measure.offsets)
    assert set(used[sizes > WIDE_ORDER]) == {NARROW_ORDER, WIDE_ORDER}
    checked = [np.flatnonzero(used == order)[::20] for order in (NARROW_ORDER, WIDE_ORDER, 1)]
    with BALLS.precision(DIGITS):
        for b in np.concatenate(checked):
            inside = slice(measure.edges[b], measure.edges[b + 1])
            at = slice(measure.offsets[b], measure.offsets[b + 1])
            for weights, values in ((measure.counts, np.ones(lam.size)), (measure.signal, signal)):
                for power in (1, -1, -2):

                    def moment(weights, values, power=power):
                        values = vector(BALLS, values)
                        return BALLS.total(vector(BALLS, weights) * values**power)

                    exact = moment(values[inside], lam[inside])
                    nodes = moment(weights[at], measure.nodes[at])
                    assert abs(nodes / exact - 1) < RISK_ERROR


def test_careful_total_keeps_its_bound():
    lam = families(20_000)["one octave"]
    lam = np.sort(lam)[::-1]
    measure = compress(lam)
    everything, nothing = measure.sides(lam, Split.at(20_000, 20_000))
    assert not nothing.weights.any()
    with BALLS.precision(DIGITS):
        for tau in (1e-3, 1.0, 1e3):
            for part in (formulas.zeta, formulas.one_minus_zeta):
                exact = BALLS.total(part(vector(BALLS, lam), BALLS.number(tau)))
                value = everything.careful_total(part(everything.nodes, tau))
                assert relative(value, exact) <= measure.rounding < TAU_ERROR / 2


def test_order_of_n_and_of_modes_does_not_matter():
    rng = np.random.default_rng(np.random.SeedSequence(3))
    problem = Problem(Spectrum(rng.gamma(0.7, size=900)), rng.standard_normal(900))
    shuffled = rng.permutation(900)
    other = Problem(Spectrum(problem.spectrum.eigenvalues[shuffled]), problem.beta_star[shuffled])
    sizes = rng.uniform(0.5, 899, size=20)
    one, two = Sweep(problem.spectrum, problem.signal), Sweep(other.spectrum, other.signal)
    at, backward = one.solve(sizes), two.solve(sizes[::-1])
    assert np.array_equal(at.n, sizes)
    assert np.array_equal(at.tau, backward.tau[::-1])
    assert np.array_equal(one.solve(sizes[7]).tau, at.tau[7:8])
    risks, mirrored = one.risks(at), two.risks(backward)
    for name in ("standard", "optimal", "masked", "kept", "amplified"):
        assert np.array_equal(getattr(risks, name), getattr(mirrored, name)[::-1])


def test_agrees_with_the_solver_for_one_n():
    spectrum = Spectrum(families(60_000)["power law 1.2"])
    sweep = Sweep(spectrum)
    sizes = [1, 17.5, 30_000, 59_999]
    at = sweep.solve(sizes)
    counts = sweep.risks(at)
    for i, n in enumerate(sizes):
        single = equivalents(spectrum, n)
        assert abs(np.log(at.tau[i] / single.tau)) <= at.log_error[i] + single.log_error
        zeta = formulas.zeta(spectrum.eigenvalues, at.tau[i])
        keep = formulas.keep_margin(zeta, at.one_minus_omega[i])
        amplify = formulas.amplification_margin(zeta, at.one_minus_omega[i])
        assert counts.kept[i] == (keep > 0).sum()
        assert counts.amplified[i] == (amplify > 0).sum()
    assert np.isnan(counts.standard).all()


def test_ties_count_as_dropped_and_as_not_amplified():
    # Isotropic: zeta = 1 - Omega = 1 - n/p exactly; two equal modes at n = 1: zeta = 1/2.
    sweep = Sweep(Spectrum(np.ones(2)))
    half = np.array([0.5])
    at = SweepResult(np.ones(1), 0.0, np.ones(1), half, half, half, half, half)
    assert sweep.risks(at).amplified == [0]
    quarter = SweepResult(np.ones(1), 0.0, np.ones(1), half, half / 2, half, half, half)
    assert sweep.risks(quarter).kept == [0]


def test_few_evaluations():
    for lam in families(5000).values():
        at = Sweep(Spectrum(lam)).solve(np.geomspace(1, 4999, 30))
        assert at.evaluations.max() <= 10


def test_a_solve_cut_short_says_so_and_still_bounds_its_error(monkeypatch):
    spectrum = Spectrum(families(3000)["power law 1.2"])
    good = Sweep(spectrum).solve([50.5, 2000])
    monkeypatch.setattr(module, "MAX_EVALUATIONS", 3)
    short = Sweep(spectrum).solve([50.5, 2000])
    assert [code.ok for code in short.codes] == [False, False]
    off = np.abs(np.log(short.tau / good.tau))
    assert (off > TAU_ERROR).all()
    assert (off <= short.log_error + good.log_error).all()
    assert np.allclose(short.omega, good.omega, rtol=2 * short.log_error.max(), atol=0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.solve([3.0, 5.0]), ValueError, "n_values=5.0 must be below p=5"),
        (lambda s: s.solve([0.0]), ValueError, "n_values=0.0 must be positive"),
        (lambda s: s.solve([]), ValueError, "n_values must name at least one"),
        (lambda s: s.solve([2.0], ridge=-1), ValueError, "ridge=-1 must not be negative"),
        (lambda s: s.solve(["2"]), TypeError, "n_values='2' must be a real number"),
        (lambda s: Sweep(Spectrum(np.ones(5)), [1, 1]), ValueError, "must have length p=5"),
        (lambda s: Sweep(Spectrum(np.ones(2)), [1, -1]), ValueError, "must not be negative"),
        (lambda s: Sweep(np.ones(5)), TypeError, "must be a Spectrum"),
    ],
)
def test_bad_input_is_turned_away(call, error, message):
    with pytest.raises(error, match=message):
        call(Sweep(Spectrum(np.ones(5))))

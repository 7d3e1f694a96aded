"""The statements of sections 1 to 4 as properties of the library, over the whole input space.

One test per claim id; a test below checks that none is forgotten.  Tolerances are those
that the solver is tested for: 1e-14 relatively in tau and Omega, 1e-13 in risks.
"""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import settings_ridgeless, spectra

import kdverify as kd
from kdverify import formulas
from kdverify.evidence.collect import collect
from kdverify.gaussian import certified
from kdverify.gaussian.solve.newton import Split, Wanted, evaluate, pieces
from kdverify.problem import Problem, Spectrum

ROOT = Path(__file__).resolve().parent.parent
EPS = 1e-14
RISK = 1e-13

#: Claims about single numbers or about random samples: nothing to quantify over here.
ELSEWHERE = {
    "1.ridge-limit": "test_theory.py, test_ridge_tends_to_the_ridgeless_values",
    "2.risk": "measured: test_simulation.py",
    "2.transfer": "measured: test_simulation.py",
    "2.coordinates": "measured, in proofs/s2_model_shift/coordinates.py",
    "2.coordinates-literal": "a false reading, in proofs/s2_model_shift/coordinates.py",
    "2.isotropic-noise": "measured: test_simulation.py",
    "2.rotation": "test_theory.py, test_a_rotated_covariance_is_the_same_problem",
    "2.least-squares": "test_theory.py, test_around_n_equal_p",
    "3.as-run": "code against plain algebra, in proofs/s3_best_surrogate/as_run.py",
    "4.exhaustive": "test_theory.py, test_mask_by_exhaustive_search",
    "8.values": "test_theory.py, test_figure_1a",
}


def solved(setting, ridge=0.0):
    lam, n = setting
    return kd.equivalents(Spectrum(lam), n, ridge)


def problem_of(lam: np.ndarray, seed: int = 0) -> Problem:
    """Ground truth with energy of order one in every mode, of random signs."""
    signs = np.random.default_rng(seed).normal(size=lam.size)
    return Problem(Spectrum(lam), signs / np.sqrt(lam))


def g_at(lam: np.ndarray, n: float, tau: float, ridge: float = 0.0):
    down = np.sort(lam)[::-1]
    split = Split.at(n, lam.size)
    head, tail = pieces(down, split, tau, np.sum, lam.size, Wanted.OMEGA)
    return evaluate(head, tail, tau, n, ridge, split.surplus, math.fsum)


@given(settings_ridgeless())
def test_1_unique(setting):
    lam, n = setting
    tau = solved(setting).tau
    for factor, sign in ((0.5, 1), (2.0, -1)):
        residual = math.fsum(formulas.one_minus_zeta(lam, factor * tau)) - n
        assert residual * sign > -EPS * n


@given(settings_ridgeless(), st.floats(1e-3, 1e3), st.floats(0, 10))
def test_1_scale(setting, c, ridge):
    lam, n = setting
    lam = np.clip(lam, 1e-200, 1e200)
    ridge = ridge * lam.mean()
    one, other = (
        kd.equivalents(Spectrum(lam), n, ridge),
        kd.equivalents(Spectrum(c * lam), n, c * ridge),
    )
    # c * lam is rounded once more, which moves tau by as much.
    assert abs(math.log(other.tau / one.tau) - math.log(c)) <= 3e-14


@given(settings_ridgeless())
def test_1_omega_bounds(setting):
    lam, n = setting
    at = solved(setting)
    assert n / lam.size * (1 - EPS) <= at.omega <= 1 + EPS
    if (lam == lam[0]).all():
        assert math.isclose(at.omega, n / lam.size, rel_tol=EPS)


@given(settings_ridgeless())
def test_1_omega_mean(setting):
    at = solved(setting)
    assert at.one_minus_zeta.min() * (1 - EPS) <= at.omega <= at.one_minus_zeta.max() * (1 + EPS)


@given(settings_ridgeless(), st.floats(0, 100))
def test_1_complements(setting, ridge):
    at = solved(setting, ridge)
    assert math.isclose(at.omega + at.one_minus_omega, 1, rel_tol=3 * EPS)
    assert np.allclose(at.zeta + at.one_minus_zeta, 1, rtol=1e-15, atol=0)


@given(spectra(), st.floats(0.01, 5), st.floats(1e-6, 1e6))
def test_1_ridge(lam, fraction, scale):
    n, ridge = fraction * lam.size, scale * lam.mean()
    at = kd.equivalents(Spectrum(lam), n, ridge)
    residual = math.fsum([*at.one_minus_zeta, ridge / at.tau]) - n
    # d residual / d log tau is -n (1 - Omega)
    assert abs(residual) <= (2e-14 + 4e-16) * n


@given(spectra(), st.floats(0.05, 0.95), st.floats(1e-6, 1e6))
def test_1_ridge_loses(lam, fraction, scale):
    """With ridge only Omega < max(1 - zeta) is left: some mode is always amplified."""
    at = kd.equivalents(Spectrum(lam), fraction * lam.size, scale * lam.mean())
    assert at.omega < at.one_minus_zeta.max()
    assert kd.gains(Spectrum(lam), fraction * lam.size, scale * lam.mean()).max() > 1 - EPS


@given(settings_ridgeless(), st.floats(-50, 50))
def test_1_slope(setting, offset):
    lam, n = setting
    tau = solved(setting).tau * math.exp(offset)
    assume(1e-290 < tau < 1e290)
    assert 1 - EPS <= g_at(lam, n, tau).minus_slope <= 2


@given(settings_ridgeless(), st.floats(-20, 20))
def test_1_curvature(setting, offset):
    lam, n = setting
    tau = solved(setting).tau * math.exp(offset)
    assume(1e-290 < tau < 1e290)
    step = 1e-3
    slopes = [g_at(lam, n, tau * math.exp(s)).minus_slope for s in (-step, step)]
    # slopes carry some 60 roundings; their difference over 2 steps is g'' somewhere between
    assert abs(slopes[1] - slopes[0]) / (2 * step) <= 0.25 + 120 * 2.0**-52 / (2 * step)


@given(settings_ridgeless(), st.floats(-50, 50))
def test_1_certificate(setting, offset):
    lam, n = setting
    at = solved(setting)
    tau = at.tau * math.exp(offset)
    assume(1e-290 < tau < 1e290)
    g = abs(math.log(g_at(lam, n, tau).ratio))
    distance = abs(math.log(at.tau / tau))
    assert g / 2 - 2 * EPS * (1 + distance) <= distance <= g + 2 * EPS * (1 + distance)


@given(spectra(), st.floats(0.01, 0.99))
def test_1_real_n(lam, fraction):
    """tau is continuous and falls through integers."""
    k = int(fraction * (lam.size - 1)) + 1
    assume(k < lam.size)
    below, at, above = (kd.equivalents(Spectrum(lam), k + s).tau for s in (-1e-9, 0.0, 1e-9))
    assert below >= at * (1 - 2 * EPS)
    assert at >= above * (1 - 2 * EPS)


@given(settings_ridgeless(), st.integers(0, 99))
def test_2_four_term(setting, seed):
    lam, n = setting
    assume(lam.max() / lam.min() < 1e8)
    problem = problem_of(lam, seed)
    surrogate = np.random.default_rng(seed + 1).normal(size=lam.size) / np.sqrt(lam)
    at = solved(setting)
    theta = at.one_minus_zeta
    shift, missed = theta * (surrogate - problem.beta_star), at.zeta * problem.beta_star
    leftover = formulas.unlearnt_energy(lam, surrogate, at.zeta).sum()
    gamma = formulas.gamma_squared(lam.size, n, at.one_minus_omega, leftover)
    terms = (
        (lam * shift**2).sum(),
        gamma,
        (theta**2).sum() / lam.size,
        (lam * missed**2).sum(),
        (lam * missed * shift).sum(),
    )
    scale = terms[0] + gamma * terms[2] + terms[3] + 2 * abs(terms[4])
    assert abs(formulas.four_term_risk(*terms) - kd.risk(problem, n, surrogate)) <= RISK * scale


@given(settings_ridgeless())
def test_2_classical(setting):
    lam, n = setting
    problem = problem_of(lam)
    assert math.isclose(kd.risk(problem, n), kd.risk(problem, n, problem.beta_star), rel_tol=RISK)


@given(st.integers(2, 60), st.floats(0.05, 0.95), st.integers(0, 99))
def test_2_isotropic_exact(p, fraction, seed):
    rng = np.random.default_rng(seed)
    beta, surrogate = rng.normal(size=(2, p))
    n = fraction * p
    exact = formulas.isotropic_risk(surrogate @ surrogate, surrogate @ beta, beta @ beta, n, p)
    found = kd.risk(Problem(Spectrum(np.ones(p)), beta), n, surrogate)
    assert abs(found - exact) <= RISK * (surrogate @ surrogate + beta @ beta)


@given(settings_ridgeless(), st.floats(0, 100), st.integers(0, 9))
def test_3_optimal(setting, ridge, seed):
    lam, n = setting
    assume(lam.max() / lam.min() < 1e12)
    problem = problem_of(lam, seed)
    least = kd.optimal_risk(problem, n, ridge=ridge)
    best = kd.optimal_surrogate(problem, n, ridge)
    for k in range(min(lam.size, 4)):
        moved = best.copy()
        moved[k] *= 1.01
        assert kd.risk(problem, n, moved, ridge=ridge) >= least * (1 - RISK)


@given(settings_ridgeless(), st.floats(0, 100))
def test_3_transition(setting, ridge):
    lam, n = setting
    at, gains = solved(setting, ridge), kd.gains(Spectrum(lam), n, ridge)
    margin = formulas.amplification_margin(at.zeta, at.one_minus_omega)
    decided = np.abs(margin) > 1e-13
    assert ((gains > 1) == (margin > 0))[decided & (np.abs(gains - 1) > 1e-13)].all()


@given(settings_ridgeless())
def test_3_both_kinds(setting):
    lam, _ = setting
    at = solved(setting)
    assume(lam.max() / lam.min() > 1 + 1e-6)
    order = np.argsort(-lam)
    assert at.zeta[order[0]] < at.one_minus_omega * (1 + EPS)
    assert at.zeta[order[-1]] > at.one_minus_omega * (1 - EPS)


@given(st.integers(2, 50), st.floats(0.02, 0.98), st.floats(-50, 50))
def test_3_no_gain(p, fraction, decade):
    spectrum = Spectrum(np.full(p, 10.0**decade))
    assert np.allclose(kd.gains(spectrum, fraction * p), 1, rtol=1e-12, atol=0)
    assert (kd.gains(spectrum, p) == 1).all()
    assert (kd.gains(spectrum, 3 * p) == 1).all()


@given(settings_ridgeless())
def test_3_teacher_not_best(setting):
    lam, n = setting
    assume(lam.max() / lam.min() < 1e12)
    problem = problem_of(lam)
    teacher = kd.optimal_surrogate(problem, n)
    risk = formulas.predictor_risk(lam, teacher, problem.beta_star, np.sum)
    gains = kd.gains(problem, n)
    assert math.isclose(
        risk, (problem.signal * (gains - 1) ** 2).sum(), rel_tol=1e-6, abs_tol=1e-20
    )


@given(settings_ridgeless())
def test_3_improvement(setting):
    lam, n = setting
    at, problem = solved(setting), problem_of(lam)
    shares = problem.signal * at.zeta**2 / at.one_minus_omega
    found = (shares * kd.improvements(problem, n)).sum()
    assert math.isclose(found, kd.optimal_risk(problem, n), rel_tol=RISK)


@given(settings_ridgeless(), st.floats(0, 100))
def test_3_improvement_bounds(setting, ridge):
    lam, n = setting
    at, problem = solved(setting, ridge), problem_of(lam)
    standard, best = kd.risk(problem, n, ridge=ridge), kd.optimal_risk(problem, n, ridge=ridge)
    assert best <= standard * (1 + RISK)
    assert best >= min(at.omega, at.one_minus_omega) * standard * (1 - RISK)


@given(settings_ridgeless(), st.floats(0, 100))
def test_4_rule(setting, ridge):
    lam, n = setting
    problem = problem_of(lam)
    best = kd.masked_risk(problem, n, ridge=ridge)
    mask = kd.optimal_mask(problem, n, ridge)
    for k in range(min(lam.size, 5)):
        other = mask.copy()
        other[k] = not other[k]
        assert kd.masked_risk(problem, n, other, ridge=ridge) >= best * (1 - RISK)


@given(settings_ridgeless(), st.floats(0, 100))
def test_4_tail(setting, ridge):
    lam, n = setting
    kept = kd.optimal_mask(Spectrum(lam), n, ridge)[np.argsort(-lam, kind="stable")]
    assert not (np.diff(kept.astype(int)) > 0).any()


@given(settings_ridgeless())
def test_4_strict(setting):
    lam, n = setting
    problem, at = problem_of(lam), solved(setting)
    standard, masked = kd.risk(problem, n), kd.masked_risk(problem, n)
    worth = problem.signal * (at.zeta**2 - at.one_minus_omega) / at.one_minus_omega
    saved = worth[worth > 0].sum()
    assert abs(standard - masked - saved) <= 2 * RISK * standard


@given(settings_ridgeless())
def test_4_not_own_teacher(setting):
    lam, n = setting
    problem = problem_of(lam)
    mask = kd.optimal_mask(problem, n)
    teacher = problem.signal[~mask].sum()
    assert kd.masked_risk(problem, n) >= teacher * (1 - RISK)


def test_every_claim_of_sections_1_to_4_has_a_property_or_a_home():
    ids = {c.id for c in collect([ROOT / "proofs"]) if c.id.split(".")[0] in list("12348")}
    here = {
        re.sub(r"^test_(\d)_", r"\1.", name).replace("_", "-")
        for name in vars(sys.modules[__name__])
        if re.match(r"test_\d_", name)
    }
    assert here | set(ELSEWHERE) == ids
    assert not here & set(ELSEWHERE)


def test_certified_agrees_at_random():
    rng = np.random.default_rng(5)
    lam = rng.gamma(0.3, size=40) + 1e-12
    problem = problem_of(lam)
    for n in (1, 13, 39):
        ball = certified.risk(problem, n, digits=25)
        assert abs(float(kd.risk(problem, n) / ball - 1)) <= RISK

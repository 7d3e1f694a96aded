"""Random features: the two nested fixed points, risks, stages and the simulation of them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from strategies import large_spectra

import kdverify as kd
from kdverify.arithmetic import BALLS
from kdverify.problem import Problem, Spectrum
from kdverify.random_features import certified, theory
from kdverify.random_features.solve import Code, equivalents
from kdverify.simulation import chain
from kdverify.simulation.features import FeatureWorkspace, factorise_features
from kdverify.stages import Stage, chain_risks, two_stage_map

#: What the solver promises of nu, of the other numbers and of risks.
NU, VALUES, RISK = 3e-14, 6e-14, 2e-13
DIGITS = 30
FEW = settings(max_examples=settings.default.max_examples // 3)

#: n, q, ridge: both sides of n = q, n = q with a ridge, above p, real numbers.
CASES = [
    (15, 25, 0),
    (25, 15, 0),
    (60, 15, 0),
    (15, 60, 0),
    (20, 20, 0.01),
    (60, 50, 0.3),
    (12.5, 30.25, 0.05),
    (60, 70, 0),
]


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem.power_law(40, "1.5", "2")


def relative_error(value: float, ball) -> float:
    return float((BALLS.number(float(value)) / ball - 1).abs_upper())


@st.composite
def questions(draw) -> tuple[np.ndarray, float, float, float]:
    """Eigenvalues, n, q and ridge: n next to q, one far above, both above p."""
    lam = draw(large_spectra(300))
    p = lam.size
    n = draw(st.one_of(st.floats(0.01, 2 * p), st.integers(1, 2 * p)))
    q = draw(
        st.one_of(
            st.floats(1, 2 * p),
            st.integers(1, 2 * p),
            st.just(max(n, 1)),
            st.just(max(math.nextafter(n, math.inf), 1)),
            st.floats(1, 1e12),
        )
    )
    ridge = draw(
        st.one_of(st.just(0.0), st.floats(-14, 14).map(lambda e: float(lam.sum()) * 10.0**e))
    )
    assume(ridge > 0 or (n != q and min(n, q) < p))
    return lam, n, q, ridge


@FEW
@given(questions())
@example((np.array([1e10, 1e10, 1e-10, 1e-10]), 2.0, 3.0, 0.0))
@example((np.array([1e10, 1e10, 1e-10, 1e-10]), 2.0, 2.0, 1e-12))
@example((np.ones(5), 5.0, 5.0, 1e-10))
@example((np.ones(5), 3.0, 1e90, 0.0))
def test_double_precision_keeps_its_promises(question):
    lam, n, q, ridge = question
    at = equivalents(Spectrum(lam), n, q, ridge)
    exact = certified.certificate(Spectrum(lam), n, q, 0, ridge, DIGITS).equivalents
    assert at.code is Code.CONVERGED
    assert at.evaluations <= 6
    assert at.log_error <= NU
    assert (BALLS.number(at.nu) / exact.nu).log().abs_upper() <= BALLS.number(at.log_error)
    for name in ("one_minus_upsilon", "feature_gap", "nu_1"):
        value, ball = getattr(at, name), getattr(exact, name)
        if ball > 1e-280:
            assert relative_error(value, ball) <= VALUES, name


@FEW
@given(questions())
def test_certified_roots_solve_both_equations(question):
    """(16) as it stands, with nu_1, in exact arithmetic with more digits."""
    lam, n, q, ridge = question
    exact = certified.certificate(Spectrum(lam), n, q, 0, ridge, DIGITS).equivalents
    with BALLS.precision(3 * DIGITS):
        df = BALLS.total(x / (x + exact.nu) for x in map(BALLS.number, lam.tolist()))
        first = BALLS.number(n) - df
        if ridge:
            first -= BALLS.number(ridge) / exact.nu_1
        second = BALLS.number(q) * (1 - exact.nu_1 / exact.nu) - df
        if ridge or n <= q:
            assert first.contains(0)
        else:
            assert first > 0
        assert second.contains(0)


@pytest.mark.parametrize(("n", "q", "ridge"), CASES)
def test_risks_agree_with_balls(problem, n, q, ridge):
    exact = certified.certificate(problem, n, q, 0.25, ridge, DIGITS)
    arguments = (problem, n, q)
    assert relative_error(theory.risk(*arguments, None, 0.25, ridge), exact.standard) < RISK
    assert relative_error(theory.optimal_risk(*arguments, 0.25, ridge), exact.optimal) < RISK
    assert relative_error(theory.masked_risk(*arguments, None, 0.25, ridge), exact.masked) < RISK
    other = np.cos(np.arange(40.0))
    ball = certified.risk(problem, n, q, other, 0.25, ridge, DIGITS)
    assert relative_error(theory.risk(problem, n, q, other, 0.25, ridge), ball) < RISK


@pytest.mark.parametrize(("n", "q", "ridge"), CASES)
def test_the_best_surrogate_is_the_least_and_gains_and_masks_fit(problem, n, q, ridge):
    best = theory.optimal_surrogate(problem, n, q, ridge)
    least = theory.optimal_risk(problem, n, q, 0.1, ridge)
    assert theory.risk(problem, n, q, best, 0.1, ridge) == pytest.approx(least, rel=1e-12)
    for direction in np.eye(40)[:5] * 1e-3:
        for sign in (1, -1):
            assert theory.risk(problem, n, q, best + sign * direction, 0.1, ridge) > least
    mask = theory.optimal_mask(problem, n, q, ridge)
    assert (np.diff(mask.astype(int)) <= 0).all()
    masked = theory.risk(problem, n, q, mask * problem.beta_star, 0.1, ridge)
    assert theory.masked_risk(problem, n, q, mask, 0.1, ridge) == pytest.approx(masked, rel=1e-12)
    shares = theory.improvements(problem, n, q, ridge)
    assert (shares <= 1 + 1e-14).all()
    at = equivalents(problem, n, q, ridge)
    if at.code is not Code.UNREGULARISED:
        assert (shares >= min(at.upsilon, at.one_minus_upsilon) * (1 - 1e-14)).all()


def test_no_other_mask_is_better():
    small = Problem.power_law(8, "1", "2")
    for n, q, ridge in ((3, 5, 0), (5, 3, 0), (4, 4, 0.1)):
        masks = [np.array(bits) for bits in itertools.product((True, False), repeat=8)]
        risks = [theory.masked_risk(small, n, q, mask, 0, ridge) for mask in masks]
        assert theory.masked_risk(small, n, q, None, 0, ridge) == min(risks)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_infinitely_many_features_are_the_gaussian_theory(problem, ridge):
    for n in (15, 55) if ridge else (15, 30):
        for ours, theirs in (
            (
                theory.risk(problem, n, 1e30, None, 0.1, ridge),
                kd.risk(problem, n, None, 0.1, ridge),
            ),
            (
                theory.optimal_risk(problem, n, 1e30, 0.1, ridge),
                kd.optimal_risk(problem, n, 0.1, ridge),
            ),
            (
                theory.masked_risk(problem, n, 1e30, None, 0.1, ridge),
                kd.masked_risk(problem, n, None, 0.1, ridge),
            ),
        ):
            assert ours == pytest.approx(theirs, rel=1e-13)
        assert theory.gains(problem, n, 1e30, ridge) == pytest.approx(kd.gains(problem, n, ridge))


def test_n_and_q_may_change_places(problem):
    """The effective regularisation is that of the product of both, whichever is larger."""
    for n, q, ridge in ((15, 25, 0), (20, 70, 0.3)):
        here, there = equivalents(problem, n, q, ridge), equivalents(problem, q, n, ridge * q / n)
        assert there.nu == pytest.approx(here.nu, rel=1e-13)
        assert there.sample_gap == pytest.approx(here.feature_gap, rel=1e-12)


def test_curve_pairs_n_and_features(problem):
    found = theory.curve(problem, [10, 20], 30, 0.1)
    assert found.features.tolist() == [30, 30]
    assert found.standard[1] == theory.risk(problem, 20, 30, None, 0.1)
    assert theory.curve(problem, 10, [15, 30, 45]).nu.shape == (3,)
    assert np.isnan(theory.curve(problem.spectrum, 10, 15).optimal).all()
    with pytest.raises(ValueError, match="features of length 3 must have length 2"):
        theory.curve(problem, [10, 20], [15, 30, 45])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((15, 0.5), r"features=0\.5 must be at least 1"),
        ((15, 0), r"features=0 must be at least 1"),
        ((15, "many"), r"features='many' must be a real number"),
        ((15, float("inf")), r"features=inf must be finite"),
        ((15, 1e101), r"features=1e\+101 must be at most"),
        ((15, 15), r"features=15 must differ from n=15 where there is no ridge"),
        ((15, 20, -1), r"ridge=-1 must not be negative"),
        ((0, 20), r"n=0 must be positive"),
        ((15, True), r"features=True must be a real number"),
    ],
)
def test_bad_input_is_turned_away_at_the_door(problem, arguments, message):
    n, features, *ridge = arguments
    for call in (equivalents, theory.gains, theory.optimal_mask):
        with pytest.raises((ValueError, TypeError), match=message):
            call(problem, n, features, *ridge)
    with pytest.raises((ValueError, TypeError), match=message):
        theory.risk(problem, n, features, ridge=ridge[0] if ridge else 0)


def test_bad_input_of_balls(problem):
    with pytest.raises(ValueError, match="features='many' must be a decimal"):
        certified.certificate(problem, 15, "many")
    with pytest.raises(ValueError, match="features=15 must differ from n=15"):
        certified.certificate(problem, 15, 15)
    with pytest.raises(ValueError, match="features=0.5 must be at least 1"):
        certified.certificate(problem, 15, "0.5")
    nearly = Fraction(15) + Fraction(1, 10**40)
    proof = certified.certificate(problem, 15, nearly, digits=30)
    assert proof.equivalents.one_minus_upsilon > 0


def test_next_to_the_peak_a_warning(problem):
    with pytest.warns(kd.NoFiniteMeanWarning, match="n=16 with 15 free coefficients"):
        theory.risk(problem, 16, 15)
    with pytest.warns(kd.NoFiniteMeanWarning, match="n=41 with 40 free coefficients"):
        assert theory.risk(problem, 41, 60, noise_variance=0.1) == np.inf


# ------------------------------------------------------------------ stages


def some_stages() -> list[Stage]:
    return [
        Stage(15, None, 0.1, 0.05, 25),
        Stage(25, None, 0.2, 0.0, 12),
        Stage(12, None, 0.0, 0.0, 25),
        Stage(60, None, 0.1, 0.0, 50),
        Stage(20, None, 0.1, 0.1),
    ]


@pytest.mark.parametrize("transform", ["none", "gain", "mask"])
def test_map_and_chain_agree(problem, transform):
    stages = some_stages()
    found = two_stage_map(problem, stages, stages, transform)
    for (i, first), (j, second) in itertools.product(enumerate(stages), repeat=2):
        if transform == "none":
            chained = chain_risks(problem, [first, second])[1]
            assert found[i, j] == pytest.approx(chained, rel=1e-12)
        sizes = (first.n, second.n, first.noise_variance, second.noise_variance)
        options = (first.ridge, second.ridge, transform, first.features, second.features)
        single = kd.two_stage_risk(problem, None, *sizes, *options)
        assert found[i, j] == pytest.approx(single, rel=1e-12)


def test_first_stage_is_the_risk(problem):
    for stage in some_stages()[:4]:
        n, q, noise, ridge = stage.n, stage.features, stage.noise_variance, stage.ridge
        (found,) = chain_risks(problem, [stage])
        assert found == pytest.approx(theory.risk(problem, n, q, None, noise, ridge), rel=1e-12)


def test_bad_stages_are_turned_away(problem):
    with pytest.raises(ValueError, match="source must be None"):
        chain_risks(problem, [Stage(10, np.ones(40), features=20)])
    with pytest.raises(ValueError, match="stages must hold"):
        chain_risks(problem, [])
    with pytest.raises(TypeError, match=r"stages\[0\]=3 must be a Stage"):
        chain_risks(problem, [3])


# -------------------------------------------------------------- simulation


@pytest.mark.parametrize(
    ("r", "n", "q", "ridge"),
    [
        (30, 10, 20, 0.0),
        (30, 20, 10, 0.0),
        (30, 10, 20, 0.3),
        (30, 20, 10, 0.3),
        (10, 8, 20, 0.0),
        (10, 20, 30, 0.1),
        (10, 30, 20, 0.0),  # more features than inputs: by singular values
    ],
)
def test_one_student_against_plain_numpy(r, n, q, ridge):
    rng = np.random.default_rng(r + n)
    space = FeatureWorkspace(r, n, q)
    space.rows[:] = rng.normal(size=(n, r))
    space.draw_layer(rng)
    x, w = space.rows.copy(), space.layer.copy()
    z = x @ w.T
    inverse = np.linalg.solve(z.T @ z + ridge * np.eye(q), z.T) if ridge else np.linalg.pinv(z)
    a = w.T @ inverse
    p = a @ x
    weights, b, noise = (
        rng.uniform(0.1, 1, size=r),
        rng.normal(size=(r, 2)),
        rng.normal(size=(n, 2)),
    )
    factor, safe = factorise_features(space, ridge)
    assert safe is (q > r and n > r and ridge == 0)
    close = {"rtol": 1e-9, "atol": 1e-9 * np.abs(p).max() ** 2}
    assert np.allclose(factor.fit(b), p @ b, **close)
    assert np.allclose(factor.fit_noise(noise), a @ noise, **close)
    assert np.allclose(factor.noise_columns(), a, **close)
    assert np.allclose(factor.diagonal(), p.diagonal(), **close)
    assert np.allclose(factor.energy(weights), weights @ p**2, **close)
    assert np.allclose(factor.carried(weights), p**2 @ weights, **close)
    assert np.allclose(factor.noise_diagonal(), (a**2).sum(axis=1), **close)
    mean, energy, trace = factor.transfer(weights)
    assert np.allclose(mean, p.diagonal(), **close)
    assert np.allclose(energy, weights @ p**2, **close)
    assert np.isclose(trace, weights @ (a**2).sum(axis=1), **close)


def plain_student(rng, problem, n, q, ridge, noise, teacher):
    """Coefficients on the inputs of one student, as one would write it."""
    lam = problem.spectrum.eigenvalues
    x = rng.normal(size=(n, lam.size)) * np.sqrt(lam)
    w = rng.normal(size=(q, lam.size)) / np.sqrt(q)
    z, y = x @ w.T, x @ teacher + np.sqrt(noise) * rng.normal(size=n)
    if ridge:
        return w.T @ np.linalg.solve(z.T @ z + ridge * np.eye(q), z.T @ y)
    return w.T @ np.linalg.lstsq(z, y, rcond=None)[0]


def test_simulation_against_plain_numpy():
    """Two stages, both ways: within four joint standard errors (false alarm 1e-4 each)."""
    problem, trials = Problem.power_law(30, "1.5", "2"), 1500
    lam, truth = problem.spectrum.eigenvalues, problem.beta_star
    links = [Stage(20, None, 0.1, 0.2, 14), Stage(12, None, 0.05, 0.0, 24)]
    ours = chain(problem, links, trials=200)
    rng, plain = np.random.default_rng(7), []
    for _ in range(trials):
        teacher = plain_student(rng, problem, 20, 14, 0.2, 0.1, truth)
        student = plain_student(rng, problem, 12, 24, 0.0, 0.05, teacher)
        plain.append([(lam * (b - truth) ** 2).sum() for b in (teacher, student)])
    gap = np.mean(plain, axis=0) - ours.stage_means[:, 0]
    error = np.hypot(np.std(plain, axis=0) / np.sqrt(trials), ours.stage_standard_errors[:, 0])
    assert (np.abs(gap) < 4 * error).all()


@pytest.mark.parametrize("reduction", ["signs", "none"])
def test_reductions_have_one_mean(reduction):
    problem = Problem.power_law(30, "1.5", "2")
    found = kd.simulate(
        problem, 20, features=12, trials=600, noise_variance=0.1, ridge=0.1, reduction=reduction
    )
    expected = theory.risk(problem, 20, 12, noise_variance=0.1, ridge=0.1)
    assert abs(found.means[0] - expected) < 0.05 * expected + 4 * found.standard_errors[0]


def test_draws_do_not_depend_on_the_number_of_workers_or_blocks():
    problem = Problem.power_law(20, "1.5", "2")
    first = kd.simulate(problem, 10, features=15, trials=40, keep_trials=True)
    second = kd.simulate(problem, 10, features=15, trials=40, workers=2, keep_trials=True)
    assert (first.raw == second.raw).all()
    other = kd.simulate(problem, 10, features=16, trials=40, keep_trials=True)
    assert (first.raw != other.raw).any()


def test_bad_input_of_simulations():
    problem = Problem.power_law(20, "1.5", "2")
    with pytest.raises(ValueError, match=r"features=0 must be at least 1"):
        kd.simulate(problem, 10, features=0)
    with pytest.raises(ValueError, match="must be a whole number"):
        kd.simulate(problem, 10, features=2.5)
    turned = np.eye(20) + 0.1
    with pytest.raises(ValueError, match="source must commute"):
        chain(problem, [Stage(10, turned, features=5)])
    assert any("5 features" in w for w in kd.simulate(problem, 7, features=5, trials=2).warnings)

"""Students that share data, self-distillation, the best ridge."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import kdverify as kd
from kdverify.gaussian.best_ridge import worth
from kdverify.gaussian.shared import crossed_risks, ensemble_law


def problem(p: int = 80, alpha: float = 1.0) -> kd.Problem:
    lam = np.arange(1.0, p + 1) ** -alpha
    return kd.Problem(kd.Spectrum(lam), np.cos(0.9 * np.arange(1, p + 1)) / np.sqrt(p * lam))


SURROGATE = 1.2 * problem().beta_star * (np.arange(80) < 30)


@pytest.mark.parametrize("ridge", [0.0, 0.7])
def test_a_student_crossed_with_itself_has_its_risk(ridge: float) -> None:
    student = kd.Student(50, SURROGATE, 0.2, ridge)
    alone = kd.risk(problem(), 50, SURROGATE, 0.2, ridge)
    assert kd.crossed_risk(problem(), student, student, 50) == pytest.approx(alone, rel=1e-13)


def test_students_without_common_samples_share_their_bias_alone() -> None:
    one, other = kd.Student(50, SURROGATE, 0.2), kd.Student(30, None, 3.0, 0.5)
    at, to = kd.equivalents(problem(), 50), kd.equivalents(problem(), 30, 0.5)
    lam, star = problem().spectrum.eigenvalues, problem().beta_star
    bias = lam * (at.one_minus_zeta * SURROGATE - star) * (-to.zeta * star)
    found = kd.crossed_risk(problem(), one, other, 0, noise_covariance=0.1)
    assert found == pytest.approx(bias.sum(), rel=1e-12)


def test_balls_hold_the_floats() -> None:
    pair = kd.Student(50, SURROGATE, 0.25, 0.5), kd.Student(30, None, 0.25)
    ball = kd.crossed_risk(problem(), *pair, 20, digits=30)
    assert float(ball) == pytest.approx(kd.crossed_risk(problem(), *pair, 20), rel=1e-13)
    assert float(ball.rad()) < 1e-30
    ball = kd.ensemble_risk(problem(), 60, 30, 7, noise_variance="0.25", digits=20)
    found = kd.ensemble_risk(problem(), 60, 30, 7, noise_variance=0.25)
    assert float(ball) == pytest.approx(found, rel=1e-13)


def test_combinations() -> None:
    students = [kd.Student(50, None, 0.2, ridge) for ridge in (0.1, 1.0, 9.0)]
    table = crossed_risks(problem(), students, 50)
    assert np.linalg.eigvalsh(table).min() > 0
    first = kd.combined_risk(problem(), students, [1.0, 0.0, 0.0], 50)
    assert first == pytest.approx(kd.risk(problem(), 50, None, 0.2, 0.1), rel=1e-13)
    with pytest.raises(ValueError, match=r"weights must add up to 1; their sum is 1\.1"):
        kd.combined_risk(problem(), students, [0.5, 0.3, 0.3], 50)
    with pytest.raises(ValueError, match="one entry a student"):
        kd.combined_risk(problem(), students, [1.0], 50)


def test_all_subsets_are_one_ridge() -> None:
    ridge = kd.subagging_ridge(problem(), 60, 25)
    found = kd.ensemble_risk(problem(), 60, 25, noise_variance=0.3)
    assert found == pytest.approx(kd.risk(problem(), 60, None, 0.3, ridge), rel=1e-12)
    whole = kd.ensemble_risk(problem(), 60, 60, 5, noise_variance=0.3)
    assert whole == pytest.approx(kd.risk(problem(), 60, None, 0.3), rel=1e-12)


def test_an_ensemble_as_a_teacher_has_its_risk() -> None:
    law = ensemble_law(problem(), 60, 30, 5, 0.3, 0.2)
    found = kd.ensemble_risk(problem(), 60, 30, 5, noise_variance=0.3, ridge=0.2)
    assert law.risk(problem()) == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((kd.Student(30), kd.Student(40), 31), r"shared=31.0 must be at most 30.0 .both"),
        ((kd.Student(30), kd.Student(40), -1), "shared=-1 must not be negative"),
        ((kd.Student(30, ridge=-1), kd.Student(40), 3), "ridge=-1 must not be negative"),
        ((kd.Student(30, None, 1.0), kd.Student(40), 3), "noise_covariance=None must go with"),
        ((kd.Student(30, None, 1.0), kd.Student(40), 3, 0.1), "noise_covariance=0.1 must be at"),
    ],
)
def test_bad_pairs(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kd.crossed_risk(problem(), *arguments)


def test_bad_ensembles() -> None:
    with pytest.raises(ValueError, match=r"size=61.0 must be at most 60.* .n."):
        kd.ensemble_risk(problem(), 60, 61)
    with pytest.raises(ValueError, match="members=0 must be at least 1"):
        kd.ensemble_risk(problem(), 60, 30, 0)


@pytest.mark.parametrize(("ridge", "given"), [(1.0, 3.0), (0.0, 2.0), (3.0, 0.5)])
def test_two_ridges_follow_from_crossed_risks(ridge: float, given: float) -> None:
    def crossed(one: float, other: float) -> float:
        pair = (kd.Student(50, SURROGATE, 0.2, delta) for delta in (one, other))
        return float(kd.crossed_risk(problem(), *pair, 50))

    found = kd.self_distillation(problem(), 50, ridge, given, SURROGATE, 0.2).at(1.0)
    square = ridge**2 * crossed(ridge, ridge) - 2 * ridge * given * crossed(ridge, given)
    square += given**2 * crossed(given, given)
    assert found == pytest.approx(square / (ridge - given) ** 2, rel=1e-10)


def test_nearly_equal_ridges_lose_no_digits() -> None:
    same = kd.self_distillation(problem(), 50, 1.0, None, None, 0.2)
    near = kd.self_distillation(problem(), 50, 1.0, 1.0 + 1e-12, None, 0.2)
    assert near.at(1.5) == pytest.approx(same.at(1.5), rel=1e-10)
    assert same.best_risk == pytest.approx(same.at(same.best_mixing), rel=1e-14)
    step = 1e-5
    up, down = (kd.risk(problem(), 50, None, 0.2, 1.0 + s) for s in (step, -step))
    assert 2 * same.slope == pytest.approx((up - down) / (2 * step), rel=1e-6)
    ball = kd.self_distillation(problem(), 50, 1, 3, None, "0.25", digits=25)
    flat = kd.self_distillation(problem(), 50, 1.0, 3.0, None, 0.25)
    assert float(ball.curvature) == pytest.approx(flat.curvature, rel=1e-13)


def test_an_interpolating_teacher_changes_nothing() -> None:
    found = kd.self_distillation(problem(), 50, 1.0, 0.0, None, 0.2)
    assert found.at(0.7) == found.risk
    assert (found.gain, found.best_mixing) == (0, 0)
    with pytest.raises(ValueError, match="ridge=0 must go with n below p=80"):
        kd.self_distillation(problem(), 90, 0.0)


@pytest.mark.parametrize("labels", ["strong", "optimal"])
@pytest.mark.parametrize(("n", "noise"), [(50, 0.2), (120, 0.3), (30, 0.8)])
def test_best_ridge_beats_its_neighbours(labels: str, n: int, noise: float) -> None:
    found = kd.best_ridge(problem(), n, noise, labels)
    law = kd.risk if labels == "strong" else kd.optimal_risk
    assert found.ridge > 0
    assert law(problem(), n, noise_variance=noise, ridge=found.ridge) == pytest.approx(found.risk)
    for factor in (0.01, 0.9, 1.1, 100):
        other = law(problem(), n, noise_variance=noise, ridge=found.ridge * factor)
        assert other > found.risk
    ball = kd.best_ridge(problem(), n, noise, labels, digits=25)
    assert float(ball.ridge) == pytest.approx(found.ridge, rel=1e-12)
    assert float(ball.tau.rad() / ball.tau.mid()) < 1e-25


def test_negative_ridges_are_only_given_where_asked_for() -> None:
    plain = kd.best_ridge(problem(), 50, 0, "optimal")
    assert (plain.ridge, plain.wants_negative) == (0, True)
    free = kd.best_ridge(problem(), 50, 0, "optimal", negative=True)
    assert free.ridge < 0
    assert free.risk < plain.risk
    assert free.wants_negative
    assert not kd.best_ridge(problem(), 50, 0.2).wants_negative


def test_best_ridge_where_the_condition_is_zero_within_rounding() -> None:
    """Sums of the grid and of one tau differ in sign at the ridgeless end."""
    flat = kd.Problem.power_law(100, 1.05, 1.05)
    found = kd.best_ridge(flat, 98)
    assert found.risk == pytest.approx(kd.risk(flat, 98), rel=1e-12)
    assert found.ridge < 1e-6


@pytest.mark.parametrize(
    ("students", "shared", "message"),
    [
        (5, 2, "students=5 must be a list"),
        ([kd.Student(5), 4], 2, r"students\[1\]=4 must be a Student"),
        ([kd.Student(5)] * 2, [[5, 2], [1, 5]], r"shared of shape \(2, 2\) must be .* symmetric"),
        ([kd.Student(5)] * 2, [1, 2, 3], r"shared of shape \(3,\) must be one number or"),
        ([kd.Student(5)] * 2, True, "shared must be a number or matrix of real numbers"),
    ],
)
def test_what_is_shared_is_checked(students, shared, message) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        kd.combined_risk(problem(), students, [0.5, 0.5], shared)


def test_best_ridge_at_the_ends() -> None:
    assert kd.best_ridge(problem(), 120).ridge == 0
    with pytest.raises(ValueError, match="beta_star must not be zero"):
        kd.best_ridge(kd.Problem(kd.Spectrum(np.ones(3)), np.zeros(3)), 2)
    for labels, noise in (("strong", 1e-3), ("optimal", 1e10)):
        with pytest.raises(ValueError, match=r"n=1e\+300 and noise_variance=.* must be less extr"):
            kd.best_ridge(problem(), 1e300, noise, labels)
    far = kd.best_ridge(problem(), 1e90, 1.0).ridge
    assert far == pytest.approx(kd.best_ridge(problem(), 1e50, 1.0).ridge)
    with pytest.raises(ValueError, match="labels='weak' must be one of strong, optimal"):
        kd.best_ridge(problem(), 50, labels="weak")


def test_worth_is_in_order() -> None:
    found = worth(problem(), 50, 0.2)
    assert found.both < min(found.ridge, found.teacher)
    assert max(found.ridge, found.teacher) < found.neither


def test_size_errors() -> None:
    isotropic = kd.Problem(kd.Spectrum(np.ones(40)), np.full(40, 0.1))
    found = kd.size_error(isotropic, 20, None, 1.0)
    assert found.correction == pytest.approx(20 / 20**2, rel=1e-12)  # of p/(n (p - n - 1))
    ball = kd.size_error(problem(), 20, None, "0.5", "0.25", digits=20)
    found = kd.size_error(problem(), 20, None, 0.5, 0.25)
    assert float(ball.correction) == pytest.approx(found.correction, rel=1e-10)
    assert found.corrected == found.risk + found.correction
    exact = kd.size_error(problem(), 120, None, 0.5)
    assert (exact.correction, exact.risk) == (0, pytest.approx(0.5 * 80 / 39))
    assert "exact" in exact.basis
    assert math.isfinite(kd.size_error(problem(), 120, None, 0.5, 0.1).correction)


def small(*eigenvalues: float) -> kd.Problem:
    return kd.Problem(kd.Spectrum(eigenvalues), np.ones(len(eigenvalues)))


@pytest.mark.parametrize("digits", [None, 20])
def test_least_squares_that_shares_all_of_p_samples_keeps_its_signal(digits) -> None:
    given, surrogate = small(1.0, 0.5, 0.25), np.array([2.0, 0.0, 1.0])
    one, other = kd.Student(3, surrogate), kd.Student(3, [3.0, 3.0, 0.0])
    truth = kd.risk(given, 3, surrogate)
    assert truth == 1.5
    assert float(kd.crossed_risk(given, one, one, 3, digits=digits)) == truth
    assert float(kd.crossed_risk(given, one, other, 3, digits=digits)) == 1.0
    for members in (2, math.inf):
        found = kd.ensemble_risk(given, 3, 3, members, surrogate, digits=digits)
        assert float(found) == truth
    assert kd.combined_risk(given, [one, one], [0.5, 0.5], [[3, 3], [3, 3]]) == truth
    noisy = kd.Student(3, surrogate, 0.5)
    assert float(kd.crossed_risk(given, noisy, noisy, 3, digits=digits)) == math.inf


def test_an_ensemble_that_shares_all_of_p_samples_is_beta_star() -> None:
    """Without noise: every member is, and what they share has no variance to divide by zero."""
    given = small(1.0, 0.5, 0.25)
    assert ensemble_law(given, 3, 3).variances.tolist() == [0, 0, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        assert ensemble_law(given, 3, 3, 4).variances.tolist() == [0, 0, 0]


@pytest.mark.parametrize("labels", ["strong", "optimal"])
@pytest.mark.parametrize("digits", [None, 20])
def test_best_ridge_of_as_many_samples_as_modes(labels: str, digits) -> None:
    for given in (small(1.0, 0.5), small(1.0)):
        found = kd.best_ridge(given, given.p, labels=labels, digits=digits)
        assert (float(found.ridge), float(found.risk)) == (0, 0)


def test_the_best_ridge_is_not_negative_by_rounding() -> None:
    assert kd.best_ridge(small(*[1.0] * 11), 10).ridge == 0


def test_a_noise_covariance_at_its_bound() -> None:
    given, one, other = small(1.0, 0.5, 0.25), kd.Student(3, None, 0.3), kd.Student(2, None, 2.0)
    bound = float(np.sqrt(0.3 * 2.0))
    for digits in (None, 20):
        found = kd.crossed_risk(given, one, other, 2, bound, digits=digits)
        below = kd.crossed_risk(given, one, other, 2, bound * (1 - 1e-15), digits=digits)
        assert float(found) == pytest.approx(float(below), rel=1e-14)
    with pytest.raises(ValueError, match=r"noise_covariance=0\.7746 must be at most the root"):
        kd.crossed_risk(given, one, other, 2, np.float64(0.7746))

"""Predictions from small pools, and close to the rank."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify import rows

P, N_TRAIN, NOISE = 30, 12, 0.5
SPECTRUM = np.arange(1, P + 1) ** -1.0
BETA = np.random.default_rng(0).standard_normal(P)


def gaussian_pool(size, seed):
    rng = np.random.default_rng([seed, size])
    X = rng.standard_normal((size, P)) * np.sqrt(SPECTRUM)
    return rows.Pool(X), X @ BETA + np.sqrt(NOISE) * rng.standard_normal(size)


def many(size, pools=40):
    """Over pools of one size: plug-in and left-out error, jackknife's error, spread."""
    found = []
    for seed in range(pools):
        pool, y = gaussian_pool(size, seed)
        students = rows.Students(rows.solve(pool, N_TRAIN), y)
        plain = students.errors(rows.Moments.of(pool, pool, students.labels))[0]
        left_out = rows.unseen_scores(students).errors(y[:, None]).mean()
        trust = rows.jackknife(pool, y, N_TRAIN)
        found.append((plain, left_out, trust.value[0], trust.standard_error[0]))
    return np.array(found)


def truth():
    """Total error of the Gaussian population, formula (2) with the noise added."""
    problem = kd.Problem(kd.Spectrum(SPECTRUM), BETA)
    return kd.risk(problem, N_TRAIN, None, NOISE) + NOISE


@pytest.mark.parametrize("size", [45, 60])
def test_leaving_rows_out_removes_the_optimism_of_a_small_pool(size):
    """1.5 and 2 rows a column: within 4 standard errors of the truth, which the plug-in misses.

    (2) itself is off by O(1/n) here; 5 % is allowed for it, a tenth of the plug-in's error.
    """
    found = many(size)
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    plain, left_out = found.mean(axis=0)[:2]
    assert abs(left_out - truth()) < 4 * error[1] + 0.05 * truth()
    assert plain < truth() - 4 * error[0] - 0.05 * truth()


def test_jackknife_tells_the_spread_over_pools():
    """The mean jackknife variance over 40 pools against the variance of the prediction.

    The ratio of variances has a relative standard deviation of about sqrt(2/40) = 0.22, the
    jackknife a bias of order 1/N (upward): 0.4 to 2.2 is more than two of the former.
    """
    found = many(90)
    ratio = np.square(found[:, 3]).mean() / found[:, 2].var(ddof=1)
    assert 0.4 < ratio < 2.2


def test_jackknife_checks_its_groups():
    pool, y = gaussian_pool(60, 0)
    with pytest.raises(ValueError, match="groups=61 must be at most the number of rows, 60"):
        rows.jackknife(pool, y, 5, groups=61)
    with pytest.raises(ValueError, match="groups=1 must be"):
        rows.jackknife(pool, y, 5, groups=1)


# -- finite size -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gaussian", "student", "two scales"])
@pytest.mark.parametrize("n", [5, 14, 20])
def test_the_correction_of_e_n_is_symmetric_and_has_no_trace(kind, n):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((700, 24)) * np.arange(1, 25) ** -0.75
    if kind == "student":
        X *= np.sqrt(3 / rng.chisquare(3, 700))[:, None]
    if kind == "two scales":
        X[:350] *= np.linspace(0.1, 3, 24)
    found = rows.Correction(rows.solve(rows.Pool(X), n))
    scale = np.abs(found.matrix).max()
    assert abs(np.trace(found.matrix)) < 1e-8 * scale
    assert np.abs(found.matrix - found.matrix.T).max() < 1e-10 * scale
    assert found.asymmetry < 1e-3  # of G before it is symmetrised: the scaling's accuracy


@pytest.mark.parametrize("n", [10, 20, 34])
def test_variance_of_isotropic_gaussian_rows_is_the_exact_one(n):
    """2 n / (p (p + 2 - n ...)): x'Nx / x'x is Beta((p - n)/2, n/2), 2 n / ((p - n)(p + 2))."""
    p, size = 40, 3000
    X = np.random.default_rng(2).standard_normal((size, p))
    found = rows.Correction(rows.solve(rows.Pool(X), n), np.arange(800)).variances
    exact = 2 * n / ((p - n) * (p + 2))
    # J comes from 800 rows, first order in 1/p: (p + 2) / p and the scatter of the rows
    assert found.mean() == pytest.approx(exact, rel=0.1)


@pytest.mark.parametrize("n", [28, 34, 36])
def test_noise_part_near_p_comes_to_the_exact_one(n):
    """Isotropic Gaussian rows: the error against the exact n/(p - n - 1) falls to a third or less.

    Labels are random signs, so that each row's residual has nearly the same square.
    """
    p = 40
    X = np.random.default_rng(3).standard_normal((4000, p))
    y = np.random.default_rng(4).choice([-1.0, 1.0], 4000)
    pool = rows.Pool(X)
    at = rows.solve(pool, n)
    students = rows.Students(at, y)
    test = rows.Moments.of(pool, pool, students.labels)
    plain = students.excess_risks(test)[0]
    change = rows.corrected_errors(pool, y, n, test, start=at)[0]
    exact = n / (p - n - 1) * np.square(students.residuals).mean()
    assert abs(plain + change - exact) < abs(plain - exact) / 3


def test_no_correction_where_nothing_is_random():
    """A pool with a ridge so large that nothing is learnt: nothing to correct."""
    pool, y = gaussian_pool(200, 5)
    test = rows.Moments.of(pool, pool, y[:, None])
    change = rows.corrected_errors(pool, y, N_TRAIN, test, ridge=1e9)[0]
    # |I - M| <= n Sigma / ridge, and the error changes by at most 2 |b| times it and its square
    learnt = N_TRAIN * np.trace(pool.covariance) / 1e9
    assert abs(change) < 3 * learnt * test.power[0]


def test_correction_of_several_columns_is_that_of_each():
    pool, y = gaussian_pool(300, 6)
    other = np.square(y)
    both = np.column_stack([y, other])
    test = rows.Moments.of(pool, pool, both)
    found = rows.corrected_errors(pool, both, N_TRAIN, test)
    for k, label in enumerate((y, other)):
        alone = rows.Moments.of(pool, pool, label[:, None])
        # labels are coordinates of relative size 1e-5, so that columns meet at 1e-10
        assert found[k] == pytest.approx(
            rows.corrected_errors(pool, label, N_TRAIN, alone)[0], rel=1e-4
        )


def test_a_sample_of_the_rows_is_known_as_one():
    """Errors hardly depend on the sample; the mean, direction by direction, has noise of it."""
    pool, y = gaussian_pool(1200, 20)
    test = rows.Moments.of(pool, pool, y[:, None])
    full, part = (
        rows.student_change(pool, y, N_TRAIN, pool.covariance, limit=limit) for limit in (1200, 150)
    )
    assert (full.sampled, part.sampled) == (False, True)
    students = rows.Students(rows.solve(pool, N_TRAIN), y)
    assert abs(part.errors(test)[0] - full.errors(test)[0]) < 0.02 * students.errors(test)[0]
    whole, noisy = pool.times(full.mean), pool.times(part.mean)
    assert np.square(noisy - whole).mean() > np.square(whole).mean()
    # what is used of it is its part along the mean student, which averages
    used = [pool.times(change.mean_change(students.mean)) for change in (full, part)]
    np.testing.assert_array_equal(used[0], whole)
    along = pool.times(students.mean)
    along /= np.linalg.norm(along)
    np.testing.assert_allclose(used[1], along * (along * noisy).sum(), atol=1e-12)
    assert np.square(used[1] - whole).mean() < 0.5 * np.square(noisy - whole).mean()


def test_the_spread_factor_is_that_of_the_variance():
    """Of second moments less the square of the mean, to first order in the change."""
    pool, y = gaussian_pool(300, 8)
    both = np.column_stack([y, 2 * y])
    change = rows.student_change(pool, both, N_TRAIN, pool.covariance)
    students = rows.Students(rows.solve(pool, N_TRAIN), both)
    variance = sum(np.trace(students.covariance(k) @ pool.covariance) for k in range(2))

    def spread(step):
        mean = students.mean + step * change.mean
        second = students.second_moments(pool.covariance).sum() + step * change.second.sum()
        return second - np.einsum("ik,ij,jk->", mean, pool.covariance, mean)

    assert spread(0.0) == pytest.approx(variance)
    slope = (spread(1e-3) - spread(-1e-3)) / 2e-3
    assert change.spread_factor(students) == pytest.approx(1 + slope / variance, rel=1e-9)
    nothing = rows.Students(students.at, np.zeros(pool.size))
    none = rows.student_change(pool, np.zeros(pool.size), N_TRAIN, pool.covariance)
    assert none.spread_factor(nothing) == 1.0

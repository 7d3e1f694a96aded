"""(9) to (12) by brute force; risks, scores, accuracy, teachers."""

import gc
import weakref

import numpy as np
import pytest
from row_samples import NOISE, SAMPLES, P, heavy_rows, labels_of, random
from scipy import stats

import kdverify as kd
from kdverify import rows
from kdverify.rows import response as response_module


@pytest.fixture
def features():
    return heavy_rows()


@pytest.fixture(params=[0.0, 0.7], ids=["ridgeless", "ridge"])
def students(request, features):
    at = rows.solve(rows.Pool(features), SAMPLES, ridge=request.param)
    return rows.Students(at, labels_of(features), NOISE)


# --------------------------------------------------------------------------
# The equations, by brute force: p^2 x p^2 systems, sums over rows written out
# --------------------------------------------------------------------------


class Dense:
    """(9) to (12) without the package: the plain iteration, vectorised linear systems."""

    def __init__(self, X, y, n, ridge, noise):
        self.X, self.y, self.n, self.noise = X, y, n, noise
        N, p = X.shape
        b = np.ones(N)
        for _ in range(20_000):
            M = np.linalg.inv(np.eye(p) + n / N * X.T @ (X / b[:, None]))
            renewed = ridge + np.einsum("ij,jk,ik->i", X, M, X)
            done = np.abs(np.log(renewed / b)).max() < 1e-13
            b = renewed
            if done:
                break
        self.b, self.M = b, M
        outer = np.einsum("ia,ib->iab", X, X).reshape(N, p * p)
        self.T = n / N * (outer / b[:, None] ** 2).T @ outer  # vec(D) -> vec(n E[x x' x'Dx/b^2])
        weights = 1 / b[:, None]
        self.theta = np.linalg.solve(X.T @ (X * weights), X.T @ (y * weights))
        self.e = y - X @ self.theta

    def response(self, A):
        p = len(A)
        both = np.kron(self.M, self.M)
        return np.linalg.solve(np.eye(p * p) - both @ self.T, both @ A.ravel()).reshape(p, p)

    def second_moment(self, A, column):
        X, b, e, theta = self.X, self.b, self.e[:, column], self.theta[:, column]
        D, M = self.response(A), self.M
        weight = self.n * np.einsum("ij,jk,ik->i", X, D, X) / b**2
        k = M @ (X.T @ (weight * e)) / len(X)
        linear = theta @ (A - A @ M - M @ A + D) @ theta
        return linear + 2 * theta @ k + np.mean(weight * (e**2 + self.noise))

    def moment_matrix(self, first, second):
        """E b b' of two label columns, symmetrised, by (12)."""
        X, b, M, n, p = self.X, self.b, self.M, self.n, self.X.shape[1]
        t, s = self.theta[:, first], self.theta[:, second]
        e, g = self.e[:, first], self.e[:, second]
        crossed = e * (X @ M @ s) + g * (X @ M @ t)
        weight = n * (crossed + e * g + self.noise * (first == second)) / b**2
        outer = (np.outer(t, s) + np.outer(s, t)) / 2
        W = outer + X.T @ (X * weight[:, None]) / len(X)
        both = np.kron(M, M)
        Q = np.linalg.solve(np.eye(p * p) - both @ self.T, both @ W.ravel()).reshape(p, p)
        return outer - M @ outer - outer @ M + Q


@pytest.fixture
def dense(students):
    at = students.at
    return Dense(at.pool.rows, students.labels, at.n, at.ridge, NOISE)


def test_fixed_point(students, dense):
    at = students.at
    assert at.code is rows.RowCode.CONVERGED
    assert np.abs(np.log(at.b / dense.b)).max() < 1e-9
    assert np.allclose(at.M, dense.M, rtol=0, atol=1e-10)
    assert abs(at.trace_gap) < 1e-9
    assert np.abs(np.log(at.b / dense.b)).max() <= at.log_error + 1e-12
    if at.ridge == 0:
        assert np.trace(np.eye(P) - at.M) == pytest.approx(SAMPLES, abs=1e-9)


def test_response_and_second_moment(students, dense):
    A = students.at.pool.covariance
    assert np.allclose(students.response.matrix(A), dense.response(A), rtol=1e-8, atol=1e-12)
    found = students.second_moments(A)
    assert found == pytest.approx([dense.second_moment(A, k) for k in range(2)], rel=1e-8)


def test_covariances_are_the_adjoint(students, dense):
    for first, second in ((0, 0), (0, 1), (1, 1)):
        mean = students.mean
        outer = np.outer(mean[:, first], mean[:, second])
        expected = dense.moment_matrix(first, second) - (outer + outer.T) / 2
        assert np.allclose(students.covariance(first, second), expected, rtol=1e-7, atol=1e-10)
    for column in range(2):
        found = students.second_moment_matrix(column)
        assert np.allclose(found, dense.moment_matrix(column, column), rtol=1e-7, atol=1e-10)
        for A in (np.eye(P), np.diag(np.arange(P)), heavy_rows(P, P) + heavy_rows(P, P).T):
            trace = np.sum(A * found)
            assert students.second_moments(A)[column] == pytest.approx(trace, rel=1e-7, abs=1e-9)


def test_conjugate_gradients_are_the_factored_system(students, monkeypatch):
    A = students.at.pool.covariance
    direct = students.response.forms(A)
    monkeypatch.setattr(response_module, "LARGEST_DIRECT", 0)
    students.response.release()
    iterated = rows.Response(students.at)
    assert np.allclose(iterated.forms(A), direct, rtol=1e-8)
    assert iterated.count.products > 0
    with pytest.raises(ArithmeticError, match="conjugate gradients left .* after 1 steps"):
        rows.Response(students.at, limit=1).forms(A)


def test_errors_are_risk_over_the_floor(students):
    pool = students.at.pool
    test = rows.Moments.of(pool, pool, students.labels)
    residual = students.labels - pool.rows @ test.best
    assert test.floor == pytest.approx(np.square(residual).mean(axis=0))
    best = test.best
    by_moments = [
        np.sum(pool.covariance * students.second_moment_matrix(k))
        - 2 * students.mean[:, k] @ pool.covariance @ best[:, k]
        + best[:, k] @ pool.covariance @ best[:, k]
        for k in range(2)
    ]
    assert students.excess_risks(test) == pytest.approx(by_moments, rel=1e-7)


def test_sign_rows_give_the_gaussian_formula():
    """All signs of sqrt(lam): x'Mx is constant, and (11) is (2) to rounding."""
    lam = np.array([4.0, 2.0, 1.0, 0.5, 0.25, 0.125])
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 6)).reshape(6, -1).T
    pool = rows.Pool(signs * np.sqrt(lam))
    beta = np.arange(1.0, 7) - 3
    problem = kd.Problem(kd.Spectrum(lam), beta)
    for n, ridge in ((2.5, 0.0), (4, 0.0), (9, 2.0)):
        students = rows.Students(rows.solve(pool, n, ridge), pool.rows @ beta, NOISE)
        risk = students.excess_risks(rows.Moments.of(pool, pool, students.labels))
        expected = kd.risk(problem, n, noise_variance=NOISE, ridge=ridge)
        assert risk == pytest.approx([expected], rel=1e-8)
        teachers = rows.Teachers(
            students.at, rows.Moments.of(pool, pool, students.labels), students.response
        )
        optimal = kd.optimal_surrogate(problem, n, ridge=ridge)
        assert teachers.optimal[:, 0] == pytest.approx(optimal, rel=1e-7)
        order = np.argmax(np.abs(pool.principal[1]), axis=0)
        assert teachers.gains == pytest.approx(kd.gains(problem, n, ridge=ridge)[order], rel=1e-7)
        assert list(teachers.blind_mask) == list(kd.optimal_mask(problem, n, ridge=ridge)[order])


# --------------------------------------------------------------------------
# Predictions row by row
# --------------------------------------------------------------------------


def test_scores_are_quadratic_forms(students):
    given = heavy_rows(7, P, key=5)
    found = rows.scores(students, given)
    assert np.allclose(found.means, given @ students.mean)
    for k in range(2):
        for other in range(2):
            matrix = students.covariance(k, other)
            spread = np.einsum("ij,jk,ik->i", given, matrix, given)
            assert np.allclose(found.covariances[:, k, other], spread)
    truth = np.ones((7, 2))
    expected = (1 - found.means) ** 2 + found.deviations**2
    assert np.allclose(found.errors(truth), expected)


def test_unseen_scores_leave_the_row_out():
    """Against a pool without the row, solved anew: what is left is the change of other scales."""
    size = 400
    big = heavy_rows(size, P, key=8)
    labels = labels_of(big, 1)
    students = rows.Students(rows.solve(rows.Pool(big), SAMPLES), labels)
    unseen = rows.unseen_scores(students)
    plain = rows.scores(students, big)
    kinds = {"left out": unseen, "plain": plain}
    gaps = {kind: np.zeros(2) for kind in kinds}
    for i in range(0, size, 50):
        rest = np.arange(size) != i
        # E over the pool without the row: n drops as 1/N does
        alone = rows.solve(rows.Pool(big[rest]), SAMPLES * (size - 1) / size)
        own = rows.scores(rows.Students(alone, labels[rest]), big[[i]])
        for kind, found in kinds.items():
            gaps[kind][0] += abs(found.means[i, 0] - own.means[0, 0])
            gaps[kind][1] += abs(found.deviations[i, 0] - own.deviations[0, 0])
    assert (gaps["left out"] < gaps["plain"] / 2).all()


def test_probabilities_and_two_class_accuracy():
    means, deviations = np.array([[0.2], [0.7], [0.5]]), np.array([0.1, 0.4, 0.0])
    found = rows.Scores(means, (deviations**2)[:, None, None])
    chance = [stats.norm.cdf(-3), stats.norm.cdf(0.5), 0.5]
    assert found.above(0.5)[:, 0] == pytest.approx(chance)
    right = [1 - chance[0], chance[1], chance[2]]
    accuracy = found.two_class_accuracy([False, True, True], 0.5)
    assert accuracy == pytest.approx(np.mean(right))


def test_accuracy_of_many_classes_against_draws():
    """The largest of K scores: 10^5 pseudo-random draws a row, within 4 standard errors."""
    generator = random(11)
    for count in (2, 3, 6):
        k = 40
        means = generator.standard_normal((k, count))
        roots = generator.standard_normal((k, count, count)) / np.sqrt(count)
        found = rows.Scores(means, roots @ roots.transpose(0, 2, 1))
        classes = generator.integers(0, count, k)
        draws = 100_000 // k
        normal = generator.standard_normal((draws, k, count))
        right = (means + np.einsum("dij,ikj->dik", normal, roots)).argmax(axis=2) == classes
        error = np.sqrt((right.mean(0) * (1 - right.mean(0)) / draws).sum()) / k
        # 1,024 quasi-random draws a row, the same ones: less than 0.3 / 1,024^(1/2) on a mean
        quasi = 0.0 if count == 2 else 0.3 / 32
        assert abs(found.accuracy(classes) - right.mean()) < 4 * error + quasi


# --------------------------------------------------------------------------
# Teachers
# --------------------------------------------------------------------------


@pytest.fixture
def teachers(students):
    pool = students.at.pool
    return rows.Teachers(
        students.at, rows.Moments.of(pool, pool, students.labels), students.response
    )


def linear_error(teachers, surrogate):
    """The error of the students of x'surrogate, by (11)."""
    at = teachers.at
    own = rows.Students(at, at.pool.rows @ surrogate, response=teachers.response)
    crossed = np.einsum("ik,ik->k", teachers.test.crossed, own.mean)
    return own.second_moments(teachers.test.covariance) - 2 * crossed + teachers.test.power


def test_linear_teachers_by_their_quadratic_form(teachers):
    surrogate = random(13).standard_normal((P, 2))
    assert teachers.errors(surrogate) == pytest.approx(linear_error(teachers, surrogate), rel=1e-7)
    assert np.linalg.eigvalsh(teachers.form).min() > 0


def test_the_best_linear_surrogate_is_best(teachers):
    best = teachers.errors(teachers.optimal)
    assert (best <= teachers.errors(teachers.test.best)).all()
    for key in range(5):
        step = random(14, key).standard_normal((P, 2))
        above = teachers.errors(teachers.optimal + step) - best
        form = np.einsum("ik,ij,jk->k", step, teachers.form, step)
        assert above == pytest.approx(form, rel=1e-6)  # no linear term: the gradient is zero


def test_the_best_prefix_mask_by_trying_all(teachers):
    errors = [teachers.errors(teachers.masked(np.arange(P) < kept)).sum() for kept in range(P + 1)]
    assert teachers.mask.sum() == int(np.argmin(errors))
    assert np.array_equal(teachers.mask, np.arange(P) < teachers.mask.sum())


def test_gains_minimise_the_error_over_random_signs(teachers):
    """Mean over all signs of beta*'s coefficients: no neighbouring gain is better."""
    _, vectors = teachers.at.pool.principal
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * P)).reshape(P, -1)
    beta, aim = vectors @ signs, teachers.at.learnt @ teachers.test.covariance

    def mean_error(factors):
        taught = vectors @ (factors[:, None] * signs)
        crossed = np.einsum("ik,ij,jk->k", taught, aim, beta)
        return np.mean(np.einsum("ik,ij,jk->k", taught, teachers.form, taught) - 2 * crossed)

    least = mean_error(teachers.gains)
    for i in range(P):
        for step in (-0.02, 0.02):
            moved = teachers.gains.copy()
            moved[i] += step
            assert mean_error(moved) > least


def test_the_best_labels_are_best(teachers):
    at, test = teachers.at, teachers.test
    labels = teachers.optimal_labels()

    def error(values):
        own = rows.Students(at, values, response=teachers.response)
        crossed = np.einsum("ik,ik->k", test.crossed, own.mean)
        return own.second_moments(test.covariance) - 2 * crossed + test.power

    best = error(labels)
    assert (best <= error(at.pool.rows @ teachers.optimal) + 1e-9).all()
    for key in range(5):
        step = 0.1 * random(15, key).standard_normal(labels.shape)
        up, down = error(labels + step), error(labels - step)
        assert (up > best).all()
        assert (down > best).all()
        # the gradient is zero: the two sides rise by the same
        assert up - best == pytest.approx(down - best, rel=1e-4)


def test_students_are_freed_at_once(students):
    """A cycle of references would keep a factorisation of N x N numbers until a collection."""
    copy = rows.Students(students.at, students.labels)
    assert copy.spread.pairs == copy.pairs
    held = weakref.ref(copy.response)
    gc.disable()
    try:
        del copy
        assert held() is None
    finally:
        gc.enable()


def test_rows_of_zeros_with_a_ridge_have_a_correction_that_their_labels_do_not_change() -> None:
    rows = np.random.default_rng(0).standard_normal((40, 4))
    rows[:5] = 0.0
    found = []
    for shift in (0.0, 3.0):
        labels = rows[:, 0] + shift * (np.arange(40) < 5)
        question = kd.Question.of(rows, labels, task="regression", intercept="none")
        found.append(kd.predict(question, 3, "strong", ridges=0.5).parts["strong"]["finite_size"])
    assert np.isfinite(found).all()
    assert found[0] == pytest.approx(found[1])

"""Pools of rows and the solution of (9) on them: shapes, starts, odd rows, bad input."""

import re
import warnings

import numpy as np
import pytest
from row_samples import N, P, heavy_rows, labels_of, random

import kdverify as kd
from kdverify import rows


@pytest.fixture
def features():
    return heavy_rows()


# --------------------------------------------------------------------------
# The solver: starts, ridge, any shape of the pool
# --------------------------------------------------------------------------


def test_warm_starts_give_the_same_solution(features):
    pool = rows.Pool(features)
    cold = rows.solve(pool, 6)
    near = rows.solve(pool, 5.5)
    warm = rows.solve(pool, 6, start=near)
    assert np.abs(np.log(warm.b / cold.b)).max() <= warm.log_error + cold.log_error
    assert warm.evaluations <= cold.evaluations
    again = rows.solve(pool, 6, start=cold)
    assert again.evaluations <= 2
    with pytest.raises(ValueError, match="start must be a solution for the same rows"):
        rows.solve(rows.Pool(features.copy()), 6, start=near)


@pytest.mark.parametrize("n", [0.5, 3, 8, 8.5, 30, 500])
def test_ridge_takes_any_number_of_samples(features, n):
    at = rows.solve(rows.Pool(features), n, ridge=2.0)
    assert at.code is rows.RowCode.CONVERGED
    assert abs(at.trace_gap) < 1e-8
    assert (at.b >= 2.0).all()


def test_ridge_tends_to_the_ridgeless_solution(features):
    pool = rows.Pool(features)
    plain = rows.solve(pool, 4)
    gaps = [np.abs(rows.solve(pool, 4, ridge).M - plain.M).max() for ridge in (1e-3, 1e-5, 1e-7)]
    assert gaps[0] > 50 * gaps[1] > 2500 * gaps[2]


def test_more_columns_than_rows_live_in_the_span():
    wide = heavy_rows(20, 50)
    labels = labels_of(wide, 1)
    pool = rows.Pool(wide)
    assert pool.width == 20
    assert pool.basis.shape == (50, 20)
    assert np.allclose(pool.basis.T @ pool.basis, np.eye(20), atol=1e-10)
    assert np.allclose(pool.rows @ pool.basis.T, wide, atol=1e-10)
    turned = rows.Pool(wide @ pool.basis)
    risks = []
    for each in (pool, turned):
        students = rows.Students(rows.solve(each, 7, ridge=0.5), labels)
        risks.append(students.excess_risks(rows.Moments.of(each, each, students.labels))[0])
    assert risks[0] == pytest.approx(risks[1], rel=1e-8)
    students = rows.Students(rows.solve(pool, 7, ridge=0.5), labels)
    other = heavy_rows(9, 50, key=3)
    assert np.allclose(
        rows.scores(students, other).means, (other @ pool.basis) @ students.mean, atol=1e-12
    )


def test_a_memory_map_in_float32_is_the_array_in_float64(tmp_path, monkeypatch):
    small = heavy_rows(300, 6).astype(np.float32)
    file = np.lib.format.open_memmap(tmp_path / "rows.npy", "w+", np.float32, small.shape)
    file[:] = small
    file.flush()
    labels = labels_of(small.astype(float), 1)
    whole = rows.Students(rows.solve(rows.Pool(small.astype(float)), 3), labels)
    monkeypatch.setattr("kdverify.rows.pool.BLOCK_BYTES", 6 * 8 * 37)  # 37 rows at a time
    pool = rows.Pool(np.load(tmp_path / "rows.npy", mmap_mode="r"))
    assert isinstance(pool.rows, np.memmap)
    assert len(list(pool.blocks())) == 9
    streamed = rows.Students(rows.solve(pool, 3), labels)
    assert streamed.at.M.dtype == np.float64
    assert np.allclose(streamed.at.b, whole.at.b, rtol=1e-9)
    test = [rows.Moments.of(s.at.pool, s.at.pool, labels) for s in (whole, streamed)]
    assert streamed.errors(test[1]) == pytest.approx(whole.errors(test[0]), rel=1e-9)


def test_signed_weights_and_moments(features):
    pool = rows.Pool(features)
    weights = random(7).standard_normal(N)
    expected = features.T @ (features * weights[:, None]) / N
    assert np.allclose(pool.gram(weights), expected, atol=1e-14)
    assert np.allclose(
        pool.gram(np.abs(weights)), features.T @ (features * np.abs(weights)[:, None]) / N
    )


# --------------------------------------------------------------------------
# Rows that teach nothing, or too much of one thing
# --------------------------------------------------------------------------


def test_zero_rows_teach_nothing(features):
    """A pool with zero rows, without ridge, is the pool without them and fewer samples."""
    padded = rows.solve(rows.Pool(np.vstack([features, np.zeros((N, P))])), 6)
    plain = rows.solve(rows.Pool(features), 3)
    assert padded.code is rows.RowCode.CONVERGED
    assert np.allclose(padded.M, plain.M, atol=1e-8)
    assert np.isinf(padded.b[N:]).all()
    assert abs(padded.trace_gap) < 1e-8
    with_ridge = rows.solve(rows.Pool(np.vstack([features, np.zeros((3, P))])), 5, ridge=0.4)
    assert with_ridge.b[N:] == pytest.approx(0.4)
    assert abs(with_ridge.trace_gap) < 1e-8


@pytest.mark.parametrize("dimension", [1, 2])
def test_crowded_rows_are_named(dimension):
    """Half of the rows in V: no solution once n/2 >= dim V (claim 9.existence)."""
    generator = random(9)
    crowded = generator.choice([-1, 1], (N, P)) * generator.uniform(0.5, 1.5, (N, P))
    crowded[: N // 2, dimension:] = 0
    pool = rows.Pool(crowded)
    below = rows.solve(pool, 2 * dimension * 0.8)
    assert below.code is rows.RowCode.CONVERGED
    beyond = rows.solve(pool, 2 * dimension * 1.5)
    assert beyond.code is rows.RowCode.SUBSPACE
    assert set(beyond.crowded) == set(range(N // 2))
    assert "subspace" in beyond.code.value
    assert rows.solve(pool, 2 * dimension * 1.5, ridge=0.1).code is rows.RowCode.CONVERGED


def test_duplicated_rows(features):
    """One row in half of the pool: at most two samples, less the line that it fills."""
    repeated = np.vstack([features, np.tile(features[:1], (N, 1))])
    at = rows.solve(rows.Pool(repeated), 3)
    assert at.code is rows.RowCode.SUBSPACE
    assert set(at.crowded) == {0, *range(N, 2 * N)}


def test_a_step_limit_is_reported(features):
    at = rows.solve(rows.Pool(features), 7, limit=2)
    assert at.code is rows.RowCode.NOT_CONVERGED
    assert at.evaluations == 2


# --------------------------------------------------------------------------
# Measurement
# --------------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 8, 20])
@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_fit_is_least_squares(n, ridge):
    X, y = heavy_rows(n, P, key=17), random(18, n).standard_normal((n, 2))
    inverse = np.linalg.pinv(X) if ridge == 0 else np.linalg.inv(X.T @ X + ridge * np.eye(P)) @ X.T
    assert np.allclose(rows.fit(X, y, ridge), inverse @ y, atol=1e-8)
    dependent = np.vstack([X, X[:1]])
    labels = np.vstack([y, y[:1] + 1])
    direct = (
        np.linalg.pinv(dependent)
        if ridge == 0
        else np.linalg.inv(dependent.T @ dependent + ridge * np.eye(P)) @ dependent.T
    )
    assert np.allclose(rows.fit(dependent, labels, ridge), direct @ labels, atol=1e-7)


def test_measurements_repeat(features):
    question = kd.Question.of(features, labels_of(features), task="regression")
    for draws in (rows.Draws(), rows.Draws(replace=True)):
        options = {"repetitions": 4, "draws": draws}
        first = kd.measure(question, 5, "strong", seed=3, **options).values["risk"]["strong"]
        again = kd.measure(question, 5, ["clean", "strong"], seed=3, **options)
        np.testing.assert_array_equal(first, again.values["risk"]["strong"])
        other = kd.measure(question, 5, "strong", seed=4, **options).values["risk"]["strong"]
        assert not np.array_equal(first, other)


def test_prediction_and_measurement_agree():
    """Excess risk of 1,500 students: within 4 standard errors and 3/(p - n - 1)."""
    pool = rows.Pool(heavy_rows(500, 40, key=21))
    labels = labels_of(pool.rows, 1)
    students = rows.Students(rows.solve(pool, 12), labels)
    test = rows.Moments.of(pool, pool, students.labels)
    options = {"task": "regression", "intercept": "none", "judged": "all"}
    question = kd.Question.of(pool.rows, labels, **options)
    found = kd.measure(question, 12, "strong", repetitions=1500, draws=rows.Draws(replace=True))
    risk, error = found.excess["strong"], found.standard_errors()["excess"]["strong"]
    predicted = students.excess_risks(test)[0]
    assert abs(risk - predicted) < 4 * error + 3 / (40 - 12 - 1) * predicted
    plain = kd.risk(
        kd.Problem(kd.Spectrum.from_covariance(pool.covariance), test.best[:, 0]),
        12,
        noise_variance=test.floor[0],
    )
    assert plain < risk - 5 * error  # (2) is far off


def test_two_stages_on_digits_within_standard_errors():
    """theory: (20, 20) on digits, "is it a 3": 4 standard errors and twice 3/(p - n - 1)."""
    datasets = pytest.importorskip("sklearn.datasets")
    pixels, classes = datasets.load_digits(return_X_y=True)
    pool = rows.Pool((pixels - pixels.mean(axis=0))[:, pixels.std(axis=0) > 0])
    assert pool.width == 61
    labels = (classes == 3) - np.mean(classes == 3)
    at = rows.solve(pool, 20)
    source = rows.Students(at, labels)
    test = rows.Moments.of(pool, pool, source.labels)
    predicted = rows.TwoStages(source, at, source.response).errors(test)[0] - test.floor[0]
    assert predicted == pytest.approx(0.0580, abs=1e-3)
    generator, values = random(23), []
    for _ in range(800):
        first, second = generator.integers(0, pool.size, (2, 20))
        teacher = rows.fit(pool.rows[first], source.labels[first])
        missed = rows.fit(pool.rows[second], pool.rows[second] @ teacher) - test.best
        values.append(np.sum(missed * (pool.covariance @ missed)))
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values) - predicted) < 4 * error + 6 / (61 - 20 - 1) * predicted


# --------------------------------------------------------------------------
# Bad input
# --------------------------------------------------------------------------

GOOD = heavy_rows()
BAD_POOLS = [
    (np.ones(4), "rows of shape (4,) must have shape (N, p)"),
    (np.ones((0, 3)), "rows of shape (0, 3) must have shape (N, p)"),
    (np.where(np.arange(12).reshape(4, 3) == 7, np.nan, 1.0), "row 2, column 1"),
    (np.where(np.arange(12).reshape(4, 3) == 0, np.inf, 1.0), "row 0, column 0"),
]
BAD_SOLVES = [
    ({"n": P}, f"n={P} must be below the rank {P}"),
    ({"n": 2 * P}, f"must be below the rank {P}"),
    ({"n": 0}, "n=0 must"),
    ({"n": np.nan}, "n=nan must"),
    ({"n": 3, "ridge": -1.0}, "ridge=-1.0 must"),
]
BAD_LABELS = [
    (np.ones(N - 1), f"labels of shape ({N - 1},) must have shape ({N},)"),
    (np.ones((N, 0)), "must have shape"),
    (np.full(N, np.nan), "labels must hold finite numbers only"),
]
BAD_MEASURES = [
    ({"n": N}, f"n={N} must be below the number of rows, {N}"),
    ({"n": 2.5}, "n=2.5 must"),
    ({"n": 3, "repetitions": 1}, "repetitions=1 must"),
    ({"n": 3, "draws": True}, "draws=True must be a Draws"),
]


@pytest.mark.parametrize(("features", "message"), BAD_POOLS)
def test_bad_pools(features, message):
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        rows.Pool(features)


@pytest.mark.parametrize(("arguments", "message"), BAD_SOLVES)
def test_bad_solves(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        rows.solve(rows.Pool(GOOD), **arguments)


@pytest.mark.parametrize(("labels", "message"), BAD_LABELS)
def test_bad_labels(labels, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        rows.Students(rows.solve(rows.Pool(GOOD), 3), labels)


@pytest.mark.parametrize(("arguments", "message"), BAD_MEASURES)
def test_bad_measurements(arguments, message):
    question = kd.Question.of(GOOD, GOOD[:, 0], task="regression")
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        kd.measure(question, **arguments)


def test_all_rows_may_be_drawn_where_all_are_judged_and_replace_is_no_text():
    question = kd.Question.of(GOOD, GOOD[:, 0] ** 2, task="regression", judged="all")
    found = kd.measure(question, N, "strong", repetitions=2)
    given = np.column_stack([GOOD, np.ones(N)])
    residual = GOOD[:, 0] ** 2 - given @ np.linalg.lstsq(given, GOOD[:, 0] ** 2, rcond=None)[0]
    np.testing.assert_allclose(found.risk["strong"], np.mean(residual**2))
    with pytest.raises(ValueError, match=f"n={N + 1} must be at most the number of rows, {N}"):
        kd.measure(question, N + 1)
    with pytest.raises(TypeError, match="replace='no' must be True or False"):
        rows.Draws("no")


def test_held_out_rows_need_their_columns_and_a_level_its_intercept():
    question = kd.Question.of(GOOD, GOOD[:, 0], task="regression")
    for bad, message in (
        ((GOOD[:4, 1:], np.ones(4)), f"must have {P} columns"),
        ((GOOD[:4], np.ones(3)), "labels"),
        ((GOOD[:4], np.ones((4, 2))), "labels must have 1 columns, not 2"),
    ):
        with pytest.raises(ValueError, match=message):
            question.judged_on(*bad)
    with pytest.raises(ValueError, match="intercept='fitted' must be 'none' where level is given"):
        kd.Question.of(GOOD, GOOD[:, 0], task="regression", level=[1.0])
    held = question.judged_on(GOOD[:4], np.ones(4))
    with pytest.raises(ValueError, match=f"n={N + 1} must be at most the number of rows, {N}"):
        kd.measure(held, N + 1)
    for by, n in (("gaussian", 5), ("rows", 1), ("rows", 2)):
        with pytest.warns(UserWarning, match="cannot tell"):
            assert np.isnan(kd.predict(held, n, "strong", by=by).risk["strong"])
    with pytest.raises(ValueError, match="groups and judges must go with rows of"):
        kd.predict(held, 5, "strong", groups=4)


def test_bad_scores():
    students = rows.Students(rows.solve(rows.Pool(GOOD), 3), np.ones(N))
    with pytest.raises(ValueError, match=re.escape(f"must have {P} columns")):
        rows.scores(students, np.ones((2, P + 1)))
    found = rows.scores(rows.Students(students.at, np.ones((N, 3))), GOOD[:4])
    with pytest.raises(ValueError, match="classes must be 4 class numbers from 0 to 2"):
        found.accuracy([0, 1, 2, 3])
    with pytest.raises(ValueError, match="classes must be 4 class numbers"):
        found.accuracy([0, 1])


def test_a_constant_label_is_learnt_as_any_other():
    """Not centred here: a constant is a label like others, without warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        students = rows.Students(rows.solve(rows.Pool(GOOD), 3), np.ones(N))
        test = rows.Moments.of(students.at.pool, students.at.pool, students.labels)
        assert np.isfinite(students.excess_risks(test)).all()
        zero = rows.Students(students.at, np.zeros(N))
        assert zero.second_moments(np.eye(P)) == pytest.approx([0.0], abs=1e-15)

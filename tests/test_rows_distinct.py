"""Samples that take rows of a pool at most once, by `kdverify.predict`."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify import rows
from kdverify.seeds import stream

N, P = 160, 50


def asked(judged: str = "unseen", outputs: int = 1, **options) -> kd.Question:
    generator = stream(0, "rows of a small pool")
    X = rows.made_up.relu_features(generator, N, P)
    y = X @ generator.standard_normal((P, outputs)) / 5 + generator.standard_normal((N, outputs))
    return kd.Question.of(X, y, task="regression", judged=judged, **options)


@pytest.mark.parametrize("judged", ["unseen", "all"])
@pytest.mark.parametrize("intercept", ["fitted", "none"])
def test_half_of_a_pool_with_a_ridge(judged, intercept):
    """Within 1 %, where independent draws are several per cent off: strong labels and trained."""
    question = asked(judged, 2, intercept=intercept)
    ridge = 0.3 * float(np.trace(question.pool.covariance))
    trained = kd.teachers.Trained(60, ridge=ridge)
    teachers = ["strong", trained] if judged == "all" else ["strong"]
    found = kd.measure(question, 80, teachers, ridges=ridge, repetitions=900)
    ours, others = (
        kd.predict(question, 80, teachers, ridges=ridge, **kind)
        for kind in ({}, {"distinct": False})
    )
    for name in ours.risk:
        mean, error = found.risk[name], found.standard_errors()["risk"][name]
        # a surrogate's rows are none of the student's where they are measured: 2 %
        band = (0.01 if name == "strong" else 0.02) * mean + 3 * error
        assert abs(ours.risk[name] - mean) < band
        assert others.risk[name] - mean > 0.02 * mean + 3 * error


def test_without_a_ridge_nothing_changes():
    question = asked()
    ours, others = (
        kd.predict(question, [10, 30], ["strong", "best"], ridges=0.0, distinct=distinct)
        for distinct in (True, False)
    )
    for name in ("strong", "best"):
        np.testing.assert_allclose(ours.risk[name], others.risk[name], rtol=1e-6)


def test_draws_that_repeat_others_are_worth_less():
    """Without a ridge n draws with replacement are N (1 - (1 - 1/N)^n) different rows."""
    question = asked("all")
    count = 40
    drawn = kd.measure(question, count, "strong", repetitions=900, draws=rows.Draws(replace=True))
    mean, error = drawn.risk["strong"], drawn.standard_errors()["risk"]["strong"]
    different = N * (1 - (1 - 1 / N) ** count)
    assert different < 36
    band = 4 * error
    near, plain = (
        kd.measure(question, k, "strong", repetitions=900, seed=1).risk["strong"]
        for k in (round(different), count)
    )
    assert abs(near - mean) < 2 * band
    assert abs(plain - mean) > 2 * band


def test_a_vanishing_share_is_a_population():
    question = asked()
    pool, ridge = question.pool, 2.0
    plain = rows.solve(pool, 20, ridge)
    few = rows.solve(pool, 20, ridge, taken=1e-9)
    np.testing.assert_allclose(few.b, plain.b, rtol=1e-7)
    np.testing.assert_allclose(few.slope, 1.0, rtol=1e-7)
    assert plain.slope is None
    assert few.log_error == pytest.approx(plain.log_error, rel=1e-3, abs=1e-9)
    half = rows.solve(pool, 20, ridge, taken=0.5)
    assert half.slope.max() < 1
    assert half.slope.mean() < 0.97
    assert half.log_error < 1e-8
    # both ways of solving (10): factored, and by conjugate gradients
    direct, steps = rows.Response(half, columns=100), rows.Response(half)
    steps._direct_is_cheaper = lambda columns: False
    A = pool.covariance
    np.testing.assert_allclose(direct.forms(A), steps.forms(A), rtol=1e-7)


def test_what_is_not_known():
    question = asked()
    for n in (160, 200):  # there are no more different rows: independent draws
        kind = {"ridges": 1.0, "finite_size": False}
        ours, others = (
            kd.predict(question, n, "strong", distinct=distinct, **kind).risk["strong"]
            for distinct in (True, False)
        )
        assert ours == others
    with pytest.raises(TypeError, match="distinct='yes' must be True or False"):
        kd.predict(question, 20, "strong", ridges=1.0, distinct="yes")
    for taken, message in ((-0.1, "taken=-0.1 must"), (1.0, "taken=1.0 must be below the whole")):
        with pytest.raises(ValueError, match=message):
            rows.solve(question.pool, 20, 1.0, taken=taken)
    weighted = question.pool.reweighted(np.linspace(0.5, 1.5, N))
    with pytest.raises(ValueError, match="different rows are drawn alike"):
        rows.solve(weighted, 20, 1.0, taken=0.2)
    at = rows.solve(question.pool, 20, 1.0, taken=0.2)
    students = rows.Students(at, question.labels)
    with pytest.raises(ValueError, match="taken must be 0"):
        rows.Correction(at)
    with pytest.raises(ValueError, match="taken must be 0"):
        rows.crossed_second_moments(students, students, 5, question.pool.covariance)


def test_rows_of_zeros_and_rows_with_weights():
    """A row of zeros teaches nothing; weighted rows are draws from a population."""
    generator = stream(0, "rows with zeros")
    X = np.vstack([np.zeros((3, 8)), generator.standard_normal((37, 8))])
    y = np.append(np.ones(3), X[3:, 0])
    question = kd.Question.of(X, y, task="regression", intercept="none", judged="all")
    for ridge, n in ((0.0, 4), (0.5, 20)):
        told = kd.predict(question, n, "strong", ridges=ridge, distinct=True, finite_size=False)
        found = kd.measure(question, n, "strong", ridges=ridge, repetitions=400)
        error = found.standard_errors()["risk"]["strong"]
        band = found.risk["strong"] / 4 if ridge == 0 else 0.02 * found.risk["strong"]
        assert abs(told.risk["strong"] - found.risk["strong"]) < 4 * error + band
    weighted = kd.Question.of(X, y, task="regression", weights=np.linspace(0.5, 1.5, 40))
    found = kd.features.analyse(weighted, [20], ridge=0.5, repetitions=0, teachers="strong")
    plain = kd.predict(weighted, 20, "strong", ridges=0.5)
    assert found.predictions["rows"].risk["strong"][0] == pytest.approx(plain.risk["strong"])

"""Students of surrogates that are trained themselves: predicted and measured by one door."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify.seeds import stream
from kdverify.teachers import Classroom, Trained

N, P, M, n = 900, 24, 10, 12
KINDS = ("all", "blind-mask", "gains")


def rows_and_labels(outputs: int = 1) -> tuple[np.ndarray, np.ndarray]:
    generator = stream(0, "rows of trained surrogates", outputs)
    rows = generator.standard_normal((N, P)) * np.arange(1, P + 1) ** -0.6 + 1.0
    coefficients = generator.standard_normal((P, outputs))
    return rows, rows @ coefficients + 0.5 * generator.standard_normal((N, outputs))


@pytest.mark.parametrize("by", ["rows", "gaussian"])
@pytest.mark.parametrize("intercept", ["fitted", "known"])
def test_students_of_trained_surrogates_are_predicted(by, intercept):
    """Rows: within 3 %, corrected; the Gaussian formula: within 1/(p - n - 1) for each stage."""
    question = kd.Question.of(*rows_and_labels(2), intercept=intercept)
    asked = [Trained(M, kind, by=by) for kind in KINDS]
    predicted = kd.predict(question, n, asked, by=by)
    measured = kd.measure(question, n, asked, repetitions=400)
    band = 0.03 if by == "rows" else 1 / (P - n - 1) + 1 / (P - M - 1)
    for one in asked:
        error = measured.standard_errors()["excess"][one.name]
        wanted = predicted.excess[one.name]
        assert abs(measured.excess[one.name] - wanted) <= band * wanted + 4 * error, one.name
    risks = [measured.excess[one.name] for one in asked]
    assert min(risks[1:]) < 0.99 * risks[0]  # what the modes are multiplied by does count


@pytest.mark.parametrize("kind", ["all", "gains"])
def test_accuracy_of_students_of_trained_surrogates(kind):
    """Five classes, two or three samples each: within a point on rows beside the pool."""
    X, _ = rows_and_labels()
    generator = stream(0, "classes of trained surrogates")
    outputs = X @ generator.standard_normal((P, 5)) + generator.standard_normal((N, 5))
    classes, one = outputs.argmax(axis=1), Trained(M, kind)
    own = kd.Question.of(X[:600], classes[:600], task="classes")
    question = own.judged_on(X[600:], classes[600:])
    predicted = kd.predict(question, n, [one, "strong"], accuracy="all", laws=True)
    measured = kd.measure(question, n, one, repetitions=1500)
    mean = measured.accuracy[one.name]
    band = 0.01 + 3 * measured.standard_errors()["accuracy"][one.name]
    assert abs(predicted.accuracy[one.name] - mean) < band
    assert abs(predicted.accuracy["strong"] - mean) > band  # the control: other labels
    assert np.isnan(kd.predict(question, n, one).accuracy[one.name])  # not asked
    # the law has the risk, before finite n and m
    (law,), plain = predicted.laws[one.name], {"finite_size": False, "accuracy": "all"}
    risk = kd.predict(question, n, one, **plain).risk[one.name]
    assert question.held_out is not None
    assert law.errors(question.held_out.labels).mean(axis=0).sum() == pytest.approx(risk)


@pytest.mark.parametrize(
    ("size", "m", "seen", "ridge"), [(300, 60, 40, 2.0), (120, 40, 60, 1.0), (300, 60, 40, 0.0)]
)
@pytest.mark.parametrize("kind", ["all", "gains"])
def test_rows_that_are_judged_are_left_out_of_both_stages(kind, size, m, seen, ridge):
    """24 columns: within 2 %; with each row in the pool it is 5 to 23 % too low."""
    X, y = rows_and_labels(2)
    question = kd.Question.of(X[:size], y[:size], task="regression")
    one = Trained(m, kind, ridge=ridge)
    predicted = kd.predict(question, seen, one, ridges=ridge)
    measured = kd.measure(question, seen, one, ridges=ridge, repetitions=1500)
    errors = measured.standard_errors()
    for told, found, error in (
        (predicted.risk, measured.risk, errors["risk"]),
        (predicted.excess, measured.excess, errors["excess"]),
    ):
        off = told[one.name] / found[one.name] - 1
        spread = error[one.name] / found[one.name]
        assert abs(off) <= 0.02 + 3 * spread
        optimism = predicted.parts[one.name]["optimism"] / found[one.name]
        assert off - optimism < -0.03 - 2 * spread  # the control: none left out
    together = kd.Question.of(X[:size], y[:size], task="regression", judged="all")
    plain = {"ridges": ridge, "finite_size": False}
    both = [kd.predict(asked, seen, one, **plain) for asked in (question, together)]
    gap = both[0].excess[one.name] - both[1].excess[one.name]
    assert gap == pytest.approx(both[0].parts[one.name]["optimism"], rel=1e-6)
    assert "optimism" not in both[1].parts[one.name] or np.isnan(
        both[1].parts[one.name]["optimism"]
    )


def test_accuracy_on_the_pools_own_rows_that_neither_stage_has_seen():
    """Five classes, 40 and 60 of 300 rows: within half a point, nearer than on the rows seen."""
    X, _ = rows_and_labels()
    generator = stream(0, "classes of trained surrogates")
    outputs = X @ generator.standard_normal((P, 5)) + generator.standard_normal((N, 5))
    X, classes, one = X[:300], outputs.argmax(axis=1)[:300], Trained(60, ridge=2.0)
    own = kd.Question.of(X, classes, task="classes")
    measured = kd.measure(own, 40, one, ridges=2.0, repetitions=1500)
    mean = measured.accuracy[one.name]
    error = measured.standard_errors()["accuracy"][one.name]
    kind = {"ridges": 2.0, "accuracy": "all"}
    unseen, seen = (
        kd.predict(asked, 40, one, **kind).accuracy[one.name]
        for asked in (own, own.judged_on(X, classes))
    )
    assert abs(unseen - mean) < 0.005 + 3 * error
    assert abs(seen - mean) > abs(unseen - mean) + 2 * error  # the control


@pytest.mark.parametrize(("by", "error"), [("rows", 0.15), ("gaussian", 0.15), ("features", 0)])
@pytest.mark.parametrize("intercept", ["fitted", "known"])
def test_factors_are_those_of_the_rows_own_modes(by, error, intercept):
    """A constant column has none; a fitted intercept costs a sample, to 1 / n; low rank."""
    X, y = rows_and_labels()
    question = kd.Question.of(np.column_stack([X, X[:, 0] + X[:, 1]]), y, intercept=intercept)
    values, vectors = np.linalg.eigh(question.pool.covariance)
    spectrum, seen = kd.Spectrum(values[:0:-1]), n - (intercept == "fitted")
    by, options, wanted = (
        ("random-features", {"features": 90}, kd.random_features.gains(spectrum, seen, 90))
        if by == "features"
        else (by, {}, kd.gains(spectrum, seen))
    )
    one, lesson = Trained(M, "gains", by=by), Classroom(question, {by: options}).lesson(n, 0.0)
    factors = one.factors(lesson)
    np.testing.assert_allclose(factors, wanted, rtol=error + 1e-10)
    turn = one.turn(lesson) @ vectors
    np.testing.assert_allclose(turn[:, :0:-1], vectors[:, :0:-1] * factors, atol=1e-10)
    np.testing.assert_allclose(turn[:, 0], 0.0, atol=1e-10)
    if by != "random-features":
        risks = [kd.predict(question, n, one, by=b).excess[one.name] for b in ("rows", "gaussian")]
        assert abs(risks[1] / risks[0] - 1) < 0.2


def test_factors_at_one_row():
    """The student of one row has its label alone, whatever a teacher does to its modes."""
    question = kd.Question.of(*rows_and_labels(), intercept="fitted")
    factors = Trained(M, "gains").factors(Classroom(question).lesson(1, 0.0))
    np.testing.assert_array_equal(factors, np.ones(P))


@pytest.mark.parametrize("intercept", ["fitted", "none"])
@pytest.mark.parametrize("judged", ["unseen", "all"])
def test_measured_as_a_plain_script_would(intercept, judged):
    """Rows, students and judges of one repetition, step by step with NumPy alone."""
    X, y = rows_and_labels()
    question = kd.Question.of(X, y, intercept=intercept, judged=judged)
    one = Trained(M, ridge=0.3)
    found = kd.measure(question, n, one, ridges=0.2, repetitions=2, seed=5)
    centre = X.mean(axis=0) if intercept == "fitted" else 0.0
    level = y.mean() if intercept == "fitted" else 0.0
    R, t = X - centre, y[:, 0] - level
    for repetition in range(2):
        order = stream(5, "training rows", n, repetition).permutation(N)
        first, second = order[n : n + M], order[:n]
        rest = order if judged == "all" else order[n + M :]

        def fit(rows, labels, ridge):
            mean, shift = (rows.mean(axis=0), labels.mean()) if intercept == "fitted" else (0, 0)
            moved = rows - mean
            slope = np.linalg.solve(moved.T @ moved + ridge * np.eye(P), moved.T @ (labels - shift))
            return slope, shift - mean @ slope if intercept == "fitted" else 0.0

        surrogate, constant = fit(R[first], t[first], 0.3)
        slope, own = fit(R[second], R[second] @ surrogate + constant, 0.2)
        errors = np.square(t[rest] - R[rest] @ slope - own)
        assert found.values["risk"][one.name][repetition] == pytest.approx(errors.mean(), rel=1e-9)


def test_a_turned_surrogate_labels_as_its_turned_coefficients_do():
    """A surrogate and its student by NumPy, the surrogate turned by hand."""
    X, y = rows_and_labels()
    question = kd.Question.of(X, y, intercept="none")
    found = kd.measure(question, n, Trained(M, "gains"), repetitions=2, seed=3)
    _, vectors = np.linalg.eigh(X.T @ X / N)
    vectors = vectors[:, ::-1]
    gains = Classroom(question).lesson(n, 0.0).by("rows").gains()
    for repetition in range(2):
        order = stream(3, "training rows", n, repetition).permutation(N)
        first, second = order[n : n + M], order[:n]
        surrogate = np.linalg.lstsq(X[first], y[first], rcond=None)[0]
        turned = (vectors * gains) @ vectors.T @ surrogate
        student = np.linalg.lstsq(X[second], X[second] @ turned, rcond=None)[0]
        missed = y[order[n + M :]] - X[order[n + M :]] @ student
        risk = found.values["risk"][f"trained-{M}-gains"][repetition]
        assert risk == pytest.approx(np.square(missed).mean(), rel=1e-8)


def test_other_teachers_do_not_notice():
    question = kd.Question.of(*rows_and_labels())
    alone = kd.measure(question, n, "strong", repetitions=3)
    beside = kd.measure(question, n, ["strong", Trained(M)], repetitions=3)
    assert (alone.values["risk"]["strong"] == beside.values["risk"]["strong"]).all()
    assert kd.predict(question, n, "strong").excess == {
        "strong": kd.predict(question, n, ["strong", Trained(M)]).excess["strong"]
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"m": 0}, "m=0 must be"),
        ({"m": 3, "modes": "some"}, "modes='some' must be one of all, blind-mask, gains"),
        ({"m": 3, "ridge": -1.0}, "ridge=-1"),
    ],
)
def test_bad_surrogates(arguments, message):
    with pytest.raises(ValueError, match=message):
        Trained(**arguments)


def test_what_cannot_be_told():
    X, y = rows_and_labels()
    question = kd.Question.of(X, y)
    with pytest.raises(ValueError, match="m \\+ n = 900 must be below the number of rows, 900"):
        kd.measure(question, 300, Trained(600))
    with pytest.warns(UserWarning, match="take 3 samples at least"):
        assert np.isnan(kd.predict(question, n, Trained(2)).excess["trained-2"])
    with pytest.warns(UserWarning, match="has trained surrogates"):
        kd.predict(question, n, Trained(5), by="random-features", features=9)
    with pytest.raises(TypeError, match="labels for a drawn set only"):
        Trained(5).labels(None)


def test_names_of_surrogates():
    question = kd.Question.of(*rows_and_labels())
    found = kd.predict(question, n, ["trained-10", "trained-10-gains", "trained-7-blind-mask"])
    assert found.teachers == (Trained(10), Trained(10, "gains"), Trained(7, "blind-mask"))
    assert [one.caption for one in found.teachers][1] == "trained on 10 rows, gains"
    with pytest.raises(ValueError, match="teacher='trained-x' must be one of strong, .*trained-M"):
        kd.predict(question, n, "trained-x")

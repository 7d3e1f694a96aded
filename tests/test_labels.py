"""Labels that one does not have: exact pieces by their definitions, forecasts by students."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from label_samples import curve_of, made

from experiments import teacher_worth
from kdverify import Question, labels
from kdverify.labels.classes import Classes
from kdverify.labels.drawn import DrawnSet, Sample
from kdverify.labels.likelihood import SHARES, Evidence
from kdverify.labels.path import Decomposition, leave_one_out
from kdverify.labels.setting import Setting
from kdverify.labels.worth import WEIGHTS, _Kernels


def setting_of(rows, values, known, intercept=True):
    """Numbers of the rows ``known``."""
    given, kind = np.full(values.shape, np.nan), "fitted" if intercept else "none"
    given[known] = values[known]
    return Setting.of(Question.of(rows, given, task="regression", intercept=kind))


def student(rows, values, ridge, intercept, weights=None):
    """Coefficients and constant by the normal equations; the pseudo-inverse without ridge."""
    weights = np.ones(len(rows)) if weights is None else weights
    centre = weights @ rows / weights.sum() * intercept
    level = weights @ values / weights.sum() * intercept
    centred = (rows - centre) * np.sqrt(weights)[:, None]
    gram = centred.T @ centred + ridge * np.eye(rows.shape[1])
    target = centred.T @ ((values - level) * np.sqrt(weights)[:, None])
    found = np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ target
    return found, level - centre @ found


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("n", [12, 19, 45])
def test_leave_one_out_is_that_of_students_of_the_others(n, intercept):
    rows, values, _ = made(n, 20, 5, columns=2)
    ridges = np.array([0.0, 0.1, 3.0])
    found = leave_one_out(rows, values, ridges, intercept)
    for k, ridge in enumerate(ridges):
        for row in (0, n - 1):
            others = np.delete(np.arange(n), row)
            beta, level = student(rows[others], values[others], ridge, intercept)
            expected = values[row] - rows[row] @ beta - level
            np.testing.assert_allclose(found[k, row], expected, rtol=1e-6, atol=1e-8)


def test_leave_one_out_where_some_rows_come_twice():
    rows, values, _ = made(12, 20, 5)
    rows[1] = rows[0]  # the others have leverage 1 without ridge
    found = leave_one_out(rows, values, np.array([0.0]), True)[0]
    for row in (0, 5):
        others = np.delete(np.arange(12), row)
        beta, level = student(rows[others], values[others], 0.0, True)
        expected = values[row] - rows[row] @ beta - level
        np.testing.assert_allclose(found[row], expected, rtol=1e-5)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("n", [10, 35])
def test_risk_of_a_drawn_set_is_exact(n, intercept):
    rows, _, _ = made(60, 20, 5)
    sample, ridges = Sample.of(rows, intercept), np.array([0.0, 0.1, 3.0])
    one = DrawnSet.of(sample, n, np.random.default_rng(1))
    signals = np.random.default_rng(2).standard_normal((sample.rank, 4))
    (biases, products), weights = one.forms(ridges, signals, 2), one.noise_weights(ridges)
    unseen = np.setdiff1d(np.arange(60), one.numbers)
    drawn = sample.rows[one.numbers]
    for k, ridge in enumerate(ridges):
        beta, level = student(drawn, drawn @ signals, ridge, intercept)
        errors = np.square(sample.rows[unseen] @ (beta - signals) + level).mean(axis=0)
        np.testing.assert_allclose(biases[k], errors.reshape(2, 2).sum(1), rtol=1e-7, atol=1e-12)
        seen = sample.rows[unseen] - one.centre
        product = ((seen @ beta) * (seen @ signals)).mean(axis=0)
        np.testing.assert_allclose(products[k], product.reshape(2, 2).sum(1), rtol=1e-7)
        pure, levels = student(drawn, np.eye(n), ridge, intercept)
        noise = 1 + np.square(sample.rows[unseen] @ pure + levels).sum(axis=1).mean()
        assert weights[k] == pytest.approx(noise, rel=1e-9)


def test_log_evidence_is_that_of_the_normal_law():
    rows, values, known = made(200, 15, 25)
    setting = setting_of(rows, values, known)
    found = Evidence.of(setting.rows, setting.sample.values, setting.columns, True)
    whitened = found.rows / np.sqrt(setting.sample.values)
    basis = np.linalg.qr(np.column_stack([np.ones(25), np.eye(25)[:, 1:]]))[0][:, 1:]
    logs = []
    for q, share in ((3, 5), (8, 14)):
        rho = SHARES[share]
        law = rho * (whitened * found.shapes[q]) @ whitened.T + (1 - rho) * np.eye(25)
        law = basis.T @ law @ basis  # labels without their mean
        inside = basis.T @ setting.columns[:, 0]
        form = inside @ np.linalg.solve(law, inside)
        logs.append(-0.5 * (np.linalg.slogdet(law)[1] + 24 * np.log(form)))
        assert found.forms[0, q, share] == pytest.approx(form, rel=1e-9)
    assert found.log[0, 3, 5] - found.log[0, 8, 14] == pytest.approx(logs[0] - logs[1], rel=1e-9)


def test_posterior_draws_have_the_moments_of_the_posterior():
    rows, values, known = made(200, 8, 40)
    setting = setting_of(rows, values, known)
    found = Evidence.of(setting.rows, setting.sample.values, setting.columns, True)
    rng = np.random.default_rng(3)
    same = np.zeros(4000, dtype=int)
    signals = found.signals(6, same, same + 15, np.ones(4000), rng)[..., 0].T
    rho, lam = SHARES[15], setting.sample.values
    prior = np.diag(rho * found.shapes[6] / lam)
    gram = found.rows @ prior @ found.rows.T + (1 - rho) * np.eye(40)
    mean = prior @ found.rows.T @ np.linalg.solve(gram, found.labels[:, 0, 0])
    error = signals.std(axis=0) / np.sqrt(4000)
    assert (np.abs(signals.mean(axis=0) - mean) < 4.5 * error).all()
    law = prior - prior @ found.rows.T @ np.linalg.solve(gram, found.rows @ prior)
    # a variance of 4000 normal draws has a relative standard error of 1/sqrt(2000)
    np.testing.assert_allclose(signals.var(axis=0), np.diag(law), rtol=4.5 / np.sqrt(2000))


def test_contrasts_keep_squared_errors():
    one_hot = np.eye(4)[np.random.default_rng(0).integers(0, 4, 50)]
    classes = Classes.of(one_hot)
    columns = (one_hot - classes.shares) @ classes.contrasts
    np.testing.assert_allclose(
        np.square(columns).sum(1), np.square(one_hot - classes.shares).sum(1)
    )
    np.testing.assert_allclose(classes.scores(columns), one_hot, atol=1e-12)


def test_accuracies_follow_outputs_that_are_moved_as_the_linear_theory_says():
    """Three classes, normal rows: students of 60 and 240 labels, trained, beside the forecast."""
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((4000, 30)) * np.arange(1, 31) ** -0.5
    classes = (rows[:, :3] + 0.4 * rng.standard_normal((4000, 3))).argmax(axis=1)
    known = rng.permutation(4000)[:400]
    setting = labels.ask(rows, (known, np.array(["a", "b", "c"])[classes[known]]))
    curve = labels.learning_curve(setting, [400, 1600], ("best", "min-norm"))
    for point in curve.points:
        right = []
        for _ in range(6):
            order = rng.permutation(4000)
            drawn, others = order[: point.n], order[point.n :]
            beta, level = student(rows[drawn], np.eye(3)[classes[drawn]], point.ridge, True)
            right.append(((rows[others] @ beta + level).argmax(1) == classes[others]).mean())
        truth = np.mean(right)
        # the share that 400 labels measure has this standard error, and that of six students less
        error = np.sqrt(truth * (1 - truth) / 400)
        assert abs(point.accuracy - truth) < 3 * error, point
        assert point.accuracy_high - point.accuracy_low > 2 * error


@pytest.mark.parametrize("intercept", [True, False])
def test_students_of_teachers_and_labels_are_those_of_the_weighted_problem(intercept):
    rows, values, known = made(120, 12, 30, columns=2)
    taught = values * 0.8 + 0.1
    setting = setting_of(rows, values, known, intercept)
    ridges, part = setting.ridges()[[2, 6]], np.arange(4)
    rest = np.arange(4, 30)
    kernels = _Kernels(setting, ridges)
    found = kernels.fold(taught, rest, part)
    for i, weight in enumerate(WEIGHTS):
        for k, ridge in enumerate(kernels.scaled):
            weights, targets = np.ones(120), taught.copy()
            weights[known] = 0.0
            weights[known[rest]], targets[known[rest]] = weight, values[known[rest]]
            coordinates = setting.sample.rows
            beta, level = student(coordinates, targets, ridge, intercept, weights)
            expected = values[known[part]] - coordinates[known[part]] @ beta - level
            np.testing.assert_allclose(found[i, k], expected, rtol=1e-7, atol=1e-9)


@pytest.fixture(scope="module")
def numbers():
    """A forecast from 100 of 1,500 rows, and its truth from students of all labels."""
    rows, values, known = made(1500, 60, 100, noise=1.0, seed=4)
    given = np.full(1500, np.nan)
    given[known] = values[known, 0]
    setting = labels.ask(rows, given, task="regression")
    curve = labels.learning_curve(setting, [200, 400, 1000], ("best", "min-norm"), seed=1)
    return rows, values, setting, curve


def test_the_forecast_is_near_what_students_do(numbers):
    rows, values, setting, curve = numbers
    ridges = setting.ridges()
    rng = np.random.default_rng(5)
    for n in (200, 1000):
        risks = np.zeros(len(ridges))
        for _ in range(20):
            order = rng.permutation(len(rows))
            drawn, others = order[:n], order[n:]
            centre, level = rows[drawn].mean(0), values[drawn].mean(0)
            found = Decomposition.of(rows[drawn] - centre)
            inside = found.projected(values[drawn] - level)
            seen = (rows[others] - centre) @ found.right
            for k, ridge in enumerate(ridges):
                gap = values[others] - seen @ found.coefficients(inside, ridge) - level
                risks[k] += np.square(gap).mean() / 20
        points = {p.student: p for p in curve.points if p.n == n}
        # the level that 100 labels measure has a standard error of 14 %: three of them
        for truth, point in ((risks.min(), points["best"]), (risks[0], points["min-norm"])):
            assert abs(np.log(point.risk / truth)) < 3 * np.hypot(curve.level_error, 0.02)
            assert point.risk_low < point.risk < point.risk_high


def test_more_labels_never_hurt_the_best_ridge_and_targets_are_inverted(numbers):
    curve = numbers[-1]
    points = curve.of("best")
    assert all(a.risk > b.risk for a, b in pairwise(points))
    needed = curve.needed("risk", points[2].risk)
    assert needed.labels == pytest.approx(points[2].n)
    assert needed.low < needed.labels
    assert needed.high is None or needed.high > needed.labels
    beyond = curve.needed("risk", 1e-6)
    assert (beyond.labels, beyond.reached) == (None, points[-1].n)
    assert str(beyond) == f"risk 1e-06 needs more than {points[-1].n} labels"
    with pytest.raises(ValueError, match=r"target_accuracy=90.0 must be at most 1.* .all."):
        curve.needed("accuracy", 90.0)  # in per cent
    with pytest.raises(ValueError, match="target_accuracy must go with classes"):
        curve.needed("accuracy", 0.5)


def test_results_depend_on_the_seed_alone(numbers):
    _, _, setting, curve = numbers
    again = labels.learning_curve(setting, [200, 400, 1000], ("best", "min-norm"), seed=1)
    assert again.points == curve.points
    other = labels.learning_curve(setting, [200], seed=2)
    assert other.points[0].risk != curve.points[0].risk


def test_beyond_the_rows_is_a_prediction_that_says_so(numbers):
    curve = labels.learning_curve(numbers[2], [1000, 5000], draws=4)
    far, near = curve.points[-1], curve.points[-2]
    assert far.extrapolated
    assert not near.extrapolated
    assert 0 < far.risk < near.risk
    assert any("extrapolated" in caution for caution in curve.cautions)


# ------------------------------------------------------------------------- teachers


def test_a_perfect_teacher_is_worth_more_than_the_labels_and_a_poor_one_less(numbers):
    _, values, setting, _ = numbers
    asked = [*labels.below(setting.count), 200, 400, 1000]
    curve = labels.learning_curve(setting, asked, draws=8)
    measured = setting.measured(setting.ridges())
    rng = np.random.default_rng(0)
    good = labels.worth(
        "good", setting, curve, values + 0.1 * rng.standard_normal(values.shape), measured
    )
    poor = labels.worth("poor", setting, curve, rng.standard_normal(values.shape), measured)
    assert good.labels is None or good.labels > 300
    assert good.alone.risk < good.free.risk
    assert poor.labels is not None
    assert poor.labels < 60
    assert labels.verdict(curve, [good]).choice in ("use the teacher", "mix both")
    assert labels.verdict(curve, [poor]).choice not in ("use the teacher", "mix both")
    assert poor.mix.weight >= 10


def test_the_true_worth_of_a_teacher_is_where_its_students_meet_the_curve():
    """Ten directions, noise of variance 9: 112 labels have the teacher's excess risk of 0.9."""
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((1500, 10))
    y = (rows @ np.ones(10) + 3 * rng.standard_normal(1500))[:, None]
    teacher = (rows @ (1 + np.sqrt(0.9) * np.eye(10)[0]))[:, None]
    # 1,500 labels measure it to 2 * 3 * sqrt(0.9/1500) = 0.15; least squares has 90/(n - 12)
    assert 12 + 90 / 1.35 < teacher_worth.true_worth(rows, y, teacher, 40) < 12 + 90 / 0.45
    record = {"true": np.inf, "low": 50.0, "high": None, "reach": 400}
    assert teacher_worth.holds(record)
    assert not teacher_worth.holds(record | {"high": 300.0})
    assert not teacher_worth.holds({"true": 90.0, "low": None, "high": None, "reach": 400})


def test_a_teacher_of_the_labels_themselves_never_sees_the_label_that_judges_it(numbers):
    rows, _, setting, _ = numbers
    seen = []

    def teacher(rest):
        seen.append(len(rest))
        return np.zeros((len(rows), 1))

    curve = labels.learning_curve(setting, [50, 200], draws=4)
    labels.worth("own", setting, curve, teacher, setting.measured(setting.ridges()))
    assert seen == [90] * 10


def test_what_is_measured_has_an_error_of_its_own_and_changes_start_at_a_number():
    """50 labels of rank 49 with an intercept: no mean risk without ridge where the curve starts."""
    rows, values, known = made(400, 49, 50, noise=2.0)
    curve = curve_of(rows, values, known, n=[100], students=("best", "min-norm"))
    best, free = curve.now
    assert abs(np.log(free.error / free.risk / best.error * best.risk)) > 0.05
    start, later = (one for one in curve.points if one.student == "min-norm")
    assert "within one row of the rank" in start.reasons[0]
    assert later.risk is not None
    assert later.change is None
    for one, reason in (("min-norm", "the best ridge was not"), ("best", "no more labels than")):
        assert reason in labels.verdict(curve_of(rows, values, known, n=[10], students=one)).reason


@pytest.mark.parametrize(("n", "named"), [([120, 240], True), (list(range(100, 180, 10)), False)])
def test_the_plot_names_every_n_where_they_are_few(n, named):
    from kdverify.report import labels_report

    rows, values, known = made()
    given = np.full(len(rows), np.nan)
    given[known] = values[known, 0]
    setting = labels.ask(rows, given, task="regression")
    curve = labels.learning_curve(setting, n=n, draws=3)
    (axes,) = labels_report.figure(curve, setting, "made up").axes
    told = {point.n for point in curve.points}
    assert {60, *n} <= told
    assert (told <= set(axes.get_xticks())) == named

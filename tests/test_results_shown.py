"""Results in notebooks: a short line, a table, a data frame; a seed or a generator."""

from __future__ import annotations

import html.parser
import sys
from fractions import Fraction

import numpy as np
import pytest

import kdverify as kd
from kdverify import estimators, labels, scaling, simulation, stages, tables
from kdverify.gaussian import best_ridge
from kdverify.shown import MOST_ROWS
from kdverify.training import Stage

PROBLEM = kd.Problem.power_law(p=60, alpha=2, beta=1.5)


def question():
    generator = np.random.default_rng(0)
    X = generator.standard_normal((120, 6))
    return kd.Question.of(X, (X[:, 0] + 0.5 * generator.standard_normal(120) > 0).astype(int))


def label_curve(**seeded):
    generator = np.random.default_rng(1)
    X = generator.standard_normal((200, 30)) * np.arange(1, 31) ** -0.7
    y = X[:, 0] + X[:, 3] + 0.3 * generator.standard_normal(200)
    y[40:] = np.nan
    return labels.learning_curve(labels.ask(X, y, **seeded), [80], draws=2, **seeded)


def learning_curve(kind):
    generator = np.random.default_rng(2)
    X, student = generator.standard_normal((90, 5)), estimators.MinNormRegressor()
    if kind == "predicted":
        return student.predicted_learning_curve(X, X[:, 0], [3, 4])
    return student.measured_learning_curve(X, X[:, 0], [3, 4], repetitions=3, random_state=0)


RESULTS = {
    # name: (result, rows of its table, columns that it has)
    "problem": (lambda: PROBLEM, 60, {"eigenvalue", "beta_star"}),
    "spectrum": (lambda: PROBLEM.spectrum, 60, {"eigenvalues"}),
    "equivalents": (lambda: kd.equivalents(PROBLEM, 20), 1, {"n", "tau", "omega"}),
    "curve": (lambda: kd.curve(PROBLEM, [10, 20]), 2, {"n", "standard", "optimal", "masked"}),
    "long curve": (lambda: kd.curve(PROBLEM, range(1, 101)), 100, {"n", "tau"}),
    "random features": (
        lambda: kd.random_features.curve(PROBLEM, [10, 20], [30, 30]), 2, {"n", "features", "nu"},
    ),
    "simulated": (
        lambda: kd.simulate(PROBLEM, 20, [None, np.zeros(60)], trials=4), 2,
        {"stage", "surrogate", "excess", "excess_se"},
    ),
    "two stages": (lambda: simulation.two_stage(PROBLEM, None, 30, 20, trials=4), 2, {"stage"}),
    "gain map": (lambda: kd.gain_map.gain_map(PROBLEM, [9, 15], [10]), 2, {"m", "n", "ratio"}),
    "coefficients": (
        lambda: stages.train(PROBLEM, stages.ground_truth(PROBLEM), Stage(20)), 60,
        {"mean", "covariance"},
    ),
    "self-distillation": (lambda: kd.self_distillation(PROBLEM, 20, ridge=0.1), 1, {"risk"}),
    "best ridge": (lambda: kd.best_ridge(PROBLEM, 20, noise_variance=0.1), 1, {"ridge", "risk"}),
    "worth of a teacher": (lambda: best_ridge.worth(PROBLEM, 20, 0.1), 1, {"teacher", "both"}),
    "size error": (lambda: kd.size_error(PROBLEM, 20), 1, {"risk", "correction"}),
    "mixture": (
        lambda: kd.label_worth(PROBLEM, kd.Mixture(20, 10, PROBLEM.beta_star, 0.1)), 1,
        {"by_real", "by_pseudo"},
    ),
    "infinite": (lambda: scaling.infinite(2, "1.5", 100, digits=10), 1, {"tau", "omega"}),
    "constants": (lambda: scaling.constants(2, "1.5"), 1, {"standard", "optimal"}),
    "predicted": (lambda: kd.predict(question(), [3, 4], ["strong"]), 2, {"teacher", "excess"}),
    "measured": (
        lambda: kd.measure(question(), [3, 4], ["strong"], repetitions=2), 2, {"excess_se"},
    ),
    "predicted curve": (lambda: learning_curve("predicted"), 2, {"n", "error"}),
    "measured curve": (lambda: learning_curve("measured"), 2, {"n", "error", "error_se"}),
    "labels": (label_curve, 2, {"n", "student", "risk", "risk_low", "accuracy", "reasons"}),
    "table": (
        lambda: tables.Table(np.ones((3, 2)), np.array([1, 2, 3]), ("a", "b")), 3,
        {"a", "b", "labels"},
    ),
}  # fmt: skip


class Cells(html.parser.HTMLParser):
    """Counts the rows of a table, and that all that is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.rows = [], 0

    def handle_starttag(self, tag, _):
        self.open.append(tag)
        self.rows += tag == "tr"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_a_short_line_a_table_and_a_frame(name):
    make, count, columns = RESULTS[name]
    result = make()
    text = repr(result)
    assert len(text) <= 300
    assert "\n" not in text
    assert type(result).__name__ in text
    frame = result.to_frame()
    assert len(frame) == count
    assert columns <= set(frame.columns)
    cells = Cells()
    cells.feed(result._repr_html_())
    assert not cells.open
    assert cells.rows == 1 + min(count, MOST_ROWS)


def test_numbers_of_a_table_are_those_of_the_result():
    curve = kd.curve(PROBLEM, [10, 20])
    assert curve.to_frame()["standard"].tolist() == curve.standard.tolist()
    found = simulation.two_stage(PROBLEM, None, 30, 20, trials=4)
    assert found.to_frame()["excess"].tolist() == found.stage_means[:, 0].tolist()
    assert repr(found).startswith(f"SimulationResult({found.means[0]:.4g} ± ")
    measured = learning_curve("measured")
    assert measured.to_frame()["error_se"].tolist() == measured.standard_error("error").tolist()


def test_names_of_columns_are_text_in_html():
    page = tables.Table(np.ones((1, 1)), None, ("<b>",))._repr_html_()
    assert "<th>&lt;b&gt;</th>" in page


# -- seeds ----------------------------------------------------------------------------------


def measured_by(**seeded):
    return kd.measure(question(), 4, "strong", repetitions=2, **seeded).excess["strong"]


def simulated_by(**seeded):
    return kd.simulate(PROBLEM, 20, trials=2, **seeded).means[0]


def chained_by(**seeded):
    return simulation.two_stage(PROBLEM, None, 30, 20, trials=2, **seeded).means[0]


def forecast_by(**seeded):
    return label_curve(**seeded).of("best")[1].risk


@pytest.mark.parametrize("call", [measured_by, simulated_by, chained_by, forecast_by])
def test_rng_is_a_seed_or_a_generator(call):
    assert call() == call(seed=0) == call(rng=0)
    assert call(seed=7) == call(rng=7) != call()
    assert call(rng=np.random.default_rng(3)) == call(rng=np.random.default_rng(3))
    generator = np.random.default_rng(3)
    assert call(rng=generator) != call(rng=generator)  # it is advanced
    for bad, error in (("x", TypeError), (-1, ValueError), (Fraction(1, 2), ValueError)):
        with pytest.raises(error, match="rng="):
            call(rng=bad)


def test_a_prediction_takes_a_generator():
    answers = [
        kd.predict(question(), 4, "strong", solve_rows=50, **seeded).excess["strong"]
        for seeded in ({"seed": 5}, {"rng": 5}, {"rng": 6})
    ]
    assert answers[0] == answers[1] != answers[2]


# -- extras that are not installed -----------------------------------------------------------


def test_a_frame_without_pandas_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"^to_frame\(\) needs pandas, .*'kdverify\[tables\]'$"):
        kd.curve(PROBLEM, 10).to_frame()
    assert "<table>" in kd.curve(PROBLEM, 10)._repr_html_()

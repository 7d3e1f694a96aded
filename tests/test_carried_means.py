"""A mean that one draw carries: medians beside it, and axes that are not stretched to it."""

from __future__ import annotations

import numpy as np
import pytest

from kdverify import features


def with_twins():
    """Pairs of rows that are nearly the same and have other labels: some draws hold a pair."""
    generator = np.random.default_rng(0)
    scale = np.arange(1, 25) ** -0.75
    X = generator.standard_normal((400, 24)) * scale
    X[:20] = X[20:40] + 1e-7 * generator.standard_normal((20, 24)) * scale
    y = X @ generator.standard_normal(24) + 0.3 * generator.standard_normal(400)
    y[:20] *= -1
    return X, (y > 0).astype(int)


def test_the_mean_of_draws_that_one_carries():
    from kdverify.measurement import carried_by_one

    values = np.array([[1, 1, 1, 1.0], [1, 1, 1, 2], [0, 0, 0, 1], [1, 1, 1, 9.7e15], [0, 0, 0, 0]])
    assert carried_by_one(values).tolist() == [False, False, True, True, False]
    assert carried_by_one(np.array([1.0, 2.9])).tolist() is False  # of two: more than threefold
    assert carried_by_one(np.array([1.0, 3.1])).tolist() is True


@pytest.fixture(scope="module")
def twins():
    X, y = with_twins()
    return features.analyse(features.prepare(X, y), [5, 10], repetitions=20)


def test_medians_stand_beside_a_mean_that_one_draw_carries(twins):
    from kdverify.report.feature_report import table_at

    measured = twins.measured
    assert measured.carried("excess")["strong"].tolist() == [False, True]
    assert measured.excess["strong"][1] > 1e6
    plain, (header, cells) = table_at(twins, 0)[0], table_at(twins, 1)
    assert "median" not in plain
    place = header.index("median")
    assert [row[place] for row in cells] != [row[place - 2] for row in cells]
    assert float(cells[0][place]) == pytest.approx(measured.medians("excess")["strong"][1], 1e-3)
    assert {len(row) for row in cells} == {len(header)}
    assert max(len(cell) for row in cells for cell in row[1:]) <= 10
    assert "n = 10: one of 20 draws carries the mean of strong: read the medians" in (
        features.cautions(twins)
    )
    rows = {(row["n"], row["teacher"]): row for row in twins.records()}
    assert rows[10.0, "strong"]["median"] < 1 < rows[10.0, "strong"]["measured"]


def test_a_plot_is_not_stretched_to_a_mean_that_one_draw_carries(twins, tmp_path):
    from kdverify.report import feature_report
    from kdverify.report.figures import CARRIED

    drawn = feature_report.figure(twins, "twins")
    left = drawn.axes[0]
    assert left.get_ylim()[1] < 100
    hollow = [line for line in left.lines if line.get_markerfacecolor() == "none"]
    assert hollow[0].get_ydata().tolist() == [twins.measured.medians("excess")["strong"][1]]
    assert CARRIED in [text.get_text() for text in left.get_legend().get_texts()]
    page = tmp_path / "t.html"
    feature_report.write_page(str(page), twins, "twins", drawn)
    text = page.read_text()
    assert '<th scope="col">median</th>' in text
    assert "read the medians" in text


def test_the_plot_of_the_estimators_is_not_stretched_either():
    from kdverify.estimators import MinNormClassifier, PredictedCurveDisplay
    from kdverify.estimators.curves import MeasuredCurve
    from kdverify.report.figures import CARRIED

    X, y = with_twins()
    predicted = MinNormClassifier().predicted_learning_curve(X, y, [5, 10])
    errors = np.stack([np.linspace(0.5, 0.7, 8), [0.5, 0.6, 0.7, 0.4, 0.5, 0.6, 0.5, 9.7e15]])
    measured = MeasuredCurve(np.array([5, 10]), {"error": errors})
    display = PredictedCurveDisplay(predicted=predicted, measured=measured).plot()
    assert display.ax_.get_ylim()[1] < 100
    assert CARRIED in [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert display.errorbar_[0].get_ydata().tolist() == [errors[0].mean()]
    assert [0.55] in [line.get_ydata().tolist() for line in display.ax_.lines]

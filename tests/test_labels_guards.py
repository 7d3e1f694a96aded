"""Where a forecast from few labels is not given: the reason, and for which students and n."""

from dataclasses import replace

import numpy as np
import pytest
from label_samples import curve_of, made

from kdverify import labels
from kdverify.labels import guards
from kdverify.labels.likelihood import SignalDraws
from kdverify.report.labels_report import table_of


def test_heavy_tails_few_directions_and_growing_errors_are_refused():
    rows, values, known = made()
    lengths = np.sqrt(3 / np.random.default_rng(0).chisquare(1.5, (300, 1)))
    curve = curve_of((rows - 0.3) * lengths, values, known)
    assert all(p.risk is None and "row lengths" in p.reasons[0] for p in curve.points)
    assert labels.verdict(curve).choice == "cannot tell"
    few = curve_of(rows[:, :10], values, known)
    assert all("10 directions" in p.reasons[0] for p in few.points)
    assert str(few.needed("risk", 1e6)) == "risk 1e+06: cannot tell how many labels it needs"


def test_what_is_refused_is_shown_where_it_is_asked_for(monkeypatch):
    """The very numbers that there were without the guard; the reasons stay, and decide nothing."""
    rows, values, known = made()
    lengths = np.sqrt(3 / np.random.default_rng(0).chisquare(1.5, (300, 1)))
    heavy = (rows - 0.3) * lengths
    silent = curve_of(heavy, values, known)
    shown = curve_of(heavy, values, known, anyway=True)
    for guard in ("HEAVY", "GROWS", "REGRET"):
        monkeypatch.setattr(guards, guard, 1e9)
    free = curve_of(heavy, values, known)
    assert [p.reasons for p in shown.points] == [p.reasons for p in silent.points]
    assert all(p.risk is None for p in silent.points)
    assert shown.points == tuple(
        replace(p, reasons=q.reasons) for p, q in zip(free.points, silent.points, strict=True)
    )
    assert "refused, shown anyway, best: squared row lengths" in shown.cautions[0]
    assert "cannot tell, best: squared row lengths" in silent.cautions[0]
    assert not any(p.reasons for p in free.points)
    told = labels.verdict(shown)
    assert (told.choice, "row lengths" in told.reason) == ("cannot tell", True)
    cells = table_of(shown, [p.n for p in shown.points])[1]
    assert {row[1] for row in cells} == {"best (refused)"}
    for curve, refused in ((shown, True), (free, False)):
        needed = curve.needed("risk", 1e6)
        assert needed.refused == refused
        assert str(needed).endswith("60 labels or fewer" + " (refused)" * refused)
        assert str(curve.needed("risk", 1e-6)).endswith(" labels" + " (refused)" * refused)
    assert {row[1] for row in table_of(free, [60, 120])[1]} == {"best"}
    with pytest.raises(TypeError, match="anyway='yes' must be"):
        curve_of(rows, values, known, anyway="yes")


def test_near_rows_are_refused_without_ridge_only():
    rows, values, known = made()
    rows[1] = rows[0] + 1e-8
    curve = curve_of(rows, values, known, students=("best", "min-norm"))
    for point in curve.points:
        assert (point.risk is None) == (point.student == "min-norm")
    assert guards.near_pairs(rows) == 1
    rows[1] = rows[0]
    assert guards.near_pairs(rows) == 0


def test_labels_without_noise_are_refused():
    rows, values, known = made(noise=1e-3)
    curve = curve_of(rows, values, known)
    assert all("passes for signal" in point.reasons[0] for point in curve.points)


@pytest.mark.parametrize(
    ("share", "count", "told"),
    [(0.91, 31, True), (0.91, 30, False), (0.89, 30, True), (0.96, 31, True), (0.98, 300, False)],
)
def test_little_noise_is_refused_sooner_below_the_rank(share, count, told):
    """Of 30 directions; the share of signal at which the reason is given."""
    rows, values, _ = made(400, 30, count)
    given = np.full(len(rows), np.nan)
    given[:count] = values[:count, 0]
    setting = labels.ask(rows, given, task="regression")
    drawn = SignalDraws(np.zeros((30, 2, 1)), np.ones((2, 1)), 1.0, share)
    found = guards.refusals(setting, setting.measured(setting.ridges()), drawn)
    reasons = [one.reason for one in found if "passes for signal" in one.reason]
    assert (not reasons) == told
    beside = f"{share:.1%} of the labels' variance passes for signal"
    beside += f" with {count} labels in 30 directions" if count <= 30 else ""
    assert all(reason.startswith(beside + ":") for reason in reasons)
    low = "a quarter to a half" if count <= 30 else "a third"
    assert all(reason.endswith(f"was seen to be too low by {low}") for reason in reasons)


def test_nearly_empty_columns_are_refused_near_the_rank():
    rows, values, known = made(300, 30, 40)
    rows[:, 3] = 0.0
    rows[:4, 3] = 1.0
    curve = curve_of(rows, values, known, n=[200], students=("min-norm",))
    near, far = curve.points
    assert "nearly always the same" in near.reasons[0]
    assert far.risk is not None


@pytest.mark.parametrize("size", [1e-6, 1e-3])
def test_columns_that_are_lost_in_rounding_are_refused_until_standardised(size):
    rows, values, known = made()
    scales = np.where(np.arange(30) < 10, 1.0, size)
    setting = labels.ask(rows * scales, (known, values[known, 0]), task="regression")
    assert setting.faint_columns == (20 if size == 1e-6 else 0)
    reasons = labels.learning_curve(setting, draws=3).points[0].reasons
    assert ("20 columns vary so little" in "".join(reasons)) == (size == 1e-6)
    given = (known, values[known, 0])
    setting = labels.ask(rows * scales, given, task="regression", standardise=True)
    assert setting.faint_columns == 0


def test_rows_that_were_not_labelled_at_random_are_refused():
    rows, values, _ = made()
    curve = curve_of(rows, values, np.argsort(rows[:, 0])[:60])
    assert "not like the others" in curve.points[0].reasons[0]
    assert labels.verdict(curve).choice == "cannot tell"


def test_labels_of_which_rare_ones_decide_are_refused():
    rows, _, known = made()
    curve = curve_of(rows, np.exp(3 * np.random.default_rng(1).standard_normal((300, 1))), known)
    assert "rare labels decide" in curve.points[0].reasons[0]


def test_a_forecast_that_the_measurement_contradicts_is_refused():
    """Two photographs' patches: which one is no linear function with noise of one size."""
    from sklearn.datasets import load_sample_images

    rng, rows, classes = np.random.default_rng(0), [], np.repeat(["a", "b"], 1000)
    for image in load_sample_images().images:
        for top, left in rng.integers(0, 400, (1000, 2)):
            rows.append(image[top : top + 5, left : left + 5].ravel() / 255)
    known = rng.permutation(2000)[:300]
    asked = labels.ask(np.array(rows), (known, classes[known]))
    points = labels.learning_curve(asked, [600], draws=8).points
    assert all("worse than the best by leave-one-out" in p.reasons[0] for p in points)

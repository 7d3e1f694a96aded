"""Targets and teachers below the curve's first point: so many labels or fewer."""

from __future__ import annotations

import numpy as np
import pytest
from label_samples import made

from kdverify import labels
from kdverify.labels import Route, Worth
from kdverify.labels.learning import LabelCurve, Now, Point

POINTS = tuple(
    Point(n, "best", 1.0, r, 0.8 * r, 1.2 * r, r / 4, 0.1, a, a - 0.05, a + 0.05)
    for n, r, a in ((150, 4.0, 0.92), (300, 2.0, 0.94), (600, 1.0, 0.96))
)
NOW = (Now("best", 1.0, 4.0, 0.4, 0.92),)
CURVE = LabelCurve(150, 999, 5, POINTS, NOW, 0.1, 1.0, 0.5, ())


@pytest.mark.parametrize(
    ("target", "value", "said", "ends"),
    [
        ("accuracy", 0.5, "accuracy 0.5 needs 150 labels or fewer", (True, True)),
        ("accuracy", 0.9, "accuracy 0.9 needs 150 labels or fewer (up to 424)", (True, True)),
        ("accuracy", 0.93, "accuracy 0.93 needs 212 labels (150 or fewer to ", (False, True)),
        ("risk", 3.6, "risk 3.6 needs 172 labels (150 or fewer to ", (False, True)),
        ("risk", 2.0, "risk 2 needs 300 labels (", (False, False)),
        ("risk", 0.9, "risk 0.9 needs more than 600 labels (", (False, False)),
        ("accuracy", 0.99, "accuracy 0.99 needs more than 600 labels (", (False, False)),
    ],
)
def test_targets_that_the_first_point_reaches_need_so_many_or_fewer(target, value, said, ends):
    found = CURVE.needed(target, value)
    assert str(found).startswith(said)
    assert (found.at_most, found.low_at_most) == ends


def test_a_target_at_the_first_point_itself_is_at_most_so_many():
    assert CURVE.needed("risk", 4.0).at_most


@pytest.mark.parametrize(
    ("middle", "low", "high", "ends", "said"),
    [
        (19.0, 19.0, 19.0, (True, True), "worth at most 19 labels;"),
        (19.0, 19.0, 30.0, (True, True), "worth at most 19 labels (up to 30);"),
        (25.0, 19.0, 30.0, (False, True), "worth 25 labels (19 or fewer to 30);"),
        (25.0, 22.0, None, (), "worth 25 labels (22 to more than the curve reaches);"),
        (None, 22.0, None, (), "worth more labels than the curve reaches (22 at least);"),
        (None, 19.0, None, (False, True), "more labels than the curve reaches (from 19 or fewer);"),
        (None, None, None, (), "worth more labels than the curve reaches;"),
    ],
)
def test_a_teacher_below_the_curve_is_worth_at_most_so_many(middle, low, high, ends, said):
    route = Route("labels", np.inf, 1.0, np.ones(3), None)
    found = Worth("t", route, route, route, middle, low, high, None, False, *ends)
    assert said in str(found)
    assert found.to_json()["at_most"] is (ends[:1] == (True,))


def test_a_useless_teacher_is_worth_at_most_the_first_point():
    rows, values, known = made(400, 10, 100)
    given = np.full(len(rows), np.nan)
    given[known] = values[known, 0]
    setting = labels.ask(rows, given)
    curve = labels.learning_curve(setting, [50, 100, 200], draws=3, anyway=True)
    useless = np.random.default_rng(1).standard_normal((400, 1)) * 9
    measured = setting.measured(setting.ridges())
    found = labels.worth("t", setting, curve, useless, measured)
    assert found.at_most
    assert found.labels == 50
    assert "worth at most 50 labels" in str(found)

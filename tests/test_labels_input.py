"""Labels that one does not have: what is refused, and how gaps and teachers are read."""

from __future__ import annotations

import numpy as np
import pytest

from kdverify import labels
from tests.test_labels import made


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"labels": np.r_[np.zeros(10), np.full(290, np.nan)]}, ValueError, "at least 20 rows"),
        ({"labels": np.arange(300.0)}, ValueError, "must be missing in some rows"),
        ({"labels": [1] * 40 + [None] * 260}, ValueError, "two classes"),
        ({"labels": np.r_[np.ones(40), np.full(260, np.nan)]}, ValueError, "not be constant"),
        (
            {"labels": [1] + [0] * 40 + [None] * 259},
            ValueError,
            "at least 2 of each class; 1 has one",
        ),
        ({"labels": np.ones(7)}, ValueError, "must have length 300"),
        ({"features": np.full((300, 3), np.nan)}, ValueError, "row 0, column 0"),
        ({"features": np.array([["a"] * 3] * 300)}, TypeError, "must be a matrix of real numbers"),
        ({"task": "other"}, ValueError, "task='other' must be one of"),
        ({"labels": (np.array([0, 0, *range(1, 30)]), np.arange(31.0))}, ValueError, "different"),
    ],
)
def test_bad_input_is_refused(change, error, message):
    rows, values, known = made()
    given = np.full(300, np.nan)
    given[known] = values[known, 0]
    arguments = {"features": rows, "labels": given} | change
    with pytest.raises(error, match=message):
        labels.ask(**arguments)


def test_sparse_rows_are_refused_with_the_way_out():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="TruncatedSVD"):
        labels.ask(sparse.csr_matrix(np.eye(30)), np.zeros(30))


@pytest.mark.parametrize("none", [None, np.nan, "", "-1"])
def test_what_counts_as_missing(none):
    names = np.array(["cat", "dog"] * 20 + [none] * 60, dtype=object)
    rows = np.random.default_rng(0).standard_normal((100, 25))
    setting = labels.ask(rows, names, unlabelled="-1" if none == "-1" else None)
    assert setting.count == 40
    assert setting.class_names == ("cat", "dog")


def test_row_numbers_with_labels_and_a_sample_of_the_rows():
    rows, values, known = made(400, 25, 30)
    setting = labels.ask(rows, (known[::-1], values[known[::-1], 0]), max_rows=100)
    assert len(setting.sample.rows) == 100
    np.testing.assert_array_equal(setting.numbers[setting.known], known)
    np.testing.assert_allclose(setting.labels, values[known])
    assert "100 of the 400 rows" in setting.notes[0]


def test_teachers_labels_are_checked():
    rows = np.random.default_rng(0).standard_normal((100, 25))
    names = np.array(["cat", "dog"] * 20 + [""] * 60)
    setting = labels.ask(rows, names)
    chances = labels.teacher_labels("t", np.full(100, 0.25), setting, 100)
    np.testing.assert_allclose(chances, np.tile([0.75, 0.25], (100, 1)))
    named = labels.teacher_labels("t", np.array(["dog"] * 100), setting, 100)
    np.testing.assert_allclose(named, np.tile([0.0, 1.0], (100, 1)))
    for given, message in (
        (np.zeros(7), "of length 7 must have length 100, one a row"),
        (np.array(["cow"] * 100), "'cow' is not"),
        (np.zeros((100, 3)), "must have 2 columns, not 3"),
        (np.full((100, 2), np.nan), "must have a row with a label"),
    ):
        with pytest.raises(ValueError, match=message):
            labels.teacher_labels("t", given, setting, 100)


@pytest.mark.parametrize("intercept", [True, False])
def test_rows_and_labels_that_are_not_paired_are_asked_about(intercept):
    rows, values, known = made(size=400, noise=1.0, known=60)
    for shift, asked in ((0, False), (1, True)):
        numbers = (known + shift) % 400
        setting = labels.ask(rows, (numbers, values[known, 0]), intercept=intercept)
        curve = labels.learning_curve(setting, [60], draws=2)
        assert any("are rows and labels paired" in one for one in curve.cautions) == asked

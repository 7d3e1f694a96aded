"""A ridge that is asked for stands beside the grid of the best and changes nothing of it."""

from __future__ import annotations

import numpy as np
import pytest
from label_samples import made
from sklearn.linear_model import Ridge

from kdverify import labels


@pytest.fixture(scope="module", params=["numbers", "classes"])
def setting(request):
    rows, values, known = made(400, 20, 100, noise=0.7)
    given = np.full(len(rows), np.nan)
    given[known] = values[known, 0]
    if request.param == "numbers":
        return labels.ask(rows, given)
    names = np.where(np.isnan(given), "", np.where(given > 0, "a", "b"))
    return labels.ask(rows, names)


@pytest.mark.parametrize("factor", [0.5, 0.75, 1.0, 1.5, 2.0, 300.0])
def test_the_best_ridge_is_the_same_with_a_ridge_of_ones_own(setting, factor):
    plain = labels.learning_curve(setting, [200], draws=3, anyway=True)
    given = plain.now[0].ridge * factor
    beside = labels.learning_curve(setting, [200], ("best", "ridge"), given, draws=3, anyway=True)
    assert beside.now[0].ridge == plain.now[0].ridge
    assert beside.now[0].risk == pytest.approx(plain.now[0].risk, rel=1e-9)
    for one, other in zip(plain.of("best"), beside.of("best"), strict=True):
        assert other.ridge == one.ridge
        for name in ("risk", "risk_low", "risk_high", "change", "accuracy", "accuracy_low"):
            own, theirs = getattr(one, name), getattr(other, name)
            assert (own is None) == (theirs is None)
            assert own is None or theirs == pytest.approx(own, rel=1e-9)
    assert beside.level_error == pytest.approx(plain.level_error, rel=1e-9)
    assert [point.ridge for point in beside.of("ridge")] == [given, given]
    if factor == 1.0:
        assert beside.now[1].risk == beside.now[0].risk


def test_a_ridge_of_ones_own_is_told_at_its_own_place(setting):
    """Between two of the grid its risk lies between theirs, or near."""
    grid = setting.ridges()
    places = [grid[6], np.sqrt(grid[6] * grid[7]), grid[7]]
    risks = [
        labels.learning_curve(setting, [200], ("ridge",), one, draws=3, anyway=True).now[0].risk
        for one in places
    ]
    assert min(risks[0], risks[2]) * 0.97 < risks[1] < max(risks[0], risks[2]) * 1.03
    assert setting.ridges(float(grid[3])).tolist() == grid.tolist()


def test_a_teacher_that_is_an_estimator_is_given_the_rows_in_their_own_columns():
    seen = []

    class Spy(Ridge):
        def fit(self, X, y):
            seen.append(np.array(X))
            return super().fit(X, y)

    rows, values, known = made(300, 8, 60)
    rows[:, 3] = 7.0  # constant
    given = np.full(len(rows), np.nan)
    given[known] = values[known, 0]
    setting = labels.ask(rows, given, standardise=True)
    rest = np.arange(40)
    told = labels.fitted_teacher(Spy(alpha=0.5), setting)(rest)
    np.testing.assert_allclose(seen[0], rows[known[rest]], rtol=1e-9, atol=1e-9)
    plain = Ridge(alpha=0.5).fit(rows[known[rest]], values[known[rest], 0])
    np.testing.assert_allclose(told[:, 0], plain.predict(rows), rtol=1e-7)

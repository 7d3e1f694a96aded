"""First corrections at finite n of mixtures and of random features: library, command, edges."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify.arithmetic.jets import Jet, S, T, solved, summed
from kdverify.random_features.finite_size import size_errors
from kdverify.training import Coefficients


@pytest.fixture
def problem():
    return kd.Problem.power_law(30, 1, 2)


def test_jets_are_derivatives():
    def value(s, t):
        return 1 / (2 + s * t - 3 * s) + (t + 1) * (s - 2) / (1 + t * t + 2 * t)

    h, jet = 1e-4, value(S, T)
    corner = [[value(i * h, j * h) for j in (-1, 1)] for i in (-1, 1)]
    mixed = (corner[1][1] - corner[1][0] - corner[0][1] + corner[0][0]) / (4 * h * h)
    assert jet.value == value(0, 0)
    assert jet.both == pytest.approx(mixed, rel=1e-6)
    assert jet.by_t == pytest.approx((value(0, h) - value(0, -h)) / (2 * h), rel=1e-6)
    array = np.array([1.0, 2.0]) * T
    assert isinstance(array, Jet)
    assert summed(np.sum)(array).by_t == 3.0


def test_small_systems_of_jets():
    matrix = [[2 + S, 1.0 + T], [Jet(1), 3 - S * T]]
    pivots, found = solved(matrix, [Jet(1), 1 + T])
    for row, right in zip(matrix, (Jet(1), 1 + T), strict=True):
        left = row[0] * found[0] + row[1] * found[1] - right
        assert np.abs(left.parts).max() < 1e-15
    assert (pivots[0] * pivots[1]).parts == pytest.approx((5, 3, -1, -2))


def test_kinds_that_are_one(problem):
    """Equal kinds, kinds without rows or weight, one kind with a weight: the one kind's numbers."""
    own = 0.5 * problem.beta_star
    alone = kd.size_error(problem, 12, own, 0.2, 0.6)
    for kinds, n, ridge in (
        ([kd.Kind(0.25, own, 0.2), kd.Kind(0.75, own, 0.2)], 12, 0.6),
        ([kd.Kind(0, None, 3.0), kd.Kind(1, own, 0.2)], 12, 0.6),
        ([kd.Kind(0.5, None, 3.0, 0), kd.Kind(0.5, own, 0.2)], 24, 0.6),
        ([kd.Kind(1, own, 0.2, 2)], 12, 1.2),
    ):
        found = kd.mixed_error(problem, n, kinds, ridge)
        assert found.risk == pytest.approx(alone.risk, rel=1e-12)
        assert found.correction == pytest.approx(alone.correction, rel=1e-10)
        assert found.basis == alone.basis


def test_a_surrogate_without_variance_is_a_vector(problem):
    mean = np.cos(np.arange(30.0)) * problem.beta_star
    law = Coefficients(mean, np.zeros(30))
    for weight in (1.0, 0.3):
        pair = [[kd.Kind(0.5, None, 0.1), kd.Kind(0.5, s, 0, weight)] for s in (mean, law)]
        one, other = (kd.mixed_error(problem, 14, kinds, 0.2).correction for kinds in pair)
        assert one == pytest.approx(other, rel=1e-12)


def test_least_squares_of_one_kind_is_exact(problem):
    assert kd.mixed_error(problem, 50, [kd.Kind(1, None, 1)]).basis.startswith("exact")
    pair = [kd.Kind(0.5, None, 1), kd.Kind(0.5)]
    assert kd.mixed_error(problem, 50, pair).correction == pytest.approx(0, abs=1e-15)
    assert kd.mixed_error(problem, 31, pair).risk == np.inf


def test_without_ridge_weights_do_nothing(problem):
    pair = [[kd.Kind(0.5, None, 1), kd.Kind(0.5, 0 * problem.beta_star, 0, v)] for v in (1, 0.2)]
    one, other = (kd.mixed_error(problem, 14, kinds).correction for kinds in pair)
    assert one == other


def test_features_where_all_modes_are_seen(problem):
    found = kd.random_features.size_error(problem, 50, 40, None, 0.3)
    assert (found.correction, found.basis[:5]) == (0, "exact")


def test_few_features_without_ridge(problem):
    """q < n: the limit of small ridges up to second order, and no finite mean at n = q + 1."""
    small = kd.random_features.size_error(problem, 400, 25, None, 0.2, 1e-8).correction
    none = kd.random_features.size_error(problem, 400, 25, None, 0.2).correction
    assert none == pytest.approx(small, rel=1e-2)
    assert kd.random_features.size_error(problem, 26, 25, None, 0.2).correction == np.inf


@pytest.mark.parametrize(
    ("n", "q", "message"), [(0, 5, "n=0"), (5, 0.5, "features=0.5"), (9, 9, "features=9 must")]
)
def test_bad_input(problem, n, q, message):
    with pytest.raises(ValueError, match=message):
        kd.random_features.size_error(problem, n, q)


def test_the_commands_print_them(document, kdverify):
    setting = ("--alpha", "1", "--beta", "2", "-p", "30", "--noise-variance", "0.25")
    problem = kd.Problem.power_law(30, "1", "2")
    (row,) = document("risk", *setting, "-n", "20", "--features", "40")["rows"]
    sought = size_errors(problem, 20, 40, 0.25)
    assert row["corrections"] == {name: error.correction for name, error in sought.items()}
    (row,) = document(
        "mix", *setting, "--real", "10", "--pseudo", "14", "--teacher", "mask", "--ridge", "0.5"
    )["rows"]
    best = problem.spectrum.from_modes(kd.optimal_mask(problem, 24, 0.5) * problem.beta_modes)
    mixture = kd.Mixture(10, 14, best, 0.25, 0.0, 0.5)
    assert row["corrections"] == {
        "risk": mixture.error(problem).correction,
        "without": kd.mixed_error(problem, 10, [kd.Kind(1, None, 0.25)], 0.5).correction,
        "best_risk": mixture.error(problem, row["best_weight"]).correction,
    }
    told = kdverify("mix", *setting, "--real", "10", "--pseudo", "14", "--generations", "2")
    assert "no error estimate" in told.out

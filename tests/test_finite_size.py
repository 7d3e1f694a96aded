"""First corrections at finite n of mixtures and of random features: library, command, edges."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd
from kdverify import formulas
from kdverify.arithmetic.jets import Jet, S, T, solved, summed
from kdverify.random_features.finite_size import size_errors
from kdverify.training import Coefficients, Form


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
    assert "to be added at finite n: first correction" in told.out


def test_two_stages_with_features_by_the_command(document, kdverify):
    setting = ("--alpha", "1", "--beta", "2", "-p", "30", "--source-noise-variance", "0.25")
    sizes = ("-n", "20", "-m", "15", "--features", "40,50", "--source-features", "25")
    problem = kd.Problem.power_law(30, "1", "2")
    rows = document("risk", *setting, *sizes, "--ridge", "0.5", "--source-ridge", "0.1")["rows"]
    for row, q in zip(rows, (40, 50), strict=True):
        assert (row["m"], row["source_features"], row["n"], row["features"]) == (15, 25, 20, q)
        stages = kd.Stage(15, None, 0.25, 0.1, 25), kd.Stage(20, None, 0, 0.5, q)
        for transform in ("none", "gain", "mask"):
            error = kd.two_stage_error(problem, *stages, transform)
            assert row[transform] == pytest.approx(error.risk, rel=1e-14)
            assert row["corrections"][transform] == pytest.approx(error.correction, rel=1e-14)
        assert row["strong"] == pytest.approx(
            kd.random_features.risk(problem, 20, q, None, 0.25, 0.5), rel=1e-12
        )
    for bad in (("-n", "20"), ("-n", "20", "-m", "9", "--source-alpha", "2")):
        told = kdverify("risk", *setting, *bad, "--source-features", "25")
        assert (told.code, told.err.count("\n")) == (2, 1)
        assert "--source-features must go with -m and without --source-alpha" in told.err


def test_a_law_given_and_a_law_of_a_chain(problem):
    """The samples of a teacher are in the correction where the law knows them."""
    stage = kd.Stage(12, None, 0.2, 0.3)
    law = kd.chain_law(problem, [stage])
    given = Coefficients(law.mean, law.covariance)
    found, plain = (
        kd.mixed_error(problem, 20, [kd.Kind(0.3, None, 0.1), kd.Kind(0.7, s)], 0.4)
        for s in (law, given)
    )
    assert found.risk == plain.risk
    assert found.correction != plain.correction
    endless = kd.chain_law(problem, [kd.Stage(1e10, None, 0.0, 0.3)])
    mixture = kd.Mixture(6, 14, endless, ridge=0.4)
    truth = kd.Mixture(6, 14, None, ridge=0.4)
    assert mixture.error(problem).corrected == pytest.approx(truth.error(problem).corrected)
    assert law.added(Form.risk(problem)) == kd.chain_error(problem, [stage]).correction


def test_least_squares_of_two_kinds_is_exact(problem):
    kinds = [kd.Kind(0.25, None, 0.3), kd.Kind(0.75, 0.5 * problem.beta_star)]
    found = kd.mixed_error(problem, 40, kinds)
    apart = 0.25 * 0.75 * 0.25 * problem.signal.sum()
    assert found.basis.startswith("exact")
    assert found.correction == pytest.approx(
        apart * (formulas.least_squares_spread(40, 30) - 30 / 9), rel=1e-12
    )
    ball = kd.mixed_error(problem, 40, [kd.Kind("0.25", None, "0.3"), kd.Kind("0.75")], digits=20)
    assert ball.correction.contains(0)


@pytest.mark.parametrize("keep", ["rows", "labels"])
@pytest.mark.parametrize(("n", "ridge"), [(12, 0.5), (12, 0.0), (60, 0.0)])
def test_generations(problem, keep, n, ridge):
    line = kd.Generations(problem, n, 0.5, 0.3, 0.2, ridge, keep)
    errors = line.errors(30)
    assert [error.risk for error in errors] == line.risks(30).tolist()
    first = kd.size_error(problem, n, None, 0.3, ridge)
    assert errors[0].correction == pytest.approx(first.correction, rel=1e-9, abs=1e-12)
    settled = line.settled_error()
    assert settled.risk == line.settled_risk()
    if keep == "labels" or n == 60:
        assert errors[-1].correction == pytest.approx(settled.correction, rel=1e-6, abs=1e-12)
    assert all((error.basis == first.basis) for error in [*errors, settled])


def test_nothing_disagrees_and_nothing_is_learnt(problem):
    same = kd.mixed_error(problem, 31, [kd.Kind(0.5), kd.Kind(0.5)])
    assert (same.risk, same.correction) == (0, 0)
    none = kd.Mixture(0, 3, None, ridge=0.5).error(problem, 0)
    assert (none.risk, none.correction) == (problem.signal.sum(), 0)


#: option, rule for 0, for 1/2, for -3
COUNTS = {
    "risk --features": ("must be positive", "must be at least 1: a number of features"),
    "risk -m 5 --source-features": ("must be positive", "at least 1: a number of features"),
    "risk -m": ("must be positive", "must be at least 1: a number of samples"),
    "mix --pseudo 3 -m 9 --real": (None, "must be at least 1: a number of samples"),
    "mix --real 3 -m 9 --pseudo": (None, "must be at least 1: a number of samples"),
    "mix --real 3 --pseudo 3 -m": ("must be positive", "at least 1: a number of samples"),
    "mix --real 3 --pseudo 3 --generations": (None, "must be a whole number"),
    "scaling -n": ("must be positive", "must be at least 1: a number of samples"),
}


@pytest.mark.parametrize("option", COUNTS)
@pytest.mark.parametrize("value", ["0", "0.0", "1/2", "-3", "nan", "few"])
def test_what_is_no_count(kdverify, option, value):
    command, *options = option.split()
    power = ["--alpha", "2", "--beta", "2"] + ["-p", "20"] * (command != "scaling")
    sizes = ["-n", "5"] * (command == "risk")
    told = kdverify(command, *power, *sizes, *options, value)
    zero, half = COUNTS[option]
    if zero is None and "0" in value and "generations" not in option:
        assert told.code == 0
        return
    rules = {"0": zero, "0.0": zero, "1/2": half, "-3": zero or "must not be negative"}
    whole = "generations" in option
    rule = rules.get(value, "must be a whole number" if whole else "must be a decimal number")
    if whole:
        rule = {"-3": "generations=-3 must be at least 0"}.get(value, rule)
        rule = "-m must be given" if value in ("0", "0.0") else rule
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert rule in told.err
    name = options[-1].strip("-").replace("-", "_")
    assert whole or f"{name}=" in told.err


def test_generations_that_diverge(problem):
    line = kd.Generations(problem, 40, 0.2, 0.3, 0.2)
    assert line.settled_error().risk == np.inf
    assert all(np.isfinite(error.corrected) for error in line.errors(5))
    clean = kd.Generations(problem, 40, 0.0)
    assert [error.corrected for error in clean.errors(3)] == [0, 0, 0]
    assert clean.settled_error().corrected == 0

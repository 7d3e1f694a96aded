"""Explicit bounds of the mean risk: what they hold, in the library and in the command."""

from __future__ import annotations

import numpy as np
import pytest

import kdverify as kd


@pytest.fixture
def problem():
    return kd.Problem.power_law(30, 1, 2)


def test_exact_means_lie_between(problem):
    """One row: P is x x'/(|x|^2 + ridge); its mean by many draws, risk and mean student."""
    rows = np.random.default_rng(3).standard_normal((200_000, 30))
    rows *= np.sqrt(problem.spectrum.eigenvalues)
    for ridge in (1.0, 30.0):
        found = kd.risk_bounds(problem, 1, ridge)
        scale = 1 / (np.square(rows).sum(axis=1) + ridge)
        mean = 1 - (np.square(rows) * scale[:, None]).mean(axis=0)
        assert (found.unlearnt[0] - 1e-3 < mean).all()
        assert (mean < found.unlearnt[1] + 1e-3).all()
        student = rows * (rows @ problem.beta_star * scale)[:, None]
        errors = np.square(student - problem.beta_star) @ problem.spectrum.eigenvalues
        assert found.risk[0] < errors.mean() < found.risk[1]


def test_large_samples_and_small_ridges(problem):
    near = kd.risk_bounds(problem, 10**5, 10**5)
    assert near.risk[1] / near.risk[0] < 1 + 1e-3
    far = kd.risk_bounds(problem, 20, 1e-3)
    assert 0 < far.risk[0] < kd.risk(problem, 20, ridge=1e-3) < far.risk[1]
    assert (far.unlearnt[1] <= 1 + 1e-15).all()


@pytest.mark.parametrize(
    ("n", "ridge", "message"),
    [(0, 1, "n=0 must be"), (2.5, 1, "n=2.5 must be"), (3, -1, "ridge=-1 must")],
)
def test_bad_input(problem, n, ridge, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kd.risk_bounds(problem, n, ridge)


def test_the_command_prints_them(document, capsys):
    setting = ("--alpha", "1", "--beta", "2", "-p", "30", "-n", "20,20.5", "--ridge", "1/2")
    whole, half = document("risk", *setting)["rows"]
    assert tuple(whole["bounds"]) == kd.risk_bounds(kd.Problem.power_law(30, 1, 2), 20, 0.5).risk
    assert half["bounds"] is None
    (noisy,) = document("risk", *setting[:-3], "20", "--ridge", "1", "--noise-variance", "1")[
        "rows"
    ]
    assert noisy["bounds"] is None


def test_bounds_without_ridge(problem):
    for n in (1, 2, 12, 29):
        found = kd.risk_bounds(problem, n, 0)
        mean = kd.mean_student(problem, n)
        assert (found.unlearnt[0] <= mean.unlearnt * (1 + 1e-13)).all()
        assert (mean.unlearnt <= found.unlearnt[1] * (1 + 1e-13)).all()
        low, high = found.risk
        assert low < kd.mean_risk(problem, n) * (1 + 1e-12) < high * (1 + 2e-12)
        assert high - low < 2e-6
    for n in (30, 45):
        assert kd.risk_bounds(problem, n, 0).risk == (0, 0)
    with pytest.raises(ValueError, match="p=401 must be"):
        kd.risk_bounds(kd.Problem.power_law(401, 1, 2), 5, 0)


def test_the_command_prints_those_without_ridge(document):
    setting = ("--alpha", "1", "--beta", "2", "-p", "30", "-n", "20")
    (row,) = document("risk", *setting, "--exact-means")["rows"]
    low, high = row["bounds"]
    assert low <= row["standard"] + row["corrections"]["standard"] <= high < low + 1e-6
    (plain,) = document("risk", *setting)["rows"]
    assert plain["bounds"] is None

"""Rank exponents from spectra and signals."""

from __future__ import annotations

import re

import numpy as np
import pytest

from kdverify.exponents import LARGEST_DEVIATION, fit_rank_exponent

INDEX = np.arange(1, 501.0)


@pytest.mark.parametrize("exponent", [0.7, 1.5, 4.0])
def test_exact_power_law(exponent):
    # bins are averaged at the geometric mean of their ends: an error of second order in their
    # width (log 1.17 here), and single modes at the head carry none
    found = fit_rank_exponent(INDEX**-exponent)
    assert found.value == pytest.approx(exponent, rel=0.01)
    assert (found.low, found.high) == (1, 500)
    assert found.deviation < 0.05


def test_range_stops_where_the_law_does():
    values = INDEX**-1.0
    values[100:] *= np.exp(-0.05 * np.arange(400))
    found = fit_rank_exponent(values)
    assert found.value == pytest.approx(1.0, rel=0.1)
    assert 100 <= found.high <= 130
    assert found.deviation <= LARGEST_DEVIATION


def test_noise_of_the_estimate_is_taken_off():
    noise = 1e-4
    values = INDEX**-2.0 + noise  # the mean of |estimate|^2
    found = fit_rank_exponent(values, noise)
    assert found.value == pytest.approx(2.0, rel=0.01)
    assert found.high < 200  # where the rest is below the scatter of its estimate
    floor = fit_rank_exponent(values)  # without it the floor flattens the slope
    assert floor.interval[1] < 2.0
    assert floor.high < found.high


def test_interval_holds_the_truth():
    """95 % intervals over 40 fluctuating signals: 6 misses or fewer (P of more is 1.4 %)."""
    rng = np.random.default_rng(1)
    misses = 0
    for _ in range(40):
        found = fit_rank_exponent(INDEX**-1.5 * np.exp(0.1 * rng.standard_normal(500)))
        misses += not found.interval[0] <= 1.5 <= found.interval[1]
    assert misses <= 6


@pytest.mark.parametrize(
    ("values", "noise", "reason"),
    [
        (INDEX[:5] ** -1.0, 0.0, "only 5 modes"),
        (INDEX**-2.0, 0.1, "only . modes stand out"),
        (np.exp(-INDEX[:60]), 0.0, "no range of modes wider than a factor 8"),
    ],
)
def test_refuses_what_is_no_power_law(values, noise, reason):
    found = fit_rank_exponent(values, noise)
    assert found.value is None
    assert np.isnan(found.interval).all()
    assert re.search(reason, found.reason)

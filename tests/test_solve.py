"""The way into the solvers: what they return, and what they turn away.

Errors and proofs: test_solve_double.py, test_solve_exact.py.
"""

from __future__ import annotations

import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given
from strategies import settings_ridgeless

import kdverify as kd
from kdverify.arithmetic import BALLS
from kdverify.gaussian import certified
from kdverify.gaussian.solve import Code, multiprecision
from kdverify.problem import Spectrum

#: What the solver promises of tau.
TAU = 1e-14


@pytest.mark.parametrize("digits", [15, 50, 200])
def test_multiprecision_agrees_with_balls(digits):
    spectrum = Spectrum.power_law(60, "1.1")
    at = multiprecision.solve(spectrum, Fraction(25), Fraction(1, 10), digits)
    ball = certified.certificate(spectrum, 25, ridge="0.1", digits=digits + 5).tau
    assert at.code is Code.CONVERGED
    with BALLS.precision(digits + 40):
        gap = abs(flint.arb(at.tau) / ball - 1)
        assert gap < BALLS.number(Fraction(2, 10**digits))


@given(settings_ridgeless())
def test_order_of_the_caller_is_kept(setting):
    lam, n = setting
    forward, backward = kd.equivalents(Spectrum(lam), n), kd.equivalents(Spectrum(lam[::-1]), n)
    assert forward.tau == backward.tau
    assert np.array_equal(forward.zeta, backward.zeta[::-1])
    assert np.array_equal(forward.one_minus_zeta + forward.zeta > 0.999, np.ones(lam.size, bool))


def test_n_at_and_above_p_without_ridge():
    at = kd.equivalents(Spectrum.power_law(10, 2), 25)
    assert at.code is Code.UNREGULARISED
    assert (at.tau, at.omega, at.one_minus_omega) == (0.0, 0.4, 0.6)
    assert not at.zeta.any()
    assert (at.one_minus_zeta == 1).all()


def test_one_mode():
    """p = 1, n < 1: lam/(lam + tau) = n has the root lam (1 - n)/n."""
    at = kd.equivalents(Spectrum([3.0]), 0.25)
    assert abs(at.tau / 9 - 1) <= TAU


def test_codes_explain_themselves():
    assert all(len(code.value) > 20 for code in Code)
    assert Code.CONVERGED.ok
    assert not Code.NOT_CONVERGED.ok


@pytest.mark.parametrize(
    ("n", "ridge", "error", "message"),
    [
        (0, 0, ValueError, r"n=0 must be positive"),
        (-1, 0, ValueError, r"n=-1 must be positive"),
        (math.nan, 0, ValueError, r"n=nan must be finite"),
        ("5", 0, TypeError, r"n='5' must be a real number"),
        (True, 0, TypeError, r"n=True must be a real number"),
        (5, -1e-9, ValueError, r"ridge=-1e-09 must not be negative"),
        (5, math.inf, ValueError, r"ridge=inf must be finite"),
    ],
)
def test_bad_input(n, ridge, error, message):
    with pytest.raises(error, match=message):
        kd.equivalents(Spectrum.power_law(10, 2), n, ridge)


def test_something_that_is_no_spectrum():
    with pytest.raises(TypeError, match="must be a Spectrum or a Problem"):
        kd.equivalents(np.ones(3), 2)

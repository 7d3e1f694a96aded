"""Certified results against settings whose exact values are rational numbers.

A spectrum of two levels a and b, n chosen so that tau = 1: everything is a fraction.
"""

from __future__ import annotations

from fractions import Fraction

import flint
import numpy as np
import pytest

import kdverify as kd
from kdverify.arithmetic import BALLS, vector
from kdverify.gaussian import certified
from kdverify.problem import Problem, Spectrum

#: 7 (16 times), 1 (14 times), n = 21: zeta = 1/8, 1/2; Omega = (16 49/64 + 14/4)/21 = 3/4;
#: R_std = 4 (112/64 + 14/4); improvements 12/13 and 3/4 of shares 7 and 14.
TIE = Problem(Spectrum.from_multiplicities([7, 1], [16, 14]), np.ones(30))
TIE_VALUES = {
    "tau": Fraction(1),
    "omega": Fraction(3, 4),
    "standard": Fraction(21),
    "optimal": Fraction(84, 13) + Fraction(21, 2),
    "masked": Fraction(21),
}
#: 17 (48 times), 2 (17 times), n = 170/3: zeta = 1/18, 1/3; Omega = 8/9; zeta^2 = 1 - Omega again,
#: but n is no binary number, so that balls cannot tell.
OPEN_TIE = Problem(Spectrum.from_multiplicities([17, 2], [48, 17]), np.ones(65))
DIGITS = [15, 50, 200]


def holds(ball: flint.arb, value: Fraction, digits: int) -> bool:
    """Whether the ball contains the value and is narrow."""
    with BALLS.precision(2 * digits + 40):
        narrow = ball.rad() * BALLS.number(Fraction(10**digits)) <= abs(BALLS.number(value))
        return (ball * value.denominator - value.numerator).contains(0) and bool(narrow)


@pytest.mark.parametrize("digits", DIGITS)
def test_rational_values(digits):
    proof = certified.certificate(TIE, 21, digits=digits)
    for name, value in TIE_VALUES.items():
        assert holds(getattr(proof, name), value, digits), name
        near = value + Fraction(1, 10 ** (digits - 2))
        assert not holds(getattr(proof, name), near, digits), name
    assert holds(proof.equivalents.one_minus_omega, Fraction(1, 4), digits)
    for mode, zeta, gain in ((0, Fraction(1, 8), Fraction(14, 13)), (-1, *[Fraction(1, 2)] * 2)):
        assert holds(proof.equivalents.zeta[mode], zeta, digits)
        assert holds(proof.equivalents.one_minus_zeta[mode], 1 - zeta, digits)
        assert holds(proof.gains[mode], gain, digits)
        assert holds(proof.optimal_surrogate[mode], gain, digits)


def test_double_precision_has_the_same_rational_values():
    found = kd.curve(TIE, 21)
    for name, value in TIE_VALUES.items():
        assert abs(float(getattr(found, name)[0]) / float(value) - 1) <= 1e-13, name


@pytest.mark.parametrize(("noise", "exact"), [("0.1", Fraction(1, 10)), (0.1, Fraction(0.1))])
def test_noise_adds_three_times_its_variance(noise, exact):
    """Omega/(1 - Omega) = 3; text is a decimal and a float its binary value."""
    proof = certified.certificate(TIE, 21, noise_variance=noise, digits=40)
    for name in ("standard", "optimal", "masked"):
        assert holds(getattr(proof, name), TIE_VALUES[name] + 3 * exact, 40)
    other = {"0.1": 0.1, 0.1: "0.1"}[noise]
    assert not proof.standard.overlaps(certified.risk(TIE, 21, noise_variance=other, digits=40))


@pytest.mark.parametrize("digits", DIGITS)
def test_an_open_tie_is_undecided_and_covered(digits):
    """R = 9 (48 17/324 + 17 2/9) = 170/3 whichever way the tied modes go."""
    proof = certified.certificate(OPEN_TIE, "170/3", digits=digits)
    assert proof.membership() == ["yes"] * 48 + ["undecided"] * 17
    certain, possible = proof.kept
    assert (certain.sum(), possible.sum()) == (48, 65)
    for ball in (proof.masked, proof.standard, proof.masked_by(certain), proof.masked_by(possible)):
        assert holds(ball, Fraction(170, 3), digits)
    assert not holds(proof.optimal, Fraction(170, 3), digits)


def test_a_decided_neighbour_of_the_tie():
    """One sample more or less, and every mode is decided one way or the other."""
    for n, word in (("169/3", "no"), ("171/3", "yes")):
        assert set(certified.certificate(OPEN_TIE, n).membership()[48:]) == {word}


def test_an_open_transition():
    """zeta = 1 - Omega for all modes of a multiple of the identity: none is amplified for sure."""
    certain, possible = certified.certificate(Spectrum(np.full(3, 3.0)), "1.1").amplified
    assert not certain.any()
    assert possible.all()


@pytest.mark.parametrize("ridge", ["0", "0.3"])
def test_the_best_surrogate_has_no_gradient(ridge):
    """(2) is quadratic: R(s + h) - R(s - h) is 2 h times the gradient, exactly."""
    problem = Problem.power_law(12, "1.7", "1.2")
    proof = certified.certificate(problem, 5, noise_variance=1, ridge=ridge, digits=60)
    best = proof.optimal_surrogate
    with BALLS.precision(80):
        assert (proof.risk(best) - proof.optimal).contains(0)
        for k in range(12):
            step = vector(BALLS, np.eye(12)[k] / 8)
            up, down = proof.risk(best + step), proof.risk(best - step)
            assert (up - down).contains(0)
            assert abs(up - down) < 1e-55
            assert up > proof.optimal
            off = best + step
            assert not (proof.risk(off + step) - proof.risk(off - step)).contains(0)


def test_a_given_surrogate_at_its_binary_values():
    """Sigma = I is exact: (n/p)|s|^2 - 2 (n/p) s.b + |b|^2."""
    surrogate, truth = np.array([0.1, -2.0, 3.5]), np.array([1.0, 0.3, -0.7])
    s, b = [Fraction(v) for v in surrogate.tolist()], [Fraction(v) for v in truth.tolist()]
    square, cross = sum(x * x for x in s), sum(x * y for x, y in zip(s, b, strict=True))
    share = Fraction(7, 10) / 3
    value = share * square - 2 * share * cross + sum(y * y for y in b)
    problem = Problem(Spectrum(np.ones(3)), truth)
    assert holds(certified.risk(problem, "0.7", surrogate, digits=50), value, 50)
    assert not holds(certified.risk(problem, 0.7, surrogate, digits=50), value, 50)


def test_a_turned_surrogate_is_read_in_the_problems_coordinates():
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])  # exact in binary
    straight = Problem(Spectrum([4.0, 1.0]), np.array([1.0, 2.0]))
    turned = Problem(Spectrum([4.0, 1.0], basis=turn), turn @ straight.beta_star)
    surrogate = np.array([0.5, 3.0])
    reference = certified.risk(straight, 1, surrogate, digits=30)
    assert reference.overlaps(certified.risk(turned, 1, turn @ surrogate, digits=30))
    assert not reference.overlaps(certified.risk(turned, 1, surrogate, digits=30))


def test_a_spectrum_alone_has_no_risk():
    proof = certified.certificate(TIE.spectrum, 21)
    assert proof.membership() == certified.certificate(TIE, 21).membership()
    for name in ("standard", "optimal", "masked"):
        with pytest.raises(TypeError, match="must be a Problem"):
            getattr(proof, name)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 0}, ValueError, "n=0 must be positive"),
        ({"n": "-1/3"}, ValueError, "n=-1/3 must be positive"),
        ({"n": float("nan")}, ValueError, "n=nan must be finite"),
        ({"n": "1e400"}, ValueError, "must be finite in double precision"),
        ({"n": "1e99999999"}, ValueError, "exponent of at most 4 digits"),
        ({"n": None}, TypeError, "n=None must be a real number"),
        ({"n": 40, "ridge": "1e-400"}, ValueError, "ridge=.* must not be so close to 0"),
        ({"n": 40, "ridge": "1e-310"}, ValueError, "ridge=.* must be at least 1e-307 times n=40"),
        ({"n": 21, "noise_variance": "-1e-400"}, ValueError, "noise_variance=-.*so close to 0"),
        ({"n": 21, "noise_variance": "-1e-9"}, ValueError, "must not be negative"),
        ({"n": 21, "digits": 0}, ValueError, "digits=0 must be at least 1"),
        ({"n": 21, "digits": 2.5}, ValueError, "digits=2.5 must be a whole number"),
        ({"n": 21, "digits": "50"}, TypeError, "digits='50' must be a whole number"),
        ({"n": 21, "digits": 100_001}, ValueError, "digits=100001 must be at most 100000"),
        ({"n": 21, "surrogate": [1.0]}, ValueError, "of length 1 must have length p=30"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        certified.risk(TIE, **arguments)
    assert certified.risk(TIE, 21, digits=1) > 20

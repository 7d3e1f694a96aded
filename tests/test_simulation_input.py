"""What `kdverify.simulate` and its kin tell the user: warnings, and errors for bad input."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kdverify as kd
from kdverify.simulation import chain, covariate_shift, two_stage

#: |z| beyond this has probability 7e-6 under a true value.
LIMIT = 4.5

POWER = kd.Problem.power_law(p=30, alpha=1.5, beta=1.5)


def test_singular_designs_are_counted_and_solved() -> None:
    problem = kd.Problem(kd.Spectrum(np.ones(3)), np.array([1.0, 2.0, 3.0]))
    result = kd.simulate(problem, 2, trials=400, design="rademacher", noise_variance=0.1)
    # Two rows of three signs are equal up to sign with probability 1/4.
    share = result.safe_factorisations / 400
    assert abs(share - 0.25) < LIMIT * np.sqrt(0.25 * 0.75 / 400)
    assert any(f"{result.safe_factorisations} of 400 designs" in w for w in result.warnings)
    assert np.isfinite(result.means).all()


def test_near_interpolation_is_warned_of() -> None:
    near = kd.simulate(POWER, 29, trials=5, noise_variance=0.1)
    assert any("no finite variance" in text for text in near.warnings)
    with_ridge = kd.simulate(POWER, 29, trials=5, noise_variance=0.1, ridge=0.5)
    assert with_ridge.warnings == ()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kd.simulate(POWER, 10, trials=5).warnings == ()


def shift(*arguments: Any, **options: Any) -> Callable[[], Any]:
    return lambda: kd.simulate(POWER, *arguments, **({"trials": 4} | options))


BAD = [
    (shift(0), ValueError, "n=0 must be at least 1"),
    (shift(-3), ValueError, "n=-3 must"),
    (shift(2.5), ValueError, "n=2.5 must be a whole number"),
    (shift("5"), TypeError, "n='5' must be a whole number"),
    (shift(5, noise_variance=-0.1), ValueError, "noise_variance=-0.1 must not be negative"),
    (shift(5, noise_variance=np.nan), ValueError, "noise_variance=nan must be finite"),
    (shift(5, ridge=-1), ValueError, "ridge=-1 must not be negative"),
    (shift(5, design="cauchy"), ValueError, "design='cauchy' must be one of gaussian"),
    (shift(5, design="student", student_df=4), ValueError, "student_df=4 must be at least 8"),
    (shift(5, design=np.ones((9, 7))), ValueError, r"design of shape \(9, 7\) must have shape"),
    (shift(5, design=np.full((9, 30), np.inf)), ValueError, "design must hold finite"),
    (shift(5, design=object()), TypeError, "design must be a matrix of real numbers"),
    (shift(10, design=np.ones((9, 30))), ValueError, "n=10 must be at most N=9"),
    (shift(5, [np.ones(7)]), ValueError, r"surrogates\[0\] of length 7 must have length p=30"),
    (shift(5, []), ValueError, "surrogates must hold at least one"),
    (shift(5, trials=1), ValueError, "trials=1 must be at least 2"),
    (shift(5, trials=10**18), ValueError, "trials=1000000000000000000 must be at most 1000000000"),
    (lambda: two_stage(POWER, None, 5, 10**400), ValueError, "n=1000.* must be at most 92233"),
    (shift(5, seed=-1), ValueError, "seed=-1 must be at least 0"),
    (shift(5, workers=0), ValueError, "workers=0 must be at least 1"),
    (shift(5, reduction="magic"), ValueError, "reduction='magic' must be one of auto"),
    (shift(5, reduction="signs", design=np.ones((9, 30))), ValueError, "reduction='signs' must"),
    (shift(5, transfer=False), ValueError, "transfer=False must go with reduction='none'"),
    (lambda: kd.simulate(POWER.spectrum, 5), TypeError, "must be a Problem"),
    (lambda: two_stage(POWER, None, 0, 5), ValueError, "n=0 must be at least 1"),
    (lambda: two_stage(POWER, np.eye(4), 5, 5), ValueError, r"source of shape \(4, 4\) must"),
    (lambda: two_stage(POWER, -np.eye(30), 5, 5), ValueError, "positive semi-definite"),
    (lambda: two_stage(POWER, kd.Spectrum(np.ones(4)), 5, 5), ValueError, "source of 4 modes"),
    (
        lambda: two_stage(POWER, kd.Spectrum(np.ones(POWER.p), np.eye(POWER.p)), 5, 5),
        ValueError,
        "source with eigenvectors of its own must be given as a matrix",
    ),
    (
        lambda: two_stage(POWER, np.eye(30), 5, 5, design=np.ones((9, 30))),
        ValueError,
        "source must be None with a data matrix",
    ),
    (lambda: chain(POWER, []), ValueError, "stages must hold at least one stage"),
    (
        lambda: covariate_shift(POWER, np.ones((30, 30)), 5, transfer=True),
        ValueError,
        "transfer=True must go with",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[b[2][:40] for b in BAD])
def test_bad_input_is_turned_away(call: Callable[[], Any], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_what_would_not_fit_into_memory_is_refused_at_once() -> None:
    big = kd.Problem.power_law(p=2_000_000, alpha=2.0, beta=1.5)
    with pytest.raises(ValueError, match=r"p=2000000, n=1000000.*GiB of arrays are needed"):
        kd.simulate(big, 1_000_000)

"""Hypothesis strategies for whoever tests a theory of their own, skewed toward what breaks it.

    from hypothesis import given
    from kdverify.testing import problems

    @given(problems())
    def test_of_mine(problem): ...

The project's own tests draw from these.  Needs `hypothesis` (extra ``test``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kdverify.extras import needed_for
from kdverify.problem import Problem, Spectrum

with needed_for("kdverify.testing"):
    from hypothesis import strategies as st

__all__ = [
    "labels",
    "large_settings",
    "large_spectra",
    "problems",
    "rows",
    "sample_sizes",
    "settings_ridgeless",
    "spectra",
]

Draw = Callable[..., Any]


@st.composite
def spectra(draw: Draw, largest: int = 40) -> np.ndarray:
    """Eigenvalues of the shapes that break solvers."""
    p = draw(st.integers(2, largest))
    shape = draw(
        st.sampled_from(["power", "decades", "gap", "repeats", "equal", "two", "random", "cluster"])
    )
    i = np.arange(1, p + 1.0)
    if shape == "power":
        values = i ** -draw(st.floats(0.1, 8))
    elif shape == "decades":
        values = np.logspace(draw(st.floats(-140, 0)), draw(st.floats(0, 140)), p)
    elif shape == "gap":
        cut = draw(st.integers(1, p - 1))
        values = np.where(
            i <= cut, 10.0 ** draw(st.floats(0, 100)), 10.0 ** draw(st.floats(-100, 0))
        )
        values = values * (1 + 1e-3 * i)
    elif shape == "repeats":
        values = np.repeat(np.logspace(0, -draw(st.floats(0.1, 30)), -(-p // 3)), 3)[:p]
    elif shape == "equal":
        values = np.full(p, 10.0 ** draw(st.floats(-50, 50)))
    elif shape == "two":
        values = np.where(i <= draw(st.integers(1, p - 1)), 1.0, 10.0 ** draw(st.floats(-60, 0)))
    elif shape == "cluster":
        values = 1 + 1e-12 * i
    else:  # random
        values = np.array(draw(st.lists(st.floats(1e-12, 1e12), min_size=p, max_size=p)))
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).permutation(values)


@st.composite
def settings_ridgeless(draw: Draw) -> tuple[np.ndarray, float]:
    """Eigenvalues and a sample size n in (0, p): whole or real, at the ends, at the largest gap."""
    lam = draw(spectra())
    p = lam.size
    down = np.sort(lam)[::-1]
    gap = 1 + int(np.argmax(down[:-1] / down[1:]))
    n = draw(
        st.one_of(
            st.integers(1, p - 1),
            st.floats(0.01, p, exclude_max=True),
            st.just(p - 1),
            st.just(1),
            st.just(gap),
            st.floats(0.999, 1.001),
            st.just(math.nextafter(p, 0)),
        )
    )
    return lam, n


@st.composite
def large_spectra(draw: Draw, largest: int = 3000) -> np.ndarray:
    """Up to some thousand eigenvalues over up to 560 decades, in random order."""
    p = draw(st.one_of(st.integers(1, 12), st.integers(1, largest)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    decades = draw(st.floats(0, 280))
    levels = draw(st.sampled_from([1, 2, 7, p]))
    exponents = rng.choice(rng.uniform(-decades, decades, levels), p)
    if draw(st.booleans()):  # a wide gap in the middle
        exponents = np.where(rng.uniform(size=p) < 0.5, exponents, exponents / 1e3)
    return 10.0**exponents


@st.composite
def sample_sizes(draw: Draw, p: int, ridge: bool) -> float:
    """n up to the edge of what (1) allows: below p, or any n with ridge."""
    inside = [
        st.floats(1e-3, 1 - 1e-3).map(lambda f: f * p),
        st.floats(0.01, 1.0, exclude_max=True),
        st.just(max(p - 1, 0.5)),
        st.floats(1e-9, 0.99).map(lambda f: p - f),
        st.just(math.nextafter(p, 0)),
        st.integers(1, max(p - 1, 1)).map(lambda n: n if n < p else 0.5),
    ]
    beyond = [st.just(p), st.just(p + 1), st.floats(1, 1e4).map(lambda f: f * p)]
    return draw(st.one_of(inside + (beyond if ridge else [])))


@st.composite
def large_settings(draw: Draw, ridge: bool) -> tuple[np.ndarray, float, float]:
    """Eigenvalues, n and ridge, the ridge from 1e-12 to 1e12 of the trace."""
    lam = draw(large_spectra())
    n = draw(sample_sizes(lam.size, ridge))
    return lam, n, float(lam.sum()) * 10.0 ** draw(st.floats(-12, 12)) if ridge else 0.0


@st.composite
def problems(draw: Draw, largest: int = 40) -> Problem:
    """A spectrum with coefficients, some of them perhaps zero."""
    lam = np.sort(draw(spectra(largest)))[::-1]
    seed = draw(st.integers(0, 2**32 - 1))
    beta_star = np.random.default_rng(seed).standard_normal(lam.size)
    kept = draw(st.sampled_from(["all", "first", "last", "some"]))
    if kept == "some":
        beta_star *= np.random.default_rng(seed + 1).random(lam.size) < 0.5
    elif kept != "all":
        beta_star[slice(1, None) if kept == "first" else slice(None, -1)] = 0
    beta_star[0] += beta_star.any() == 0  # some signal
    # energies of the order of one, over whatever decades the spectrum has
    beta_star = beta_star / np.sqrt(lam)
    return Problem(Spectrum(lam), beta_star)


@st.composite
def rows(draw: Draw, largest: int = 30, most_columns: int = 12) -> np.ndarray:
    """A data matrix: Gaussian, heavy-tailed, with repeated rows, or with a column near zero."""
    count = draw(st.integers(4, largest))
    columns = draw(st.integers(1, most_columns))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = generator.standard_normal((count, columns))
    values /= np.arange(1, columns + 1) ** draw(st.floats(0, 2))
    law = draw(st.sampled_from(["gaussian", "heavy", "repeated", "faint column"]))
    if law == "heavy":
        values *= np.sqrt(3 / generator.chisquare(3, (count, 1)))
    elif law == "repeated":
        values = values[generator.integers(0, max(count // 2, 1), count)]
    elif law == "faint column":
        values[:, -1] *= 1e-8
    return values


@st.composite
def labels(draw: Draw, features: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Labels of given rows: linear in them, with a kink, with noise, or classes as +1 and -1.

    One column as a vector if ``columns`` is None.
    """
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    width = 1 if columns is None else columns
    values = features @ generator.standard_normal((features.shape[1], width))
    kind = draw(st.sampled_from(["linear", "kink", "noisy", "classes"]))
    if kind == "kink":
        values = values + 0.5 * np.abs(values)
    elif kind == "noisy":
        values = values + 0.3 * generator.standard_normal(values.shape)
    elif kind == "classes":
        values = np.where(values > 0, 1.0, -1.0)
    return values[:, 0] if columns is None else values

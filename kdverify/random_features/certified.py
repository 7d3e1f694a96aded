"""Random features on balls: every number comes with a proof of its digits.

As `kdverify.gaussian.certified`, for the definitions of `kdverify.random_features.theory`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import flint

from kdverify import checks
from kdverify.arithmetic import BALLS, vector
from kdverify.gaussian import certified
from kdverify.gaussian.solve import spectrum_of
from kdverify.gaussian.solve.exact import GUARD_DIGITS, ExactModes
from kdverify.problem import Problem, Spectrum
from kdverify.random_features import question, risks
from kdverify.random_features.solve import deep, proved
from kdverify.random_features.solve.result import FeatureEquivalents


@dataclass(frozen=True, eq=False, repr=False)
class Certificate(certified.Certificate):
    """Everything that the theory says about one problem, n and q, on balls.

    The risks, gains and modes of `kdverify.gaussian.certified.Certificate`, for a student with
    random features; ``equivalents`` are `FeatureEquivalents`, ``tau`` is nu_2, ``omega``
    Upsilon.
    """

    equivalents: FeatureEquivalents
    _recipes: ClassVar[Any] = risks

    @property
    def tau(self) -> flint.arb:
        """nu_2, the effective regularisation of the modes."""
        return self.equivalents.nu

    @property
    def omega(self) -> flint.arb:
        """Upsilon."""
        return self.equivalents.upsilon


def certificate(
    source: Spectrum | Problem,
    n: Any,
    features: Any,
    noise_variance: Any = 0,
    ridge: Any = 0,
    digits: int = 50,
) -> Certificate:
    """Solve (16) with proof and offer everything that follows from it.

    Arguments as in `kdverify.random_features.risk`, several layers too, ``digits`` from 1 to
    100,000.  Text is read
    as an exact decimal, a float is its exact binary value.

    Raises:
        ValueError, TypeError: for bad input.
    """
    spectrum = spectrum_of(source)
    if isinstance(features, tuple | list) and len(features) != 1:
        digits, (size, noise, delta) = certified.exact_question(
            digits, n=n, noise_variance=noise_variance, ridge=ridge
        )
        several = tuple(checks.exact("features", width) for width in features)
        question.widths(size, several, delta, spectrum.p)
        with BALLS.precision(digits + GUARD_DIGITS):
            modes = ExactModes(BALLS, spectrum, source if isinstance(source, Problem) else None)
            layers = deep.enclosed(modes, size, several, delta, digits)
            return Certificate(source, digits, BALLS.number(noise), modes, layers)
    if isinstance(features, tuple | list):
        (features,) = features
    digits, (size, q, noise, delta) = certified.exact_question(
        digits, n=n, features=features, noise_variance=noise_variance, ridge=ridge
    )
    if delta > 0 or size != q:  # nearly equal sizes may be equal doubles, and are no obstacle
        question.checked(size, q, max(delta, 1), spectrum.p)
    else:
        question.checked(size, q, delta, spectrum.p)
    with BALLS.precision(digits + GUARD_DIGITS):
        problem = source if isinstance(source, Problem) else None
        modes = ExactModes(BALLS, spectrum, problem)
        solved = proved.solve(modes, size, q, delta, digits)
        return Certificate(source, digits, BALLS.number(noise), modes, solved)


def risk(
    problem: Problem,
    n: Any,
    features: Any,
    surrogate: Any = None,
    noise_variance: Any = 0,
    ridge: Any = 0,
    digits: int = 50,
) -> flint.arb:
    """A ball that contains `kdverify.random_features.risk`, some ``10**-digits`` wide relatively.

    ``surrogate``: (p,) floats, at their exact binary values, in the problem's coordinates.
    """
    checks.instance("problem", problem, Problem)
    solved = certificate(problem, n, features, noise_variance, ridge, digits)
    if surrogate is None:
        return solved.standard
    values = checks.real_vector("surrogate", surrogate, problem.p)
    return solved.risk(vector(BALLS, problem.spectrum.to_modes(values)))

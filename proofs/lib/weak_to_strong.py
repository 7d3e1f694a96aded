"""Teachers with random features on power laws, and their students with data without end: balls."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.problem import Problem
from kdverify.random_features import certified

#: Samples of one who has as many as it likes.
ENDLESS = 10**40


@dataclass(frozen=True, eq=False)
class Teacher:
    """m samples with label noise, q features, no ridge; on balls, p modes."""

    problem: Problem
    m: Any
    q: Any
    noise: Fraction
    digits: int

    @cached_property
    def _proof(self) -> certified.Certificate:
        return certified.certificate(self.problem, self.m, self.q, self.noise, 0, self.digits)

    @property
    def risk(self) -> arb:
        """Its own excess risk."""
        return self._proof.standard

    def law(self) -> tuple[np.ndarray, np.ndarray]:
        """(p,) means and variances of its coordinates: claim 12.law."""
        at, modes = self._proof.equivalents, self._proof.modes
        square = modes.beta_star * modes.beta_star
        missed = f.feature_missed(at.zeta, at.one_minus_zeta, at.crowding)
        leftover = BALLS.total(f.feature_leftover(modes.lam, square, at.zeta, missed))
        noise = BALLS.number(self.noise)
        scale = f.trained_scale(leftover, at.one_minus_upsilon, noise)
        learnt = BALLS.total(f.learnt_square(at.one_minus_zeta) * square)
        drift = f.feature_drift(learnt, at.spreads, at.feature_gap)
        variance = f.feature_variance(
            scale, at.n, at.zeta, at.one_minus_zeta, at.crowding, modes.lam + at.nu, drift
        )
        return at.one_minus_zeta * modes.beta_star, variance

    def student(self, kept: Any) -> arb:
        """Risk of a student with endless data and features, and the ridge nu = ``kept``^-alpha."""
        mean, variance = self.law()
        modes, alpha = self._proof.modes, self.problem.spectrum.exponent
        assert alpha is not None
        learnt = f.one_minus_zeta(modes.lam, arb(kept) ** -BALLS.number(alpha))
        return f.mean_variance_risk(
            modes.lam, learnt * mean, learnt * learnt * variance, modes.beta_star, BALLS.total
        )


def local_exponents(sizes: Sequence[int], values: Sequence[arb]) -> list[arb]:
    """``-log(R_2/R_1)/log(n_2/n_1)`` between neighbouring sizes."""
    return [
        BALLS.log(b[1] / a[1]) / BALLS.log(arb(a[0]) / b[0])
        for a, b in zip(
            zip(sizes[:-1], values[:-1], strict=True),
            zip(sizes[1:], values[1:], strict=True),
            strict=True,
        )
    ]

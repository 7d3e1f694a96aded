"""Learning curves: the fixed point and the three risks at many n for the price of few passes.

The spectrum is compressed once (`kdverify.gaussian.solve.compressed`); after that one n costs some
thousand nodes instead of p modes.  Newton on g and its certificate are those of
`kdverify.gaussian.solve.newton`: the block that n cuts is summed mode by mode, every other block
lies wholly on one side of n and is summed over its nodes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from kdverify import checks, formulas
from kdverify.gaussian.solve.compressed import UNIT_ROUNDOFF, compress
from kdverify.gaussian.solve.newton import (
    Evaluation,
    Split,
    Wanted,
    evaluate,
    start,
    sums_of,
)
from kdverify.gaussian.solve.result import Code
from kdverify.problem import Spectrum
from kdverify.shown import Shown

#: |g| at which the iteration stops.
ACCEPTED = 12 * UNIT_ROUNDOFF
#: |g| from which one step reaches rounding level: it leaves at most g^2/4, below 8 roundings.
SMALL = 2.0**-24
MAX_EVALUATIONS = 100


@dataclass(frozen=True, eq=False, repr=False)
class SweepResult(Shown):
    """Deterministic equivalents at many n; every array has one entry per n, in the caller's order.

    Attributes:
        n: sample sizes, as asked.
        ridge: one for all n.
        tau, omega, one_minus_omega: as in `Equivalents`.
        log_error: upper bound of ``|log(true tau / tau)|``, rounding included.
        evaluations: how often g was evaluated.
        codes: `Code` of each solve.
    """

    n: np.ndarray
    ridge: float
    tau: np.ndarray
    omega: np.ndarray
    one_minus_omega: np.ndarray
    log_error: np.ndarray = field(repr=False)
    evaluations: np.ndarray = field(repr=False)
    codes: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False, repr=False)
class SweepRisks(Shown):
    """Excess risks without the noise part, and counts of modes, at many n.

    Attributes:
        standard, optimal, masked: students of strong labels, of the best surrogate and of
            the best mask; NaN without a signal.
        kept: modes that the best mask keeps.
        amplified: modes that the best surrogate amplifies.
    """

    standard: np.ndarray
    optimal: np.ndarray
    masked: np.ndarray
    kept: np.ndarray
    amplified: np.ndarray


class Sweep:
    """A spectrum, and its signal if there is one, prepared for many n.

    Args:
        spectrum: the target covariance.
        signal: (p,) ``lam_i beta*_i^2`` in the spectrum's order, in the eigenbasis.

    Raises:
        ValueError, TypeError: a signal that is negative, not finite or of another length.
    """

    def __init__(self, spectrum: Spectrum, signal: Any = None) -> None:
        checks.instance("spectrum", spectrum, Spectrum)
        self._lam = lam = spectrum.descending
        self._signal = None
        if signal is not None:
            vector = checks.energies("signal", signal, spectrum.p)
            self._signal = vector if lam is spectrum.eigenvalues else vector[spectrum.order]
        self._measure = compress(lam, self._signal)
        self._largest = lam[self._measure.edges[:-1]]  # of each block
        #: Rounding in g: numerator, denominator and ridge/tau, their sum, quotient, logarithm.
        self._rounding = 2 * self._measure.rounding + 4 * UNIT_ROUNDOFF

    def solve(self, n_values: Any, ridge: Any = 0.0) -> SweepResult:
        """Solve (1) at each n; without ridge every n must be below p.

        Where the code is `Code.CONVERGED`, ``log_error`` is below 1e-14 if long doubles have
        64 bits, and below 2e-13 if they are doubles.  Each n is solved on its own: results
        do not depend on the other n.

        Raises:
            ValueError, TypeError: n <= 0, n >= p without ridge, ridge < 0.
        """
        ridge = checks.non_negative("ridge", ridge)
        sizes = checks.sample_sizes("n_values", n_values)
        if ridge == 0:
            for n in sizes:
                checks.below("n_values", n, self._lam.size, "p")
        rows = [self._root(n, ridge) for n in sizes]
        columns = (np.array(column) for column in zip(*rows, strict=True))
        return SweepResult(np.array(sizes), ridge, *columns)

    def risks(self, at: SweepResult) -> SweepRisks:
        """The three risks, noise part left out, and mode counts, at solved n."""
        points = zip(at.tau, at.omega, at.one_minus_omega, strict=True)
        rows = [self._row(*point) for point in points]
        return SweepRisks(*(np.array(column) for column in zip(*rows, strict=True)))

    def _root(self, n: float, ridge: float) -> tuple[Any, ...]:
        checks.root_in_range(n, ridge, self._lam.size, float(self._lam[0]))
        split = Split.at(n, self._lam.size)
        head, tail = self._measure.sides(self._lam, split)

        def at(tau: float, wanted: Wanted) -> Evaluation:
            """g at ``tau``: quick sums for its slope, careful ones where Omega is wanted."""
            careful = wanted is Wanted.OMEGA
            totals = [s.careful_total if careful else s.quick_total for s in (head, tail)]
            below = sums_of(head.nodes, tau, "head", totals[0], wanted)
            beyond = sums_of(tail.nodes, tau, "tail", totals[1], wanted)
            return evaluate([below], [beyond], tau, n, ridge, split.surplus, sum)

        tau = start(self._lam, split, n, ridge)
        wanted = Wanted.SLOPE
        for evaluations in count(1):
            now = at(tau, wanted)
            g = math.log(now.ratio)
            converged = wanted is Wanted.OMEGA and abs(g) <= ACCEPTED
            if converged or evaluations == MAX_EVALUATIONS:
                break
            if abs(g) <= SMALL or evaluations + 1 == MAX_EVALUATIONS:
                wanted = Wanted.OMEGA
            tau *= math.exp(g / now.minus_slope)
        code = Code.CONVERGED if converged else Code.NOT_CONVERGED
        log_error = abs(g) + self._rounding
        return tau, now.omega, now.one_minus_omega, log_error, evaluations, code

    def _row(self, tau: float, omega: float, one_minus_omega: float) -> tuple[Any, ...]:
        kept, cut = self._leading(formulas.keep_margin, tau, one_minus_omega)
        amplified, _ = self._leading(formulas.amplification_margin, tau, one_minus_omega)
        if self._signal is None:
            return math.nan, math.nan, math.nan, kept, amplified
        measure = self._measure
        zeta, learnt = formulas.split_mode(measure.nodes, tau)
        standard = formulas.standard_risk(
            measure.signal, zeta, omega, one_minus_omega, total=np.sum
        )
        optimal = formulas.optimal_risk(
            measure.signal, zeta, learnt, omega, one_minus_omega, total=np.sum
        )
        lo, hi = measure.edges[cut], measure.edges[cut + 1]
        whole = slice(0, measure.offsets[cut])
        masked = formulas.masked_risk(
            np.append(measure.signal[whole], self._signal[lo:kept]),
            np.append(zeta[whole], formulas.zeta(self._lam[lo:kept], tau)),
            np.append(measure.block_signal[cut + 1 :], self._signal[kept:hi]),
            omega,
            one_minus_omega,
            total=np.sum,
        )
        return standard, optimal, masked, kept, amplified

    def _leading(self, margin: Any, tau: float, one_minus_omega: float) -> tuple[int, int]:
        """How many modes have a positive margin (they lead the order), and the block that is cut.

        The margin falls with zeta, rounded as it is, so only one block is looked through.
        """

        def positive(lam: np.ndarray) -> int:
            return int(np.count_nonzero(margin(formulas.zeta(lam, tau), one_minus_omega) > 0))

        cut = max(positive(self._largest) - 1, 0)
        lo, hi = (int(edge) for edge in self._measure.edges[cut : cut + 2])
        return lo + positive(self._lam[lo:hi]), cut

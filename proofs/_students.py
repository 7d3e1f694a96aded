"""What a better surrogate saves its student, measured: standard and other student on the
same designs, so that the error of their difference is small.

The band is that of the risks (``_ensembles.py``), relative to what is predicted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from _ensembles import Setting, geometric, seed, two_levels

from kdverify import Problem, risk, simulate
from kdverify.evidence import Comparison, Context
from kdverify.simulation import SimulationResult

#: places in `Setting.surrogates`
STANDARD, BEST, MASKED = 0, 1, 2


def settings() -> list[Setting]:
    """Spectra of 60 modes where both surrogates save something; the last has a ridge."""
    return [
        Setting("power law", Problem.power_law(60, 2, "1.5"), 30),
        Setting("geometric", geometric(60), 20),
        Setting("two levels", two_levels(60), 30),
        Setting("two levels, ridge", two_levels(60), 30, ridge=3.0),
    ]


def savings(context: Context, which: int, shift: float, trials: int) -> list[Comparison]:
    """Excess risk on strong labels less that on the labels of surrogate ``which``, sigma = 0.

    ``shift`` moves the predictions by so many band-widths.
    """
    comparisons = []
    for setting in settings():
        run = measured(context, setting, trials)
        saved, error = run.difference(STANDARD, which)
        standard, other = predicted(setting, STANDARD), predicted(setting, which)
        band = setting.risk_band * (standard - other)
        theory = standard - other + 2 * shift * band
        comparisons.append(
            Comparison(setting.name, saved, error, run.degrees_of_freedom, theory, band)
        )
    return comparisons


def ratios(context: Context, shift: float, trials: int) -> list[Comparison]:
    """Excess risk on the best labels over that on strong ones, sigma = 0.

    The standard error is that of a ratio of two correlated means, to first order.
    """
    comparisons = []
    for setting in settings():
        run = measured(context, setting, trials)
        standard, best = run.means[STANDARD], run.means[BEST]
        ratio = best / standard
        slope = np.zeros(run.means.size)
        slope[STANDARD], slope[BEST] = -ratio / standard, 1 / standard
        error = float(np.sqrt(slope @ run.covariance @ slope))
        theory = predicted(setting, BEST) / predicted(setting, STANDARD)
        band = setting.risk_band * theory
        centre = theory + 2 * shift * band
        comparisons.append(
            Comparison(setting.name, ratio, error, run.degrees_of_freedom, centre, band)
        )
    return comparisons


def measured(context: Context, setting: Setting, trials: int) -> SimulationResult:
    """Students of the truth, the best surrogate and the best mask on the same designs."""
    return simulate(
        setting.problem,
        setting.n,
        setting.surrogates()[: MASKED + 1],
        context.trials(trials),
        seed(context, setting.name),
        ridge=setting.ridge,
        workers=context.workers,
    )


def predicted(setting: Setting, which: int) -> Any:
    """(2) at sigma = 0."""
    surrogate = setting.surrogates()[which]
    return risk(setting.problem, setting.n, surrogate, ridge=setting.ridge)

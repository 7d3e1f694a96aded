"""Does simulation agree with theory?  An equivalence test.

The usual test asks whether a difference is visible, so that too few trials pass.  Here the
confidence interval of the difference has to lie *inside* a tolerance band: too few trials
cannot pass, they are undecided.

Statistics.  An agreement holds K entries and may be wrong with probability
``context.error_rate``.  Each entry gets the two-sided Student-t interval of level
``error_rate / K``.  By Bonferroni's inequality all K intervals cover their means at once
with probability at least ``1 - error_rate``, whatever the dependence between the entries
(they usually share their trials); the run splits its family-wise error over its agreements
in the same way.  The t law is exact for normal trials; otherwise it rests on the central
limit theorem for the mean over trials, so that the estimate has to be a mean of many
trials with finite variance, and far-out levels (10^-6 over many entries) are nominal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from kdverify.evidence.base import Control, Evidence
from kdverify.evidence.outcome import Context, Figures, Finding, Verdict
from kdverify.steady import steadied

#: Standard errors beyond which a mean is not zero (chance 1e-15), and the rounding of sums of
#: variates, as a share of the largest.
NOT_ZERO, SUM_ROUNDING = 8.0, 1e-9


def check_real(name: str, values: Any) -> None:
    """Refuse complex numbers and masked entries, which NumPy would drop in silence."""
    if np.iscomplexobj(values):
        raise TypeError(f"{name} must be real, not of dtype {np.asarray(values).dtype}")
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must not have masked entries")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Estimates beside the values that theory gives for them.

    Attributes:
        name: what is estimated.
        estimate: mean over trials; a number or an array.
        standard_error: of the estimate.
        degrees_of_freedom: of the standard error (number of trials - 1, as a rule).
        theory: the predicted value.
        band: half-width of the tolerance band around ``theory``, above zero.
        scale: size of one trial, its root mean square; 0: not known.

    Numbers and arrays may be mixed; they are broadcast against ``estimate``.
    """

    name: str
    estimate: Any
    standard_error: Any
    degrees_of_freedom: Any
    theory: Any
    band: Any
    scale: Any = 0.0

    def __post_init__(self) -> None:
        shape = np.shape(self.estimate)
        for name in ("estimate", "theory", "band"):
            check_real(f"{name} of comparison {self.name!r}", getattr(self, name))
        for name, least, strict in (
            ("estimate", -math.inf, True),
            ("standard_error", 0.0, False),
            ("degrees_of_freedom", 1.0, False),
            ("theory", -math.inf, True),
            ("band", 0.0, True),
        ):
            values = np.broadcast_to(np.asarray(getattr(self, name), dtype=np.float64), shape)
            valid = np.isfinite(values) & (values > least if strict else values >= least)
            if not values.size or not valid.all():
                bad = values[~valid].flat[0] if values.size else "nothing"
                relation = "above" if strict else "at least"
                raise ValueError(
                    f"{name}={bad} of comparison {self.name!r} must be finite and "
                    f"{relation} {least:g}"
                )
            object.__setattr__(self, name, values.ravel())

    def __len__(self) -> int:
        return int(self.estimate.size)

    @classmethod
    def of(cls, name: str, values: Any, theory: Any, band: Any, zeros: Any = None) -> Comparison:
        """The mean of ``values`` over their first axis, the independent trials.

        ``zeros``: (trials, m) variates of the same trials whose means are known to be zero: what
        they explain of ``values`` is taken off first (`steadied`).
        """
        for given, what in ((values, "values"), (zeros, "zeros")):
            check_real(f"{what} of comparison {name!r}", given)
        trials = np.asarray(values, dtype=np.float64)
        if trials.ndim == 0 or len(trials) < 2:
            raise ValueError(f"values of comparison {name!r} must hold at least two trials")
        if (trials == trials[0]).all(axis=0).any():
            raise ValueError(f"values of comparison {name!r} must vary between trials")
        scale = float(np.sqrt(np.square(trials).mean()))
        if zeros is not None:
            zeros = np.asarray(zeros, dtype=np.float64)
            errors = zeros.std(axis=0) / math.sqrt(len(zeros))
            rounding = SUM_ROUNDING * np.abs(zeros).max()
            if (np.abs(zeros.mean(axis=0)) > NOT_ZERO * errors + rounding).any():
                raise ValueError(f"zeros of comparison {name!r} must have the mean 0")
            trials = steadied(trials, zeros)
        error = trials.std(axis=0, ddof=1) / math.sqrt(len(trials))
        return cls(name, trials.mean(axis=0), error, len(trials) - 1, theory, band, scale)

    def wide(self, half: np.ndarray) -> np.ndarray:
        """Which entries would pass were they off by all of theory: the largest entry's size.

        Where theory is zero, by the size of one trial.  ``half``: width of the intervals.
        """
        size = np.abs(self.theory).max() or self.scale or np.inf
        off = np.abs(np.abs(self.estimate - self.theory) - size)
        return np.asarray(off + half <= self.band)

    def shifted(self, bands: float) -> Comparison:
        """The same estimates, moved by so many widths of their bands (twice ``band``)."""
        return replace(self, estimate=self.estimate + 2 * bands * self.band)


Sample = Callable[[Context], Comparison | Iterable[Comparison]]


@dataclass(frozen=True, eq=False)
class Agreement(Evidence):
    """Does the simultaneous confidence interval of estimate - theory lie inside the band?

    Attributes:
        sample: function of the `Context` (trials, seeds, digits) that simulates and returns
            a `Comparison` or a list of them.
        shift: by how many widths of their bands the estimates are moved first.
        draws: a name for what is drawn, if other evidence compares the same draws.
    """

    kind: ClassVar[str] = "agreement"
    typical_seconds: ClassVar[float] = 4.0
    asks: ClassVar[tuple[str, ...]] = ("sample",)

    sample: Sample
    shift: float = field(default=0.0, kw_only=True)
    draws: str = field(default="", kw_only=True)  # type: ignore[misc]  # of the class elsewhere

    def shifted(self, bands: float, wrong: str = "") -> Control:
        """A control: the estimates, which are not drawn again, moved by so many band widths."""
        return self.but(wrong or f"moved by {bands:g} band width(s)", shift=bands)

    @property
    def together(self) -> str:
        """One process for the evidence and its controls: they share what is drawn."""
        return self.draws or f"agreement {id(self)}"

    def examine(self, context: Context) -> Finding:
        """Simulate, then compare."""
        comparisons = _drawn(self.sample, context)
        if not comparisons:
            raise ValueError("sample must return at least one Comparison")
        if self.shift:
            comparisons = [comparison.shifted(self.shift) for comparison in comparisons]
        return compare(comparisons, context.error_rate)


@lru_cache(maxsize=1)
def _drawn(sample: Sample, context: Context) -> list[Comparison]:
    """What ``sample`` draws; remembered for the next control of the same evidence."""
    drawn = sample(context)
    if drawn is None:
        raise TypeError("sample must return a Comparison, or several")
    return [drawn] if isinstance(drawn, Comparison) else list(drawn)


def compare(comparisons: list[Comparison], error_rate: float) -> Finding:
    """The equivalence test on all entries of all comparisons at once.

    Measured if every interval lies inside its band; refuted if one lies outside entirely;
    undecided otherwise.  ``used`` is the largest fraction of a band that an interval takes,
    ``detectable error`` the largest uniform relative error of theory that would still pass.
    """
    from scipy import stats

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(c, name) for c in comparisons])

    error, band = joined("standard_error"), joined("band")
    difference = joined("estimate") - joined("theory")
    entries = difference.size
    quantile = stats.t.isf(error_rate / entries / 2, joined("degrees_of_freedom"))
    half = quantile * error
    used = (np.abs(difference) + half) / band
    outside = np.abs(difference) - half > band

    worst = int(np.argmax(np.where(outside, np.abs(difference) / band + np.max(used), used)))
    figures: Figures = {
        "entries": entries,
        "worst": _name_of(comparisons, worst),
        "estimate": float(joined("estimate")[worst]),
        "theory": float(joined("theory")[worst]),
        "standard error": float(error[worst]),
        "band": float(band[worst]),
        "used": float(used[worst]),
        "error rate": error_rate,
    }
    seen = detectable(difference, joined("theory"), band - half)
    wide = np.concatenate([c.wide(half[place]) for c, place in _places(comparisons)])
    if seen is not None:
        figures["detectable error"] = seen
    if outside.any():
        detail = f"{int(outside.sum())} of {entries} intervals lie outside the band"
        return Finding(Verdict.REFUTED, figures, detail)
    if (used < 1).all() and wide.any():
        name = _name_of(comparisons, int(np.argmax(wide)))
        text = f"{name}: twice the theory would pass, or a trial's own size: the band is wide"
        return Finding(Verdict.UNDECIDED, figures, text)
    if (used < 1).all():
        return Finding(Verdict.MEASURED, figures)
    return Finding(Verdict.UNDECIDED, figures, _shortage(difference, half, band))


def detectable(difference: np.ndarray, theory: np.ndarray, room: np.ndarray) -> float | None:
    """The largest relative error, the same in all of theory, that would still pass.

    None if nothing passes, or if theory is zero everywhere.  ``room``: band less interval.
    """
    sized = theory != 0
    if not sized.any() or (np.abs(difference) >= room).any():
        return None
    ends = np.stack([difference - room, difference + room])[:, sized] / theory[sized]
    return float(max(-ends.min(axis=0).max(), ends.max(axis=0).min()))


def _places(comparisons: list[Comparison]) -> Iterator[tuple[Comparison, slice]]:
    """Each comparison and where its entries stand among all."""
    start = 0
    for one in comparisons:
        yield one, slice(start, start := start + len(one))


def _name_of(comparisons: list[Comparison], index: int) -> str:
    """The comparison that holds the entry ``index`` of all entries, and its place there."""
    for comparison in comparisons:
        if index < len(comparison):
            return comparison.name + (f"[{index}]" if len(comparison) > 1 else "")
        index -= len(comparison)
    raise IndexError(index)


def _shortage(difference: np.ndarray, half: np.ndarray, band: np.ndarray) -> str:
    """How many more trials would bring the widest interval inside its band."""
    room = band - np.abs(difference)
    if (room <= 0).any():
        return "too few trials to tell: an estimate lies at or beyond the edge of its band"
    factor = float(np.max((half / room) ** 2))
    return f"too few trials: about {factor:.2g} times as many would be needed"

"""Where the forecast is known to fail: then it is not given, and the reason is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from kdverify.labels.forecast import AtSize
from kdverify.labels.likelihood import Draws
from kdverify.labels.measured import Measured
from kdverify.labels.setting import Setting
from kdverify.seeds import stream

#: Rank below which nothing averages out.
FEWEST_DIRECTIONS = 20
#: Coefficient of variation of the squared row lengths above which rare rows decide.
HEAVY = 1.0
#: Rank correlation of squared error and squared length above which errors grow with the rows,
#: and the chance of it without any that is allowed.
GROWS, FALSE_ALARM = 0.35, 1e-3
#: Share of signal above which the labels look noiseless: how the risk falls is then all prior.
NOISELESS = 0.97
#: Distance of two rows, over their root mean square length, below which they are nearly one.
NEAR = 1e-5
#: A student without ridge is refused within this factor of the rank where columns are nearly empty.
AROUND_RANK = 2.0
#: Largest over mean of the risks of the drawn sets above which rare sets carry the mean.
CARRIED = 3.0


@dataclass(frozen=True)
class Refusal:
    """A reason why no number is given.

    Attributes:
        reason: a sentence's end, after "cannot tell: ".
        ridgeless: only students without ridge are meant.
        sizes: lowest and highest n that are meant.
    """

    reason: str
    ridgeless: bool = False
    sizes: tuple[float, float] = (0.0, np.inf)

    def meets(self, n: float, ridge: float) -> bool:
        """Whether it speaks of this student."""
        return (ridge == 0 or not self.ridgeless) and self.sizes[0] <= n <= self.sizes[1]


def refusals(setting: Setting, measured: Measured, signals: Draws | None = None) -> list[Refusal]:
    """What rows, labels and the posterior of the signal say before any forecast."""
    sample, found = setting.sample, []
    if signals is not None and signals.share > NOISELESS:
        found.append(
            Refusal(
                f"{signals.share:.1%} of the labels' variance passes for signal: with so little "
                "noise the forecast rests on how the signal is assumed to fall, and was seen to "
                "be too low by a third"
            )
        )
    if sample.rank < FEWEST_DIRECTIONS:
        found.append(
            Refusal(
                f"the rows have {sample.rank} directions, below {FEWEST_DIRECTIONS} nothing "
                "averages out; measure with scikit-learn's learning_curve"
            )
        )
    lengths = np.square(sample.rows).sum(axis=1)
    variation = float(lengths.std() / lengths.mean())
    if variation > HEAVY:
        found.append(
            Refusal(
                f"squared row lengths have a coefficient of variation of {variation:.2g}, above "
                f"{HEAVY:g}: rare long rows decide the risk; clip or standardise rows"
            )
        )
    growth = stats.spearmanr(measured.rows[measured.best], lengths[setting.known])
    if growth.statistic > GROWS and growth.pvalue < FALSE_ALARM:
        found.append(
            Refusal(
                f"errors grow with the length of the row (rank correlation "
                f"{growth.statistic:.2f}): the noise is not one number"
            )
        )
    pairs = near_pairs(sample.rows)
    if pairs:
        found.append(
            Refusal(
                f"{pairs} pairs of rows are nearly the same: a student without ridge that sees "
                "both with different labels has no bounded risk; drop repeated rows",
                ridgeless=True,
            )
        )
    if setting.rare_columns:
        found.append(
            Refusal(
                f"{setting.rare_columns} columns are nearly always the same: near the rank "
                f"{sample.rank} the risk without ridge has no stable mean; drop these columns",
                ridgeless=True,
                sizes=(sample.rank / AROUND_RANK, sample.rank * AROUND_RANK),
            )
        )
    return found


def at_size_refusals(at: AtSize, ridgeless: int | None) -> list[Refusal]:
    """What the drawn sets of one n say of the student without ridge (its index, if asked for)."""
    if ridgeless is None:
        return []
    sizes = (float(at.n), float(at.n))
    if at.dependent:
        reason = f"n = {at.n}: drawn rows are dependent, they fill a subspace"
        return [Refusal(reason, ridgeless=True, sizes=sizes)]
    if abs(at.spare) <= 1:
        reason = (
            f"n = {at.n} is within one row of the rank: the mean risk without ridge need not exist "
            "there, for Gaussian rows it is infinite"
        )
        return [Refusal(reason, ridgeless=True, sizes=sizes)]
    risks = at.sets[:, ridgeless]
    if risks.max() > CARRIED * risks.mean() or risks.max() > CARRIED**2 * np.median(risks):
        reason = (
            f"n = {at.n}: rare sets of rows carry the mean risk without ridge; the median over "
            f"{len(risks)} sets is {np.median(risks):.3g}, the largest {risks.max():.3g}"
        )
        return [Refusal(reason, ridgeless=True, sizes=sizes)]
    return []


def near_pairs(rows: np.ndarray) -> int:
    """Pairs of rows that differ, but by less than `NEAR` of their root mean square length.

    Neighbours along a random direction are compared: near rows are neighbours but for chance.
    """
    generator = stream(0, "direction that near pairs are sought along")
    direction = generator.standard_normal(rows.shape[1])
    limit = NEAR * np.sqrt(np.square(rows).sum(axis=1).mean())
    order = np.argsort(rows @ direction)
    first, second = rows[order[:-1]], rows[order[1:]]
    gaps = np.sqrt(np.square(first - second).sum(axis=1))
    # rounding of the rotation: rows that were the same stay within a few units in the last place
    same = 64 * np.finfo(float).eps * np.sqrt(np.square(rows).sum(axis=1).max())
    return int(((gaps < limit) & (gaps > same)).sum())

"""Where the forecast is known to fail: then it is not given, and the reason is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from kdverify.labels.curve import QUANTILE
from kdverify.labels.forecast import AtSize
from kdverify.labels.likelihood import SignalDraws
from kdverify.labels.measured import LeaveOneOut, log_ratio
from kdverify.labels.setting import Setting
from kdverify.seeds import stream

#: Rank below which nothing averages out.
FEWEST_DIRECTIONS = 20
#: Coefficient of variation of the squared row lengths above which rare rows decide.
HEAVY = 1.0
#: Rank correlation of squared error and squared length above which errors grow with the rows,
#: and the chance of it without any that is allowed.
GROWS, FALSE_ALARM = 0.35, 1e-3
#: Coefficient of variation of the squared errors of numbers above which rare labels decide.
RARE_ERRORS = 3.0
#: Log by which the ridge that the forecast holds best is worse by the measurement, above which
#: they disagree; if it is above its own error too.
REGRET = 0.1
#: Labelled rows a direction in the comparison with all rows, and the chance of a difference by
#: drawing at random below which they were not drawn at random.
ROWS_PER_DIRECTION, AT_RANDOM = 5, 1e-5
#: Share of signal above which the labels look noiseless: how the risk falls is then all prior.  The
#: second where there are no more labels than directions, which leaves none for the noise alone.
NOISELESS, NOISELESS_BELOW_RANK = 0.97, 0.9
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


def refusals(
    setting: Setting, measured: LeaveOneOut, signals: SignalDraws | None = None
) -> list[Refusal]:
    """What rows, labels and the posterior of the signal say before any forecast."""
    sample, found = setting.sample, []
    few = setting.count <= sample.rank
    if signals is not None and signals.share > (NOISELESS_BELOW_RANK if few else NOISELESS):
        beside = f" with {setting.count} labels in {sample.rank} directions" if few else ""
        seen = "a quarter to a half" if few else "a third"
        found.append(
            Refusal(
                f"{signals.share:.1%} of the labels' variance passes for signal{beside}: with so "
                "little noise the forecast rests on how the signal is assumed to fall, and was "
                f"seen to be too low by {seen}"
            )
        )
    if sample.rank < FEWEST_DIRECTIONS:
        found.append(
            Refusal(
                f"the rows have {sample.rank} directions, below {FEWEST_DIRECTIONS} nothing "
                "averages out; measure with scikit-learn's learning_curve"
            )
        )
    if setting.faint_columns:
        found.append(
            Refusal(
                f"{setting.faint_columns} columns vary so little beside the others that their "
                "directions are lost in rounding; standardise columns, or drop these"
            )
        )
    chance = chance_at_random(sample.rows, setting.known)
    if chance < AT_RANDOM:
        found.append(
            Refusal(
                f"the labelled rows are not like the others (chance {chance:.1g} if they were "
                "drawn at random): what they measure need not hold for the others"
            )
        )
    errors = measured.rows[measured.best]
    spread = float(errors.std() / errors.mean())
    if not setting.class_names and spread > RARE_ERRORS:
        found.append(
            Refusal(
                f"squared errors have a coefficient of variation of {spread:.2g}, above "
                f"{RARE_ERRORS:g}: rare labels decide the risk; take logarithms, or more labels"
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
    growth = stats.spearmanr(errors, lengths[setting.known])
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


def path_refusals(measured: LeaveOneOut, now: AtSize) -> list[Refusal]:
    """Whether the ridge that the forecast for n_0 holds best is a good one by the measurement."""
    ours, best = now.best, measured.best
    loss, error = log_ratio(measured.rows[ours], measured.rows[best])
    spread = np.log(now.risks[:, ours] / now.risks[:, best]).std()
    if loss <= REGRET or loss <= QUANTILE * np.hypot(error, spread):
        return []
    return [
        Refusal(
            f"the ridge that the forecast holds best at n_0 is {np.expm1(loss):.0%} worse than the "
            "best by leave-one-out: labels and noise are not as the theory takes them"
        )
    ]


def chance_at_random(rows: np.ndarray, known: np.ndarray) -> float:
    """Chance that the mean of so many rows drawn at random is as far from that of all.

    In the first coordinates, as many as give each `ROWS_PER_DIRECTION` labelled rows: the squared
    distance over the variances is chi-squared, but for the rows' skewness.
    """
    size, count = len(rows), len(known)
    seen = rows[:, : max(1, count // ROWS_PER_DIRECTION)]
    gap = seen[known].mean(axis=0) - seen.mean(axis=0)
    variances = seen.var(axis=0) * (size - count) / (size - 1) / count
    return float(stats.chi2.sf(np.sum(np.square(gap) / variances), seen.shape[1]))


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

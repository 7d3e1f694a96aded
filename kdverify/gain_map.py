"""The gain map: over (m, n), where does a trained surrogate beat strong labels, by how much?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.gaussian import theory
from kdverify.problem import Problem
from kdverify.shown import Shown
from kdverify.stages import two_stage_map
from kdverify.training import Stage

RIVALS = ("same n", "same m")


@dataclass(frozen=True, eq=False, repr=False)
class GainMap(Shown):
    """Excess risks of two stages beside those of strong labels, on a grid.

    Attributes:
        m, n: samples of the surrogate and of the student.
        risks: (len(m), len(n)) of the surrogate's student.
        strong: (len(m), len(n)) of the rival, trained on strong labels.
    """

    m: np.ndarray
    n: np.ndarray
    risks: np.ndarray
    strong: np.ndarray

    def records(self) -> Iterator[dict[str, Any]]:
        """One record for each m and n."""
        for i, j in np.ndindex(self.risks.shape):
            yield {
                "m": float(self.m[i]),
                "n": float(self.n[j]),
                "risk": float(self.risks[i, j]),
                "strong": float(self.strong[i, j]),
                "ratio": float(self.ratio[i, j]),
            }

    @property
    def ratio(self) -> np.ndarray:
        """(len(m), len(n)) risk over the rival's: below 1 where two stages win.

        NaN where neither has a finite risk, or where both are 0.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.risks / self.strong)

    @property
    def wins(self) -> np.ndarray:
        """(len(m), len(n)) bool: two stages are strictly better."""
        return np.asarray(self.risks < self.strong)

    def best(self) -> tuple[float, float, float]:
        """(m, n, ratio) where the ratio is least."""
        ratio = np.where(np.isnan(self.ratio), np.inf, self.ratio)
        i, j = np.unravel_index(np.argmin(ratio), ratio.shape)
        return float(self.m[i]), float(self.n[j]), float(ratio[i, j])


def gain_map(
    problem: Problem,
    m: Any,
    n: Any,
    source: Any = None,
    source_noise_variance: Any = 0.0,
    noise_variance: Any = 0.0,
    source_ridge: Any = 0.0,
    ridge: Any = 0.0,
    transform: str = "none",
    rival: str = "same n",
    strong_noise_variance: Any = None,
) -> GainMap:
    """Two stages against strong labels over all pairs of sample sizes.

    Args:
        problem: target spectrum and ground truth.
        m, n: sample sizes of the surrogate and of its student.
        source, source_noise_variance, noise_variance, source_ridge, ridge, transform:
            as in `kdverify.two_stage_risk`.
        rival: ``"same n"``: the student's n samples had strong labels instead;
            ``"same m"``: one target trained on the surrogate's budget of m strong labels.
            It is trained on the target covariance with the student's ``ridge``.
        strong_noise_variance: noise of the rival's labels; None: the surrogate's.

    Raises:
        ValueError, TypeError: as `kdverify.two_stage_risk`; an unknown rival.

    Source: claims ``6.two-stage``, ``6.trainable``.
    """
    checks.choice("rival", rival, RIVALS)
    noise = source_noise_variance if strong_noise_variance is None else strong_noise_variance
    noise = checks.non_negative("strong_noise_variance", noise)
    rows = np.array(checks.sample_sizes("m", m))
    columns = np.array(checks.sample_sizes("n", n))
    teachers = [Stage(size, source, source_noise_variance, source_ridge) for size in rows]
    students = [Stage(size, None, noise_variance, ridge) for size in columns]
    risks = two_stage_map(problem, teachers, students, transform)
    budget = columns if rival == "same n" else rows
    alone = np.array(
        [theory.risk(problem, size, noise_variance=noise, ridge=ridge) for size in budget]
    )
    strong = alone[None, :] if rival == "same n" else alone[:, None]
    return GainMap(rows, columns, risks, np.broadcast_to(strong, risks.shape))

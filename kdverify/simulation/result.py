"""Putting blocks together: means, standard errors, intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
from scipy import special

from kdverify import checks
from kdverify.shown import Shown
from kdverify.simulation.block import BlockResult, RunningMoments
from kdverify.steady import steadied, steadied_apart


@dataclass(frozen=True, eq=False, repr=False)
class SimulationResult(Shown):
    """Means over independent trials and their standard errors.

    Risks are excess risks (label noise is not added to them), averaged over the label
    noise and over whatever ``reductions`` lists, exactly, before the trials are averaged.
    k is the number of surrogates (1 where the ground truth itself starts a chain).

    Attributes:
        means, standard_errors: (k,) excess risk after the last stage.
        stage_means, stage_standard_errors: (stages, k) excess risk after each stage.
        covariance: (k, k) covariance of ``means``; its diagonal is ``standard_errors**2``.
        trials: independent trials; every standard error has ``trials - 1`` degrees of freedom.
        transfer_mean, transfer_energy: (p,) of the last stage: means of ``P_ii`` and of
            ``sum_k lam_k P_ki^2``, in the order of the spectrum's eigenvalues; None where
            they were not asked for.
        noise_trace: mean of ``tr(Sigma X'(XX' + ridge)^-2 X)``; None likewise.
        transfer_mean_standard_errors, transfer_energy_standard_errors: (p,).
        noise_trace_standard_error: a number.
        design: the law of the rows, in words.
        reductions: what was averaged exactly, in words.
        warnings: what to know before trusting the numbers, in words.
        safe_factorisations: designs too ill-conditioned for Cholesky, solved by singular
            values instead (minimum norm).
        largest_condition: the largest condition number met (an upper estimate).
        raw: (trials, k) risks after the last stage, trial by trial, if kept; of ``steady=True``
            less what is taken off, so that they do not spread as risks of single designs do.
        raw_noise_trace: (trials,) the trace of each trial's last design, if kept and if
            transfer functions were asked for; likewise.
    """

    means: np.ndarray
    standard_errors: np.ndarray
    stage_means: np.ndarray
    stage_standard_errors: np.ndarray
    covariance: np.ndarray
    trials: int
    transfer_mean: np.ndarray | None
    transfer_energy: np.ndarray | None
    noise_trace: float | None
    transfer_mean_standard_errors: np.ndarray | None
    transfer_energy_standard_errors: np.ndarray | None
    noise_trace_standard_error: float | None
    design: str
    reductions: tuple[str, ...]
    warnings: tuple[str, ...]
    safe_factorisations: int
    largest_condition: float
    raw: np.ndarray | None = field(default=None, repr=False)
    raw_noise_trace: np.ndarray | None = field(default=None, repr=False)

    @property
    def degrees_of_freedom(self) -> int:
        """Of every standard error: ``trials - 1``."""
        return self.trials - 1

    def records(self) -> Iterator[dict[str, Any]]:
        """One record for each stage and surrogate, with the standard error of its excess risk."""
        for stage, surrogate in np.ndindex(self.stage_means.shape):
            yield {
                "stage": stage + 1,
                "surrogate": surrogate,
                "excess": float(self.stage_means[stage, surrogate]),
                "excess_se": float(self.stage_standard_errors[stage, surrogate]),
            }

    def __repr__(self) -> str:
        risks = ", ".join(
            f"{mean:.4g} ± {error:.2g}"
            for mean, error in zip(self.means[:3], self.standard_errors[:3], strict=True)
        )
        more = ", ..." if len(self.means) > 3 else ""
        return f"SimulationResult({risks}{more}; {self.trials} trials, {self.design})"

    def intervals(self, level: float = 0.95) -> np.ndarray:
        """(k, 2) two-sided Student-t intervals of the means, each of coverage ``level``."""
        half = self._quantile(level) * self.standard_errors
        return np.stack([self.means - half, self.means + half], axis=1)

    def difference(self, i: int, j: int) -> tuple[float, float]:
        """``means[i] - means[j]`` and its standard error: the trials are paired."""
        c = self.covariance
        variance = max(c[i, i] + c[j, j] - 2.0 * c[i, j], 0.0)
        return float(self.means[i] - self.means[j]), float(np.sqrt(variance))

    def _quantile(self, level: float) -> float:
        level = checks.number("level", level)
        if not 0 < level < 1:
            raise ValueError(f"level={level:g} must lie between 0 and 1")
        return float(special.stdtrit(self.degrees_of_freedom, (1 + level) / 2))


def reduce_blocks(
    blocks: Iterable[BlockResult],
    design: str,
    reductions: tuple[str, ...],
    warnings: tuple[str, ...] = (),
    keep_trials: bool = False,
) -> SimulationResult:
    """Merge blocks, in the order of their indices whatever order they come in.

    Raises:
        ValueError: where a block is missing or there twice, or there are fewer than
            two trials.
    """
    ordered = sorted(blocks, key=lambda block: block.index)
    if not ordered:
        raise ValueError("blocks must hold at least one block")
    if [block.index for block in ordered] != list(range(len(ordered))):
        raise ValueError("blocks must have the indices 0, 1, 2, ... once each")
    risks = np.concatenate([block.risks for block in ordered])
    trials, stages, _ = risks.shape
    if trials < 2:
        raise ValueError(f"trials={trials} must be at least 2")
    steady = [block.steady for block in ordered if block.steady is not None]
    if steady:
        zeros, own, transfers = (np.concatenate(parts) for parts in zip(*steady, strict=True))
        risks = steadied(risks, zeros)
    stage_means = risks.mean(axis=0)
    stage_errors = risks.std(axis=0, ddof=1) / np.sqrt(trials)
    deviations = risks[:, -1] - stage_means[-1]
    mean, mean_error = _merged([block.transfer_mean for block in ordered])
    energy, energy_error = _merged([block.transfer_energy for block in ordered])
    trace = trace_error = traces = None
    if mean is not None:
        traces = np.concatenate([b.noise_trace for b in ordered if b.noise_trace is not None])
        if steady:
            traces = steadied(traces, zeros)
            each = steadied_apart(*(steadied(values, zeros) for values in (transfers, own)))
            (mean, energy), transfer_errors = each.mean(axis=0), each.std(axis=0, ddof=1)
            mean_error, energy_error = transfer_errors / np.sqrt(trials)
        trace, trace_error = float(traces.mean()), float(traces.std(ddof=1) / np.sqrt(trials))
    safe = sum(block.safe for block in ordered)
    if safe:
        warnings += (
            f"{safe} of {trials * stages} designs were too ill-conditioned for Cholesky and "
            "were solved by singular values (minimum norm)",
        )
    return SimulationResult(
        means=stage_means[-1],
        standard_errors=stage_errors[-1],
        stage_means=stage_means,
        stage_standard_errors=stage_errors,
        covariance=deviations.T @ deviations / (trials * (trials - 1)),
        trials=trials,
        transfer_mean=mean,
        transfer_energy=energy,
        noise_trace=trace,
        transfer_mean_standard_errors=mean_error,
        transfer_energy_standard_errors=energy_error,
        noise_trace_standard_error=trace_error,
        design=design,
        reductions=reductions,
        warnings=warnings,
        safe_factorisations=safe,
        largest_condition=max(block.condition for block in ordered),
        raw=risks[:, -1] if keep_trials else None,
        raw_noise_trace=traces if keep_trials else None,
    )


def _merged(parts: list[RunningMoments | None]) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Mean and standard error per mode."""
    present = [part for part in parts if part is not None]
    if not present:
        return None, None
    total = reduce(RunningMoments.merged, present)
    return total.mean, np.sqrt(total.squares / (total.count * (total.count - 1)))

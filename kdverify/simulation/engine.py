"""Monte-Carlo risks: one student, a trained surrogate, covariate shift, chains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np

from kdverify import checks
from kdverify.extras import needed_for
from kdverify.problem import Problem, Spectrum
from kdverify.seeds import Rng, seed_from
from kdverify.simulation.block import BlockResult, run_block
from kdverify.simulation.designs import Design
from kdverify.simulation.result import SimulationResult, reduce_blocks
from kdverify.simulation.task import MOST_TRIALS, Block, ModalStage, Task, physical_memory
from kdverify.training import Stage, source_modes
from kdverify.workers import results_of

REDUCTIONS = ("auto", "signs", "none")
NOISES = ("exact", "sampled")
BACKENDS = ("numpy", "torch")

#: With |p - n| up to this, the noise part has no finite variance (theory: F moments).
NO_VARIANCE_GAP = 3


def simulate(
    problem: Problem,
    n: int,
    surrogates: Sequence[Any] = (None,),
    trials: int = 400,
    seed: int = 0,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    design: Any = "gaussian",
    student_df: float = 8.0,
    reduction: str = "auto",
    transfer: bool | None = None,
    workers: int = 1,
    keep_trials: bool = False,
    noise: str = "exact",
    backend: str = "numpy",
    device: str = "cpu",
    features: int | None = None,
    steady: bool = False,
    rng: Rng = None,
) -> SimulationResult:
    """Excess risk of students trained on the labels of given surrogates.

    One design per trial serves all surrogates.  The student is the least-norm
    interpolator (n < p), ordinary least squares (n >= p), or ridge regression.

    Args:
        problem: spectrum and ground truth.
        n: number of samples.
        surrogates: (p,) vectors in the problem's coordinates; None stands for ``beta_star``.
        trials: independent designs, at least 2.
        seed: whole number; random numbers are keyed by (seed, problem, n, block).
        rng: in its place, a seed or a NumPy generator (`kdverify.seeds.seed_from`).
        noise_variance: sigma^2 of the label noise.
        ridge: delta of ``|y - X b|^2 + delta |b|^2``.
        design: the law of the entries, a name of `kdverify.simulation.designs.LAWS`, or an
            (N, p) matrix whose rows are drawn without replacement.  Risks are measured on the
            problem's covariance all the same.
        student_df: degrees of freedom of Student's t, at least 8.
        reduction: "signs" averages over the sign flips of the design's columns, exactly;
            "none" does not; "auto" does where the design allows.
        transfer: whether to return the transfer functions; None: where signs are flipped.
        workers: processes; the numbers do not depend on it.
        keep_trials: whether to return every trial's risks.
        noise: "exact" averages over the label noise given the design; "sampled" draws it,
            one sample for all surrogates of a trial, so that ``raw`` has the law of the
            risk of one draw of (X, z). Sampled noise goes with ``reduction="none"``.
        backend: "numpy", or "torch" (an extra), which factorises the designs of a block
            at once; the draws are the same and results agree within rounding.
        device: where PyTorch works: "cpu", "cuda", "cuda:1", ...
        features: number of random features that the student sees (see `Stage`).
        steady: whether to take off what variates of known mean explain of each design's risks
            and transfer functions (`kdverify.simulation.zero_means`): the same means, standard
            errors several times smaller from some hundred trials on.  For Gaussian rows in the
            problem's eigenbasis and no random features; without ridge n is at least 2 off the
            number of modes, since no mean is finite there.

    Raises:
        ValueError, TypeError: before any work starts, for bad input, arrays that would
            not fit into this machine's memory, or a backend or device that is not there.
    """
    seed = seed_from(seed, rng)
    checks.flag("keep_trials", keep_trials)
    stages = [Stage(n, None, noise_variance, ridge, features)]
    law = (design, student_df, reduction, transfer, noise, backend, device, steady)
    task = build_task(problem, stages, surrogates, seed, *law)
    return run_task(task, trials, workers, keep_trials)


def two_stage(
    problem: Problem,
    source: Any,
    m: int,
    n: int,
    source_noise_variance: float = 0.0,
    noise_variance: float = 0.0,
    source_ridge: float = 0.0,
    ridge: float = 0.0,
    source_features: int | None = None,
    features: int | None = None,
    **options: Any,
) -> SimulationResult:
    """Excess risk of a student of a surrogate that is itself trained, on m samples.

    ``source`` is the covariance of the surrogate's data (see `Stage`); the student has n
    fresh samples of the problem's own; either may see random features.  ``stage_means[0]`` is
    the surrogate's own risk.
    ``options``: trials, seed, design, student_df, reduction, transfer, workers, keep_trials,
    noise, backend, device, steady as in `simulate`.
    """
    links = [
        Stage(m, source, source_noise_variance, source_ridge, source_features),
        Stage(n, None, noise_variance, ridge, features),
    ]
    return chain(problem, links, **options)


def covariate_shift(
    problem: Problem,
    source: Any,
    m: int,
    noise_variance: float = 0.0,
    ridge: float = 0.0,
    **options: Any,
) -> SimulationResult:
    """Excess risk, on the problem's covariance, of a model trained on m samples of ``source``.

    Arguments as in `two_stage`.
    """
    return chain(problem, [Stage(m, source, noise_variance, ridge)], **options)


def chain(
    problem: Problem,
    stages: Sequence[Stage],
    trials: int = 400,
    seed: int = 0,
    design: Any = "gaussian",
    student_df: float = 8.0,
    reduction: str = "auto",
    transfer: bool | None = None,
    workers: int = 1,
    keep_trials: bool = False,
    noise: str = "exact",
    backend: str = "numpy",
    device: str = "cpu",
    steady: bool = False,
    rng: Rng = None,
) -> SimulationResult:
    """Excess risk along a chain of students, each trained on the labels of the one before.

    The first learns from ``beta_star``.  Options as in `simulate`.
    """
    seed = seed_from(seed, rng)
    law = (design, student_df, reduction, transfer, noise, backend, device, steady)
    task = build_task(problem, stages, (None,), seed, *law)
    return run_task(task, trials, workers, keep_trials)


def run_task(
    task: Task, trials: int = 400, workers: int = 1, keep_trials: bool = False
) -> SimulationResult:
    """All blocks of a task, on this machine, put together."""
    trials = checks.count("trials", trials, 2, MOST_TRIALS)
    workers = checks.count("workers", workers)
    require_memory(task, workers)
    return finish(task, run_blocks(task, list(task.blocks(trials)), workers), keep_trials)


def run_blocks(task: Task, blocks: Sequence[Block], workers: int = 1) -> list[BlockResult]:
    """`run_block` on each of ``blocks``, in ``workers`` processes."""
    if workers == 1 or len(blocks) == 1:
        return [run_block(task, block) for block in blocks]
    with closing(results_of(partial(run_block, task), blocks, workers)) as results:
        return sorted((found for _, found in results), key=lambda block: block.index)


def finish(
    task: Task, blocks: Sequence[BlockResult], keep_trials: bool = False
) -> SimulationResult:
    """The result of a task from all its blocks, in whatever order they come."""
    return reduce_blocks(blocks, task.design.name, _reductions(task), _caveats(task), keep_trials)


def build_task(
    problem: Problem,
    stages: Sequence[Stage],
    surrogates: Sequence[Any] = (None,),
    seed: int = 0,
    design: Any = "gaussian",
    student_df: float = 8.0,
    reduction: str = "auto",
    transfer: bool | None = None,
    noise: str = "exact",
    backend: str = "numpy",
    device: str = "cpu",
    steady: bool = False,
) -> Task:
    """Check everything and state it in the eigenbasis of the target covariance."""
    checks.instance("problem", problem, Problem)
    checks.instances("stages", stages, Stage)
    if transfer is not None:
        checks.flag("transfer", transfer)
    spectrum = problem.spectrum
    law = Design.of(design, student_df, problem.p)
    stated = tuple(_in_modes(stage, spectrum, law) for stage in stages)
    if law.rows is not None:
        law = _rows_in_modes(law, spectrum, stages)
    flipped = _flipped(law, stated, checks.choice("reduction", reduction, REDUCTIONS))
    sampled = checks.choice("noise", noise, NOISES) == "sampled"
    if sampled and reduction != "none":
        raise ValueError("noise='sampled' must go with reduction='none': flips need exact noise")
    _require_backend(checks.choice("backend", backend, BACKENDS), device)
    if backend != "numpy" and any(stage.features is not None for stage in stated):
        raise ValueError(f"backend={backend!r} must be 'numpy' for students with random features")
    wanted = bool(flipped) if transfer is None else transfer
    if flipped and not wanted:
        raise ValueError("transfer=False must go with reduction='none': the flips need it")
    if wanted and stated[-1].into_modes is not None:
        raise ValueError("transfer=True must go with a last stage in the target's eigenbasis")
    able = flipped == len(stated) and law.rotation_invariant and backend == "numpy"
    if checks.flag("steady", steady) and (not able or any(s.features for s in stated)):
        raise ValueError(
            "steady=True must go with Gaussian rows in the target's eigenbasis in every stage, "
            "no random features, reduction 'signs' and backend 'numpy'"
        )
    for stage in stated if steady else ():
        if not stage.ridge and abs(stage.n - stage.r) < 2:
            raise ValueError(
                f"n={stage.n} must be at least 2 off the {stage.r} modes for steady=True without "
                "ridge: no mean is finite"
            )
    return Task(
        fingerprint=problem.fingerprint(),
        weights=spectrum.eigenvalues,
        beta_star=problem.beta_modes,
        starts=_columns(problem, surrogates),
        stages=stated,
        design=law,
        flipped=flipped,
        transfer=wanted,
        seed=checks.count("seed", seed, 0, math.inf),
        sampled_noise=sampled,
        steady=steady,
        backend=backend,
        device=device,
    )


def require_memory(task: Task, workers: int = 1) -> None:
    """Raise ValueError where the arrays of ``workers`` would not fit into this machine."""
    need, have = task.bytes_needed() * workers, physical_memory()
    if have is not None and need > have:
        sizes = ", ".join(str(stage.n) for stage in task.stages)
        raise ValueError(
            f"p={task.p}, n={sizes}, workers={workers} must fit into memory: about "
            f"{need / 2**30:.1f} GiB of arrays are needed, this machine has {have / 2**30:.1f} GiB"
        )


def _require_backend(backend: str, device: str) -> None:
    if not isinstance(device, str):
        raise TypeError(f"device={checks.shown(device)} must be a text such as 'cpu' or 'cuda'")
    if backend == "numpy":
        if device != "cpu":
            raise ValueError(f"device={device!r} must go with backend='torch'")
        return
    with needed_for("backend='torch'"):
        from kdverify.simulation.torch_backend import require_device
    require_device(device)


def _columns(problem: Problem, surrogates: Sequence[Any]) -> np.ndarray:
    if not isinstance(surrogates, Sequence | np.ndarray):
        raise TypeError(f"surrogates={checks.shown(surrogates)} must be a list of vectors")
    if len(surrogates) == 0:
        raise ValueError("surrogates must hold at least one vector, or None for beta_star")
    vectors = [
        problem.beta_modes
        if surrogate is None
        else problem.spectrum.to_modes(checks.real_vector(f"surrogates[{i}]", surrogate, problem.p))
        for i, surrogate in enumerate(surrogates)
    ]
    return np.stack(vectors, axis=1)


def _in_modes(stage: Stage, target: Spectrum, design: Design) -> ModalStage:
    values, into_modes = source_modes(target, stage.source)
    if into_modes is None and not values.all():  # paired, but some modes carry no variance
        kept = values > 0
        values, into_modes = values[kept], np.eye(target.p)[:, kept]
    features = None if stage.features is None else checks.count("features", stage.features)
    if features is not None and into_modes is not None:
        raise ValueError("source must commute with the target's covariance, with random features")
    # from the caller's coordinates, whose entries are independent, into those of the stage
    entries = target.basis
    if into_modes is not None:
        entries = into_modes if target.basis is None else target.basis @ into_modes
    return ModalStage(
        eigenvalues=values,
        n=checks.count("n", stage.n),
        noise_variance=checks.non_negative("noise_variance", stage.noise_variance),
        ridge=checks.non_negative("ridge", stage.ridge),
        into_modes=into_modes,
        entries=None if design.rotation_invariant or design.rows is not None else entries,
        features=features,
    )


def _rows_in_modes(design: Design, spectrum: Spectrum, stages: Sequence[Stage]) -> Design:
    """The data in the target's eigenbasis."""
    assert design.rows is not None
    for stage in stages:
        if stage.source is not None:
            raise ValueError("source must be None with a data matrix: its rows are the data")
        if stage.n > len(design.rows):
            raise ValueError(
                f"n={stage.n} must be at most N={len(design.rows)}, the rows of design"
            )
    if spectrum.basis is None:
        return design
    return Design("rows", design.student_df, design.rows @ spectrum.basis)


def _flipped(design: Design, stages: Sequence[ModalStage], reduction: str) -> int:
    """How many of the last stages can be averaged over column signs."""
    if reduction == "none":
        return 0
    able = 0
    for stage in reversed(stages):
        if not design.sign_symmetric or stage.into_modes is not None or stage.entries is not None:
            break
        able += 1
    if reduction == "signs" and not able:
        raise ValueError(
            "reduction='signs' must go with independent sign-symmetric entries in the "
            "target's eigenbasis, at least in the last stage"
        )
    return able


def _reductions(task: Task) -> tuple[str, ...]:
    told = []
    if any(stage.noise_variance for stage in task.stages) and not task.sampled_noise:
        told.append("label noise: exact mean given the designs")
    if task.flipped:
        stages = f" (last {task.flipped} of {len(task.stages)} stages)" if task.stages[1:] else ""
        told.append(f"column signs{stages}: exact mean over all flips")
    if task.steady:
        told.append("variates of known mean: what they explain is taken off")
    return tuple(told)


def _caveats(task: Task) -> tuple[str, ...]:
    return tuple(
        f"n={stage.n} is within {NO_VARIANCE_GAP} of {_free(stage)} without ridge: the noise "
        "part has no finite variance and its standard error means nothing"
        for stage in task.stages
        if not stage.ridge
        and abs(min(stage.r, stage.features or stage.r) - stage.n) <= NO_VARIANCE_GAP
        and (stage.noise_variance or task.transfer or stage.features)
    )


def _free(stage: ModalStage) -> str:
    """What limits the coefficients of a stage, in words."""
    if stage.features is None or stage.features >= stage.r:
        return f"{stage.r} modes"
    return f"{stage.features} features"

"""Claim of section 7: what the simulations draw and add up, where the answer is known exactly."""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from scipy import stats

from kdverify import Problem, Spectrum, simulate
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.simulation.draws import draw_noise, draw_rows
from kdverify.simulation.engine import build_task, run_task
from kdverify.simulation.task import Task
from kdverify.steady import steadied, steadied_apart
from kdverify.training import Stage

from ..lib.balls import column, matrix, number, random_rows, reflection
from ..lib.ensembles import isotropic, seed
from ..lib.modes import Pairs
from ..lib.written import agree
from ..s9_rows.as_trained import near

AS_RUN = Claim(
    "7.as-run",
    title="The simulations draw what they say: rows once each, noise of its variance, pairs",
    statement=r"n = N:\ R = |\beta^s - \beta^*|^2_\Sigma +"
    r" \sigma^2\mathrm{tr}\,\Sigma(X^\top X)^{-1}\ \text{in every trial};\quad \Sigma = I,"
    r"\ \text{drawn noise}:\ E R = \Big(1-\frac np\Big)|\beta^*|^2 +"
    r" \frac{\sigma^2 n}{p-n-1}",
    needs=("2.isotropic-exact", "2.isotropic-noise", "2.least-squares"),
    parts=("rows once each", "pairs", "trial by trial", "drawn noise"),
    steps=[
        Step("n of n rows without repetition are all rows: no trial differs from another."),
        Step("A difference of two students of one design has the deviation of its own trials."),
        Step(
            "A trial is a pseudo-inverse of the design that its stream draws; a mean over signs of"
            " columns is a sum over all of them."
        ),
        Step("With noise of variance 4, its deviation and its variance are told apart."),
    ],
)

#: Agreement of two ways through float64.
CLOSE = Fraction(1, 10**9)
SIZE, P, NOISE = 9, 4, Fraction(1, 2)
#: Three modes in coordinates of their own, a source that does not commute, a surrogate.
#: Not symmetric: a basis and its inverse differ.
BASIS = np.array(reflection((1, 2, -1)), dtype=float) @ np.array(reflection((2, 1, 1)), dtype=float)
SMALL = Problem(Spectrum(np.array([2.0, 1.0, 0.25]), BASIS), BASIS @ np.array([1.0, -0.5, 2.0]))
SOURCE = np.array([[1.0, 0.5, 0.0], [0.5, 2.0, 0.25], [0.0, 0.25, 0.5]])
GIVEN = np.array([0.5, 1.0, -1.0])
TRIALS = 4
#: Rows of data of which any three are dependent, but for one.
TWICE = np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 1.0, -1.0], [1, 3, -1]])
#: The same, nearly.
NEARLY = TWICE + 1e-6 * np.array([[0, 0, 0], [0, 1, 2], [1, 0, 0], [0, 0, 1], [2, 1, 0]])


@AS_RUN.below(
    "rows once each", note="9 rows in 4 columns, noise averaged", but={"one row less": {"n": 8}}
)
def all_rows(digits: int, n: int = SIZE) -> Pairs:
    """Least squares on all rows of a data matrix: its risk on balls, in each of the trials."""
    rows = random_rows(3, SIZE, P)
    problem = Problem(Spectrum(1 / np.arange(1.0, P + 1)), np.ones(P))
    surrogate = np.array([1.0, 2.0, 0.5, -1.0])
    run = simulate(
        problem,
        n,
        [surrogate],
        trials=20,
        noise_variance=float(NOISE),
        design=np.array(rows, dtype=float),
        keep_trials=True,
    )
    X = matrix(rows)
    inverse, lam = (X.transpose() * X).inv(), [number(Fraction(1, i + 1)) for i in range(P)]
    gap = column([Fraction(float(s)) - 1 for s in surrogate])
    shares = [lam[i] * (gap[i, 0] ** 2 + number(NOISE) * inverse[i, i]) for i in range(P)]
    exact = sum(shares, number(0))
    assert run.raw is not None
    for risk in run.raw[:, 0]:
        yield abs(number(Fraction(float(risk))) / exact - 1), CLOSE


@AS_RUN.below("pairs", note="two students of each design", but={"unpaired": {"paired": False}})
def pairs(digits: int, paired: bool = True) -> Pairs:
    """``difference`` of two students, and mean and standard error of the trials' differences."""
    problem = isotropic(12)
    surrogates = [problem.beta_modes, 2 * problem.beta_modes]
    run = simulate(problem, 6, surrogates, trials=50, noise_variance=1.0, keep_trials=True)
    assert run.raw is not None
    gaps = run.raw[:, 0] - run.raw[:, 1]
    mean, error = run.difference(0, 1)
    if not paired:
        error = float(np.hypot(*run.standard_errors))
    trials = gaps.std(ddof=1) / np.sqrt(gaps.size)
    for found, true in ((mean, gaps.mean()), (error, trials)):
        yield abs(number(Fraction(float(found))) / number(Fraction(float(true))) - 1), CLOSE


@AS_RUN.below("pairs", note="variates of known mean", but={"its own trials": {"own": True}})
def variates(digits: int, own: bool = False) -> Pairs:
    """`steadied`: of each eighth of the trials, coefficients by normal equations of the others."""
    generator = np.random.default_rng(8)
    zeros = generator.standard_normal((19, 2)) + 0.3
    values = zeros @ np.array([[1.0, -2.0], [0.5, 3.0]]) + generator.standard_normal((19, 2))
    wanted = np.empty_like(values)
    for i in range(19):
        kept = [j for j in range(19) if own or j % 8 != i % 8]
        centred, varied = (each[kept] - each[kept].mean(axis=0) for each in (values, zeros))
        slopes = np.linalg.solve(varied.T @ varied, varied.T @ centred)
        wanted[i] = values[i] - zeros[i] @ slopes
    yield from near(steadied(values, zeros), wanted)
    each = steadied_apart(values[:, :, None], zeros[:, :, None])
    yield from near(each[:, :, 0], wanted)


@AS_RUN.agreement(
    "drawn noise",
    note="Sigma = I, p = 40, n = 20, variance 4: exact mean, band 3 %",
    but={"the deviation for the variance": {"noise": 2.0, "trials": 500}},
)
def drawn_noise(context: Context, noise: float = 4.0, trials: int = 12000) -> Comparison:
    """Students with drawn noise of variance 4, beside the exact mean at ``noise``."""
    problem, n, p = isotropic(40), 20, 40
    run = simulate(
        problem,
        n,
        trials=context.trials(trials),
        seed=seed(context, "noise"),
        noise_variance=4.0,
        noise="sampled",
        reduction="none",
        workers=context.workers,
    )
    energy = float(problem.signal.sum())
    theory = f.isotropic_risk(energy, energy, energy, n, p) + f.isotropic_noise_risk(noise, n, p)
    return Comparison(
        "mean risk", run.means, run.standard_errors, run.degrees_of_freedom, theory, 0.03 * theory
    )


#: Chains of trainings with the options of a simulation: every branch of a trial.
CHAINS: tuple[tuple[list[Stage], dict[str, Any]], ...] = (
    ([Stage(2, None, 0.5)], {"reduction": "none"}),
    ([Stage(2, None, 0.5, 0.25)], {"reduction": "signs"}),
    ([Stage(5, None, 0.5)], {"design": "uniform", "reduction": "none", "transfer": True}),
    ([Stage(5, None, 0.5, 0.5)], {"design": "student", "reduction": "none"}),
    ([Stage(2, None, 0.5)], {"design": "exponential", "reduction": "none"}),
    ([Stage(2, np.array([1.0, 0.0, 0.5]), 0.25), Stage(2, None, 0.5)], {"reduction": "none"}),
    ([Stage(2, None, 0.5)], {"reduction": "none", "noise": "sampled"}),
    (
        [Stage(5, None, 0.25, 0.5), Stage(2, None, 0.5)],
        {"design": "rademacher", "reduction": "none"},
    ),
    ([Stage(2, None, 0.25), Stage(6, None, 0.5, 1.0)], {"reduction": "signs"}),
    ([Stage(2, None, 0.25), Stage(2, None, 0.5)], {"reduction": "none", "noise": "sampled"}),
    (
        [Stage(4, SOURCE, 0.25), Stage(2, None, 0.5, 0.125)],
        {"design": "uniform", "reduction": "none"},
    ),
    ([Stage(2, None, 0.25), Stage(4, SOURCE, 0.5)], {"reduction": "none"}),
    ([Stage(2, SOURCE, 0.25), Stage(2, None, 0.5)], {"reduction": "signs"}),
    ([Stage(4, None, 0.5, 0.0, 2)], {"reduction": "none", "transfer": True}),
    ([Stage(3, None, 0.25, 0.5, 5), Stage(2, None, 0.5, 0.25, 6)], {"reduction": "none"}),
    ([Stage(2, None, 0.5, 0.0, 6)], {"reduction": "signs"}),
    ([Stage(3, None, 0.5, 0.0, 5)], {"reduction": "none", "noise": "sampled"}),
    ([Stage(3, None, 0.5)], {"design": TWICE, "transfer": True}),
    ([Stage(3, None, 0.5, 1e-18), Stage(5, None, 0.25)], {"design": TWICE}),
    ([Stage(3, None, 0.5, 1e-12)], {"design": NEARLY, "reduction": "none"}),
)


@AS_RUN.below(
    "trial by trial", note="20 chains, flips enumerated", but={"no noise": {"share": 0.0}}
)
def trial_by_trial(digits: int, share: float = 1.0) -> Pairs:
    """Risks of all stages, transfer functions, means and errors, by pseudo-inverses.

    The designs are drawn again from the same stream; signs of columns are enumerated.
    """
    for trainings, options in CHAINS:
        task = build_task(SMALL, trainings, (None, GIVEN), 3, **options)
        run = run_task(task, TRIALS, keep_trials=True)
        rng, lam = task.generator(0), task.weights
        raw, stages, transfers = [], [], []
        for _ in range(TRIALS):
            drawn = []
            for j, stage in enumerate(task.stages):
                X = np.empty((stage.n, stage.r))
                if task.design.rows is not None:
                    draw_rows(stage, task.design, rng, X)
                else:  # independent in the coordinates given, unless any rotation has this law
                    task.design.draw(rng, X)
                    if not task.design.rotation_invariant:
                        turn = np.eye(3) if stage.into_modes is None else stage.into_modes
                        X = X @ BASIS @ turn
                    X = X * np.sqrt(stage.eigenvalues)
                W = np.eye(stage.r)
                if stage.features is not None:
                    W = rng.standard_normal((stage.features, stage.r)) / stage.features**0.5
                drawn.append((X, W, draw_noise(task, j, rng)))
                noisy = options.get("noise") == "sampled" and stage.noise_variance > 0
                yield from agree([drawn[-1][2] is not None], [noisy])
            flipped = len(drawn) - task.flipped
            signs = [
                list(product((1.0, -1.0), repeat=SMALL.p))
                if j >= flipped
                else [(1.0,) * X.shape[1]]
                for j, (X, _, _) in enumerate(drawn)
            ]
            found = [by_hand(task, drawn, flips, share) for flips in product(*signs)]
            stages.append(np.mean(found, axis=0))
            raw.append(stages[-1][-1])
            X, last = drawn[-1][0], task.stages[-1]
            if task.transfer:
                A = W.T @ student(X @ W.T, last.ridge)
                P = A @ X
                transfers.append([*np.diag(P), *(lam @ P**2), lam @ (A**2).sum(axis=1)])
        yield from near(run.raw, raw)
        yield from near(run.stage_means, np.mean(stages, axis=0))
        yield from near(run.means, np.mean(raw, axis=0))
        yield from near(run.covariance, np.cov(np.transpose(raw)) / TRIALS)
        yield from near(run.standard_errors, np.std(raw, axis=0, ddof=1) / TRIALS**0.5)
        errors = np.std(stages, axis=0, ddof=1) / TRIALS**0.5
        yield from near(run.stage_standard_errors, errors)
        told = np.array([[one["excess"], one["excess_se"]] for one in run.records()])
        yield from near(told[:, 0], np.mean(stages, axis=0).ravel())
        yield from near(told[:, 1], errors.ravel())
        half = run.intervals(0.9)[:, 1] - run.means
        yield from near(half, stats.t.ppf(0.95, TRIALS - 1) * run.standard_errors)
        if task.transfer:
            means, spread = np.mean(transfers, axis=0), np.std(transfers, axis=0, ddof=1)
            told = np.hstack([run.transfer_mean, run.transfer_energy, run.noise_trace])  # type: ignore[list-item]  # arrays of a run
            yield from near(told, means)
            spreads = (run.transfer_mean_standard_errors, run.transfer_energy_standard_errors)
            told = np.hstack([*spreads, run.noise_trace_standard_error])  # type: ignore[list-item]  # arrays of a run
            yield from near(told, spread / TRIALS**0.5)


def student(X: np.ndarray, ridge: float) -> np.ndarray:
    """The map from labels to coefficients."""
    if ridge > 1e-9:
        return np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T)
    if ridge > 1e-14:  # of the size of the least singular value's square
        left, values, right = np.linalg.svd(X, full_matrices=False)
        return (right.T * (values / (values**2 + ridge))) @ left.T
    return np.linalg.pinv(X, rcond=1e-12)


def by_hand(task: Task, drawn: Any, flips: Any, share: float) -> np.ndarray:
    """(stages, k) excess risks of one trial with the columns' signs as given."""
    labels, lam = task.starts, task.weights
    spread, found = np.zeros((task.p, task.p)), []
    for stage, (X, W, noise), signs in zip(task.stages, drawn, flips, strict=True):
        turn = np.eye(task.p) if stage.into_modes is None else stage.into_modes
        X, W = X * np.array(signs), W * np.array(signs)
        A = W.T @ student(X @ W.T, stage.ridge)
        P, A = turn @ A @ X @ turn.T, turn @ A
        labels, spread = P @ labels, P @ spread @ P.T
        level = share * stage.noise_variance
        if noise is not None:
            labels = labels + level**0.5 * A @ noise
        else:
            spread = spread + level * A @ A.T
        gap = labels - task.beta_star[:, None]
        found.append(lam @ gap**2 + lam @ np.diag(spread))
    return np.array(found)

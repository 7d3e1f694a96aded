"""Claim of section 7: what the simulations draw and add up, where the answer is known exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from kdverify import Problem, Spectrum, simulate
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.verify import run_as_script

from ..lib.balls import column, matrix, number, random_rows
from ..lib.ensembles import isotropic, seed
from ..lib.modes import Pairs

AS_RUN = Claim(
    "7.as-run",
    title="The simulations draw what they say: rows once each, noise of its variance, pairs",
    statement=r"n = N:\ R = |\beta^s - \beta^*|^2_\Sigma +"
    r" \sigma^2\mathrm{tr}\,\Sigma(X^\top X)^{-1}\ \text{in every trial};\quad \Sigma = I,"
    r"\ \text{drawn noise}:\ E R = \Big(1-\frac np\Big)|\beta^*|^2 +"
    r" \frac{\sigma^2 n}{p-n-1}",
    source="new",
    needs=("2.isotropic-exact", "2.isotropic-noise", "2.least-squares"),
    parts=("rows once each", "pairs", "drawn noise"),
    steps=[
        Step("n of n rows without repetition are all rows: no trial differs from another."),
        Step("A difference of two students of one design has the deviation of its own trials."),
        Step("With noise of variance 4, its deviation and its variance are told apart."),
    ],
)

#: Agreement of two ways through float64.
CLOSE = Fraction(1, 10**9)
SIZE, P, NOISE = 9, 4, Fraction(1, 2)


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


if __name__ == "__main__":
    raise SystemExit(run_as_script([AS_RUN]))

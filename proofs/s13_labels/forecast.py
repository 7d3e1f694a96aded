"""Claim of section 13: what more labels change, forecast from few labels and all rows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, NotRun, Step
from kdverify.gaussian import theory
from kdverify.labels.drawn import Sample
from kdverify.labels.forecast import AtSize, at_size
from kdverify.labels.likelihood import Draws
from kdverify.labels.path import Decomposition
from kdverify.labels.setting import Setting
from kdverify.problem import Problem, Spectrum
from kdverify.rows import made_up
from kdverify.verify import run_as_script

from ..lib.ensembles import seed

FORECAST = Claim(
    "13.forecast",
    title="Few labels and all rows tell what more labels change, on the way to the peak too",
    statement=r"\log\frac{\hat R(n)}{\hat R_{\rm best}(n_0)} ="
    r" \log\frac{R(n)}{R_{\rm best}(n_0)} \pm 0.2"
    r"\ \text{on average over labelled draws: drawn rows, posterior draws of the signal}",
    source="new",
    needs=("13.linear-form", "13.likelihood"),
    parts=("ratio", "two laws and pixels"),
    steps=[
        Step(
            "Students of posterior draws on n of the rows have the risk of 13.linear-form, exactly"
            " for the rows that are there.  What is left to doubt is the signal."
        ),
        Step(
            "A factor common to signal and noise cancels in the ratio: it does not need the level,"
            " which n_0 labels measure no better than their own noise allows."
        ),
        Step(
            "Measured on rows whose eigenvalues fall.  Where they are all equal 30 labels in 50"
            " directions do not tell signal from noise, and the forecast falls too slowly."
        ),
    ],
)
#: Labels at hand, and later ones; columns of the made-up laws.  The digits have 61.
NOW, LATER, PIXELS, RANK = 30, (40,), (46,), 50
#: Drawn sets: the closer to the rank the more.
SETS = {"digits": 30}
#: Half-width of the bands, in the log of the change.
BAND = 0.2


@FORECAST.identity("ratio", but={"noise left as it is": {"noise_factor": 1}})
def scaled(noise_factor: int | None = None) -> tuple[object, object]:
    """The ratio of two risks, and that of a signal and noise a times as large."""
    import sympy

    a, first, second, c, e, noise = sympy.symbols("a B_1 B_2 c_1 c_2 sigma^2", positive=True)
    other = a if noise_factor is None else noise_factor
    left = f.linear_risk(first, noise, c) / f.linear_risk(second, noise, e)
    right = f.linear_risk(a * first, other * noise, c) / f.linear_risk(a * second, other * noise, e)
    return left, sympy.simplify(right)


@cache
def pool_of(name: str) -> tuple[Sample, np.ndarray]:
    """Rows and labels: of linear forms with noise, or one-hot digits."""
    if name == "digits":
        try:
            from sklearn.datasets import load_digits
        except ImportError:
            raise NotRun("scikit-learn is not installed") from None
        pixels, digits = load_digits(return_X_y=True)
        rows = pixels[:, pixels.std(axis=0) > 0]
        labels = np.eye(10)[digits]
    else:
        generator = np.random.default_rng([13, *name.encode()])
        rows = made_up.LAWS[name](generator, 1500, RANK)
        labels = rows @ generator.standard_normal((RANK, 4))
        labels += 0.8 * labels.std(axis=0) * generator.standard_normal(labels.shape)
    return Setting.of(rows, np.arange(2), np.zeros((2, 1))).sample, labels


def sizes(name: str) -> tuple[int, ...]:
    """Labels that are asked for."""
    return PIXELS if name == "digits" else LATER


@cache
def true_changes(name: str, students: int) -> np.ndarray:
    """(sizes, 2) log of risks over that of the best ridge at n_0: no ridge, best ridge."""
    sample, labels = pool_of(name)
    ridges = Setting(sample, np.arange(2), labels[:2]).ridges()
    risks = np.zeros((1 + len(sizes(name)), len(ridges)))
    for place, n in enumerate((NOW, *sizes(name))):
        for student in range(students):
            order = np.random.default_rng([n, student]).permutation(len(labels))
            drawn, others = order[:n], order[n:]
            centre, level = sample.rows[drawn].mean(axis=0), labels[drawn].mean(axis=0)
            made = Decomposition.of(sample.rows[drawn] - centre)
            inside = made.projected(labels[drawn] - level)
            seen = (sample.rows[others] - centre) @ made.right
            for k, ridge in enumerate(ridges):
                gap = labels[others] - seen @ made.coefficients(inside, ridge) - level
                risks[place, k] += np.square(gap).sum(axis=1).mean() / students
    ends = np.log(np.column_stack([risks[:, 0], risks.min(axis=1)]))
    return np.asarray(ends[1:] - ends[0, 1])


def gaussian(at: AtSize, sample: Sample, draws: Draws, ridges: np.ndarray) -> AtSize:
    """The same forecast with the coefficients of Gaussian rows, (2)."""
    risks = np.empty_like(at.risks)
    for t in range(draws.count):
        beta = np.sqrt(np.square(draws.signal[:, t]).sum(axis=1))
        problem, noise = Problem(Spectrum(sample.values), beta), float(draws.noise[t])
        risks[t] = [
            noise + theory.risk(problem, at.n, noise_variance=noise, ridge=ridge)
            for ridge in ridges
        ]
    return replace(at, risks=risks)


@FORECAST.agreement(
    "two laws and pixels",
    note="30 labels; 40 of rank 50, pixels 46 of 61; without ridge and with the best one",
    but={"the coefficients of Gaussian rows": {"exact": False}},
)
def changes(context: Context, exact: bool = True, trials: int = 150) -> list[Comparison]:
    """Forecasts from labelled draws, beside the change that students show."""
    comparisons = []
    for name in ("Gaussian", "ReLU features", "digits"):
        sample, labels = pool_of(name)
        generator = np.random.default_rng(seed(context, name))
        settings = []
        for _ in range(context.trials(trials)):
            known = generator.choice(len(labels), NOW, replace=False)
            settings.append(Setting(sample, known, labels[known]))
        ridges = settings[0].ridges()
        draws = [one.draws(8, generator, one.measured(ridges).temper) for one in settings]
        logs = []
        for n in (NOW, *sizes(name)):
            found = at_size(
                sample,
                n,
                ridges,
                draws,
                [None] * len(draws),
                lambda _: [],
                np.random.default_rng(np.random.SeedSequence([seed(context, n), n])),
                SETS.get(name, 8),
            )
            if not exact:
                found = [
                    gaussian(at, sample, one, ridges) for at, one in zip(found, draws, strict=True)
                ]
            means = np.array([at.risks.mean(axis=0) for at in found])
            logs.append(np.log(np.column_stack([means[:, 0], means.min(axis=1)])))
        true = true_changes(name, 400 if name == "digits" else 100)
        for place, n in enumerate(sizes(name), start=1):
            for k, student in enumerate(("no ridge", "best ridge")):
                values = logs[place][:, k] - logs[0][:, 1]
                title = f"{name}, {student}, n={n}"
                comparisons.append(Comparison.of(title, values, true[place - 1, k], BAND))
    return comparisons


if __name__ == "__main__":
    raise SystemExit(run_as_script([FORECAST]))

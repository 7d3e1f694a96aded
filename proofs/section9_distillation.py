"""Claim of section 9 on real features: what teachers bring, on handwritten digits."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from kdverify import formulas as f
from kdverify.evidence import Agreement, Claim, Comparison, Context, Control, Identity, Step

if TYPE_CHECKING:
    import numpy as np

#: Rows a student gets; 61 columns.
TRAINED = 20
TEACHERS = ("clean", "optimal", "masked")


def one_mode_error(power: int = 2) -> tuple[Any, Any]:
    """Gaussian rows: error of a linear teacher on one mode by K, and the mode's share of (2)."""
    import _mode_sums as m
    import sympy

    zeta, learnt = m.split()
    taught = sympy.Symbol("beta_s", real=True)
    both = m.lam * zeta**power / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, both)
    truth = m.lam * m.beta_star
    left = f.squared_error(K * taught**2, taught * learnt * truth, truth * m.beta_star)
    spread = m.omega / (1 - m.omega) * m.lam * zeta**2 * taught**2
    return m.in_zeta(left), m.in_zeta(m.lam * (learnt * taught - m.beta_star) ** 2 + spread)


@cache
def predicted() -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Labels of each teacher on the digits, and its students' excess risk, summed."""
    import numpy as np
    from _rows_laws import digits

    from kdverify import rows

    law = digits()
    pool = law.pool
    test = rows.Moments.of(pool, pool, law.labels)
    at = rows.solve(pool, TRAINED)
    best = rows.Teachers(at, test, rows.Response(at))
    surrogates = {
        "clean": test.best,
        "optimal": best.optimal,
        "masked": best.masked(best.mask),
    }
    labels = {name: pool.times(surrogate) for name, surrogate in surrogates.items()}
    columns = np.column_stack(list(labels.values()))
    change = rows.corrected_errors(pool, columns, TRAINED, test.repeated(len(labels)), start=at)
    risks = {
        name: float((best.errors(surrogates[name]) - test.floor).sum() + part.sum())
        for (name, part) in zip(labels, np.split(change, len(labels)), strict=True)
    }
    return labels, risks


def risks(context: Context, swapped: bool = False, trials: int = 500) -> list[Comparison]:
    """Students of each teacher, judged on the digits that they did not see."""
    import numpy as np
    from _ensembles import seed
    from _rows_laws import digits, mean_of

    from kdverify import rows

    law = digits()
    best = rows.Moments.of(law.pool, law.pool, law.labels).best
    labels, theory = predicted()

    def judge(_: str, student: np.ndarray, unseen: np.ndarray) -> dict[str, float]:
        missed = law.pool.times(student - best)[unseen]
        return {"excess": float(np.square(missed).sum(axis=1).mean())}

    measured = rows.measure(
        law.pool, TRAINED, labels, judge, context.trials(trials), seed(context, "digits")
    )
    band = 3 / (law.pool.rank - TRAINED - 1)
    comparisons = []
    for name, other in zip(TEACHERS, TEACHERS[1:] + TEACHERS[:1], strict=True):
        expected = theory[other if swapped else name]
        values = measured.values[f"{name}/excess"]
        comparisons.append(mean_of(f"{name}, n={TRAINED}", values, expected, band * expected, 0.0))
    return comparisons


DISTILLATION = Claim(
    id="9.distillation",
    title="Real features: the risk of students of perfect, best and masked teachers, on digits",
    statement=r"R(\beta_s) \approx \beta_s^\top K\beta_s - 2\beta_s^\top(I-M)\Sigma\beta_*"
    r" + \beta_*^\top\Sigma\beta_*,\quad \beta_s \in \{\beta_*,\ K^{-1}(I-M)\Sigma\beta_*,\ "
    r"\mathrm{mask}\,\beta_*\},\ \text{within}\ 3/(p-n-1)",
    source="new",
    needs=("9.best-surrogate", "9.finite-size"),
    parts=("Gaussian rows", "digits"),
    steps=[
        Step("A linear teacher's labels leave no residual: (11) is beta_s'K beta_s."),
        Step("For Gaussian rows a mode's share is that of (2).", lambda: one_mode_error()[1]),
        Step(
            "On digits: scikit-learn's 8x8 images, centred, one-hot classes; students of 20 of"
            " them, judged on those that they did not see, over beta* of the pool."
        ),
    ],
    evidence=[
        Identity(
            "Gaussian rows", left=lambda: one_mode_error()[0], right=lambda: one_mode_error()[1]
        ),
        Agreement("digits", sample=risks, note="three teachers, 1,497 rows, 61 columns"),
    ],
    controls=[
        Control(
            Identity(
                "Gaussian rows",
                left=lambda: one_mode_error(power=1)[0],
                right=lambda: one_mode_error()[1],
            ),
            wrong="zeta for its square in D",
        ),
        Control(
            Agreement("digits", sample=lambda c: risks(c, swapped=True, trials=200)),
            wrong="the teachers' predictions swapped",
        ),
    ],
)

CLAIMS = [DISTILLATION]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))

"""Claim of section 7: which laws of the entries of X give the same risk.

x = Sigma^(1/2) g with independent standardised entries.  Bands are those of section 2
(`lib.ensembles`), times `excess` of the law of the entries (`lib.integrals`).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from kdverify import formulas as f
from kdverify import simulate
from kdverify.evidence import Claim, Comparison, Context, Step

from ..lib.ensembles import Ensemble, ridgeless, seed
from ..lib.integrals import FOURTH_MOMENTS, STUDENT_DF, excess, student_moment

UNIVERSALITY = Claim(
    "7.universality",
    title="Entries of any of these laws, standardised, give the same risk and transfer functions",
    statement=r"x = \Sigma^{1/2} g,\ g_i\ \text{independent, Rademacher, uniform or}"
    r"\ t_8/\sqrt{4/3}:\quad \bar R,\ E P_{ii},\ E\sum_k\lambda_k P_{ki}^2\ \text{and}"
    r"\ E\,{\rm tr}\,\Sigma X^+X^{+\top}\ \text{as for Gaussian}\ g,\ \text{up to}\ O(1/n)",
    source="classic",
    needs=("2.risk", "2.transfer", "7.student-scale"),
    parts=("moments", "quadratic forms", "bound", "risks and transfer functions"),
    steps=[
        Step(
            "With row i left out, 1/((XX')^-1)_ii and all else that a row adds are quadratic"
            " forms g'Ag in that row, A independent of g."
        ),
        Step(
            "E g'Ag = tr A for every standardised law; the law enters by its fourth moment only,"
            " in the variance. In the square of the form at most four indices occur: four are"
            " enough for all p.",
            lambda: quadratic_form_law()[1],
        ),
        Step(
            "Row by row the variance is at most (7/2) tr A^2 <= (7/2) |A| tr A: relative to"
            " (tr A)^2 it falls like 1/n where |A| stays bounded and tr A grows like n."
        ),
        Step("That risks and transfer functions then agree up to O(1/n) is measured."),
    ],
)


NOISE = 0.25


def standardised_moments(scale: Callable[[Any], Any] = f.student_variance) -> list[Any]:
    """Second and fourth moments of the entries: a sum and integrals."""
    t, edge = sympy.Symbol("t", real=True), sympy.sqrt(3)
    variance = scale(sympy.Integer(STUDENT_DF))
    moments = []
    for order in (2, 4):
        flat = sympy.integrate(t**order, (t, -edge, edge)) / (2 * edge)
        moments.append(sum(sympy.Integer(sign) ** order for sign in (-1, 1)) / sympy.Integer(2))
        moments += [flat, student_moment(order) / variance ** (order // 2)]
    return moments


def claimed_moments() -> list[Any]:
    """One, and `FOURTH_MOMENTS`."""
    return [1, 1, 1, *(sympy.Rational(m) for m in FOURTH_MOMENTS.values())]


moments = UNIVERSALITY.identity("moments", lambda: (standardised_moments(), claimed_moments()))
moments.but(
    "Student's t not standardised",
    sides=lambda: (standardised_moments(lambda df: 1), claimed_moments()),
)


def quadratic_form() -> list[Any]:
    """E g'Ag and Var g'Ag for a symmetric 4 x 4 matrix, monomial by monomial."""
    g, a = sympy.symbols("g_1:5"), symmetric()
    form = sum(a[i, j] * g[i] * g[j] for i in range(4) for j in range(4))

    def mean(polynomial: Any) -> Any:
        moments = (1, 0, 1, sympy.Symbol("m_3"), sympy.Symbol("m_4"))
        terms = sympy.Poly(polynomial, *g).terms()
        return sum(c * sympy.prod(moments[k] for k in powers) for powers, c in terms)

    first = mean(form)
    return [first, mean(sympy.expand(form**2)) - first**2]


def quadratic_form_law(gaussian: int = 3) -> list[Any]:
    """tr A and (m_4 - 3) sum A_ii^2 + 2 tr A^2."""
    a, fourth = symmetric(), sympy.Symbol("m_4")
    own = sum(a[i, i] ** 2 for i in range(4))
    return [a.trace(), (fourth - gaussian) * own + 2 * (a * a).trace()]


quadratic_forms = UNIVERSALITY.identity(
    "quadratic forms", lambda: (quadratic_form(), quadratic_form_law()), note="lemma"
)
quadratic_forms.but(
    "m_4 - 2 for m_4 - 3", sides=lambda: (quadratic_form(), quadratic_form_law(gaussian=2))
)


def symmetric() -> Any:
    """A symmetric 4 x 4 matrix of symbols."""
    return sympy.Matrix(4, 4, lambda i, j: sympy.Symbol(f"a_{min(i, j)}{max(i, j)}"))


@UNIVERSALITY.forall(
    "bound",
    note="lemma: one row",
    witness={"own": "1", "others": "1", "m_4": "9/5"},
    but={"3 in the place of 7/2": {"bound": "3"}},
)
def row_bound(smt: Any, bound: str = "7/2") -> Any:
    """One row of A: its part of the variance is at most 7/2 of its part of tr A^2."""
    own, others, fourth = smt.Real("own"), smt.Real("others"), smt.Real("m_4")
    square = own * own + others
    part = (fourth - 3) * own * own + 2 * square
    assumptions = [others >= 0, fourth >= 1, fourth <= smt.number("9/2")]
    return assumptions, smt.And(part >= 0, part <= smt.number(bound) * square)


def settings(context: Context) -> list[Ensemble]:
    """Three spectra at p = 60; at the full level four at p = 60 and 120."""
    return [*ridgeless(60), *ridgeless(120)] if context.level.name == "full" else ridgeless(60)[:3]


@UNIVERSALITY.agreement(
    "risks and transfer functions",
    note="3 designs, 3 spectra, over a thousand values at once (full: 4 spectra, 2 sizes)",
)
def every_design(context: Context, trials: int = 1500, omega: float = 1.0) -> list[Comparison]:
    """Risks of five surrogates, all transfer functions, the noise trace, for all designs.

    ``omega`` multiplies Omega in it.
    """
    return [
        comparison
        for setting in settings(context)
        for design in FOURTH_MOMENTS
        for comparison in one_design(context, setting, design, trials, omega)
    ]


every_design.shifted(-1)
every_design.but("Omega a tenth too large", omega=1.1, trials=200)


def one_design(
    context: Context, setting: Ensemble, design: str, trials: int, omega: float
) -> list[Comparison]:
    """One design in one setting."""
    surrogates = setting.surrogates()
    run = simulate(
        setting.problem,
        setting.n,
        surrogates,
        context.trials(trials * setting.problem.p // 60),  # bands are 1/n, deviations 1/sqrt(n)
        seed(context, setting.name, design),
        noise_variance=NOISE,
        design=design,
        student_df=STUDENT_DF,
        workers=context.workers,
    )
    at, lam, truth = setting.at, setting.problem.spectrum.eigenvalues, setting.problem.beta_modes
    split = (at.zeta, at.one_minus_zeta)
    omegas = (omega * at.omega, 1 - omega * at.omega)
    risks = np.array(
        [f.risk(lam, s, truth, *split, *omegas, noise=NOISE, total=np.sum) for s in surrogates]
    )
    trace = f.noise_trace(*omegas)
    band, risk_band = (excess(design) * b for b in (setting.relative_band, setting.risk_band))
    return [
        Comparison(
            f"{name}, {design}, {setting.name}",
            estimate,
            error,
            run.degrees_of_freedom,
            theory,
            width,
        )
        for name, estimate, error, theory, width in (
            ("risks", run.means, run.standard_errors, risks, risk_band * risks),
            (
                "means",
                run.transfer_mean,
                run.transfer_mean_standard_errors,
                f.transfer_mean(at.one_minus_zeta),
                band,
            ),
            (
                "energies",
                run.transfer_energy,
                run.transfer_energy_standard_errors,
                f.transfer_energy(lam, *split, *omegas),
                band * lam,
            ),
            (
                "noise trace",
                run.noise_trace,
                run.noise_trace_standard_error,
                trace,
                band * trace,
            ),
        )
    ]

"""Claim of section 2 that are measured: the risk for every surrogate, and the law of P.

The bands, and where their constant comes from, stand in `lib.ensembles`.  Beside each
band there is a control that moves the prediction by one band-width, from edge to edge.
"""

import itertools
from typing import Any

import numpy as np
import sympy

from kdverify import formulas
from kdverify import formulas as f
from kdverify.evidence import Claim, Comparison, Context, Step
from kdverify.gaussian.finite_size import correction
from kdverify.gaussian.numbers import FloatModes

from ..lib import sums as d
from ..lib import sums as m
from ..lib.drawn import simulate
from ..lib.ensembles import ridgeless, seed, times, with_ridge
from ..lib.integrals import projector_moment
from ..lib.modes import symbol_vector
from ..lib.sums import matrix_identity
from .risk import mode_form

TRANSFER = Claim(
    "2.transfer",
    title="Mode by mode: the transfer functions of the student and its noise trace",
    statement=r"P = X^\top(XX^\top+\delta I)^{-1}X:\quad E P_{ii} \approx 1-\zeta_i,\quad"
    r" E\sum_k\lambda_k P_{ki}^2 \approx \lambda_i\Big((1-\zeta_i)^2"
    r" + \frac{\zeta_i^2\,\Omega}{1-\Omega}\Big),\quad"
    r" E\,{\rm tr}\,\Sigma X^\top(XX^\top+\delta I)^{-2}X \approx \frac{\Omega}{1-\Omega}",
    needs=("1.unique", "1.ridge"),
    parts=("law", "from first moments", "risk"),
    steps=[
        Step("(I - P) Sigma (I - P) = -d/dt delta (X'X + delta (I + t Sigma))^-1 at t = 0."),
        Step(
            "The right side is a mean at the covariance Sigma (I + t Sigma)^-1: its equivalent"
            " is tau(t)/(lambda + tau(t)(1 + t lambda)), and tau' = -tau^2 Omega/(1 - Omega)"
            " by (1). That gives lambda zeta^2/(1 - Omega).",
        ),
        Step(
            "P Sigma P = (I - P) Sigma (I - P) - Sigma + P Sigma + Sigma P: the energy.",
            lambda: m.written(derived_second_moments()[0]),
        ),
        Step(
            "The noise trace is -d/d delta of tr(Sigma P), with d tau/d delta = 1/(n (1 - Omega)).",
            lambda: derived_second_moments()[1],
        ),
    ],
)


def modes(p: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """lambda, surrogate, beta_star (p,) and a symmetric P (p, p)."""
    entries = sympy.Matrix(p, p, lambda i, j: sympy.Symbol(f"P_{min(i, j)}{max(i, j)}"))
    lam = symbol_vector("lambda", p, positive=True)
    surrogate = symbol_vector("beta^s", p, real=True)
    return lam, surrogate, symbol_vector("beta^*", p, real=True), np.array(entries)


def by_moments(p: int) -> list[Any]:
    """The mean risk of P surrogate by `transfer_risk` and by `moment_risk`."""
    lam, s, b, projector = modes(p)
    squares, diagonal = projector * projector, projector.diagonal()
    return [
        formulas.transfer_risk(lam, s, s * s, b, diagonal, lam @ squares, 0),
        formulas.moment_risk(lam, diagonal * s, squares @ (s * s), b),
    ]


def by_flipping(p: int) -> list[Any]:
    """The same, twice, as the mean of `predictor_risk` over all 2^p choices of signs."""
    lam, s, b, projector = modes(p)
    flips = [np.array(signs) for signs in itertools.product((1, -1), repeat=p)]
    risks = [formulas.predictor_risk(lam, e * (projector @ (e * s)), b) for e in flips]
    return [sum(risks) / sympy.Integer(len(flips))] * 2


#: Half-width of a band of one mode, relative, at the quick level: what the trials can tell.
LEFT = 0.008


@TRANSFER.agreement(
    "law",
    note="all 60 modes at once, also with ridge, corrected in 1/n; bands of 0.8 % of each value",
    but={"energies without zeta^2 Omega/(1 - Omega)": {"spread": False}},
)
def law_of_projector(context: Context, spread: bool = True, trials: int = 300) -> list[Comparison]:
    """(3) over all modes at once; or without ``spread``.

    The first correction of each is added; bands are in proportion to each value, of weak modes
    too.  Sizes are twice as large at the full level.
    """
    comparisons, k = [], times(context)
    band = LEFT / np.sqrt(k)
    for setting in (ridgeless(60 * k)[2], *with_ridge(60 * k)):
        run = simulate(
            setting.problem,
            setting.n,
            trials=context.trials(trials) // k,
            seed=seed(context, setting.name),
            ridge=setting.ridge,
            workers=context.workers,
            steady=True,
        )
        at, added = setting.at, correction(FloatModes.of(setting.problem), setting.at)
        omegas = (at.omega, at.one_minus_omega)
        lam = setting.problem.spectrum.eigenvalues
        mean = f.transfer_mean(at.one_minus_zeta) + added.learnt
        energy = f.transfer_energy(
            lam, at.zeta, at.one_minus_zeta, *(omegas if spread else (0.0, 1.0))
        )
        trace = f.noise_trace(*omegas) + added.noise
        comparisons += [
            Comparison(
                f"{name}, {setting.name}",
                estimate,
                error,
                run.degrees_of_freedom,
                theory,
                abs(theory) * left,
            )
            for name, estimate, error, theory, left in (
                (
                    "means",
                    run.transfer_mean,
                    run.transfer_mean_standard_errors,
                    mean,
                    band,
                ),
                (
                    "energies",
                    run.transfer_energy,
                    run.transfer_energy_standard_errors,
                    energy + added.energy,
                    band,
                ),
                (
                    "noise trace",
                    run.noise_trace,
                    run.noise_trace_standard_error,
                    trace,
                    setting.corrected_band,
                ),
            )
        ]
    return comparisons


law_of_projector.shifted(-1, "one band-width too high")


def assembled_risk() -> Any:
    """The risk from the right sides of (3)."""
    zeta, learnt = m.split()
    s, omegas = m.surrogate, (m.omega, 1 - m.omega)
    return f.transfer_risk(
        m.lam,
        s,
        s * s,
        m.beta_star,
        f.transfer_mean(learnt),
        f.transfer_energy(m.lam, zeta, learnt, *omegas),
        f.noise_trace(*omegas),
        m.noise,
        m.ridge_total,
    )


TRANSFER.identity("risk", lambda: (assembled_risk(), mode_form()), note="any number of modes")


def second_moments(omega: Any = None) -> list[Any]:
    """Energy and noise trace of (3); one mode, zeta in the place of lambda."""
    zeta, learnt = m.split()
    inside = m.omega if omega is None else omega
    energy = f.transfer_energy(m.lam, zeta, learnt, inside, 1 - inside)
    return [m.in_zeta(energy), f.noise_trace(m.omega, 1 - m.omega)]


def derived_second_moments() -> list[Any]:
    """The same from E P at every covariance."""
    return [m.in_zeta(d.transfer_energy()), d.noise_trace()]


from_first_moments = TRANSFER.identity(
    "from first moments", lambda: (second_moments(), derived_second_moments())
)
from_first_moments.but(
    "energies without zeta^2 Omega/(1 - Omega)",
    sides=lambda: (second_moments(0), derived_second_moments()),
)


@TRANSFER.identity("p = 2", note="lemma: the derivative of the resolvent")
def resolvent_derivative() -> tuple[Any, Any]:
    """(I - P) Sigma (I - P) as a derivative, for 2 x 2 matrices."""
    return matrix_identity()


@TRANSFER.identity("Sigma = I", note="exact at finite n")
def isotropic_moments() -> tuple[list[Any], list[Any]]:
    """(3) for Sigma = I, where both are exactly n/p: E P_11, and sum_k P_k1^2 = P_11."""
    learnt, omega = m.n / m.p, m.n / m.p
    energy = f.transfer_energy(1, 1 - learnt, learnt, omega, 1 - omega)
    exact = projector_moment(1, m.n, m.p)
    return [f.transfer_mean(learnt), energy], [exact, exact]


@TRANSFER.identity("p = 2, 3", note="the mean over all column signs")
def over_column_signs() -> tuple[list[Any], list[Any]]:
    """Risks from moments, and the mean risk over all flips of signs by hand."""
    return [by_moments(p) for p in (2, 3)], [by_flipping(p) for p in (2, 3)]

"""Claims of section 2 that are measured: the risk for every surrogate, and the law of P.

The bands, and where their constant comes from, stand in ``_ensembles.py``.  Beside each
band there is a control that moves the prediction by one band-width, from edge to edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from _notation import Pairs

from kdverify import formulas as f
from kdverify.evidence import (
    Agreement,
    Claim,
    Comparison,
    Context,
    Control,
    Enclosure,
    Identity,
    Step,
)

if TYPE_CHECKING:
    from _ensembles import Setting

NOISE = 0.25

# --------------------------------------------------------------------------
# 2.risk
# --------------------------------------------------------------------------


def predicted(setting: Setting, surrogate: Any, sign: int = 1, **changes: Any) -> float:
    """(2) in double precision; ``changes`` replace what enters it, ``sign`` is beta*'s."""
    import numpy as np

    at, problem = setting.at, setting.problem
    entering = {
        "zeta": at.zeta,
        "one_minus_zeta": at.one_minus_zeta,
        "omega": at.omega,
        "one_minus_omega": at.one_minus_omega,
        "noise": NOISE,
    }
    lam, truth = problem.spectrum.eigenvalues, sign * problem.beta_modes
    return float(f.risk(lam, surrogate, truth, **entering | changes, total=np.sum))


def no_fluctuations(setting: Setting, surrogate: Any) -> float:
    """Wrong: the labels' unlearnt energy adds nothing to the variance."""
    at, problem = setting.at, setting.problem
    lam, kept, lost = problem.spectrum.eigenvalues, at.one_minus_zeta, at.one_minus_omega
    energy = f.transfer_energy(lam, at.zeta, kept, 0, 1)
    trace = f.noise_trace(at.omega, lost)
    square, truth = surrogate * surrogate, problem.beta_modes
    return float(f.transfer_risk(lam, surrogate, square, truth, kept, energy, trace, NOISE))


def one_band_away(setting: Setting, surrogate: Any) -> float:
    """Wrong by one band-width."""
    return predicted(setting, surrogate) * (1 + 2 * setting.risk_band)


def risks(
    context: Context,
    settings: Iterable[Setting],
    theory: Callable[[Setting, Any], float] = predicted,
    trials: int = 400,
) -> list[Comparison]:
    """Simulated risks of five surrogates in each setting."""
    import numpy as np
    from _ensembles import seed

    from kdverify import simulate

    comparisons = []
    for setting in settings:
        surrogates = setting.surrogates()
        run = simulate(
            setting.problem,
            setting.n,
            surrogates,
            context.trials(trials),
            seed(context, setting.name),
            noise_variance=NOISE,
            ridge=setting.ridge,
            workers=context.workers,
        )
        expected = np.array([theory(setting, surrogate) for surrogate in surrogates])
        comparisons.append(
            Comparison(
                setting.name,
                run.means,
                run.standard_errors,
                run.degrees_of_freedom,
                expected,
                setting.risk_band * expected,
            )
        )
    return comparisons


def ridgeless_risks(context: Context) -> list[Comparison]:
    """Four spectra at two sizes: the same C in bands C/n."""
    from _ensembles import ridgeless

    return risks(context, [*ridgeless(60), *ridgeless(120)])


def ridge_risks(context: Context) -> list[Comparison]:
    """n below and above p."""
    from _ensembles import with_ridge

    return risks(context, with_ridge(60), trials=1500)


def wrong(theory: Callable[[Setting, Any], float], trials: int = 100) -> Agreement:
    """The ridgeless check at p = 60 with another theory."""

    def sample(context: Context) -> list[Comparison]:
        from _ensembles import ridgeless

        return risks(context, ridgeless(60), theory, trials)

    return Agreement("ridgeless", sample=sample)


def from_first_moments() -> Any:
    """(2) with the second moments of P derived from its mean."""
    import _derivatives as d
    import _mode_sums as m

    s, b = m.surrogate, m.beta_star
    mean, energy, trace = m.split()[1], d.transfer_energy(), d.noise_trace()
    return f.transfer_risk(m.lam, s, s * s, b, mean, energy, trace, m.noise, m.ridge_total)


def mode_form() -> Any:
    """(2) for any number of modes, with ridge."""
    import _mode_sums as m

    return m.risk(sums=m.ridge_total)


def digits_of_double(digits: int, shift: float = 0.0) -> Pairs:
    """`kdverify.risk` is within a relative 1e-13 of the certified ball."""
    import flint
    from _ensembles import ridgeless, with_ridge

    from kdverify import risk
    from kdverify.gaussian import certified

    for setting in (*ridgeless(60), *with_ridge(60)):
        for surrogate in setting.surrogates():
            arguments = (setting.problem, setting.n, surrogate, NOISE, setting.ridge)
            ball = certified.risk(*arguments, digits=digits)
            error = flint.arb(risk(*arguments) * (1 + shift)) - ball
            yield abs(error), ball / 10**13


RISK = Claim(
    id="2.risk",
    title="The risk of a student is close to (2), whatever its surrogate",
    statement=r"R(\beta^s) \approx \sum_i \lambda_i\big((1-\zeta_i)\beta^s_i - \beta^*_i\big)^2"
    r" + \frac{\Omega}{1-\Omega}\Big(\sigma^2 + \sum_i\lambda_i\zeta_i^2(\beta^s_i)^2\Big)"
    r"\quad\text{up to a relative}\ O(1/n)",
    source="paper",
    needs=("1.unique", "1.ridge", "2.transfer"),
    parts=("ridgeless", "ridge", "from first moments"),
    steps=[
        Step(
            "Column signs average the cross terms away: R needs only P_ii, sum_k lambda_k P_ki^2"
            " and the noise trace."
        ),
        Step(
            "From E P_ii ~ 1 - zeta_i at every covariance the other two follow by derivatives"
            " (claim 2.transfer), and their sum is (2).",
            from_first_moments,
        ),
        Step("That R is near this number is measured: gaussian rows, beta* and four others."),
    ],
    evidence=[
        Agreement("ridgeless", sample=ridgeless_risks, note="4 spectra, p = 60, 120, 5 surrogates"),
        Agreement("ridge", sample=ridge_risks, note="n below and above p"),
        Identity(
            "from first moments",
            left=from_first_moments,
            right=mode_form,
            note="any number of modes, ridge",
        ),
        Enclosure("six settings", below=digits_of_double, note="kdverify.risk, relative 1e-13"),
    ],
    controls=[
        Control(wrong(lambda s, b: predicted(s, b, one_minus_omega=1)), "without 1/(1 - Omega)"),
        Control(wrong(no_fluctuations), "without the surrogate in the variance"),
        Control(wrong(lambda s, b: predicted(s, b, sign=-1)), "the sign of beta* in the bias"),
        Control(wrong(one_band_away, trials=200), "one band-width too high"),
        Control(
            Enclosure("six settings", below=lambda digits: digits_of_double(digits, 1e-12)),
            wrong="a relative error of 1e-12",
        ),
    ],
)

# --------------------------------------------------------------------------
# 2.transfer
# --------------------------------------------------------------------------


def law_of_projector(
    context: Context, factor: float = 0.0, spread: bool = True, trials: int = 2000
) -> list[Comparison]:
    """(3) over all modes at once; ``factor`` band-widths too high, without ``spread``."""
    from _ensembles import ridgeless, seed, with_ridge

    from kdverify import simulate

    comparisons = []
    for setting in (ridgeless(60)[2], *with_ridge(60)):
        run = simulate(
            setting.problem,
            setting.n,
            trials=context.trials(trials),
            seed=seed(context, setting.name),
            ridge=setting.ridge,
            workers=context.workers,
        )
        at, band = setting.at, setting.relative_band
        omegas = (at.omega, at.one_minus_omega)
        lam = setting.problem.spectrum.eigenvalues
        mean = f.transfer_mean(at.one_minus_zeta)
        energy = f.transfer_energy(
            lam, at.zeta, at.one_minus_zeta, *(omegas if spread else (0.0, 1.0))
        )
        trace = f.noise_trace(*omegas)
        comparisons += [
            Comparison(
                f"{name}, {setting.name}",
                estimate,
                error,
                run.degrees_of_freedom,
                theory + 2 * factor * band * scale,
                band * scale,
            )
            for name, estimate, error, theory, scale in (
                ("means", run.transfer_mean, run.transfer_mean_standard_errors, mean, 1.0),
                ("energies", run.transfer_energy, run.transfer_energy_standard_errors, energy, lam),
                ("noise trace", run.noise_trace, run.noise_trace_standard_error, trace, trace),
            )
        ]
    return comparisons


def assembled_risk() -> Any:
    """The risk from the right sides of (3)."""
    import _mode_sums as m

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


def second_moments(omega: Any = None) -> list[Any]:
    """Energy and noise trace of (3); one mode, zeta in the place of lambda."""
    import _mode_sums as m

    zeta, learnt = m.split()
    inside = m.omega if omega is None else omega
    energy = f.transfer_energy(m.lam, zeta, learnt, inside, 1 - inside)
    return [m.in_zeta(energy), f.noise_trace(m.omega, 1 - m.omega)]


def derived_second_moments() -> list[Any]:
    """The same from E P at every covariance."""
    import _derivatives as d
    import _mode_sums as m

    return [m.in_zeta(d.transfer_energy()), d.noise_trace()]


def resolvent_derivative() -> tuple[Any, Any]:
    """(I - P) Sigma (I - P) as a derivative, for 2 x 2 matrices."""
    from _derivatives import matrix_identity

    return matrix_identity()


def isotropic_moments() -> tuple[list[Any], list[Any]]:
    """(3) for Sigma = I, where both are exactly n/p: E P_11, and sum_k P_k1^2 = P_11."""
    import _mode_sums as m
    from _integrals import projector_moment

    learnt, omega = m.n / m.p, m.n / m.p
    energy = f.transfer_energy(1, 1 - learnt, learnt, omega, 1 - omega)
    exact = projector_moment(1, m.n, m.p)
    return [f.transfer_mean(learnt), energy], [exact, exact]


def over_column_signs() -> tuple[list[Any], list[Any]]:
    """Risks from moments, and the mean risk over all flips of signs by hand."""
    from _column_signs import by_flipping, by_moments

    return [by_moments(p) for p in (2, 3)], [by_flipping(p) for p in (2, 3)]


TRANSFER = Claim(
    id="2.transfer",
    title="Mode by mode: the transfer functions of the student and its noise trace",
    statement=r"P = X^\top(XX^\top+\delta I)^{-1}X:\quad E P_{ii} \approx 1-\zeta_i,\quad"
    r" E\sum_k\lambda_k P_{ki}^2 \approx \lambda_i\Big((1-\zeta_i)^2"
    r" + \frac{\zeta_i^2\,\Omega}{1-\Omega}\Big),\quad"
    r" E\,{\rm tr}\,\Sigma X^\top(XX^\top+\delta I)^{-2}X \approx \frac{\Omega}{1-\Omega}",
    source="new",
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
            lambda: derived_second_moments()[0],
        ),
        Step(
            "The noise trace is -d/d delta of tr(Sigma P), with d tau/d delta = 1/(n (1 - Omega)).",
            lambda: derived_second_moments()[1],
        ),
    ],
    evidence=[
        Agreement("law", sample=law_of_projector, note="all 60 modes at once, also with ridge"),
        Identity("from first moments", left=second_moments, right=derived_second_moments),
        Identity("risk", left=assembled_risk, right=mode_form, note="any number of modes"),
        Identity(
            "p = 2",
            left=lambda: resolvent_derivative()[0],
            right=lambda: resolvent_derivative()[1],
            note="the derivative of the resolvent",
        ),
        Identity(
            "Sigma = I",
            left=lambda: isotropic_moments()[0],
            right=lambda: isotropic_moments()[1],
            note="exact at finite n",
        ),
        Identity(
            "p = 2, 3",
            left=lambda: over_column_signs()[0],
            right=lambda: over_column_signs()[1],
            note="the mean over all column signs",
        ),
    ],
    controls=[
        Control(
            Agreement("law", sample=lambda c: law_of_projector(c, spread=False, trials=200)),
            wrong="energies without zeta^2 Omega/(1 - Omega)",
        ),
        Control(
            Agreement("law", sample=lambda c: law_of_projector(c, factor=1.0, trials=700)),
            wrong="one band-width too high",
        ),
        Control(
            Identity(
                "from first moments", left=lambda: second_moments(0), right=derived_second_moments
            ),
            wrong="energies without zeta^2 Omega/(1 - Omega)",
        ),
    ],
)

CLAIMS = [RISK, TRANSFER]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))

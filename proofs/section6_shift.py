"""Claims of section 6: trained on one covariance, measured on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from _stages import Setting

# --------------------------------------------------------------------------
# 6.covariate-shift
# --------------------------------------------------------------------------


def shifted_risk(surrogate_noise: bool = True) -> Any:
    """Stop after stage 1; target and source the same, any number of modes."""
    import _mode_sums as m

    zeta, learnt = m.split()
    leftover = m.total(f.unlearnt_energy(m.lam, m.beta_star, zeta))
    scale = f.trained_scale(leftover, 1 - m.omega, m.noise if surrogate_noise else 0)
    variance = f.trained_variance(scale, m.n, learnt, m.lam + m.tau)
    return f.mean_variance_risk(m.lam, learnt * m.beta_star, variance, m.beta_star, m.total)


def standard_risk() -> Any:
    """Strong labels, any number of modes."""
    import _mode_sums as m

    zeta = m.split()[0]
    signal = m.lam * m.beta_star**2
    return f.standard_risk(signal, zeta, m.omega, 1 - m.omega, m.noise, m.total)


def shifts(context: Context, shift: float = 0.0) -> list[Comparison]:
    """The first stage alone, measured on the target."""
    from _stages import Setting, settings, simulated, turned_source, two_stages

    cases = [*settings()[:2], settings()[3], two_stages("turned, m=45", turned_source(), 45, 1)]
    alone = [Setting(case.name, case.stages[:1], case.problem) for case in cases]
    return simulated(context, alone, shift=shift, trials=800)


def on_its_own_covariance(context: Context) -> list[Comparison]:
    """Wrong: the risk measured on Sigma_s."""
    from _stages import Setting, settings, simulated

    from kdverify import Problem, risk

    def theory(case: Setting) -> list[float]:
        [stage] = case.stages
        return [
            risk(
                Problem(stage.source, case.problem.beta_star),
                stage.n,
                noise_variance=stage.noise_variance,
            )
        ]

    case = settings()[1]
    return simulated(
        context, [Setting(case.name, case.stages[:1], case.problem)], theory, trials=100
    )


COVARIATE_SHIFT = Claim(
    id="6.covariate-shift",
    title="Trained on Sigma_s, measured on Sigma_t",
    statement=r"R \approx \|\Sigma_t^{1/2}(A-I)\beta^*\|^2 + \mathrm{tr}(\Sigma_t\,"
    r"\mathrm{Cov}\,\beta^s)",
    source="classic",
    needs=("6.two-stage",),
    parts=("one covariance", "simulated"),
    steps=[
        Step("The mean risk of a random predictor: squared bias plus variance."),
        Step("With Sigma_s = Sigma_t it is the risk on strong labels.", shifted_risk),
    ],
    evidence=[
        Identity("one covariance", left=shifted_risk, right=standard_risk, note="any p"),
        Agreement("simulated", sample=shifts, note="commuting and turned Sigma_s"),
    ],
    controls=[
        Control(
            Identity("one covariance", left=lambda: shifted_risk(False), right=standard_risk),
            wrong="no label noise",
        ),
        Control(Agreement("simulated", sample=on_its_own_covariance), "measured on Sigma_s"),
        Control(Agreement("simulated", sample=lambda c: shifts(c, 1.0)), "one band-width too high"),
    ],
)

# --------------------------------------------------------------------------
# 6.joint-diagonal
# --------------------------------------------------------------------------


def turned_risks() -> tuple[Any, Any]:
    """Covariate-shift risk with Sigma_s diagonal, and turned by (3, 4)/5: p = 2, m = 1."""
    from fractions import Fraction

    import numpy as np
    from _stages import LEVELS, two_levels

    at = two_levels()
    truth = np.array([Fraction(1), Fraction(1, 2)], dtype=object)
    cosine, sine = Fraction(3, 5), Fraction(4, 5)
    results = []
    for basis in (((1, 0), (0, 1)), ((cosine, -sine), (sine, cosine))):
        turn = np.array(basis, dtype=object)
        own = turn.T @ truth
        mean, square = at.trained(own, own * own)
        covariance = (turn * (square - mean * mean)) @ turn.T
        results.append(f.mean_variance_risk(LEVELS, turn @ mean, covariance.diagonal(), truth))
    return results[0], results[1]


def turning(context: Context, as_if_commuting: bool = False) -> list[Comparison]:
    """The turned setting against its own prediction, or that of the commuting one."""
    from _stages import settings, simulated, spectrum_of

    from kdverify.gaussian.stages import Stage, chain_risks

    def commuting(case: Setting) -> list[float]:
        first, second = case.stages
        source = spectrum_of(first.source, case.problem)
        aligned = Stage(first.n, source, first.noise_variance)
        return chain_risks(case.problem, [aligned, second])

    case = settings()[2]
    if as_if_commuting:
        return simulated(context, [case], commuting, trials=100, first=1)
    return simulated(context, [case], first=1)


JOINT_DIAGONAL = Claim(
    id="6.joint-diagonal",
    title="Eigenvalues alone do not tell: the eigenvectors of Sigma_s matter",
    statement=r"\Sigma_s \to Q\Sigma_sQ^\top\ \text{changes the covariate-shift and the S2T risk}",
    source="new",
    needs=("6.two-stage",),
    parts=("example", "simulated"),
    steps=[
        Step("The same eigenvalues give the same tau_s and Omega_s, but another A beta*."),
        Step("Two modes, eigenvalues 4 and 1/4, m = 1: all numbers are rational."),
    ],
    evidence=[
        Enclosure("example", below=lambda digits: [turned_risks()]),
        Agreement("simulated", sample=turning, note="p = 60, m = n = 30"),
    ],
    controls=[
        Control(Enclosure("example", below=lambda digits: [turned_risks()[::-1]]), "the order"),
        Control(
            Agreement("simulated", sample=lambda c: turning(c, True)),
            wrong="the commuting Sigma_s of the same eigenvalues",
        ),
    ],
)

CLAIMS = [COVARIATE_SHIFT, JOINT_DIAGONAL]

if __name__ == "__main__":
    from kdverify.verify import run_as_script

    raise SystemExit(run_as_script(CLAIMS))

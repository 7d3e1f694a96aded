"""Claim of section 3: what the best surrogate buys, mode by mode."""

from fractions import Fraction
from typing import Any

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import modes as one
from ..lib import sums as m
from ..lib.modes import Pairs

IMPROVEMENT = Claim(
    "3.improvement",
    title="The best surrogate's risk over that of strong labels, mode by mode",
    statement=r"\frac{\bar R_{opt,i}}{\bar R_{std,i}} = \frac{\Omega(1-\Omega)}"
    r"{\Omega(1-\Omega)+(\zeta_i-(1-\Omega))^2}\qquad(\sigma=0)",
    needs=("3.optimal",),
    parts=("ratio", "denominator", "sums"),
    steps=[
        Step("Put (4) into one mode of (2), and beta*.", lambda: ratio()[0]),
        Step("The denominator of (5) is the curvature.", lambda: two_curvatures()[1]),
        Step("The whole risks are the sums over the modes plus the same noise part."),
    ],
)


@IMPROVEMENT.identity("ratio")
def ratio(swapped: bool = False) -> tuple[Any, Any]:
    """One mode's optimal over its standard risk at sigma = 0, and (5)."""
    _, zeta, omega, beta_star, _, _ = one.symbols()
    rest = 1 - omega
    measured = one.share(one.best()) / one.share(beta_star)
    return measured, f.improvement(zeta, 1 - zeta, *((rest, omega) if swapped else (omega, rest)))


ratio.but("Omega and 1 - Omega swapped in (5)", swapped=True)


@IMPROVEMENT.identity("denominator")
def two_curvatures() -> tuple[Any, Any]:
    """The curvature as a sum of positive terms, and as the denominator of (5)."""
    _, zeta, omega, _, _, _ = one.symbols()
    distance = zeta - (1 - omega)
    return (
        f.mode_curvature(zeta, 1 - zeta, omega, 1 - omega),
        omega * (1 - omega) + distance * distance,
    )


@IMPROVEMENT.identity("sums", note="one mode, with noise")
def one_mode_risks() -> tuple[list[Any], list[Any]]:
    """The library's optimal and standard risk of one mode with noise, and (2) at (4), beta*."""
    _, zeta, omega, beta_star, _, noise = one.symbols()
    learnt, lost, signal = 1 - zeta, 1 - omega, one.signal()
    optimal = f.optimal_risk(signal, zeta, learnt, omega, lost, noise, total=one.itself)
    standard = f.standard_risk(signal, zeta, omega, lost, noise, total=one.itself)
    share = f.mode_standard_risk(signal, zeta, lost) + f.variance_factor(omega, lost) * noise
    strong = one.share(beta_star, noise)
    return [optimal, standard, share], [one.share(one.best(), noise), strong, strong]


@IMPROVEMENT.identity("sums", note="any number of modes are added")
def sums() -> tuple[list[Any], list[Any]]:
    """Optimal and standard risk of any number of modes, and the sum of their one-mode shares."""
    zeta, learnt = m.split()
    signal, lost = m.lam * m.beta_star * m.beta_star, 1 - m.omega

    def optimal(noise: Any, total: Any) -> Any:
        return f.optimal_risk(signal, zeta, learnt, m.omega, lost, noise, total=total)

    def standard(noise: Any, total: Any) -> Any:
        return f.standard_risk(signal, zeta, m.omega, lost, noise, total=total)

    noise_part = f.variance_factor(m.omega, lost) * m.noise
    risks = (optimal, standard)
    return (
        [risk(m.noise, m.total) for risk in risks],
        [m.total(risk(0, one.itself)) + noise_part for risk in risks],
    )


@IMPROVEMENT.equal(
    "figure 1a", note="ridgeless and ridge", but={"another ridge on one side": {"ridge_scale": 2}}
)
def optimal_by_two_routes(digits: int, ridge_scale: int = 1) -> Pairs:
    """Figure 1a with and without ridge: sums of (5) against (2) at the best surrogate."""
    for ridge in (Fraction(0), Fraction(ridge_scale, 100)):
        proof = one.certificate(digits, ridge)
        other = one.certificate(digits, ridge * ridge_scale)
        yield proof.optimal, other.risk(other.optimal_surrogate)

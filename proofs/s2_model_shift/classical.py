"""Claim of section 2: forms of the risk for a given surrogate, any covariance matrix.

"For all p" is shown with sums over a generic mode (`lib.sums`) and with words in
non-commuting matrices (`lib.words`).  What is measured stands in
`2.risk`, what is exact at finite n in `2.isotropic-exact`.
"""

from fractions import Fraction
from typing import Any

from kdverify import Problem
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import certified

from ..lib import sums as d
from ..lib import sums as m
from ..lib.modes import Pairs

CLASSICAL = Claim(
    "2.classical",
    title="Strong labels: the classical risk",
    statement=r"\bar R(\beta_*) = \frac{\sigma^2\Omega + \sum_i \lambda_i\zeta_i^2(\beta^*_i)^2}"
    r"{1-\Omega}",
    source="classic",
    needs=("1.unique", "1.complements"),
    steps=[
        Step("At beta^s = beta* the bias of a mode is -zeta_i beta*_i."),
        Step(
            "Both parts carry sum lambda zeta^2 beta*^2, with 1 + Omega/(1 - Omega)"
            " = 1/(1 - Omega).",
            lambda: classical(),
        ),
        Step(
            "From first moments: (I - P) Sigma (I - P) is minus the derivative in t of"
            " delta (X'X + delta (I + t Sigma))^-1, whose equivalent has the mode value"
            " T/(lambda + T (1 + t lambda)) with T(t) from (1): lambda zeta^2/(1 - Omega).",
            lambda: from_derivatives(),
        ),
    ],
)


def strong_labels() -> Any:
    """(2) at beta^s = beta*, any number of modes."""
    return m.risk(student_of=m.beta_star, sums=m.ridge_total)


def classical(noise_factor: Any = 1) -> Any:
    """The classical form."""
    signal, zeta = m.lam * m.beta_star**2, m.split()[0]
    noise = noise_factor * m.noise
    return f.standard_risk(signal, zeta, m.omega, 1 - m.omega, noise, m.ridge_total)


CLASSICAL.identity(
    "whole", lambda: (strong_labels(), classical()), note="any number of modes, ridge"
)


def from_mode_shares() -> Any:
    """The classical form from one mode's share and the factor of the noise."""
    share = f.mode_standard_risk(m.lam * m.beta_star**2, m.split()[0], 1 - m.omega)
    return m.ridge_total(share) + m.noise * f.variance_factor(m.omega, 1 - m.omega)


CLASSICAL.identity("whole", lambda: (from_mode_shares(), classical()), note="mode by mode")


def from_derivatives() -> Any:
    """E |Sigma^(1/2)(I - P) beta*|^2 and the noise part, from means of P alone."""
    return m.ridge_total(m.beta_star**2 * d.mode_energy()) + m.noise * d.noise_trace()


whole = CLASSICAL.identity(
    "whole", lambda: (from_derivatives(), classical()), note="derivatives of E P"
)
whole.but("the noise counted twice", sides=lambda: (strong_labels(), classical(2)))


@CLASSICAL.equal(
    "two power laws",
    note="both forms on balls",
    but={"the noise counted twice": {"noise_factor": 2}},
)
def classical_on_balls(digits: int, noise_factor: int = 1) -> Pairs:
    """Strong labels as a surrogate, and the classical form, for two power laws."""
    noise = Fraction(1, 3)
    for p, n, ridge in ((40, 15, Fraction(0)), (30, 50, Fraction(1, 7))):
        problem = Problem.power_law(p, 2, 1)
        strong = certified.certificate(problem, n, noise, ridge, digits)
        classic = certified.certificate(problem, n, noise_factor * noise, ridge, digits)
        yield strong.risk(strong.modes.beta_star), classic.standard

"""Claim of section 2: forms of the risk for a given surrogate, any covariance matrix.

"For all p" is shown with sums over a generic mode (`lib.sums`) and with words in
non-commuting matrices (`lib.words`).  What is measured stands in
`2.risk`, what is exact at finite n in `2.isotropic-exact`.
"""

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy

from kdverify import Problem, Spectrum, risk
from kdverify import formulas as f
from kdverify.arithmetic import BALLS
from kdverify.evidence import Claim, Step
from kdverify.gaussian import certified

from ..lib import sums as m
from ..lib.balls import column, diagonal, four_term_risk, matrix, reflection, widened
from ..lib.modes import Pairs, symbol_vector, together
from ..lib.words import rotated_forms

FOUR_TERM = Claim(
    "2.four-term",
    title="The paper's four-term form equals the sum over modes (2), for any covariance",
    statement=r"d^\top\theta_1^\top\Sigma\theta_1 d + \gamma^2 E\|\Sigma^{1/2}\theta_2\|^2"
    r" + \beta_*^\top(I-\theta_1)^\top\Sigma(I-\theta_1)\beta_*"
    r" - 2\beta_*^\top(I-\theta_1)^\top\Sigma\theta_1 d = \bar R(\beta^s),"
    r"\quad d = \beta^s-\beta_*,\ \theta_1 = (\Sigma+\tau I)^{-1}\Sigma,"
    r"\ \theta_2 = (\Sigma+\tau I)^{-1}\Sigma^{1/2}g/\sqrt p,\ \gamma^2 = \tfrac pn\,"
    r"\frac{\sigma^2+\tau^2\|(\Sigma+\tau I)^{-1}\Sigma^{1/2}\beta^s\|^2}{1-\Omega}",
    source="paper",
    needs=("1.unique", "1.complements"),
    parts=("eigenbasis", "any basis"),
    steps=[
        Step(
            "Each term is a quadratic form or a trace of a rational function of Sigma, and"
            " f(O Sigma O') = O f(Sigma) O': the eigenbasis is enough."
        ),
        Step(
            "E |Sigma^(1/2) theta_2|^2 = (1/p) tr(Sigma^2 (Sigma + tau)^-2), since E g_i^2 = 1;"
            " that is n Omega / p, so gamma^2 times it is Omega/(1 - Omega) times the labels'"
            " noise and unlearnt energy.",
            lambda: theta2_energy(),
        ),
        Step(
            "The other three terms are |Sigma^(1/2)(theta_1 d - (I - theta_1) beta*)|^2,"
            " and theta_1 d - (I - theta_1) beta* = theta_1 beta^s - beta*."
        ),
    ],
)


def four_terms(complement: bool = True) -> Any:
    """The four-term form for a diagonal Sigma and any number of modes."""
    theta = m.lam / (m.lam + m.tau)
    shift = theta * (m.surrogate - m.beta_star)
    missed = (1 - theta) * m.beta_star
    leftover = m.total(m.lam * (m.tau * m.surrogate / (m.lam + m.tau)) ** 2)
    one_minus_omega = 1 - m.omega if complement else 1
    form = f.four_term_risk(
        m.total(m.lam * shift * shift),
        f.gamma_squared(m.p, m.n, one_minus_omega, leftover, m.noise),
        theta2_energy(),
        m.total(m.lam * missed * missed),
        m.total(m.lam * missed * shift),
    )
    return sympy.cancel(form)


def theta2_energy() -> Any:
    """E |Sigma^(1/2) theta_2|^2, mode by mode as a Gaussian integral."""
    g = sympy.Symbol("g", real=True)
    entry = m.lam / (m.lam + m.tau) * g / sympy.sqrt(m.p)
    density = sympy.exp(-g * g / 2) / sympy.sqrt(2 * sympy.pi)
    return m.total(sympy.integrate(entry**2 * density, (g, -sympy.oo, sympy.oo)))


def mode_form() -> Any:
    """(2) for any number of modes."""
    return m.risk()


eigenbasis = FOUR_TERM.identity(
    "eigenbasis", lambda: (four_terms(), mode_form()), note="any number of modes"
)
eigenbasis.but(
    "gamma^2 without 1/(1 - Omega)", sides=lambda: (four_terms(complement=False), mode_form())
)


DIRECTION = (1, -2, 3, 1, 2, -1, 1, 4)
BETA_STAR = (2, -1, 1, 0, 3, -2, 1, 1)
SURROGATE = (1, 1, -2, 1, 2, 0, -1, 3)
P, N, NOISE = len(DIRECTION), 3, Fraction(1, 4)


def diagonal_problem() -> Any:
    """The problem in its eigenbasis."""
    return Problem(Spectrum.power_law(P, 1), [float(b) for b in BETA_STAR])


def certified_risk(digits: int, sign: int = 1) -> Any:
    """(2) for the surrogate times ``sign``, from eigenvalues: a ball."""
    surrogate = [float(sign * s) for s in SURROGATE]
    return certified.risk(diagonal_problem(), N, surrogate, NOISE, digits=digits)


def certified_tau(digits: int) -> Any:
    """tau, a ball."""
    return certified.equivalents(diagonal_problem(), N, digits=digits).tau


def turned_problem() -> tuple[Any, Any, Any]:
    """Sigma = Q Lambda Q, Q surrogate and Q beta_star for the reflection Q, on balls."""
    q = matrix(reflection(DIRECTION))
    sigma = q * diagonal([Fraction(1, i) for i in range(1, P + 1)]) * q
    return sigma, q * column(SURROGATE), q * column(BETA_STAR)


def matrix_risk(sigma: Any, surrogate: Any, beta_star: Any, tau: Any) -> Any:
    """The four-term form by inverting matrices of balls."""
    eye, noise = diagonal([1] * P), BALLS.number(NOISE)
    return four_term_risk(sigma, eye, tau, surrogate, beta_star, N, P, noise)


def matrix_degrees_of_freedom(digits: int) -> Any:
    """tr (Sigma + tau)^-1 Sigma of the turned covariance."""
    sigma = turned_problem()[0]
    return ((sigma + diagonal([1] * P) * certified_tau(digits)).inv() * sigma).trace()


def both_routes(digits: int, sign: int = 1) -> Pairs:
    """The risk by matrices and by modes; the left side of (1) by matrices, and n."""
    yield matrix_risk(*turned_problem(), certified_tau(digits)), certified_risk(digits, sign)
    yield matrix_degrees_of_freedom(digits), N


def double_risk(sign: int = 1) -> Any:
    """`kdverify.risk` of the turned covariance in double precision."""
    q = np.array(reflection(DIRECTION), dtype=float)
    spectrum = Spectrum.from_covariance(q @ np.diag(1 / np.arange(1.0, P + 1)) @ q)
    problem = Problem(spectrum, q @ np.array(BETA_STAR, dtype=float))
    surrogate = q @ np.array(SURROGATE, dtype=float)
    return risk(problem, N, sign * surrogate, float(NOISE))


def double_precision(digits: int, sign: int = 1) -> Pairs:
    """Double precision against all problems within rounding of the turned one.

    Rounding turns Sigma into one within r = 4 p 2^-52 |Sigma| of it (|Sigma| = 1: the matrix
    products and the eigensolver, each backward stable), and the vectors likewise.  tau grows
    with Sigma and scales with it, so that it lies within the factors 1 -+ p r (smallest
    eigenvalue 1/p).  The four-term form on balls of these radii encloses all risks.
    """
    radius = 4 * P * 2.0**-52
    length = float(sum(s * s for s in SURROGATE + BETA_STAR)) ** 0.5
    sigma, surrogate, beta_star = turned_problem()
    tau = certified_tau(digits) * (1 + flint.arb(0, P * radius))
    enclosed = matrix_risk(
        widened(sigma, radius),
        widened(surrogate, radius * length),
        widened(beta_star, radius * length),
        tau,
    )
    value = flint.arb(double_risk(sign))
    yield enclosed.lower(), value
    yield value, enclosed.upper()
    yield enclosed.rad(), enclosed.mid() / 10**9


@FOUR_TERM.equal(
    "p = 8",
    note="dense matrices of balls, inverted",
    guard=8,
    but={"the surrogate's sign in the eigenbasis": {"sign": -1}},
)
def on_balls(digits: int, sign: int = 1) -> Pairs:
    """Matrices and modes, on balls."""
    return both_routes(digits, sign)


def turned_example(direction: tuple[int, ...], sign: int = 1) -> tuple[Any, Any]:
    """Matrices and modes, symbolic vectors, eigenvalues 1/i, tau = 2/3."""
    p = len(direction)
    lam = np.array([sympy.Rational(1, i) for i in range(1, p + 1)], dtype=object)
    tau, noise = sympy.Rational(2, 3), sympy.Symbol("sigma^2", nonnegative=True)
    beta_star, surrogate = (symbol_vector(s, p, real=True) for s in ("beta^*", "beta^s"))
    zeta, learnt = f.split_mode(lam, tau)
    n = f.degrees_of_freedom(learnt)
    omega = f.omega(sum(f.learnt_square(learnt)), n)
    one_minus_omega = f.one_minus_omega(sum(f.spread(zeta, learnt)), n)
    q = sympy.Matrix(reflection(direction))
    matrices = four_term_risk(
        q * sympy.diag(*lam) * q,
        sympy.eye(p),
        tau,
        q * sympy.Matrix(sign * surrogate),
        q * sympy.Matrix(beta_star),
        n,
        p,
        noise,
    )
    modes = f.risk(lam, surrogate, beta_star, zeta, learnt, omega, one_minus_omega, noise)
    return matrices, modes


p_2 = FOUR_TERM.identity(
    "p = 2, 3",
    lambda: together(*(turned_example(d) for d in ((1, 2), (1, 2, 3)))),
    note="dense matrices, inverted",
)
p_2.but(
    "the surrogate's sign in the matrices",
    sides=lambda: (turned_example((1, 2), sign=-1)[0], turned_example((1, 2))[1]),
)


@FOUR_TERM.identity("any basis", note="lemma: words in matrices of any size")
def turned_forms() -> tuple[list[Any], list[Any]]:
    """The forms at O Sigma O', and O times the forms at Sigma times O'."""
    return rotated_forms()

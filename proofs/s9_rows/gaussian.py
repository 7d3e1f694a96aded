"""Claim of section 9: Gaussian rows, and scale mixtures of them, give section 2 back."""

from fractions import Fraction
from itertools import product
from typing import Any

import flint
import numpy as np

from kdverify import Problem, Spectrum
from kdverify import formulas as f
from kdverify.evidence import Claim, Step
from kdverify.gaussian import certified

from ..lib import sums as m
from ..lib.balls import BallPool, diagonal, identity, number
from ..lib.modes import Pairs

GAUSSIAN = Claim(
    "9.gaussian",
    title="Rows of constant scale, such as Gaussian ones: (9) to (12) are (1), (2) and (7)",
    statement=r"b\ \text{constant}:\ M=\tau(\Sigma+\tau I)^{-1},\ b = n\tau,\ D_\Sigma ="
    r" \frac{M\Sigma M}{1-\Omega},\ \theta=\beta^s,\ k=0:\quad (11) = (2),\ (12) = (7)",
    needs=("2.risk", "9.response", "9.adjoint"),
    parts=("fixed point", "response", "risk", "covariance"),
    steps=[
        Step(
            "E[x x'/b] = Sigma/b. With b = n tau, M = zeta on each mode; b = delta + tr(Sigma M) ="
            " delta + tau sum (1 - zeta) is (1)."
        ),
        Step(
            "Where x'Dx is a constant d = tr(Sigma D): D = M Sigma M (1 + n d/b^2), and"
            " tr(Sigma M Sigma M) = n tau^2 Omega: the factor is 1/(1 - Omega)."
        ),
        Step("Linear labels with noise: theta = beta^s, e the noise, independent of x: k = 0."),
        Step("(11), summed over any number of modes.", lambda: eleven()),
        Step(
            "(12): V - theta theta' = (n/b^2)(sigma^2 + tr(Sigma M V M)) Sigma, and the bracket is"
            " the scale V_s of (7)."
        ),
        Step(
            "For Gaussian rows x'Mx is tr(Sigma M) up to its fluctuations; for rows Sigma^(1/2) g"
            " of signs it is so exactly, and (11) is (2) to every digit."
        ),
    ],
)


#: Square roots of the eigenvalues of the sign rows, and coefficients: dyadic, exact in float64.
ROOTS = tuple(Fraction(root) for root in (2, 1, 0.5, 0.25))
TRUTH = tuple(Fraction(value) for value in (1, -0.5, 2, 0.75))
NOISE = Fraction(1, 2)


def constant_scale() -> tuple[Any, Any]:
    """``b = n tau`` and ``x'D_Sigma x = tr(Sigma D)`` where D is ``M Sigma M / (1 - Omega)``."""
    zeta, _ = m.split()
    return m.n * m.tau, m.total(m.lam * m.lam * zeta * zeta / (1 - m.omega))


@GAUSSIAN.identity("fixed point", note="any number of modes, with ridge")
def scale_equation() -> tuple[Any, Any]:
    """(9): the constant b from ``delta + tr(Sigma M)``, and M from ``I + (n/b) Sigma``."""
    b, _ = constant_scale()
    zeta, _ = m.split()
    renewed = f.row_scale(m.ridge, m.ridge_total(m.lam * zeta))
    return [renewed, 1 / (1 + f.row_weight(m.n, b) * m.lam)], [b, zeta]


@GAUSSIAN.identity(
    "response", note="any number of modes", but={"1/(1 - Omega)^2": {"omega_power": 2}}
)
def response_equation(omega_power: int = 1) -> tuple[Any, Any]:
    """(10) for A = Sigma, one mode: D_i, and M (lam + n lam x'Dx/b^2) M."""
    b, form = constant_scale()
    zeta, _ = m.split()
    claimed = m.lam * zeta * zeta / (1 - m.omega) ** omega_power
    return claimed, zeta * (m.lam + f.response_weight(m.n, b, form) * m.lam) * zeta


def eleven() -> Any:
    """R by (11) with theta = beta^s, k = 0 and e the noise: any number of modes."""
    b, form = constant_scale()
    zeta, learnt = m.split()
    D = m.lam * zeta * zeta / (1 - m.omega)
    K = f.teacher_form(m.lam, zeta * m.lam, m.lam * zeta, D)
    second = m.total(K * m.surrogate**2) + f.response_weight(m.n, b, form) * m.noise
    crossed = m.total(m.lam * learnt * m.surrogate * m.beta_star)
    return f.squared_error(second, crossed, m.total(m.lam * m.beta_star**2))


@GAUSSIAN.identity("risk", note="any number of modes", but={"2 beta* for beta*": {"truth": 2}})
def eleven_and_two(truth: int = 1) -> tuple[Any, Any]:
    """(11), and (2)."""
    return eleven(), m.risk(truth=truth * m.beta_star)


@GAUSSIAN.identity(
    "covariance", note="any number of modes", but={"1/(1 - Omega)^2 in (7)": {"omega_power": 2}}
)
def covariance(omega_power: int = 1) -> tuple[Any, Any]:
    """(12): the spread of one coordinate, and (7)."""
    zeta, learnt = m.split()
    b, _ = constant_scale()
    leftover = m.total(f.unlearnt_energy(m.lam, m.surrogate, zeta))
    scale = f.trained_scale(leftover, (1 - m.omega) ** omega_power, m.noise)
    # x'MVMx + sigma^2 is the number `scale`: V - theta theta' = (n/b^2) scale Sigma
    own = m.total(m.lam * m.lam * zeta * zeta) * f.response_weight(m.n, b, scale)
    added = f.response_weight(m.n, b, scale) * m.lam * zeta * zeta
    claimed = f.trained_variance(scale, m.n, learnt, m.lam + m.tau)
    return [leftover + own + m.noise, m.in_zeta(added)], [scale, m.in_zeta(claimed)]


def sign_pool(n: Fraction, ridge: Fraction, scales: tuple[int, ...] = (1,)) -> BallPool:
    """All rows ``s (+-2, +-1, +-1/2, +-1/4)``: x'Mx is the same for all signs, M diagonal."""
    rows = [
        [s * sign * root for sign, root in zip(signs, ROOTS, strict=True)]
        for s in scales
        for signs in product((1, -1), repeat=4)
        if signs[0] == 1  # x and -x are the same row
    ]
    return BallPool(rows, n, ridge)


def sign_risk(digits: int, pool: BallPool, noise: Fraction, squares: Fraction) -> Any:
    """R by (11) on such a pool, labels x'beta* and noise; ``squares`` is E s^2."""
    at = pool.enclosed(digits)
    sigma = diagonal([number(squares) * number(root) ** 2 for root in ROOTS])
    beta = flint.arb_mat([[number(v)] for v in TRUTH])
    D, M = at.response(sigma), at.M
    K = f.teacher_form(sigma, M * sigma, sigma * M, D)
    spread = sum(
        (
            f.response_weight(number(at.n), b, form)
            for b, form in zip(at.b, at.forms(D), strict=True)
        ),
        number(0),
    )
    second = (beta.transpose() * K * beta)[0, 0] + number(noise) * spread / at.size
    crossed = (beta.transpose() * sigma * (identity(4) - M) * beta)[0, 0]
    return f.squared_error(second, crossed, (beta.transpose() * sigma * beta)[0, 0])


def certified_risk(
    digits: int, n: Fraction, ridge: Fraction, noise: Fraction, squares: Fraction
) -> Any:
    """(2) for Sigma with the square roots `ROOTS`, times E s^2."""
    lam = np.array([float(squares * root * root) for root in ROOTS])
    problem = Problem(Spectrum(lam), np.array([float(v) for v in TRUTH]))
    return certified.risk(problem, n, noise_variance=noise, ridge=ridge, digits=digits)


@GAUSSIAN.equal("sign rows, p = 4", guard=9, but={"half of the noise": {"noise": NOISE / 2}})
def sign_risks(digits: int, noise: Fraction = NOISE) -> Pairs:
    """(11) on sign rows, and (2), without ridge and with."""
    for n, ridge in (
        (Fraction(2), Fraction(0)),
        (Fraction(3), Fraction(0)),
        (Fraction(5), Fraction(3)),
    ):
        pool = sign_pool(n, ridge)
        yield (
            sign_risk(digits, pool, noise, Fraction(1)),
            certified_risk(digits, n, ridge, NOISE, Fraction(1)),
        )

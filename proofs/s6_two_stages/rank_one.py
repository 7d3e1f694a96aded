"""Claim of section 6: the law of a trained surrogate, and its student."""

from typing import Any

import sympy

from kdverify import formulas as f
from kdverify.evidence import Claim, Step

from ..lib import sums as m

RANK_ONE = Claim(
    "6.rank-one",
    title="What (7) leaves out changes a trace by a relative 1/(m Omega) at most",
    statement=r"\mathrm{Cov}\,\beta^s\ \text{lacks}\ \frac{uu^\top}{m(1-\Omega_s)},"
    r"\ u = A(I-A)\beta^*:\quad \frac{u^\top\Sigma_s u}{m(1-\Omega_s)} \le \frac{V_s}{m}"
    r" = \frac{\mathrm{tr}(\Sigma_s\mathrm{Cov}\,\beta^s)}{m\,\Omega_s}",
    needs=("2.coordinates",),
    parts=("diagonal", "Sigma = I", "bound", "trace"),
    steps=[
        Step("Its diagonal is what the share s_i of section 2 adds.", lambda: left_out()[0]),
        Step("Sigma = I: the projector's second moments are exact, and m -> oo gives uu'."),
        Step(
            "Mode by mode lam u^2 <= lam zeta^2 b^2: the sum is at most V (1 - Omega), and the"
            " trace of Sigma_s against (7) is V Omega."
        ),
        Step(
            "Against another Sigma_t the same with its eigenvalues: O(1/m) where no one mode"
            " dominates; for beta* = e_1 and Sigma_t = e_1 e_1' the variance doubles."
        ),
    ],
)


@RANK_ONE.identity("diagonal")
def left_out() -> tuple[Any, Any]:
    """u_i^2/(m (1 - Omega)), and what s_i adds to the variance of section 2."""
    zeta, learnt = m.split()
    leftover = sympy.Symbol("L", positive=True)
    share = f.coordinate_share(f.unlearnt_energy(m.lam, m.beta_star, zeta), leftover, m.noise)
    spread = f.gamma_squared(m.p, m.n, 1 - m.omega, leftover, m.noise)
    full, plain = (f.coordinate_variance(m.lam, learnt, spread, s, m.p) for s in (share, 0))
    return f.rank_one_variance(learnt, zeta * m.beta_star, m.n, 1 - m.omega), full - plain


@RANK_ONE.limit(
    "Sigma = I",
    note="lemma",
    symbol="m",
    point="oo",
    value=lambda: isotropic_term(),
    samples=lambda: kappas(),
)
def haar_term() -> Any:
    """p times the coefficient of beta* beta*' in the exact covariance, Sigma = I, p = m/kappa.

    P projects on m random directions; E P_ij P_kl = a d_ij d_kl + b (d_ik d_jl + d_il d_jk),
    with a and b from tr P = tr P^2 = m: a p^2 + 2 b p = m^2 and a p + b p (p + 1) = m.
    """
    m, kappa, a, b = sympy.symbols("m kappa a b", positive=True)
    p = m / kappa
    solved = sympy.solve([a * p**2 + 2 * b * p - m**2, a * p + b * p * (p + 1) - m], [a, b])
    return sympy.cancel(p * (solved[a] + solved[b] - kappa**2))


def isotropic_term(power: int = 1) -> Any:
    """The same by the formula at Sigma = I."""
    m, kappa = sympy.symbols("m kappa", positive=True)
    return m / kappa * f.rank_one_variance(kappa, 1 - kappa, m, (1 - kappa) ** power)


def kappas() -> list[dict[Any, Any]]:
    """Points of the domain."""
    return [{sympy.Symbol("kappa", positive=True): sympy.Rational(1, k)} for k in (2, 3)]


haar_term.but("(1 - Omega)^2", value=lambda: isotropic_term(2))


@RANK_ONE.forall(
    "bound",
    witness={"zeta": "1/2", "lam": 1, "b": 1, "m": 2, "left": "1/2"},
    but={"zeta^4": {"power": 2}},
)
def small_share(smt: Any, power: int = 1) -> Any:
    """lam u^2/(m (1 - Omega)) is at most the mode's leftover energy over m (1 - Omega)."""
    lam, zeta, truth, m, left = (smt.Real(x) for x in ("lam", "zeta", "b", "m", "left"))
    assumptions = [lam > 0, zeta > 0, zeta < 1, m > 0, left > 0, left < 1]
    added = lam * f.rank_one_variance(1 - zeta, zeta * truth, m, left)
    return assumptions, added <= f.unlearnt_energy(lam, truth, zeta**power) / (m * left)


def own_trace() -> Any:
    """tr(Sigma Cov) of (7), any number of modes, V a symbol."""
    learnt = m.split()[1]
    variance = f.trained_variance(sympy.Symbol("V"), m.n, learnt, m.lam + m.tau)
    return m.total(m.lam * variance)


def scale_omega() -> Any:
    """V Omega."""
    return sympy.Symbol("V") * m.omega


RANK_ONE.identity("trace", lambda: (own_trace(), scale_omega()))
